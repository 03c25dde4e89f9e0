/**
 * Calls and their contexts. A call context begins when a canister starts to work on a call and ends
 * when the call is answered and every call made on its behalf has come back.
 *
 * Source: IC interface specification, "Call contexts"; specs/replica.md section 4.2.
 */
import type { Principal } from '@dfinity/principal';

import type { Response } from './rejection.js';

/** A function of the caller's table, with the number that it handed along. */
export interface Closure {
  readonly index: number;
  readonly environment: number;
}

export interface Callback {
  readonly onReply: Closure;
  readonly onReject: Closure;
  readonly onCleanup: Closure | undefined;
}

/** What a canister that vouches for a caller says about them. */
export interface CallerInfo {
  readonly data: Uint8Array;
  readonly signer: Principal;
}

/** Who waits for the answer. */
export type Origin =
  | {
      readonly kind: 'ingress';
      readonly messageId: string;
      readonly callerInfo?: CallerInfo | undefined;
    }
  | CallOrigin
  | { readonly kind: 'system task' };

/** A canister that waits for the answer to its call. */
export interface CallOrigin {
  readonly kind: 'call';
  readonly callId: number;
  readonly contextId: number;
  readonly caller: Principal;
  readonly callee: Principal;
  readonly callback: Callback;
  /** When the caller stops waiting, in nanoseconds since 1970; 0 where it waits for ever. */
  readonly deadline: bigint;
}

export interface Call {
  readonly origin: Origin;
  readonly caller: Principal;
  readonly callee: Principal;
  readonly method: string;
  readonly argument: Uint8Array;
  readonly cycles: bigint;
  /** Where a call to the management canister is carried out. */
  readonly subnetId: Principal;
  /** The version of the canister that calls, while it made the call; users have none. */
  readonly callerVersion?: bigint;
}

/** A response on its way to the context that waits for it. */
export interface Delivery {
  readonly contextId: number;
  readonly canisterId: Principal;
  readonly callback: Callback;
  readonly response: Response;
  readonly refund: bigint;
}

export interface CallContext {
  readonly id: number;
  readonly canisterId: Principal;
  readonly caller: Principal;
  readonly origin: Origin;
  readonly responded: boolean;
  /** Cycles of the call that were not accepted yet; what is left goes back with the answer. */
  readonly availableCycles: bigint;
  readonly outstandingCalls: number;
  /** What `performance_counter(1)` has counted in the context's earlier messages. */
  readonly counter: bigint;
}
