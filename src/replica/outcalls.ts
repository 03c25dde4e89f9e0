/**
 * HTTPS outcalls: requests that canisters make to the world outside. This replica sends nothing.
 * A request waits in the state until somebody answers it, which is what a test wants; the answer
 * then passes the transform function of the canister and goes to the canister that asked.
 *
 * An outcall that nobody answers within a minute is rejected.
 *
 * Source: IC interface specification, "IC method http_request"; dfinity/ic,
 * `CANISTER_HTTP_TIMEOUT_INTERVAL`.
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import type { Origin } from './call-context.js';
import { respond } from './contexts.js';
import { HttpResponseIdl, TransformArgsIdl } from './management/idl/http.js';
import { agreedResponse } from './outcall-consensus.js';
import { MANAGEMENT_CANISTER } from './principals.js';
import { executeQuery } from './queries.js';
import { RejectCode, reply, systemReject, type Response } from './rejection.js';
import type { ReplicaState } from './state.js';

/** The size of a response where the request does not limit it, and the most that it may ask for. */
export const RESPONSE_SIZE_MAX = 2_000_000;

/** How long an outcall may wait for its answer: 60 seconds. */
const TIMEOUT = 60_000_000_000n;

export interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

export type OutcallMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';

export interface OutcallRequest {
  readonly url: string;
  readonly method: OutcallMethod;
  readonly headers: readonly HttpHeader[];
  readonly body: Uint8Array;
  /** Undefined where the request does not say. */
  readonly responseSizeMax: number | undefined;
}

/** A query method of the canister that asked, with a value that it gets along. */
export interface Transform {
  readonly method: string;
  readonly context: Uint8Array;
}

/** A request that waits for its answer. */
export interface Outcall {
  readonly id: number;
  readonly subnetId: Principal;
  readonly canisterId: Principal;
  readonly request: OutcallRequest;
  readonly transform: Transform | undefined;
  readonly origin: Origin;
  /** When it was made, in nanoseconds since 1970. */
  readonly since: bigint;
  /** What the caller paid too much. */
  readonly refund: bigint;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly HttpHeader[];
  readonly body: Uint8Array;
}

/** How an outcall ends: with what the server said, or with why there is nothing. */
export type OutcallAnswer =
  | ({ readonly kind: 'reply' } & HttpResponse)
  | { readonly kind: 'reject'; readonly rejectCode: number; readonly message: string };

/** Ends the outcalls that have waited too long: no nodes would agree on an answer any more. */
export function endLateOutcalls(state: ReplicaState): void {
  const message = 'Canister http request timed out';
  const answer = { kind: 'reject', rejectCode: RejectCode.sysTransient, message } as const;
  for (const { id, since } of [...state.outcalls.values()]) {
    if (since + TIMEOUT < state.clock.roundTime) answerOutcall(state, id, [answer]);
  }
}

/** Ends an outcall, by one answer for all nodes or one for each; false where there is none. */
export function answerOutcall(
  state: ReplicaState,
  id: number,
  answers: readonly OutcallAnswer[],
): boolean {
  const outcall = state.outcalls.get(id);
  if (outcall === undefined) return false;
  state.outcalls.delete(id);
  const responses = answers.map((answer) => responseTo(state, outcall, answer));
  respond(state, outcall.origin, agreedResponse(state.host, id, responses), outcall.refund);
  return true;
}

function responseTo(state: ReplicaState, outcall: Outcall, answer: OutcallAnswer): Response {
  if (answer.kind === 'reject') return systemReject(answer.rejectCode, answer.message);
  const sizeMax = outcall.request.responseSizeMax ?? RESPONSE_SIZE_MAX;
  if (sizeOf(answer) > sizeMax) {
    const text = `Http body exceeds size limit of ${sizeMax} bytes.`;
    return systemReject(RejectCode.sysFatal, text);
  }
  if (outcall.transform !== undefined) return transformed(state, outcall, answer);
  return reply(new Uint8Array(IDL.encode([HttpResponseIdl], [answer])));
}

/** The transform's reply goes to the caller as it is, whatever is in it. */
function transformed(
  state: ReplicaState,
  { canisterId, transform }: Outcall,
  response: HttpResponse,
): Response {
  const { method, context } = transform!;
  const argument = new Uint8Array(IDL.encode([TransformArgsIdl], [{ response, context }]));
  const call = { sender: MANAGEMENT_CANISTER, canisterId, method, argument };
  const result = executeQuery(state, call, 'TQ');
  if (result.kind === 'reply' && result.data.length > RESPONSE_SIZE_MAX) {
    const text = `Transformed http response exceeds limit: ${RESPONSE_SIZE_MAX}`;
    return systemReject(RejectCode.sysFatal, text);
  }
  return result;
}

function sizeOf({ headers, body }: HttpResponse): number {
  return headersSize(headers) + body.length;
}

/** In bytes, names and values. */
export function headersSize(headers: readonly HttpHeader[]): number {
  return headers.reduce((sum, { name, value }) => sum + byteLength(name) + byteLength(value), 0);
}

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
