/**
 * What is counted of each subnet beyond what its canisters know of themselves: the messages that
 * were carried out, and the cycles of canisters that are no more.
 *
 * Source: IC interface specification, "The system state tree", `/subnet/<subnet_id>/metrics`.
 */
import type { Principal } from '@dfinity/principal';

import type { Canister } from './canister.js';
import { totalConsumed } from './cycles-consumed.js';
import { keyOf } from './principals.js';
import type { ReplicaState } from './state.js';

export interface SubnetUsage {
  readonly transactions: bigint;
  readonly consumedByDeleted: bigint;
}

const NONE: SubnetUsage = { transactions: 0n, consumedByDeleted: 0n };

export function usageOf({ usageBySubnet }: ReplicaState, subnetId: Principal): SubnetUsage {
  return usageBySubnet.get(keyOf(subnetId)) ?? NONE;
}

/** Counts one message, of whatever kind, that could have changed the state of the subnet. */
export function countTransaction(state: ReplicaState, subnetId: Principal): void {
  const usage = usageOf(state, subnetId);
  const counted = { ...usage, transactions: usage.transactions + 1n };
  state.usageBySubnet.set(keyOf(subnetId), counted);
}

/** Counts what a canister that goes has used, and what it takes with it. */
export function countDeletion(state: ReplicaState, canister: Canister): void {
  const { id } = state.subnetOf(canister.id);
  const usage = usageOf(state, id);
  const consumed = totalConsumed(canister) + canister.cycles;
  const consumedByDeleted = usage.consumedByDeleted + consumed;
  state.usageBySubnet.set(keyOf(id), { ...usage, consumedByDeleted });
}
