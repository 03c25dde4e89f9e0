/**
 * What a method of the management canister is: the Candid types around two functions. `access` says
 * which canister a call is about and whether this caller may make it; `run` says what happens then.
 * `management-canister.ts` decodes, encodes and answers, and `methods.ts` lists the methods.
 *
 * Source: IC interface specification, "The IC management canister".
 */
import type { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import type { Origin } from '../call-context.js';
import type { ChangeOrigin } from '../canister-history.js';
import { isController, maySee, type Canister } from '../canister.js';
import { samePrincipal } from '../principals.js';
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import type { ReplicaState } from '../state.js';
import type { CanisterIdRecord, FromVersion } from './idl.js';

export interface ManagementCall {
  readonly state: ReplicaState;
  readonly caller: Principal;
  readonly origin: Origin;
  readonly subnetId: Principal;
  /** Cycles that came with the call; what a method leaves here goes back to the caller. */
  cycles: bigint;
}

/** Values to reply with, a rejection, or the promise of an answer at a later time. */
export type Result = readonly unknown[] | Rejection | 'answered later';

/** The canister that a call is about, for a caller who may make it. */
export type Access<Argument> = (call: ManagementCall, argument: Argument) => Canister | Rejection;

export interface Method {
  readonly argument: readonly IDL.Type[];
  readonly result: readonly IDL.Type[];
  /** Why the call is refused before anything is done for it. */
  refuse(call: ManagementCall, argument: never): Rejection | undefined;
  run(call: ManagementCall, argument: never): Result;
}

/** A method that is about one canister. */
export function canisterMethod<Argument>(
  argument: readonly IDL.Type[],
  result: readonly IDL.Type[],
  access: Access<Argument>,
  run: (call: ManagementCall, canister: Canister, argument: Argument) => Result,
): Method {
  return {
    argument,
    result,
    refuse: (call, given: Argument) => {
      const canister = access(call, given);
      return 'errorCode' in canister ? canister : undefined;
    },
    run: (call, given: Argument) => {
      const canister = access(call, given);
      return 'errorCode' in canister ? canister : run(call, canister, given);
    },
  };
}

/** A method that is about no canister in particular, or about one that is still to come. */
export function freeMethod<Argument>(
  argument: readonly IDL.Type[],
  result: readonly IDL.Type[],
  run: (call: ManagementCall, argument: Argument) => Result,
): Method {
  return { argument, result, refuse: () => undefined, run };
}

export function findCanister({ state }: ManagementCall, id: Principal): Canister | Rejection {
  const text = `Canister ${id.toText()} not found`;
  return state.canister(id) ?? rejection(ErrorCode.canisterNotFound, text);
}

/** The canister, for a caller who controls it. */
export function controlledCanister(call: ManagementCall, id: Principal): Canister | Rejection {
  const canister = findCanister(call, id);
  if ('errorCode' in canister || isController(canister, call.caller)) return canister;
  const controllers = canister.settings.controllers.map((one) => one.toText()).join(' ');
  const text =
    `Only the controllers of the canister ${id.toText()} can control it.\n` +
    `Canister's controllers: ${controllers}\nSender's ID: ${call.caller.toText()}`;
  return rejection(ErrorCode.notController, text);
}

/** The canister, for a controller or for the canister itself. */
export function ownCanister(call: ManagementCall, id: Principal): Canister | Rejection {
  return samePrincipal(call.caller, id) ? findCanister(call, id) : controlledCanister(call, id);
}

export const byAnyone: Access<CanisterIdRecord> = (call, { canister_id }) =>
  findCanister(call, canister_id);

export const byControllers: Access<CanisterIdRecord> = (call, { canister_id }) =>
  controlledCanister(call, canister_id);

export const byControllersOrItself: Access<CanisterIdRecord> = (call, { canister_id }) =>
  ownCanister(call, canister_id);

/** For those who may see what the setting is about. */
export function byViewers(
  setting: 'snapshotVisibility' | 'statusVisibility',
): Access<CanisterIdRecord> {
  return (call, { canister_id }) => {
    const canister = findCanister(call, canister_id);
    if ('errorCode' in canister) return canister;
    if (maySee(canister, canister.settings[setting], call.caller)) return canister;
    return controlledCanister(call, canister_id);
  };
}

/** As whom the history of a canister remembers the caller. */
export function changeOrigin(
  { caller, origin }: ManagementCall,
  { sender_canister_version }: FromVersion,
): ChangeOrigin {
  if (origin.kind === 'ingress') return { kind: 'user', id: caller };
  return { kind: 'canister', id: caller, version: sender_canister_version[0] };
}
