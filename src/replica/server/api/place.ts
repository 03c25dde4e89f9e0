/** Where a request came in: the version and the address of its endpoint. */
import type { Principal } from '@dfinity/principal';

import type { Subnet } from '../../topology.js';

export type Version = 'v2' | 'v3' | 'v4';

export interface Place {
  readonly version: Version;
  /** The subnet that the address names, or that its canister is on. */
  readonly subnet: Subnet;
  /** The canister in the address; undefined where the address names a subnet. */
  readonly effectiveId: Principal | undefined;
  /** Whether requests must be signed and in time; some tests do without. */
  readonly validates: boolean;
}
