/**
 * What is told of a heap when it is made. It is kept in the header: whoever opens the heap later
 * need not know it.
 *
 * Source: `specs/ic-stable-memory.md` section 2.3; section 5.3 for the key of hash maps.
 */
import { StorageError } from '../errors.js';
import { assertBytes, assertSize } from '../guards.js';
import { HASH_KEY_SIZE, type AllocatorConfiguration } from './header.js';

/** What is told when a heap is made; when it is opened again, it is there already. */
export interface AllocatorOptions {
  /** Pages that the heap may have; any number unless told. The header takes one more. */
  readonly maxPages?: number;
  /**
   * The key of hash maps: 16 bytes that nobody can guess, from the platform's randomness. Whoever
   * knows it can choose keys that collide. A heap without one refuses hash maps, until
   * `keyHashes` gives it one.
   */
  readonly hashKey?: Uint8Array;
}

/** Throws `TypeError` and `RangeError` for options that cannot be. */
export function configurationOf({
  maxPages = 0,
  hashKey,
}: AllocatorOptions): AllocatorConfiguration {
  assertSize('maxPages', maxPages);
  const key = hashKey === undefined ? new Uint8Array(HASH_KEY_SIZE) : assertHashKey(hashKey);
  return { maxPages, hashKey: key.slice() };
}

/** Throws `TypeError` and `RangeError` for what is no key. */
export function assertHashKey(hashKey: unknown): Uint8Array {
  const key = assertBytes('hashKey', hashKey);
  if (key.length === HASH_KEY_SIZE && isKey(key)) return key;
  throw new RangeError(
    `hashKey: expected ${HASH_KEY_SIZE} bytes that are not all zero, got ${key.length} bytes`,
  );
}

/** Whether these bytes are a key, or say that there is none. */
export function isKey(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte !== 0);
}

/** Throws `HASH_KEY_MISSING` unless these bytes are a key. */
export function assertKeyed(hashKey: Uint8Array): Uint8Array {
  if (isKey(hashKey)) return hashKey;
  throw new StorageError(
    'HASH_KEY_MISSING',
    'expected a heap with a key for hash maps, found one without. Give it 16 random bytes first: ' +
      'the option hashKey when it is made, or heap.keyHashes(bytes); in a canister from raw_rand.',
  );
}
