/**
 * Calls and responses: what happens when a canister is called, when an answer comes back to it, and
 * when the system itself gives it something to do. Every function here takes a message off the
 * queue and leaves the state complete: changes applied or undone, calls sent, contexts settled.
 *
 * Source: IC interface specification, "Abstract behavior", message execution; specs/replica.md
 * section 4.2.
 */
import type { Principal } from '@dfinity/principal';

import type { Call, CallContext, Delivery, Origin } from './call-context.js';
import type { Canister } from './canister.js';
import { feesFor, withdraw } from './charging.js';
import { giveBack, openContext, respond, settle } from './contexts.js';
import { exported, ExportName, type EntryPoint, type Mode } from './entry-point.js';
import { messagePrepayment, unusedTransmission } from './fees.js';
import { failureOf, runMessage, running, tableEntry, type Callable } from './messages.js';
import { MANAGEMENT_CANISTER, samePrincipal } from './principals.js';
import { ErrorCode, rejection, type Rejection } from './rejection.js';
import type { ReplicaState } from './state.js';
import { countTransaction } from './subnet-usage.js';
import { canisterError, withCleanupFailure } from './trap.js';

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
  const prepaid = messagePrepayment(feesFor(state, target.canister));
  const paying = withdraw(state, target.canister, prepaid, call.caller);
  if ('errorCode' in paying) return refuse(paying);
  const context = openContext(state, call.callee, call);
  const facts = {
    mode: found.mode,
    method: call.method,
    argument: call.argument,
    deadline: found.mode === 'U' ? deadlineOf(context) : 0n,
  };
  const payer = { ...target, canister: paying };
  const executed = runMessage(state, payer, context, found.entry, facts, prepaid);
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

/**
 * Heartbeats, timers and hooks: called by the system, with nobody to answer to. A canister that
 * cannot pay is left in peace.
 */
export function executeSystemTask(state: ReplicaState, target: Callable, name: string): void {
  const prepaid = messagePrepayment(feesFor(state, target.canister));
  const paying = withdraw(state, target.canister, prepaid);
  if ('errorCode' in paying) return;
  countTransaction(state, state.subnetOf(target.canister.id).id);
  const origin: Origin = { kind: 'system task' };
  const caller = MANAGEMENT_CANISTER;
  const context = openContext(state, target.canister.id, { caller, cycles: 0n, origin });
  const facts = { mode: 'T', method: name } as const;
  runMessage(state, { ...target, canister: paying }, context, exported(name), facts, prepaid);
  settle(state, context.id);
}

function deadlineOf({ origin }: CallContext): bigint {
  return origin.kind === 'call' ? origin.deadline : 0n;
}

export function executeDelivery(state: ReplicaState, delivery: Delivery): void {
  const { canisterId, response, refund } = delivery;
  const waiting = state.canister(canisterId);
  if (waiting === undefined) return;
  const fees = feesFor(state, waiting);
  giveBack(state, canisterId, refund + unusedTransmission(fees, response));
  const context = state.contexts.get(delivery.contextId);
  const target = running(state, canisterId);
  // The context ended when the canister was uninstalled: nobody waits for this response.
  if (context === undefined || target === undefined) {
    return giveBack(state, canisterId, messagePrepayment(fees));
  }
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
  const facts = {
    mode: replied ? 'Ry' : 'Rt',
    argument: replied ? response.data : undefined,
    rejection: replied ? undefined : response.rejection,
    refundedCycles: refund,
    deadline: deadlineOf(context),
  } as const;
  const prepaid = messagePrepayment(feesFor(state, target.canister));
  const executed = runMessage(state, target, context, tableEntry(closure), facts, prepaid);
  const failure = failureOf(id, executed);
  if (failure === undefined || callback.onCleanup === undefined) return failure;
  const cleanup = runMessage(
    state,
    running(state, id)!,
    state.contexts.get(contextId)!,
    tableEntry(callback.onCleanup),
    { mode: 'C', rejection: replied ? undefined : response.rejection },
    0n,
  );
  return cleanup.trap === undefined ? failure : withCleanupFailure(id, failure, cleanup.trap);
}
