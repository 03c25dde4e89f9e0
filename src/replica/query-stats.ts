/**
 * Counting the queries of a canister, for its status. That is all that a query leaves behind.
 *
 * A query itself changes no state: what it asked for is kept beside the state until the next round
 * adds it. So the state changes by inputs alone, and whoever records these has all of it.
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

/** What one query asked for. */
export interface QueryCount {
  readonly canisterId: Principal;
  readonly instructions: bigint;
  readonly requestBytes: bigint;
  readonly responseBytes: bigint;
}

/** Keeps a query in mind, to be counted. */
export function noteQuery(
  state: ReplicaState,
  { canisterId, argument }: EvaluatedQuery,
  response: Response,
  instructions: bigint,
): void {
  state.uncountedQueries.push({
    canisterId,
    instructions,
    requestBytes: BigInt(argument.length),
    responseBytes: BigInt(sizeOf(response)),
  });
}

export function countQueries(state: ReplicaState, counts: readonly QueryCount[]): void {
  for (const count of counts) {
    const canister = state.canister(count.canisterId);
    if (canister === undefined) continue;
    const { calls, instructions, requestBytes, responseBytes } = canister.queryStats;
    const queryStats = {
      calls: calls + 1n,
      instructions: instructions + count.instructions,
      requestBytes: requestBytes + count.requestBytes,
      responseBytes: responseBytes + count.responseBytes,
    };
    state.put({ ...canister, queryStats });
  }
}

function sizeOf(response: Response): number {
  if (response.kind === 'reply') return response.data.length;
  return new TextEncoder().encode(response.rejection.message).length;
}
