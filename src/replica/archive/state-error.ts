/**
 * What a replica that keeps its state says when it cannot: a stable code for programs, a sentence
 * with a remedy for people. Whoever gets one can be sure that nothing was changed.
 *
 * Source: house style rule 17.
 */
export type StateErrorCode =
  /** Bytes that are not what was written. */
  | 'DAMAGED'
  /** Written by a program with other layouts. */
  | 'UNSUPPORTED_VERSION'
  /** The journal, carried out again, does not end as it did. */
  | 'DIVERGED'
  /** The folder holds something else. */
  | 'FOREIGN'
  /** Another process works on the same folder. */
  | 'IN_USE'
  /** The folder cannot be made or written. */
  | 'UNWRITABLE'
  /** A value that no layout is known for. */
  | 'UNKNOWN_KIND';

export class StateError extends Error {
  override readonly name = 'StateError';

  constructor(
    readonly code: StateErrorCode,
    message: string,
  ) {
    super(message);
  }
}
