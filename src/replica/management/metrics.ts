/**
 * `canister_metrics`: what a canister has used up since it was created, by what for.
 *
 * Source: IC interface specification, "IC method `canister_metrics`".
 */
import { CYCLES_USES } from '../cycles-consumed.js';
import { CanisterIdRecord } from './idl.js';
import { CanisterMetricsResult } from './idl/status.js';
import { byControllers, canisterMethod } from './method.js';

export const canisterMetrics = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [CanisterMetricsResult],
  byControllers,
  (_call, { consumed }) => {
    const counters = CYCLES_USES.map((use) => [use, consumed[use] ?? 0n] as const);
    return [{ cycles_consumed: Object.fromEntries(counters) }];
  },
);
