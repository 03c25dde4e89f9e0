/**
 * The history of a canister: who created it, who changed its code and its controllers, and when.
 * It lets one canister see how far another can be trusted, so nobody can rewrite it. The last 20
 * changes are kept; the count goes on.
 *
 * Source: IC interface specification, `canister_info` and "Trimming canister history".
 */
import type { Principal } from '@dfinity/principal';

export type ChangeOrigin =
  | { readonly kind: 'user'; readonly id: Principal }
  /** The version is the one that the canister stated itself. */
  | { readonly kind: 'canister'; readonly id: Principal; readonly version: bigint | undefined };

export type ChangeDetails =
  | {
      readonly kind: 'creation';
      readonly controllers: readonly Principal[];
      readonly variablesHash: Uint8Array | undefined;
    }
  | { readonly kind: 'code uninstall' }
  | {
      readonly kind: 'code deployment';
      readonly mode: 'install' | 'reinstall' | 'upgrade';
      readonly moduleHash: Uint8Array;
    }
  | {
      readonly kind: 'load snapshot';
      /** The canister that the snapshot is of, where that is another one. */
      readonly from: Principal | undefined;
      readonly snapshotId: Uint8Array;
      readonly snapshotVersion: bigint;
      readonly takenAt: bigint;
      readonly source: 'taken_from_canister' | 'metadata_upload';
    }
  | { readonly kind: 'controllers change'; readonly controllers: readonly Principal[] };

export interface CanisterChange {
  /** In nanoseconds since 1970. */
  readonly timestamp: bigint;
  /** The version of the canister after the change. */
  readonly version: bigint;
  readonly origin: ChangeOrigin;
  readonly details: ChangeDetails;
}

export interface CanisterHistory {
  readonly total: bigint;
  /** The youngest comes last. */
  readonly recent: readonly CanisterChange[];
}

export const EMPTY_HISTORY: CanisterHistory = { total: 0n, recent: [] };

const CHANGES_MAX = 20;

export function recorded(history: CanisterHistory, change: CanisterChange): CanisterHistory {
  return { total: history.total + 1n, recent: [...history.recent, change].slice(-CHANGES_MAX) };
}

/** Time, version, the version of the origin, and what kind of change it is. */
const FIXED_SIZE = 8 + 8 + 8 + 1;
const PRINCIPAL_SIZE = 30;
const HASH_SIZE = 32;

/** What a change takes of the canister's memory, in bytes. */
export function changeSize({ details }: CanisterChange): number {
  return FIXED_SIZE + PRINCIPAL_SIZE + detailsSize(details);
}

function detailsSize(details: ChangeDetails): number {
  switch (details.kind) {
    case 'creation':
      return details.controllers.length * PRINCIPAL_SIZE + HASH_SIZE;
    case 'controllers change':
      return details.controllers.length * PRINCIPAL_SIZE;
    case 'code deployment':
      return HASH_SIZE;
    case 'load snapshot':
      return PRINCIPAL_SIZE + details.snapshotId.length + FIXED_SIZE;
    case 'code uninstall':
      return 0;
  }
}
