/**
 * The hash of the keys of an allocator's maps. Its secret key is one for all of them, and comes
 * from whoever made the allocator: this library knows no chance.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { SipHash } from '../sip-hash.js';

/** Weak, so that an allocator nobody uses any more takes no room. */
const hashers = new WeakMap<StableMemoryAllocator, SipHash>();

/** The hash function of an allocator. O(1). */
export function hasherOf(allocator: StableMemoryAllocator): SipHash {
  let hasher = hashers.get(allocator);
  if (hasher === undefined) {
    hasher = new SipHash(allocator.hashKey);
    hashers.set(allocator, hasher);
  }
  return hasher;
}
