/**
 * What a method of the management canister is: the Candid types around a function from a call to a
 * result. The function says what happens; `management-canister.ts` decodes, encodes and answers.
 */
import type { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import type { Origin } from '../call-context.js';
import { isController, type Canister } from '../canister.js';
import { samePrincipal } from '../principals.js';
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import type { ReplicaState } from '../state.js';

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

export interface Method {
  readonly argument: readonly IDL.Type[];
  readonly result: readonly IDL.Type[];
  /** Some methods serve canisters only. */
  readonly fromIngress: boolean;
  run(call: ManagementCall, argument: never): Result;
}

export function method<Argument>(
  argument: readonly IDL.Type[],
  result: readonly IDL.Type[],
  run: (call: ManagementCall, argument: Argument) => Result,
): Method {
  return { argument, result, fromIngress: true, run };
}

/** A method that only canisters may call. */
export function canisterMethod<Argument>(
  argument: readonly IDL.Type[],
  result: readonly IDL.Type[],
  run: (call: ManagementCall, argument: Argument) => Result,
): Method {
  return { argument, result, fromIngress: false, run };
}

export function findCanister(state: ReplicaState, id: Principal): Canister | Rejection {
  const text = `Canister ${id.toText()} not found`;
  return state.canister(id) ?? rejection(ErrorCode.canisterNotFound, text);
}

/** The canister, for a caller who controls it. */
export function controlledCanister(call: ManagementCall, id: Principal): Canister | Rejection {
  const canister = findCanister(call.state, id);
  if ('errorCode' in canister || isController(canister, call.caller)) return canister;
  const controllers = canister.settings.controllers.map((one) => one.toText()).join(' ');
  const text =
    `Only the controllers of the canister ${id.toText()} can control it.\n` +
    `Canister's controllers: ${controllers}\nSender's ID: ${call.caller.toText()}`;
  return rejection(ErrorCode.notController, text);
}

/** The canister, for a controller or for the canister itself. */
export function ownCanister(call: ManagementCall, id: Principal): Canister | Rejection {
  if (samePrincipal(call.caller, id)) return findCanister(call.state, id);
  return controlledCanister(call, id);
}
