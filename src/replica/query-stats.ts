/**
 * Counting the queries of a canister, for its status. That is all that a query leaves behind.
 *
 * Source: IC interface specification, `query_stats` of `canister_status`.
 */
import type { Principal } from '@dfinity/principal';

import type { Response } from './rejection.js';
import type { ReplicaState } from './state.js';

export interface EvaluatedQuery {
  readonly canisterId: Principal;
  readonly argument: Uint8Array;
}

export function countQuery(
  state: ReplicaState,
  { canisterId, argument }: EvaluatedQuery,
  response: Response,
  instructions: bigint,
): void {
  const canister = state.canister(canisterId);
  if (canister === undefined) return;
  const { calls, requestBytes, responseBytes, ...stats } = canister.queryStats;
  const queryStats = {
    calls: calls + 1n,
    instructions: stats.instructions + instructions,
    requestBytes: requestBytes + BigInt(argument.length),
    responseBytes: responseBytes + BigInt(sizeOf(response)),
  };
  state.put({ ...canister, queryStats });
}

function sizeOf(response: Response): number {
  if (response.kind === 'reply') return response.data.length;
  return new TextEncoder().encode(response.rejection.message).length;
}
