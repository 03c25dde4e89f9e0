/**
 * What Azle throws into a method whose inter-canister call has come to nothing.
 *
 *     TYPE                             THE CALL
 *     CallRejected                     was answered by a reject, by the receiver or on the way
 *     CallPerformFailed                was not sent
 *     InsufficientLiquidCycleBalance   was not sent, for want of cycles
 *     CleanupCallback                  was answered, and what ran then has trapped: the end of it
 *
 * Source: Azle 0.33.0, `lib/ic_apis/call.ts` and `lib/error.ts`.
 */

interface CallError {
  readonly type?: unknown;
  readonly rejectCode?: unknown;
  readonly rejectMessage?: unknown;
  readonly available?: unknown;
  readonly required?: unknown;
}

/** Whether the method has to end, without a trap. */
export function isCleanup(thrown: unknown): boolean {
  const { type, rejectCode, rejectMessage } = fieldsOf(thrown);
  return (
    type === 'CleanupCallback' &&
    rejectCode === 10_001 &&
    rejectMessage === 'executing within cleanup callback'
  );
}

/** Why a call came to nothing, in words. Never throws. */
export function reasonOf(thrown: unknown): string {
  const { type, rejectCode, rejectMessage, available, required } = fieldsOf(thrown);
  if (type === 'CallRejected') return `rejected with code ${rejectCode}: ${rejectMessage}`;
  if (type === 'CallPerformFailed') return 'the call could not be sent';
  if (type === 'InsufficientLiquidCycleBalance') {
    return `the call needs ${required} cycles, and ${available} are free`;
  }
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : inWords(thrown);
}

function fieldsOf(thrown: unknown): CallError {
  return (thrown ?? {}) as CallError;
}

function inWords(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'something that cannot be told';
  }
}
