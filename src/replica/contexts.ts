/**
 * The life of call contexts: they open with a call, answer it, and end when nothing is outstanding.
 *
 * INVARIANT: each call is answered exactly once. A context that would end without an answer is
 * rejected by the system, and so is one whose canister loses its code.
 *
 * Source: IC interface specification, "Call contexts"; specs/replica.md section 4.2.
 */
import type { Principal } from '@dfinity/principal';

import type { Call, CallContext, Origin } from './call-context.js';
import { nextVersion } from './canister.js';
import { answerIngress } from './ingress-history.js';
import { canisterReject, ErrorCode, heard, type Rejection, type Response } from './rejection.js';
import { keyOf } from './principals.js';
import type { ReplicaState } from './state.js';
import { canisterError } from './trap.js';

/** "DIDL", no types, no values. */
const EMPTY_CANDID = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0);

/** Hands an answer to whoever waits for it. */
export function respond(
  state: ReplicaState,
  origin: Origin,
  response: Response,
  refund: bigint,
): void {
  switch (origin.kind) {
    case 'ingress':
      answerIngress(state.ingressHistory, origin.messageId, response, state.clock.roundTime);
      return;
    case 'call': {
      const { contextId, caller, callee, callback } = origin;
      if (!state.stopWaiting(origin)) return giveBack(state, caller, refund);
      state.countCall(caller, callee, -1);
      const delivery = {
        contextId,
        canisterId: caller,
        callback,
        response: heard(response),
        refund,
      };
      state.queue.push({ kind: 'response', delivery });
      return;
    }
    case 'system task':
      return;
  }
}

/** The caller has stopped waiting: all that reaches it are its cycles. */
export function giveBack(state: ReplicaState, canisterId: Principal, cycles: bigint): void {
  const canister = state.canister(canisterId);
  if (canister !== undefined) state.put({ ...canister, cycles: canister.cycles + cycles });
}

export function openContext(
  state: ReplicaState,
  canisterId: Principal,
  { origin, caller, cycles }: Pick<Call, 'origin' | 'caller' | 'cycles'>,
): CallContext {
  const context: CallContext = {
    id: state.freshContextId(),
    canisterId,
    caller,
    origin,
    responded: false,
    availableCycles: cycles,
    outstandingCalls: 0,
    counter: 0n,
  };
  state.contexts.set(context.id, context);
  return context;
}

/** Ends a context that waits for nothing any more; one without an answer is rejected. */
export function settle(state: ReplicaState, contextId: number, failure?: Rejection): void {
  const context = state.contexts.get(contextId)!;
  if (context.outstandingCalls > 0) return;
  if (!context.responded) {
    const text = 'Canister did not reply to the call';
    const refusal = failure ?? canisterError(context.canisterId, ErrorCode.didNotReply, text);
    const response: Response = { kind: 'reject', rejection: refusal };
    respond(state, context.origin, response, context.availableCycles);
  }
  state.contexts.delete(contextId);
  finishStopping(state, context.canisterId);
}

/** A stopping canister is stopped when its last call context has ended. */
export function finishStopping(state: ReplicaState, canisterId: Principal): void {
  const canister = state.canister(canisterId);
  if (canister?.status !== 'stopping' || state.contextsOf(canisterId).length > 0) return;
  state.put(nextVersion({ ...canister, status: 'stopped' }));
  const pending = state.pendingStops.get(keyOf(canisterId)) ?? [];
  state.pendingStops.delete(keyOf(canisterId));
  const done: Response = { kind: 'reply', data: EMPTY_CANDID };
  for (const { origin, cycles } of pending) respond(state, origin, done, cycles);
}

/** Ends all contexts of a canister whose code goes away. */
export function abandonContexts(state: ReplicaState, canisterId: Principal): void {
  for (const context of state.contextsOf(canisterId)) {
    state.contexts.delete(context.id);
    if (context.responded) continue;
    const response = canisterReject('Canister has been uninstalled');
    respond(state, context.origin, response, context.availableCycles);
  }
  finishStopping(state, canisterId);
}
