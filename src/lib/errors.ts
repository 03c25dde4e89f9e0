/**
 * The one family of errors of this library. A {@link StorageError} has a stable `code` to match on
 * (never match on the text), typed `details`, and a message made from them that ends with what to
 * do. Wrong arguments that no storage can cause (a string where bytes belong, a negative size) are
 * `TypeError` and `RangeError`, see `guards.ts`.
 *
 * Source: house style rules 14 and 17.
 */

/** What went wrong, in a word that never changes. The README has the table. */
export type StorageErrorCode =
  /** The memory holds bytes that are not this structure's. Nothing was written. */
  | 'BAD_MAGIC'
  /** A new structure was to be made in a memory that is not empty. Nothing was written. */
  | 'NOT_EMPTY'
  /** The structure is ours, its layout version is not one that this release reads. */
  | 'UNSUPPORTED_VERSION'
  /** The stored structure was made for other types or sizes than the ones asked for. */
  | 'INCOMPATIBLE_TYPE'
  /** The memory cannot grow any further. The old state is intact. */
  | 'GROW_FAILED'
  /** A read or write beyond the end of a memory. */
  | 'OUT_OF_BOUNDS'
  /** A key or value is longer than its codec's bound. Nothing was written. */
  | 'VALUE_TOO_LARGE'
  /** A value that its codec cannot encode, such as -1 for a `u64`. Nothing was written. */
  | 'INVALID_VALUE'
  /** Bytes that are no message of the types that it was to have, Candid or a hash tree. */
  | 'INVALID_MESSAGE'
  /** Stored bytes break the layout's rules. */
  | 'CORRUPTED'
  /** An earlier write failed half-way; the handle refuses to go on. Reopen from a snapshot. */
  | 'PREVIOUS_FAILURE'
  /** The handle has given its memory back with `intoMemory`. */
  | 'HANDLE_CLOSED'
  /** An iterator was used after its structure had changed. */
  | 'CHANGED_WHILE_ITERATING'
  /** The memory belongs to another open structure, or to a second copy of this library. */
  | 'MEMORY_IN_USE'
  /** The allocator has no block of this size, and its memory cannot grow. Nothing has changed. */
  | 'OUT_OF_MEMORY'
  /** No allocated block or message is there: it was freed before. Nothing has changed. */
  | 'NOT_ALLOCATED'
  /** The handle was moved into a structure, or what it stood for was dropped. */
  | 'VALUE_CONSUMED'
  /** Every slot of a message store is taken. Nothing was stored. */
  | 'NO_FREE_SLOTS'
  /** A token that this message store never gave. Nothing has changed. */
  | 'BAD_TOKEN'
  /** The message of this token was freed, and its slot holds another one. Nothing has changed. */
  | 'STALE_TOKEN'
  /** A guard holds the message, and does not go together with the one that was asked for. */
  | 'ALREADY_BORROWED'
  /** A guard holds the message, so it cannot be freed. */
  | 'BORROW_ACTIVE'
  /** A guard was used after its release. */
  | 'GUARD_RELEASED'
  /** A worker died while it was changing the message. */
  | 'POISONED'
  /** Another value hangs off this root name. */
  | 'ROOT_IN_USE'
  /** A hash map was to be made in a heap that has no key against floods. Nothing has changed. */
  | 'HASH_KEY_MISSING'
  /** A certified map was changed and not committed: its root hash is not known. */
  | 'UNCOMMITTED'
  /** This allocator, engine or thread cannot do this, by design. Nothing has changed. */
  | 'UNSUPPORTED_OPERATION'
  /** A callback of a call came back to the structure that is in the middle of that call. */
  | 'REENTERED'
  /** The structure, or the part of it that was to be written, was opened for reading only. */
  | 'READ_ONLY'
  /** A transaction was undone, and this handle was open on what it had changed. Open it again. */
  | 'ROLLED_BACK'
  /** There is no such file, or no such folder for a new one. */
  | 'FILE_NOT_FOUND'
  /** A folder, a device or a pipe where a file belongs. */
  | 'NOT_A_FILE'
  /** The file's length is no whole number of pages. The file was left alone. */
  | 'NOT_PAGE_ALIGNED'
  /** Another process, or another handle of this one, has the file open. */
  | 'FILE_IN_USE'
  /** Somebody else has changed the length of an open file. */
  | 'FILE_CHANGED'
  /** The system does not let this user at the file. */
  | 'PERMISSION_DENIED'
  /** The system reported an error of a file; it is the `cause`. */
  | 'IO_FAILED'
  /** The canister's Wasm was built without the link step. */
  | 'UNLINKED_CANISTER';

/** Facts behind an error, for programs. Values are plain, so that they survive JSON. */
export type StorageErrorDetails = Readonly<Record<string, string | number | boolean>>;

/**
 * An error of a memory or a structure.
 *
 * @example
 * try {
 *   BTreeMap.init(memory, u64, text);
 * } catch (error) {
 *   if (error instanceof StorageError && error.code === 'BAD_MAGIC') useAnotherMemory();
 * }
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly code: StorageErrorCode,
    message: string,
    readonly details: StorageErrorDetails = {},
    options: ErrorOptions = {},
  ) {
    super(`${code}: ${message}`, options);
  }
}

/** Whether something that was thrown is a `StorageError` with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly StorageErrorCode[]): boolean {
  return error instanceof StorageError && codes.includes(error.code);
}

/** Stored bytes that break a rule of their layout: `what` names the field, then the two values. */
export function corrupted(
  what: string,
  expected: string | number,
  found: string | number,
): StorageError {
  return new StorageError(
    'CORRUPTED',
    `${what}: expected ${expected}, found ${found}. The memory was damaged or written by another ` +
      'program; restore it from a snapshot.',
    { what, expected, found },
  );
}

/**
 * What a `checkInvariants` answers: the violation that `check` names, or the message of the
 * `StorageError` that it ran into. Other errors pass through, because they are no finding.
 */
export function firstViolation(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof StorageError) return error.message;
    throw error;
  }
}
