/**
 * The ingress history: what became of the update calls from outside, as long as somebody may ask.
 *
 *     received -> processing -> replied or rejected -> done -> forgotten
 *
 * An answer is kept for five minutes of the replica's time. Where the answers take more room than
 * they should, the oldest ones are given up first: what remains is that the call is *done*, so that
 * it is not carried out again.
 *
 * INVARIANT: messages that have an answer, or had one, are in the order of their answers.
 *
 * Source: IC interface specification, "Request status"; dfinity/ic, `IngressHistoryState`.
 */
import type { Principal } from '@dfinity/principal';

import { hex } from './hex.js';
import { samePrincipal } from './principals.js';
import type { Response } from './rejection.js';

export type IngressStatus = 'received' | 'processing' | 'done' | Response;

/** An update call from outside. */
export interface IngressMessage {
  readonly id: Uint8Array;
  readonly sender: Principal;
  /** The canister that was called. */
  readonly receiver: Principal;
  /** The canister under whose address the call came in, where it came with one. */
  readonly effectiveId: Principal | undefined;
  readonly subnetId: Principal;
  /** When the call is too old to begin. */
  readonly expiry: bigint | undefined;
  readonly status: IngressStatus;
  /** When the answer came. */
  readonly answeredAt: bigint | undefined;
}

export interface IngressHistory {
  /** By the hexadecimal text of their ids. */
  readonly messages: Map<string, IngressMessage>;
  answersSize: number;
}

const NANOSECONDS_PER_MINUTE = 60_000_000_000n;
const ANSWER_KEPT = 5n * NANOSECONDS_PER_MINUTE;
export const ANSWERS_SIZE_MAX = 256 * 2 ** 20;

export function emptyHistory(): IngressHistory {
  return { messages: new Map(), answersSize: 0 };
}

export function ingressOf({ messages }: IngressHistory, subnetId: Principal): IngressMessage[] {
  return [...messages.values()].filter((message) => samePrincipal(message.subnetId, subnetId));
}

export function addIngress(
  { messages }: IngressHistory,
  message: Omit<IngressMessage, 'status' | 'answeredAt'>,
): void {
  messages.set(hex(message.id), { ...message, status: 'received', answeredAt: undefined });
}

/** Takes note that a call begins; false where it waited for too long. */
export function beginIngress({ messages }: IngressHistory, id: string, time: bigint): boolean {
  const message = messages.get(id);
  if (message === undefined) return true;
  if (message.expiry !== undefined && message.expiry < time) return false;
  messages.set(id, { ...message, status: 'processing' });
  return true;
}

export function answerIngress(
  history: IngressHistory,
  id: string,
  response: Response,
  time: bigint,
): void {
  const message = history.messages.get(id);
  if (message === undefined) return;
  history.messages.delete(id);
  history.messages.set(id, { ...message, status: response, answeredAt: time });
  history.answersSize += sizeOf(response);
  makeRoom(history);
}

/** Forgets what was answered more than five minutes ago. */
export function forgetIngress(history: IngressHistory, now: bigint): void {
  for (const [id, { status, answeredAt }] of history.messages) {
    if (answeredAt === undefined) continue;
    if (now - answeredAt <= ANSWER_KEPT) return;
    history.messages.delete(id);
    history.answersSize -= sizeOf(status);
  }
}

function makeRoom(history: IngressHistory): void {
  for (const [id, message] of history.messages) {
    if (history.answersSize <= ANSWERS_SIZE_MAX) return;
    if (typeof message.status === 'string') continue;
    history.answersSize -= sizeOf(message.status);
    history.messages.set(id, { ...message, status: 'done' });
  }
}

/** What became of a call that came to an end, as far as that is still known. */
export function responseTo({ status }: IngressMessage): Response | undefined {
  return typeof status === 'string' ? undefined : status;
}

function sizeOf(status: IngressStatus): number {
  if (typeof status === 'string') return 0;
  return status.kind === 'reply' ? status.data.length : status.rejection.message.length;
}
