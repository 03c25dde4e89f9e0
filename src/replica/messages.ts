/**
 * One message of a call context: what it knows, how it runs, what it costs, and what becomes of its
 * effects. The calls that it makes and the answer that it gives are put on their way here.
 *
 * Source: IC interface specification, "Abstract behavior", message execution; specs/replica.md
 * section 4.2.
 */
import type { Principal } from '@dfinity/principal';

import type { CallContext, CallerInfo, CallOrigin, Closure } from './call-context.js';
import { nextVersion, type Canister, type InstalledCode } from './canister.js';
import { feesFor, settled } from './charging.js';
import { respond } from './contexts.js';
import { withConsumed } from './cycles-consumed.js';
import type { EntryPoint, Mode } from './entry-point.js';
import { applied, execute, undone, type Executed } from './execution.js';
import { executionCost, feesOf } from './fees.js';
import { instructionLimit } from './instruction-limits.js';
import { withHookCondition } from './low-memory.js';
import type { MessageInput, OutgoingCall } from './message-execution.js';
import { samePrincipal } from './principals.js';
import type { Rejection } from './rejection.js';
import type { ReplicaState } from './state.js';
import { trapRejection } from './trap.js';

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** A canister that can take a message, with its code. */
export interface Callable {
  readonly canister: Canister;
  readonly code: InstalledCode;
}

/** The canister, if it has code. */
export function running(state: ReplicaState, id: Principal): Callable | undefined {
  const canister = state.canister(id);
  return canister?.code === undefined ? undefined : { canister, code: canister.code };
}

/** What differs from message to message; the rest is the same for all. */
export interface MessageFacts {
  readonly mode: Mode;
  readonly method?: string;
  readonly argument?: Uint8Array | undefined;
  readonly rejection?: Rejection | undefined;
  readonly refundedCycles?: bigint;
  readonly deadline?: bigint;
  readonly callerInfo?: CallerInfo | undefined;
}

const NO_BYTES = new Uint8Array(0);

export function messageInput(
  state: ReplicaState,
  canisterId: Principal,
  caller: Principal,
  facts: MessageFacts,
): MessageInput {
  const subnet = state.subnetOf(canisterId);
  return {
    mode: facts.mode,
    time: state.clock.roundTime,
    caller,
    callerInfo: facts.callerInfo,
    deadline: facts.deadline ?? 0n,
    subnetId: subnet.id,
    fees: feesOf(subnet),
    rootKey: () => state.rootKey(),
    dataCertificate: () => state.certifier.certifyData(canisterId),
    method: facts.method ?? '',
    argument: facts.argument ?? NO_BYTES,
    rejection: facts.rejection,
    refundedCycles: facts.refundedCycles ?? 0n,
    availableCycles: 0n,
    responded: false,
    contextCounter: 0n,
    instructionLimit: instructionLimit(state.instructionLimitsOf(canisterId), facts.mode),
    callsUnderWay: (callee) => state.callsUnderWay(canisterId, callee),
    isNear: (callee) => samePrincipal(state.subnetOf(callee).id, subnet.id),
    print: (line) => state.print(canisterId, line),
    watch: state.watch,
  };
}

/**
 * Runs one message of a context and puts its effects, or their absence, into the state. The cycles
 * that were taken for it beforehand come back, but for what it cost.
 */
export function runMessage(
  state: ReplicaState,
  target: Callable,
  context: CallContext,
  entry: EntryPoint,
  facts: MessageFacts,
  prepaid: bigint,
): Executed {
  const { canister, code } = target;
  const executed = execute(canister, code, entry, {
    ...messageInput(state, canister.id, context.caller, facts),
    availableCycles: context.availableCycles,
    responded: context.responded,
    contextCounter: context.counter,
    callerInfo: context.origin.kind === 'ingress' ? context.origin.callerInfo : undefined,
  });
  const after = executed.trap === undefined ? kept(target, executed) : dropped(target, executed);
  const cost = executionCost(feesFor(state, canister), executed.instructions);
  state.put(withHookCondition(settled(after, prepaid, cost)));
  const counter = context.counter + executed.instructions;
  if (executed.trap === undefined) send(state, { ...context, counter }, executed);
  else state.contexts.set(context.id, { ...context, counter });
  return executed;
}

/** A query keeps nothing that it changed, but for the cycles that it took. */
function kept({ canister, code }: Callable, executed: Executed): Canister {
  const { message } = executed;
  if (message.input.mode === 'RQ') {
    code.instance.rollback();
    const unchanged = { ...undone(canister, executed), cycles: message.cycles };
    return nextVersion(withConsumed(unchanged, 'burned_cycles', message.burntCycles));
  }
  code.instance.commit();
  return nextVersion(applied(canister, code, message));
}

function dropped({ canister, code }: Callable, executed: Executed): Canister {
  code.instance.rollback();
  return undone(canister, executed);
}

/** Puts the calls and the answer of a message on their way. */
function send(state: ReplicaState, context: CallContext, { message }: Executed): void {
  for (const call of message.calls) sendCall(state, context, call, message.canister.version);
  const { response } = message;
  if (response !== undefined) respond(state, context.origin, response, message.availableCycles);
  state.contexts.set(context.id, {
    ...context,
    responded: context.responded || response !== undefined,
    availableCycles: response === undefined ? message.availableCycles : 0n,
    outstandingCalls: context.outstandingCalls + message.calls.length,
  });
}

function sendCall(
  state: ReplicaState,
  context: CallContext,
  { callee, method, argument, cycles, callback, timeoutInSeconds }: OutgoingCall,
  callerVersion: bigint,
): void {
  const caller = context.canisterId;
  const callId = state.freshCallId();
  const deadline = deadlineIn(state.clock.roundTime, timeoutInSeconds);
  const contextId = context.id;
  const origin: CallOrigin = {
    kind: 'call',
    callId,
    contextId,
    caller,
    callee,
    callback,
    deadline,
  };
  if (deadline !== 0n) state.boundedCalls.set(callId, origin);
  const subnetId = state.subnetOf(caller).id;
  const call = { origin, caller, callee, method, argument, cycles, subnetId, callerVersion };
  state.countCall(caller, callee, 1);
  state.queue.push({ kind: 'call', call });
}

/** Deadlines are at whole seconds; 0 stands for none. */
function deadlineIn(now: bigint, timeoutInSeconds: number | undefined): bigint {
  if (timeoutInSeconds === undefined) return 0n;
  return (now / NANOSECONDS_PER_SECOND + BigInt(timeoutInSeconds)) * NANOSECONDS_PER_SECOND;
}

export function tableEntry({ index, environment }: Closure): EntryPoint {
  return { kind: 'table', index, environment };
}

export function failureOf(canisterId: Principal, { trap }: Executed): Rejection | undefined {
  return trap === undefined ? undefined : trapRejection(canisterId, trap);
}
