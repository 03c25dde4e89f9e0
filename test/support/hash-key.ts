/**
 * A key of hash maps for heaps in tests. Those of a program come from chance; a test must be the
 * same each time.
 */
export const HASH_KEY = Uint8Array.from({ length: 16 }, (_, index) => 16 * index + 7);
