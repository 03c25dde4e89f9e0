/**
 * Charging: who pays when, and what happens to those who cannot.
 *
 *     a message   its highest cost is taken before it runs; what it did not use is given back
 *     a call      the same for its callback, when the call is performed
 *     ingress     when it is let in, by the canister that it is for
 *     existing    as time goes by, in steps of 10 seconds
 *
 * A canister whose balance would fall below its freezing threshold pays nothing and does nothing.
 * One that cannot pay for existing loses its code.
 *
 * Source: specs/replica.md section 4.5; IC documentation, "Cycles costs".
 */
import type { Principal } from '@dfinity/principal';

import { isController, nextVersion, withoutCode, type Canister } from './canister.js';
import { abandonContexts } from './contexts.js';
import { withConsumed } from './cycles-consumed.js';
import { computeCost, feesOf, freezingThreshold, memoryCost, type Fees } from './fees.js';
import { ErrorCode, rejection, type Rejection } from './rejection.js';
import type { ReplicaState } from './state.js';

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/** How often existing is charged. */
const INTERVAL = 10n * NANOSECONDS_PER_SECOND;

export function feesFor(state: ReplicaState, { id }: Canister): Fees {
  return feesOf(state.subnetOf(id));
}

/** The canister without the amount; where that would freeze it, a controller hears what lacks. */
export function withdraw(
  state: ReplicaState,
  canister: Canister,
  amount: bigint,
  asker?: Principal,
): Canister | Rejection {
  const rest = canister.cycles - amount;
  const lacking = freezingThreshold(canister, feesFor(state, canister)) - rest;
  if (amount === 0n && lacking <= 0n) return canister;
  if (lacking <= 0n) return { ...canister, cycles: rest };
  const revealed = asker !== undefined && isController(canister, asker);
  return rejection(ErrorCode.outOfCycles, outOfCyclesText(canister, lacking, revealed));
}

/** How much is lacking is for controllers to know. */
export function outOfCyclesText({ id }: Canister, lacking: bigint, revealed: boolean): string {
  const text = `Canister ${id.toText()} is out of cycles`;
  const remedy = `please top up the canister with at least ${lacking} additional cycles`;
  return revealed ? `${text}: ${remedy}` : text;
}

/** The canister after a message: what was taken before comes back, but for what it cost. */
export function settled(canister: Canister, prepaid: bigint, cost: bigint): Canister {
  const cycles = canister.cycles + prepaid - cost;
  const after = { ...canister, cycles: cycles > 0n ? cycles : 0n };
  return withConsumed(after, 'instructions', cost);
}

/** Charges every canister for its existence since the last time. */
export function chargeForExistence(state: ReplicaState): void {
  for (const canister of state.canisters()) {
    const elapsed = state.clock.roundTime - canister.paidUntil;
    if (elapsed >= INTERVAL) chargeFor(state, canister, elapsed / NANOSECONDS_PER_SECOND);
  }
}

function chargeFor(state: ReplicaState, canister: Canister, seconds: bigint): void {
  const fees = feesFor(state, canister);
  const memory = memoryCost(canister, fees, seconds);
  const compute = computeCost(canister, fees, seconds);
  const cost = memory + compute;
  // Where nothing is paid nothing changes, and an idle round stays one.
  if (cost === 0n) return;
  const paidUntil = canister.paidUntil + seconds * NANOSECONDS_PER_SECOND;
  if (canister.cycles >= cost) {
    const paid = { ...canister, paidUntil, cycles: canister.cycles - cost };
    const counted = withConsumed(paid, 'memory', memory);
    return state.put(withConsumed(counted, 'compute_allocation', compute));
  }
  state.put(nextVersion({ ...withoutCode(canister), paidUntil, cycles: 0n }));
  abandonContexts(state, canister.id);
}
