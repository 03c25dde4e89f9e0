/**
 * What a canister has used up, by what for: counters that only go up, from the day on which the
 * canister was created. Whoever takes cycles away from a canister for good counts them here.
 *
 * Source: IC interface specification, `cycles_consumed` of `canister_metrics`.
 */
import type { Canister } from './canister.js';

export const CYCLES_USES = [
  'memory',
  'compute_allocation',
  'ingress_induction',
  'instructions',
  'request_and_response_transmission',
  'uninstall',
  'canister_creation',
  'http_outcalls',
  'burned_cycles',
] as const;

export type CyclesUse = (typeof CYCLES_USES)[number];
export type CyclesConsumed = Readonly<Partial<Record<CyclesUse, bigint>>>;

export function totalConsumed({ consumed }: Canister): bigint {
  return Object.values(consumed).reduce((sum, amount) => sum + amount, 0n);
}

/** The canister with cycles counted that somebody has already taken from its balance. */
export function withConsumed(canister: Canister, use: CyclesUse, amount: bigint): Canister {
  if (amount === 0n) return canister;
  const { consumed } = canister;
  return { ...canister, consumed: { ...consumed, [use]: (consumed[use] ?? 0n) + amount } };
}
