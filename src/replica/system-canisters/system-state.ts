/**
 * What the system canisters remember: the books of the two ledgers, and which payments the cycles
 * minting canister has dealt with. All of it is plain data, so that a replica can be saved.
 *
 * At the beginning the anonymous principal is rich, so that tools for local networks can hand out
 * tokens and cycles without any secret. On the real network nobody is.
 *
 * Source: the initial balances of PocketIC, as `icp` 1.5.0 expects them.
 */
import { Principal } from '@dfinity/principal';

import { accountKey } from './account.js';
import { apply, emptyLedger, type Ledger } from './ledger.js';

export interface SystemCanisterState {
  readonly icp: Ledger;
  readonly cycles: Ledger;
  /** Texts of canister ids, by the block of the cycles ledger that paid for the canister. */
  readonly createdCanisters: Map<bigint, string>;
  /** What the cycles minting canister gave, by the block of the ICP ledger that paid for it. */
  readonly settledPayments: Map<bigint, SettledPayment>;
}

export type SettledPayment =
  | {
      readonly kind: 'mint';
      readonly minted: bigint;
      readonly block_index: bigint;
      readonly balance: bigint;
    }
  | { readonly kind: 'top up'; readonly cycles: bigint }
  | { readonly kind: 'create'; readonly canisterId: string };

const INITIAL_ICP_IN_E8S = 1_000_000_000n * 100_000_000n;
const INITIAL_CYCLES = 2n ** 127n - 1n;

export function initialSystemState(now: bigint): SystemCanisterState {
  const anonymous = accountKey({ owner: Principal.anonymous(), subaccount: [] });
  const icp = emptyLedger();
  const cycles = emptyLedger();
  apply(icp, { kind: 'mint', to: anonymous, amount: INITIAL_ICP_IN_E8S, fee: 0n }, now);
  apply(cycles, { kind: 'mint', to: anonymous, amount: INITIAL_CYCLES, fee: 0n }, now);
  return { icp, cycles, createdCanisters: new Map(), settledPayments: new Map() };
}
