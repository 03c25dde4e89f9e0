/**
 * What is told of a heap when it is made. It is kept in the header: whoever opens the heap later
 * need not know it.
 *
 * Source: `specs/ic-stable-memory.md` section 2.3; section 5.3 for the key of hash maps.
 */
import { assertBytes, assertSize } from '../guards.js';
import { HASH_KEY_SIZE, type AllocatorConfiguration } from './header.js';

/** What is told when a heap is made; when it is opened again, it is there already. */
export interface AllocatorOptions {
  /** Pages that the heap may have; any number unless told. The header takes one more. */
  readonly maxPages?: number;
  /**
   * 16 bytes that nobody can guess, from the platform's randomness: the key of hash maps, without
   * which whoever chooses keys can make all of them collide. Zeros unless told.
   */
  readonly hashKey?: Uint8Array;
}

/** Throws `TypeError` and `RangeError` for options that cannot be. */
export function configurationOf({
  maxPages = 0,
  hashKey,
}: AllocatorOptions): AllocatorConfiguration {
  assertSize('maxPages', maxPages);
  const key = assertBytes('hashKey', hashKey ?? new Uint8Array(HASH_KEY_SIZE)).slice();
  if (key.length !== HASH_KEY_SIZE) {
    throw new RangeError(`hashKey: expected ${HASH_KEY_SIZE} bytes, got ${key.length}`);
  }
  return { maxPages, hashKey: key };
}
