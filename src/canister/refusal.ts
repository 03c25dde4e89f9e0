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

/** The Candid variant `OutboxRefusal`: of its own, so that clients of the maps see no change. */
export type OutboxRefusal =
  /** The caller is no controller. */
  | { NotAuthorized: null }
  /** A canister from before there was an outbox has maps in its memories. */
  | { OutboxUnavailable: string }
  /** Every letter has to be delivered or discarded before there can be more of them. */
  | { OutboxFull: { limit: number } }
  /** There is no letter of this token, or no longer. */
  | { UnknownLetter: bigint }
  /** An attempt to deliver this letter is under way. */
  | { LetterInFlight: bigint }
  /** Its method has no name or a long one, or its times make no sense. */
  | { InvalidLetter: string }
  | { ArgumentTooLarge: { max_size: number; size: number } }
  /** The memory cannot grow any further. */
  | { OutOfMemory: string }
  /** The stored bytes are not what they should be. */
  | { Storage: { code: string; message: string } };

/** A key type as Candid knows it: `{ nat64: null }`. */
export type KeyVariant = { readonly [Type in KeyType]?: null };

/** Thrown inside the store, answered as a value at the edge. */
export class RefusalError<R extends object = Refusal> extends Error {
  override readonly name = 'RefusalError';

  constructor(readonly refusal: R) {
    super(Object.keys(refusal).join());
  }
}

/** What a Candid method returns: one of the two fields. */
export type Answer<T, R extends object = Refusal> = { Ok: T } | { Err: R };

/**
 * Runs a request and turns refusals into values. Anything else that is thrown is a bug and traps,
 * and the trap undoes the message.
 */
export function answer<T, R extends object = Refusal>(request: () => T): Answer<T, R> {
  try {
    return { Ok: request() };
  } catch (error) {
    if (error instanceof RefusalError) return { Err: error.refusal as R };
    if (error instanceof StorageError) return { Err: storageRefusal(error) as R };
    throw error;
  }
}

function storageRefusal(error: StorageError): Refusal & OutboxRefusal {
  if (error.code === 'GROW_FAILED' || error.code === 'OUT_OF_MEMORY') {
    return { OutOfMemory: error.message };
  }
  return { Storage: { code: error.code, message: error.message } };
}
