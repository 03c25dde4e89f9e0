/**
 * A round: the clock moves on, then timers that are due and heartbeats run, then the messages in
 * the queue and those that they cause, until nothing is left to do.
 *
 * The real system ends a round when its instructions are used up. Here it ends after a number of
 * messages, so that canisters that call each other for ever do not hold up the replica for ever.
 *
 * Source: specs/replica.md sections 1.6 and 4.2.
 */
import type { Call } from './call-context.js';
import { callable, executeCall, executeDelivery, executeSystemTask } from './calls.js';
import { chargeForExistence } from './charging.js';
import { respond } from './contexts.js';
import { endWaiting } from './deadlines.js';
import { ExportName } from './entry-point.js';
import { beginIngress, forgetIngress } from './ingress-history.js';
import { withHookCondition } from './low-memory.js';
import { executeManagementCall } from './management/management-canister.js';
import { MANAGEMENT_CANISTER, samePrincipal } from './principals.js';
import { ErrorCode, reject } from './rejection.js';
import type { QueuedMessage, ReplicaState } from './state.js';
import { countTransaction } from './subnet-usage.js';
import { executeSystemCall, isSystemCanister } from './system-canisters/system-canisters.js';

const MESSAGES_PER_ROUND_MAX = 1000;

export function executeRound(state: ReplicaState): void {
  state.clock.beginRound();
  forgetIngress(state.ingressHistory, state.clock.roundTime);
  endWaiting(state);
  chargeForExistence(state);
  for (const { id } of state.canisters()) {
    runLowMemoryHook(state, id);
    runTimer(state, id);
    runHeartbeat(state, id);
  }
  for (let count = 0; count < MESSAGES_PER_ROUND_MAX; count++) {
    const message = state.queue.shift();
    if (message === undefined) return;
    executeMessage(state, message);
  }
}

function executeMessage(state: ReplicaState, message: QueuedMessage): void {
  if (message.kind === 'response') {
    countTransaction(state, state.subnetOf(message.delivery.canisterId).id);
    executeDelivery(state, message.delivery);
    return runLowMemoryHook(state, message.delivery.canisterId);
  }
  const { call } = message;
  if (!mayBegin(state, call)) return;
  const forManagement = samePrincipal(call.callee, MANAGEMENT_CANISTER);
  countTransaction(state, forManagement ? call.subnetId : state.subnetOf(call.callee).id);
  if (forManagement) executeManagementCall(state, call);
  else if (isSystemCanister(state, call.callee)) executeSystemCall(state, call);
  else {
    executeCall(state, call);
    runLowMemoryHook(state, call.callee);
  }
}

/** A message from outside that waited past its expiry is answered with that. */
function mayBegin(state: ReplicaState, { origin, cycles }: Call): boolean {
  if (origin.kind !== 'ingress') return true;
  const { messageId } = origin;
  if (beginIngress(state.ingressHistory, messageId, state.clock.roundTime)) return true;
  const text = `Ingress message 0x${messageId} timed out waiting to start executing.`;
  respond(state, origin, reject(ErrorCode.ingressTimeout, text), cycles);
  return false;
}

type CanisterId = Parameters<typeof callable>[1];

/** A timer that is due is switched off first: the canister may set it again while it runs. */
function runTimer(state: ReplicaState, id: CanisterId): void {
  const target = callable(state, id);
  if ('errorCode' in target) return;
  const { globalTimer, module } = target.code;
  if (globalTimer === 0n || globalTimer > state.clock.roundTime) return;
  const code = { ...target.code, globalTimer: 0n };
  const canister = { ...target.canister, code };
  state.put(canister);
  if (!module.exports.has(ExportName.globalTimer)) return;
  executeSystemTask(state, { canister, code }, ExportName.globalTimer);
}

/** Runs before any other message of the canister, once until there is room again. */
function runLowMemoryHook(state: ReplicaState, id: CanisterId): void {
  const found = callable(state, id);
  if ('errorCode' in found) return;
  const canister = withHookCondition(found.canister);
  if (canister.lowMemoryHook !== 'ready') {
    if (canister !== found.canister) state.put(canister);
    return;
  }
  const target = { ...found, canister: { ...canister, lowMemoryHook: 'executed' as const } };
  state.put(target.canister);
  if (!target.code.module.exports.has(ExportName.onLowWasmMemory)) return;
  executeSystemTask(state, target, ExportName.onLowWasmMemory);
}

function runHeartbeat(state: ReplicaState, id: CanisterId): void {
  const target = callable(state, id);
  if ('errorCode' in target || !target.code.module.exports.has(ExportName.heartbeat)) return;
  executeSystemTask(state, target, ExportName.heartbeat);
}
