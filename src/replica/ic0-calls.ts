/**
 * The system calls with more than a line to them: answering a call, and putting together a new one.
 *
 * Source: IC interface specification, "Responding" and "Inter-canister calls".
 */
import { Principal } from '@dfinity/principal';

import type { Closure } from './call-context.js';
import type { MessageExecution as Message, OutgoingCall } from './message-execution.js';
import { samePrincipal } from './principals.js';
import { ErrorCode, RejectCode } from './rejection.js';

const METHOD_NAME_SIZE_MAX = 20_000;
const PRINCIPAL_SIZE_MAX = 29;
const CALL_PAYLOAD_SIZE_MAX = 10 * 2 ** 20;
const CALLS_UNDER_WAY_MAX = 500;

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function appendReply(m: Message, pointer: number, size: number): void {
  assertUnanswered(m, 'msg_reply_data_append');
  const total = m.replySize + size;
  assertPayload(m, 'msg_reply_data_append', total, m.payloadSizeMax);
  m.replyPieces.push(m.load(pointer, size));
  m.replySize = total;
}

export function reply(m: Message): void {
  assertUnanswered(m, 'msg_reply');
  m.response = { kind: 'reply', data: join(m.replyPieces, m.replySize) };
}

/** The text of a rejection by the canister reaches the caller as it is. */
export function reject(m: Message, pointer: number, size: number): void {
  assertUnanswered(m, 'msg_reject');
  assertPayload(m, 'msg_reject', size, m.payloadSizeMax);
  const rejectCode = RejectCode.canisterReject;
  const message = m.loadText(pointer, size);
  m.response = {
    kind: 'reject',
    rejection: { rejectCode, errorCode: ErrorCode.rejected, message },
  };
}

export function acceptCycles(m: Message, most: bigint): bigint {
  const accepted = smaller(most, m.availableCycles);
  m.availableCycles -= accepted;
  m.cycles += accepted;
  return accepted;
}

/** Begins a call; one that was begun before and not performed is dropped, its cycles return. */
export function callNew(
  m: Message,
  callee: number,
  calleeSize: number,
  name: number,
  nameSize: number,
  replyIndex: number,
  replyEnvironment: number,
  rejectIndex: number,
  rejectEnvironment: number,
): void {
  if (nameSize > METHOD_NAME_SIZE_MAX) {
    m.violate(`ic0.call_new: a method name of ${nameSize} bytes is too long`);
  }
  if (calleeSize > PRINCIPAL_SIZE_MAX) {
    m.violate(`ic0.call_new: ${calleeSize} bytes are no principal`);
  }
  dropNewCall(m);
  m.newCall = {
    callee: Principal.fromUint8Array(m.load(callee, calleeSize)),
    method: m.loadText(name, nameSize),
    argument: new Uint8Array(0),
    cycles: 0n,
    callback: {
      onReply: { index: replyIndex, environment: replyEnvironment },
      onReject: { index: rejectIndex, environment: rejectEnvironment },
      onCleanup: undefined,
    },
  };
}

/** Accepted and carried out as an ordinary call, which keeps every promise of a best-effort one. */
export function callBestEffort(m: Message): void {
  callUnderConstruction(m);
}

function callUnderConstruction(m: Message): OutgoingCall {
  return m.newCall ?? m.violate('ic0.call_*: there is no call under construction');
}

export function callOnCleanup(m: Message, index: number, environment: number): void {
  const call = callUnderConstruction(m);
  if (call.callback.onCleanup !== undefined) {
    m.violate('ic0.call_on_cleanup: the cleanup callback is already set');
  }
  const onCleanup: Closure = { index, environment };
  m.newCall = { ...call, callback: { ...call.callback, onCleanup } };
}

export function callDataAppend(m: Message, pointer: number, size: number): void {
  const call = callUnderConstruction(m);
  const total = call.argument.length + size;
  assertPayload(m, 'call_data_append', total, CALL_PAYLOAD_SIZE_MAX);
  m.newCall = { ...call, argument: join([call.argument, m.load(pointer, size)], total) };
}

export function callCyclesAdd(m: Message, amount: bigint): void {
  const call = callUnderConstruction(m);
  if (amount > m.cycles) {
    m.fail({
      errorCode: ErrorCode.outOfCycles,
      text: `Canister is out of cycles: it has ${m.cycles}, the call needs ${amount}`,
    });
  }
  m.cycles -= amount;
  m.newCall = { ...call, cycles: call.cycles + amount };
}

/** 0 where the call is on its way; 2 (a transient error) where the queue to the callee is full. */
export function callPerform(m: Message): number {
  const call = callUnderConstruction(m);
  const queued = m.calls.filter(({ callee }) => samePrincipal(callee, call.callee)).length;
  if (m.input.callsUnderWay(call.callee) + queued >= CALLS_UNDER_WAY_MAX) {
    dropNewCall(m);
    return RejectCode.sysTransient;
  }
  m.calls.push(call);
  m.newCall = undefined;
  return 0;
}

/** Gives up the call under construction, if there is one. */
export function dropNewCall(m: Message): void {
  m.cycles += m.newCall?.cycles ?? 0n;
  m.newCall = undefined;
}

function assertUnanswered(m: Message, name: string): void {
  if (m.input.responded || m.response !== undefined) {
    m.violate(`ic0.${name}: the call is already replied`);
  }
}

function assertPayload(m: Message, name: string, size: number, max: number): void {
  if (size > max) {
    m.violate(`ic0.${name}: application payload size (${size}) cannot be larger than ${max}`);
  }
}

function join(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
