/**
 * Why the data canister refuses a request. Every refusal reaches the caller as a Candid variant
 * with the facts behind it, and by then nothing has changed.
 */
import { StorageError } from '../lib/index.js';
import type { KeyType } from './keys.js';

/** The Candid variant `Refusal`, see `candid.ts`. */
export type Refusal =
  /** The caller has no right to do this with the map. */
  | { NotAuthorized: null }
  /** There is no map with this name. */
  | { UnknownMap: string }
  /** A map with this name exists already. */
  | { MapExists: string }
  /** Names have 1 to 64 characters. */
  | { InvalidName: string }
  /** Each map takes a virtual memory of its own, and all are in use. */
  | { TooManyMaps: { limit: number } }
  /** The map has keys of another type. */
  | { WrongKeyType: { expected: KeyVariant; found: KeyVariant } }
  | { KeyTooLarge: { max_size: number; size: number } }
  | { ValueTooLarge: { max_size: number; size: number } }
  /** What was asked for does not fit a reply; ask for fewer keys at once. */
  | { ReplyTooLarge: { max_size: number } }
  /** `from` lies behind `to`, or a prefix was asked of keys that have none. */
  | { InvalidRange: string }
  /** The cursor is not one that this scan has returned. */
  | { InvalidCursor: string }
  /** An entry of a batch is wrong, the one with this index; none was inserted. */
  | { InvalidEntry: { index: number; reason: Refusal } }
  /** The map is not one of those whose contents can be proved. */
  | { NotCertified: string }
  /** Only a query has a certificate, not an update call. */
  | { NoCertificate: null }
  /** The memory cannot grow any further. */
  | { OutOfMemory: string }
  /** The stored bytes are not what they should be. */
  | { Storage: { code: string; message: string } };

/** A key type as Candid knows it: `{ nat64: null }`. */
export type KeyVariant = { readonly [Type in KeyType]?: null };

/** Thrown inside the store, answered as a value at the edge. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';

  constructor(readonly refusal: Refusal) {
    super(Object.keys(refusal).join());
  }
}

/** What a Candid method returns: one of the two fields. */
export type Answer<T> = { Ok: T } | { Err: Refusal };

/**
 * Runs a request and turns refusals into values. Anything else that is thrown is a bug and traps,
 * and the trap undoes the message.
 */
export function answer<T>(request: () => T): Answer<T> {
  try {
    return { Ok: request() };
  } catch (error) {
    if (error instanceof RefusalError) return { Err: error.refusal };
    if (error instanceof StorageError) return { Err: storageRefusal(error) };
    throw error;
  }
}

function storageRefusal(error: StorageError): Refusal {
  if (error.code === 'GROW_FAILED' || error.code === 'OUT_OF_MEMORY') {
    return { OutOfMemory: error.message };
  }
  return { Storage: { code: error.code, message: error.message } };
}
