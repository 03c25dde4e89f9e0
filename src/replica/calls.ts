/**
 * Calls and responses: what happens when a canister is called, when an answer comes back to it, and
 * when the system itself gives it something to do. Every function here takes a message off the
 * queue and leaves the state complete: changes applied or undone, calls sent, contexts settled.
 *
 * Source: IC interface specification, "Abstract behavior", message execution; specs/replica.md
 * section 4.2.
 */
import type { Principal } from '@dfinity/principal';

import type { Call, CallContext, Closure, Delivery, Origin } from './call-context.js';
import { nextVersion, type Canister, type InstalledCode } from './canister.js';
import { exported, ExportName, type EntryPoint, type Mode } from './entry-point.js';
import { applied, execute, undone, type Executed } from './execution.js';
import { feesOf } from './fees.js';
import { instructionLimit } from './instruction-limits.js';
import type { MessageInput } from './message-execution.js';
import { openContext, respond, settle } from './contexts.js';
import { MANAGEMENT_CANISTER, samePrincipal } from './principals.js';
import { ErrorCode, rejection, type Rejection } from './rejection.js';
import type { ReplicaState } from './state.js';
import { canisterError, trapRejection, withCleanupFailure } from './trap.js';

/** A canister that can take a message, with its code. */
export interface Callable {
  readonly canister: Canister;
  readonly code: InstalledCode;
}

/** The canister if it is there, has code and runs; otherwise why not. */
export function callable(state: ReplicaState, id: Principal): Callable | Rejection {
  const canister = state.canister(id);
  const refuse = (errorCode: ErrorCode, what: string): Rejection =>
    rejection(errorCode, `Canister ${id.toText()} ${what}`);
  if (canister === undefined) return refuse(ErrorCode.canisterNotFound, 'not found');
  if (canister.status === 'stopped') return refuse(ErrorCode.stopped, 'is stopped');
  if (canister.status === 'stopping') {
    return refuse(ErrorCode.stopping, 'is not running: it is stopping');
  }
  const { code } = canister;
  if (code !== undefined) return { canister, code };
  const text = 'Attempted to execute a message, but the canister contains no Wasm module';
  return canisterError(id, ErrorCode.noWasmModule, text);
}

/** The entry point that serves a replicated call: a query can be called as an update. */
export function replicatedEntry(
  { canister, code }: Callable,
  method: string,
): { readonly entry: EntryPoint; readonly mode: Mode } | Rejection {
  const { exports } = code.module;
  const update = ExportName.update(method);
  if (exports.has(update)) return { entry: exported(update), mode: 'U' };
  const query = ExportName.query(method);
  if (exports.has(query)) return { entry: exported(query), mode: 'RQ' };
  if (exports.has(ExportName.compositeQuery(method))) {
    const text = 'Composite query cannot be called in replicated mode';
    return rejection(ErrorCode.compositeQueryInReplicatedMode, text);
  }
  const text = `Canister has no update method '${method}'`;
  return canisterError(canister.id, ErrorCode.methodNotFound, text);
}

export function executeCall(state: ReplicaState, call: Call): void {
  const refuse = (refusal: Rejection): void =>
    respond(state, call.origin, { kind: 'reject', rejection: refusal }, call.cycles);
  const target = callable(state, call.callee);
  if ('errorCode' in target) return refuse(target);
  const found = replicatedEntry(target, call.method);
  if ('errorCode' in found) return refuse(found);
  const tooFew = refuseTooFewCycles(target.canister, call);
  if (tooFew !== undefined) return refuse(tooFew);
  const context = openContext(state, call.callee, call);
  const executed = executeIn(state, target, context, found.entry, {
    mode: found.mode,
    method: call.method,
    argument: call.argument,
  });
  settle(state, context.id, failureOf(target.canister.id, executed));
}

/** A canister may ask other canisters, but not itself or users, for cycles with each call. */
function refuseTooFewCycles({ id, settings }: Canister, call: Call): Rejection | undefined {
  if (call.origin.kind !== 'call' || samePrincipal(call.caller, id)) return undefined;
  const { minimumIncomingCallCycles: minimum } = settings;
  if (call.cycles >= minimum) return undefined;
  const text =
    `Canister ${id.toText()} takes calls of other canisters with at least ${minimum} cycles ` +
    `attached, but ${call.cycles} were attached`;
  return rejection(ErrorCode.insufficientCyclesInCall, text);
}

/** Heartbeat and timer: called by the system, with nobody to answer to. */
export function executeSystemTask(state: ReplicaState, target: Callable, name: string): void {
  const origin: Origin = { kind: 'system task' };
  const caller = MANAGEMENT_CANISTER;
  const context = openContext(state, target.canister.id, { caller, cycles: 0n, origin });
  executeIn(state, target, context, exported(name), { mode: 'T', method: name });
  settle(state, context.id);
}

export function executeDelivery(state: ReplicaState, delivery: Delivery): void {
  const refunded = state.canister(delivery.canisterId);
  if (refunded === undefined) return;
  state.put({ ...refunded, cycles: refunded.cycles + delivery.refund });
  const context = state.contexts.get(delivery.contextId);
  const target = running(state, delivery.canisterId);
  // The context ended when the canister was uninstalled: nobody waits for this response.
  if (context === undefined || target === undefined) return;
  const outstandingCalls = context.outstandingCalls - 1;
  state.contexts.set(context.id, { ...context, outstandingCalls });
  settle(state, context.id, runCallbacks(state, target, delivery));
}

/** Runs the callback and, if it traps, the cleanup. The rejection says what went wrong. */
function runCallbacks(
  state: ReplicaState,
  target: Callable,
  { contextId, callback, response, refund }: Delivery,
): Rejection | undefined {
  const { id } = target.canister;
  const replied = response.kind === 'reply';
  const context = state.contexts.get(contextId)!;
  const closure = replied ? callback.onReply : callback.onReject;
  const executed = executeIn(state, target, context, tableEntry(closure), {
    mode: replied ? 'Ry' : 'Rt',
    argument: replied ? response.data : undefined,
    rejection: replied ? undefined : response.rejection,
    refundedCycles: refund,
  });
  const failure = failureOf(id, executed);
  if (failure === undefined || callback.onCleanup === undefined) return failure;
  const cleanup = executeIn(
    state,
    running(state, id)!,
    state.contexts.get(contextId)!,
    tableEntry(callback.onCleanup),
    { mode: 'C', rejection: failure },
  );
  return cleanup.trap === undefined ? failure : withCleanupFailure(id, failure, cleanup.trap);
}

/** What differs from message to message; the rest is the same for all. */
interface MessageFacts {
  readonly mode: Mode;
  readonly method?: string;
  readonly argument?: Uint8Array | undefined;
  readonly rejection?: Rejection | undefined;
  readonly refundedCycles?: bigint;
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
    callerInfo: undefined,
    deadline: 0n,
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
    instructionLimit: instructionLimit(state.instructionLimits, facts.mode),
    callsUnderWay: (callee) => state.callsUnderWay(canisterId, callee),
    print: (line) => state.print(canisterId, line),
    watch: state.watch,
  };
}

/** Runs one message of a context and puts its effects, or their absence, into the state. */
function executeIn(
  state: ReplicaState,
  { canister, code }: Callable,
  context: CallContext,
  entry: EntryPoint,
  facts: MessageFacts,
): Executed {
  const executed = execute(canister, code, entry, {
    ...messageInput(state, canister.id, context.caller, facts),
    availableCycles: context.availableCycles,
    responded: context.responded,
    contextCounter: context.counter,
  });
  const { message, trap } = executed;
  if (trap !== undefined) {
    code.instance.rollback();
    state.put(undone(canister, executed));
    const counter = context.counter + executed.instructions;
    state.contexts.set(context.id, { ...context, counter });
    return executed;
  }
  if (facts.mode === 'RQ') {
    // A query keeps nothing that it changed, but for the cycles that it took.
    code.instance.rollback();
    state.put(nextVersion({ ...undone(canister, executed), cycles: message.cycles }));
  } else {
    code.instance.commit();
    state.put(nextVersion(applied(canister, code, message)));
  }
  send(state, context, executed);
  return executed;
}

/** Puts the calls and the answer of a message on their way. */
function send(
  state: ReplicaState,
  context: CallContext,
  { message, instructions }: Executed,
): void {
  const { canisterId } = context;
  for (const { callee, method, argument, cycles, callback } of message.calls) {
    const caller = canisterId;
    const origin: Origin = { kind: 'call', contextId: context.id, caller, callee, callback };
    const subnetId = state.subnetOf(caller).id;
    const callerVersion = message.canister.version;
    const call = { origin, caller, callee, method, argument, cycles, subnetId, callerVersion };
    state.countCall(caller, callee, 1);
    state.queue.push({ kind: 'call', call });
  }
  const { response } = message;
  if (response !== undefined) respond(state, context.origin, response, message.availableCycles);
  state.contexts.set(context.id, {
    ...context,
    responded: context.responded || response !== undefined,
    availableCycles: response === undefined ? message.availableCycles : 0n,
    outstandingCalls: context.outstandingCalls + message.calls.length,
    counter: context.counter + instructions,
  });
}

function running(state: ReplicaState, id: Principal): Callable | undefined {
  const canister = state.canister(id);
  return canister?.code === undefined ? undefined : { canister, code: canister.code };
}

export function tableEntry({ index, environment }: Closure): EntryPoint {
  return { kind: 'table', index, environment };
}

export function failureOf(canisterId: Principal, { trap }: Executed): Rejection | undefined {
  return trap === undefined ? undefined : trapRejection(canisterId, trap);
}
