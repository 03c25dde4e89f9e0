/**
 * Calls to other canisters: put together piece by piece, then performed, which puts them on their
 * way when the message ends well.
 *
 * Source: IC interface specification, "Inter-canister method calls".
 */
import { Principal } from '@dfinity/principal';

import { joinBytes } from '../bytes.js';
import { isController } from '../canister.js';
import { outOfCyclesText } from '../charging.js';
import { callCost } from '../fees.js';
import type { MessageExecution as Message, NewCall } from '../message-execution.js';
import { samePrincipal } from '../principals.js';
import { ErrorCode, RejectCode } from '../rejection.js';
import { on, u128, type SystemCalls } from './system-call.js';

const CALLING = 'U CQ Ry Rt CRy CRt T';
export const PAYING = 'U Ry Rt T';

const METHOD_NAME_SIZE_MAX = 20_000;
const PRINCIPAL_SIZE_MAX = 29;
/** The largest argument, for a canister of the same subnet and for one of another. */
const CALL_PAYLOAD_SIZE_MAX = 10 * 2 ** 20;
const FAR_CALL_PAYLOAD_SIZE_MAX = 2 * 2 ** 20;
const CALLS_UNDER_WAY_MAX = 500;
const TIMEOUT_IN_SECONDS_MAX = 300;

export const CALL_CALLS: SystemCalls = {
  call_new: on('(I I I I I I I I) -> ()', CALLING, callNew),
  call_on_cleanup: on('(I I) -> ()', CALLING, callOnCleanup),
  call_data_append: on('(I I) -> ()', CALLING, callDataAppend),
  call_with_best_effort_response: on('(i32) -> ()', CALLING, callBestEffort),
  call_cycles_add128: on('(i64 i64) -> ()', PAYING, (m, high: bigint, low: bigint) => {
    callCyclesAdd(m, u128(high, low));
  }),
  call_perform: on('() -> i32', CALLING, callPerform),
};

/** Begins a call; one that was begun before and not performed is dropped, its cycles return. */
function callNew(
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
    method: m.loadText('ic0.call_new', name, nameSize),
    pieces: [],
    size: 0,
    cycles: 0n,
    timeoutInSeconds: undefined,
    onReply: { index: replyIndex, environment: replyEnvironment },
    onReject: { index: rejectIndex, environment: rejectEnvironment },
    onCleanup: undefined,
  };
}

function callUnderConstruction(m: Message, name: string): NewCall {
  return m.newCall ?? m.violate(`ic0.${name} called when no call is under construction.`);
}

function callOnCleanup(m: Message, index: number, environment: number): void {
  const call = callUnderConstruction(m, 'call_on_cleanup');
  if (call.onCleanup !== undefined) {
    const when = 'between `ic0.call_new` and `ic0.call_perform`';
    m.violate(`ic0.call_on_cleanup can be called at most once ${when}`);
  }
  call.onCleanup = { index, environment };
}

/** A longer timeout than the system's is no error: it is shortened. */
function callBestEffort(m: Message, timeoutInSeconds: number): void {
  const call = callUnderConstruction(m, 'call_with_best_effort_response');
  if (call.timeoutInSeconds !== undefined) {
    m.violate('ic0.call_with_best_effort_response failed because a timeout is already set.');
  }
  call.timeoutInSeconds = Math.min(timeoutInSeconds, TIMEOUT_IN_SECONDS_MAX);
}

function callDataAppend(m: Message, pointer: number, size: number): void {
  const call = callUnderConstruction(m, 'call_data_append');
  m.assertPayload('call_data_append', call.size + size, CALL_PAYLOAD_SIZE_MAX);
  call.pieces.push(m.load(pointer, size));
  call.size += size;
}

export function callCyclesAdd(m: Message, amount: bigint): void {
  const call = callUnderConstruction(m, 'call_cycles_add');
  const lacking = amount - m.liquidCycles;
  if (lacking > 0n) {
    const revealed = isController(m.canister, m.input.caller);
    const errorCode = ErrorCode.contractViolation;
    m.fail({ errorCode, text: outOfCyclesText(m.canister, lacking, revealed) });
  }
  m.cycles -= amount;
  call.cycles += amount;
}

/** 0 where the call is on its way; 2 (a transient error) where it cannot be paid or queued. */
function callPerform(m: Message): number {
  const call = callUnderConstruction(m, 'call_perform');
  if (!m.input.isNear(call.callee)) {
    m.assertPayload('call_perform', call.size, FAR_CALL_PAYLOAD_SIZE_MAX);
  }
  const cost = callCost(m.input.fees, BigInt(byteLength(call.method) + call.size));
  const queued = m.calls.filter(({ callee }) => samePrincipal(callee, call.callee)).length;
  const isFull = m.input.callsUnderWay(call.callee) + queued >= CALLS_UNDER_WAY_MAX;
  if (isFull || (m.isReplicated && cost > m.liquidCycles)) {
    dropNewCall(m);
    return RejectCode.sysTransient;
  }
  if (m.isReplicated) m.cycles -= cost;
  const { callee, method, cycles, timeoutInSeconds, onReply, onReject, onCleanup } = call;
  const argument = joinBytes(call.pieces);
  const callback = { onReply, onReject, onCleanup };
  m.calls.push({ callee, method, argument, cycles, callback, timeoutInSeconds });
  m.newCall = undefined;
  return 0;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Gives up the call under construction, if there is one. */
export function dropNewCall(m: Message): void {
  m.cycles += m.newCall?.cycles ?? 0n;
  m.newCall = undefined;
}
