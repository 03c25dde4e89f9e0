/**
 * A rejection: how the Internet Computer says no. It is a value, never an exception, because the
 * core goes on after it: a canister may catch the rejection of a call that it made.
 *
 * Every rejection has an error code such as IC0503. Its hundreds digit is the reject code that
 * canisters see; the digits after it say what exactly happened.
 *
 * Source: specs/replica.md section 4.4; IC interface specification, "Reject codes" and
 * "Error codes".
 */

/** The classes of rejection, as `msg_reject_code` gives them. */
export const RejectCode = {
  sysFatal: 1,
  sysTransient: 2,
  destinationInvalid: 3,
  canisterReject: 4,
  canisterError: 5,
  sysUnknown: 6,
} as const;

/** The error codes that this replica gives; IC0503 stands here as 503. */
export const ErrorCode = {
  subnetFull: 101,
  queueFull: 201,
  canisterIdTaken: 205,
  outOfCycles: 207,
  canisterNotFound: 301,
  snapshotNotFound: 305,
  insufficientCyclesForCreation: 403,
  canisterNotHosted: 405,
  rejected: 406,
  unknownManagementMethod: 407,
  invalidManagementArgument: 408,
  snapshotImmutable: 409,
  trapped: 502,
  trappedExplicitly: 503,
  contractViolation: 504,
  invalidModule: 505,
  didNotReply: 506,
  outOfMemory: 507,
  stopped: 508,
  stopping: 509,
  notStopped: 510,
  stopCancelled: 511,
  notController: 512,
  functionNotFound: 513,
  notEmpty: 514,
  insufficientCyclesInCall: 520,
  compositeQueryInReplicatedMode: 527,
  methodNotFound: 536,
  noWasmModule: 537,
} as const;

export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

export interface Rejection {
  readonly rejectCode: number;
  readonly errorCode: number;
  readonly message: string;
}

export function rejection(errorCode: ErrorCode, message: string): Rejection {
  return { rejectCode: Math.floor(errorCode / 100), errorCode, message };
}

/** What a call ends with: each call ends with exactly one of the two. */
export type Response =
  | { readonly kind: 'reply'; readonly data: Uint8Array }
  | { readonly kind: 'reject'; readonly rejection: Rejection };

export function reply(data: Uint8Array): Response {
  return { kind: 'reply', data };
}

export function reject(errorCode: ErrorCode, message: string): Response {
  return { kind: 'reject', rejection: rejection(errorCode, message) };
}

/**
 * A rejection that the system gives without an error code of its own, for instance because an
 * outcall failed; the hundreds alone say of which class it is.
 */
export function systemReject(rejectCode: number, message: string): Response {
  return { kind: 'reject', rejection: { rejectCode, errorCode: rejectCode * 100, message } };
}
