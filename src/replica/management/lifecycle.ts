/**
 * Creating, starting, stopping and deleting canisters, and giving them cycles.
 *
 * Source: specs/replica.md section 4.2, "Stop/start" and "Creation".
 */
import type { Principal } from '@dfinity/principal';

import { defaultSettings, emptyCanister, nextVersion, type Canister } from '../canister.js';
import { withConsumed } from '../cycles-consumed.js';
import { finishStopping, respond } from '../contexts.js';
import { feesOf } from '../fees.js';
import { withChange } from '../install.js';
import { keyOf, samePrincipal } from '../principals.js';
import { ErrorCode, reject, rejection, type Rejection } from '../rejection.js';
import type { ReplicaState } from '../state.js';
import { countDeletion } from '../subnet-usage.js';
import { canisterIndexOf, type Subnet } from '../topology.js';
import { variablesHash } from './environment.js';
import { CanisterIdRecord, CreateCanister, ProvisionalCreate, ProvisionalTopUp } from './idl.js';
import {
  byAnyone,
  byControllers,
  canisterMethod,
  changeOrigin,
  freeMethod,
  type ManagementCall,
  type Result,
} from './method.js';
import { mergeSettings } from './settings.js';

/** What a provisional creation gives where it is not told an amount: 100 T cycles. */
const PROVISIONAL_CYCLES = 100_000_000_000_000n;

export const createCanister = freeMethod<CreateCanister>(
  [CreateCanister],
  [CanisterIdRecord],
  (call, argument) => {
    const subnet = subnetOf(call);
    const fee = subnet === undefined ? 0n : feesOf(subnet).canisterCreation;
    if (call.cycles < fee) {
      const text =
        `Creating a canister requires a fee of ${fee} that is deducted from the canister's ` +
        `initial balance but only ${call.cycles} cycles were received with the create_canister ` +
        'request.';
      return rejection(ErrorCode.insufficientCyclesForCreation, text);
    }
    const created = create(call, argument, { cycles: call.cycles - fee, fee });
    if (Array.isArray(created)) call.cycles = 0n;
    return created;
  },
);

export const provisionalCreate = freeMethod<ProvisionalCreate>(
  [ProvisionalCreate],
  [CanisterIdRecord],
  (call, argument) => {
    const { amount, specified_id } = argument;
    const cycles = amount[0] ?? PROVISIONAL_CYCLES;
    return create(call, argument, { cycles, fee: 0n, specifiedId: specified_id[0] });
  },
);

interface Creation {
  readonly cycles: bigint;
  /** What was taken from the cycles before. */
  readonly fee: bigint;
  readonly specifiedId?: Principal | undefined;
}

function create(
  call: ManagementCall,
  argument: CreateCanister,
  { cycles, fee, specifiedId }: Creation,
): Result {
  const { state, caller } = call;
  const given = argument.settings[0];
  const defaults = defaultSettings([caller]);
  const settings = given === undefined ? defaults : mergeSettings(defaults, given);
  if ('errorCode' in settings) return settings;
  const id = specifiedId === undefined ? freshId(call) : freeId(call, specifiedId);
  if ('errorCode' in id) return id;
  const canister = emptyCanister(id, settings, cycles, state.clock.roundTime);
  const created = withChange(state, canister, changeOrigin(call, argument), {
    kind: 'creation',
    controllers: settings.controllers,
    variablesHash: given && variablesHash(state.host, given.environment_variables[0]),
  });
  state.put(withConsumed(created, 'canister_creation', fee));
  return [{ canister_id: id }];
}

function freshId(call: ManagementCall): Principal | Rejection {
  const subnet = subnetOf(call);
  const id = subnet === undefined ? undefined : call.state.freshCanisterId(subnet);
  const text = 'Could not create canister. Subnet has surpassed its canister ID allocation.';
  return id ?? rejection(ErrorCode.subnetFull, text);
}

/**
 * An id of the caller's choice: a canister's, free, and not of the range of another subnet. Ids
 * outside of all ranges are adopted, so that canisters of the real network can be stood in for.
 */
function freeId(call: ManagementCall, id: Principal): Principal | Rejection {
  const text = id.toText();
  const refuse = (why: string): Rejection =>
    rejection(ErrorCode.canisterNotHosted, `Unsuccessful validation of specified ID: ${why}`);
  if (call.state.canister(id) !== undefined) {
    const taken = `Unsuccessful canister creation: canister id ${text} already exists.`;
    return rejection(ErrorCode.canisterIdTaken, taken);
  }
  if (canisterIndexOf(id) === undefined) return refuse(`${text} is not the id of a canister.`);
  const host = call.state.hostingSubnet(id);
  if (host === undefined || samePrincipal(host.id, call.subnetId)) return id;
  return refuse(`${text} belongs to the subnet ${host.id.toText()}, not to this one.`);
}

function subnetOf({ state, subnetId }: ManagementCall): Subnet | undefined {
  return state.subnets.find(({ id }) => samePrincipal(id, subnetId));
}

export const startCanister = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [],
  byControllers,
  ({ state }, canister) => {
    state.put(nextVersion({ ...canister, status: 'running' }));
    const key = keyOf(canister.id);
    const text = `Canister ${canister.id.toText()} was started again`;
    for (const { origin, cycles } of state.pendingStops.get(key) ?? []) {
      respond(state, origin, reject(ErrorCode.stopCancelled, text), cycles);
    }
    state.pendingStops.delete(key);
    return [];
  },
);

/** Answered when the canister has finished its calls, which may be at once. */
export const stopCanister = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [],
  byControllers,
  ({ state, origin, cycles }, canister) => {
    if (canister.status === 'stopped') return [];
    const key = keyOf(canister.id);
    const pending = state.pendingStops.get(key) ?? [];
    const since = state.clock.roundTime;
    state.pendingStops.set(key, [...pending, { origin, cycles, since }]);
    if (canister.status === 'running') {
      state.put(nextVersion({ ...canister, status: 'stopping' }));
    }
    finishStopping(state, canister.id);
    return 'answered later';
  },
);

/** The canister goes, and with it its snapshots and its cycles. */
export const deleteCanister = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [],
  byControllers,
  ({ state, caller }, canister) => {
    const { id, status } = canister;
    if (samePrincipal(caller, id)) {
      const text = `Canister ${id.toText()} cannot delete itself.`;
      return rejection(ErrorCode.notController, text);
    }
    if (status !== 'stopped') {
      const text = `Canister ${id.toText()} must be stopped before it is deleted.`;
      return rejection(ErrorCode.notStopped, text);
    }
    if (hasMessages(state, id)) {
      const text =
        `Canister ${id.toText()} has messages in its queues and cannot be deleted now. ` +
        'Please retry after some time';
      return rejection(ErrorCode.queueNotEmpty, text);
    }
    countDeletion(state, canister);
    state.remove(id);
    return [];
  },
);

function hasMessages({ queue }: ReplicaState, id: Principal): boolean {
  return queue.some((message) => {
    const receiver = message.kind === 'call' ? message.call.callee : message.delivery.canisterId;
    return samePrincipal(receiver, id);
  });
}

export const depositCycles = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [],
  byAnyone,
  (call, canister) => {
    const topped = topUp(call, canister, call.cycles);
    call.cycles = 0n;
    return topped;
  },
);

export const provisionalTopUp = canisterMethod<ProvisionalTopUp>(
  [ProvisionalTopUp],
  [],
  byAnyone,
  (call, canister, { amount }) => topUp(call, canister, amount),
);

function topUp({ state }: ManagementCall, canister: Canister, amount: bigint): Result {
  state.put({ ...canister, cycles: canister.cycles + amount });
  return [];
}
