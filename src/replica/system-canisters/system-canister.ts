/**
 * What a method of a system canister is: Candid types around a function from a call to a result, as
 * for the management canister. `system-canisters.ts` decodes, encodes and answers.
 *
 * Source: the shape is ours; see `management/method.ts`.
 */
import type { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import type { Rejection } from '../rejection.js';
import type { ReplicaState } from '../state.js';
import { explicitTrap, trapRejection } from '../trap.js';
import type { SystemCanisterState } from './system-state.js';

export interface SystemCall {
  readonly state: ReplicaState;
  /** What the system canisters remember. */
  readonly books: SystemCanisterState;
  /** The canister that is called. */
  readonly self: Principal;
  readonly caller: Principal;
  /** In nanoseconds since 1970. */
  readonly now: bigint;
  /** Cycles that came with the call; what a method leaves here goes back to the caller. */
  cycles: bigint;
}

export interface SystemMethod {
  readonly kind: 'query' | 'update';
  readonly argument: readonly IDL.Type[];
  readonly result: readonly IDL.Type[];
  /** A query changes nothing. */
  run(call: SystemCall, argument: never): readonly unknown[] | Rejection;
}

export type SystemMethods = Readonly<Record<string, SystemMethod>>;

export function query<Argument>(
  argument: readonly IDL.Type[],
  result: IDL.Type,
  run: (call: SystemCall, argument: Argument) => unknown,
): SystemMethod {
  return { kind: 'query', argument, result: [result], run: (call, given) => [run(call, given)] };
}

export function update<Argument>(
  argument: readonly IDL.Type[],
  result: IDL.Type,
  run: (call: SystemCall, argument: Argument) => readonly [unknown] | Rejection,
): SystemMethod {
  return { kind: 'update', argument, result: [result], run };
}

/** A system canister fails as any canister does: by a trap. */
export function trapped(self: Principal, text: string): Rejection {
  return trapRejection(self, explicitTrap(text));
}
