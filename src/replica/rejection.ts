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
  ingressTimeout: 202,
  queueNotEmpty: 203,
  canisterIdTaken: 205,
  stopTimeout: 206,
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
  instructionLimitExceeded: 522,
  memoryAccessLimit: 524,
  queryTreeTooDeep: 525,
  queryTreeInstructionLimit: 526,
  compositeQueryInReplicatedMode: 527,
  methodNotFound: 536,
  noWasmModule: 537,
  wasmMemoryLimitExceeded: 539,
  deadlineExpired: 601,
} as const;

export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

export interface Rejection {
  readonly rejectCode: number;
  readonly errorCode: number;
  readonly message: string;
  /** The text is no error of the system's: a canister that hears it hears no error code. */
  readonly verbatim?: true;
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
  const errorCode = rejectCode * 100;
  return { kind: 'reject', rejection: { rejectCode, errorCode, message, verbatim: true } };
}

/** A rejection by a canister, in its own words. */
export function canisterReject(message: string): Response {
  const { canisterReject: rejectCode } = RejectCode;
  const errorCode = ErrorCode.rejected;
  return { kind: 'reject', rejection: { rejectCode, errorCode, message, verbatim: true } };
}

const HEARD_SIZE_MAX = 8 * 1024;
const ELLIPSIS = '...';
/** How much of a text that is too long is kept from its beginning; the rest is from its end. */
const HEAD_SHARE = 0.75;

/** The response as the canister hears it that made the call: with the code, and not too long. */
export function heard(response: Response): Response {
  if (response.kind === 'reply') return response;
  const { errorCode, message, verbatim } = response.rejection;
  const code = `IC0${String(errorCode).padStart(3, '0')}`;
  const text = shortened(verbatim ? message : `${code}: ${message}`);
  return { kind: 'reject', rejection: { ...response.rejection, message: text } };
}

/** A text of more than 8 KiB without its middle. */
function shortened(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= HEARD_SIZE_MAX) return text;
  const kept = HEARD_SIZE_MAX - ELLIPSIS.length;
  let head = Math.floor(kept * HEAD_SHARE);
  let tail = bytes.length - (kept - head);
  // No character is cut in two.
  while (isInsideCharacter(bytes[head]!)) head--;
  while (isInsideCharacter(bytes[tail]!)) tail++;
  const decoder = new TextDecoder();
  return decoder.decode(bytes.subarray(0, head)) + ELLIPSIS + decoder.decode(bytes.subarray(tail));
}

/** The second and later bytes of a character in UTF-8 begin with the bits 10. */
function isInsideCharacter(byte: number): boolean {
  return byte >> 6 === 0b10;
}
