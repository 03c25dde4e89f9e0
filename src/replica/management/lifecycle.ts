/**
 * Creating, starting, stopping and deleting canisters, and giving them cycles.
 *
 * Source: specs/replica.md section 4.2, "Stop/start" and "Creation".
 */
import type { Principal } from '@dfinity/principal';

import { defaultSettings, emptyCanister, nextVersion } from '../canister.js';
import { finishStopping, respond } from '../contexts.js';
import { keyOf, MANAGEMENT_CANISTER, samePrincipal } from '../principals.js';
import { ErrorCode, reject, rejection, type Rejection } from '../rejection.js';
import {
  CanisterIdRecord,
  CreateCanister,
  ProvisionalCreate,
  ProvisionalTopUp,
  type Opt,
  type SettingsArgument,
} from './idl.js';
import {
  canisterMethod,
  controlledCanister,
  findCanister,
  method,
  type ManagementCall,
  type Result,
} from './method.js';
import { mergeSettings } from './settings.js';

/** What a provisional creation gives where it is not told an amount: 100 T cycles. */
const PROVISIONAL_CYCLES = 100_000_000_000_000n;

export const createCanister = canisterMethod<CreateCanister>(
  [CreateCanister],
  [CanisterIdRecord],
  (call, { settings }) => {
    const created = create(call, settings, call.cycles);
    if (Array.isArray(created)) call.cycles = 0n;
    return created;
  },
);

export const provisionalCreate = method<ProvisionalCreate>(
  [ProvisionalCreate],
  [CanisterIdRecord],
  (call, { amount, settings, specified_id }) =>
    create(call, settings, amount[0] ?? PROVISIONAL_CYCLES, specified_id[0]),
);

function create(
  call: ManagementCall,
  given: Opt<SettingsArgument>,
  cycles: bigint,
  specifiedId?: Principal,
): Result {
  const defaults = defaultSettings([call.caller]);
  const settings = given[0] === undefined ? defaults : mergeSettings(defaults, given[0]);
  if ('errorCode' in settings) return settings;
  const id = freeId(call, specifiedId);
  if ('errorCode' in id) return id;
  call.state.put(emptyCanister(id, settings, cycles));
  return [{ canister_id: id }];
}

function freeId({ state, subnetId }: ManagementCall, specified?: Principal): Principal | Rejection {
  if (specified !== undefined) {
    const text = `Canister ${specified.toText()} already exists`;
    const taken =
      state.canister(specified) !== undefined || samePrincipal(specified, MANAGEMENT_CANISTER);
    return taken ? rejection(ErrorCode.canisterIdTaken, text) : specified;
  }
  const subnet = state.subnets.find(({ id }) => samePrincipal(id, subnetId));
  const id = subnet === undefined ? undefined : state.freshCanisterId(subnet);
  return id ?? rejection(ErrorCode.subnetFull, 'The subnet has no canister id left');
}

export const startCanister = method<CanisterIdRecord>([CanisterIdRecord], [], (call, argument) => {
  const canister = controlledCanister(call, argument.canister_id);
  if ('errorCode' in canister) return canister;
  call.state.put(nextVersion({ ...canister, status: 'running' }));
  const key = keyOf(canister.id);
  const text = `Canister ${canister.id.toText()} was started again`;
  for (const { origin, cycles } of call.state.pendingStops.get(key) ?? []) {
    const cancelled = reject(ErrorCode.stopCancelled, text);
    respond(call.state, origin, cancelled, cycles);
  }
  call.state.pendingStops.delete(key);
  return [];
});

/** Answered when the canister has finished its calls, which may be at once. */
export const stopCanister = method<CanisterIdRecord>([CanisterIdRecord], [], (call, argument) => {
  const canister = controlledCanister(call, argument.canister_id);
  if ('errorCode' in canister) return canister;
  if (canister.status === 'stopped') return [];
  const key = keyOf(canister.id);
  const pending = call.state.pendingStops.get(key) ?? [];
  const waiting = { origin: call.origin, cycles: call.cycles };
  call.state.pendingStops.set(key, [...pending, waiting]);
  if (canister.status === 'running') {
    call.state.put(nextVersion({ ...canister, status: 'stopping' }));
  }
  finishStopping(call.state, canister.id);
  return 'answered later';
});

export const deleteCanister = method<CanisterIdRecord>([CanisterIdRecord], [], (call, argument) => {
  const canister = controlledCanister(call, argument.canister_id);
  if ('errorCode' in canister) return canister;
  if (canister.status !== 'stopped') {
    const text = `Canister ${canister.id.toText()} must be stopped before it is deleted`;
    return rejection(ErrorCode.notStopped, text);
  }
  call.state.remove(canister.id);
  return [];
});

export const depositCycles = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [],
  (call, argument) => {
    const topped = topUp(call, argument.canister_id, call.cycles);
    if (Array.isArray(topped)) call.cycles = 0n;
    return topped;
  },
);

export const provisionalTopUp = method<ProvisionalTopUp>([ProvisionalTopUp], [], (call, argument) =>
  topUp(call, argument.canister_id, argument.amount),
);

function topUp({ state }: ManagementCall, id: Principal, amount: bigint): Result {
  const canister = findCanister(state, id);
  if ('errorCode' in canister) return canister;
  state.put({ ...canister, cycles: canister.cycles + amount });
  return [];
}
