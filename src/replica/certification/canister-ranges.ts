/**
 * The canister ids of a subnet, as ranges: the one that the subnet gives out, and one more for each
 * canister that was created with an id of the user's choice and adopted.
 *
 * Source: IC interface specification, "Subnet information" and "Canister ranges".
 */
import type { Principal } from '@dfinity/principal';

import type { ReplicaState } from '../state.js';
import { canisterIdOf, subnetOf, type Subnet } from '../topology.js';
import { encodeCbor } from './cbor.js';
import { compareLabels } from './hash-tree.js';

export interface CanisterRange {
  readonly first: Principal;
  readonly last: Principal;
}

/** In ascending order, as clients expect that look for a range. */
export function rangesOf(state: ReplicaState, subnet: Subnet): CanisterRange[] {
  const { firstIndex, lastIndex } = subnet;
  const own = { first: canisterIdOf(firstIndex), last: canisterIdOf(lastIndex) };
  const adopted = state
    .canisters()
    .filter(({ id }) => isAdopted(state, id) && state.subnetOf(id) === subnet)
    .map(({ id }) => ({ first: id, last: id }));
  return [own, ...adopted].sort((a, b) =>
    compareLabels(a.first.toUint8Array(), b.first.toUint8Array()),
  );
}

function isAdopted(state: ReplicaState, id: Principal): boolean {
  return subnetOf(state.subnets, id) === undefined;
}

export function encodeRanges(ranges: readonly CanisterRange[]): Uint8Array {
  return encodeCbor(ranges.map(({ first, last }) => [first.toUint8Array(), last.toUint8Array()]));
}
