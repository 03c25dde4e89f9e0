/**
 * The witness of a key that is there, in CBOR: the forks on the way to it, each with the hash of
 * its other side in place of what is pruned, and the entry.
 *
 *     d9 d9f7             self-described CBOR
 *     83 01 left right    fork
 *     83 02 key subtree   labeled
 *     82 03 value         leaf
 *     82 04 hash          pruned
 *
 * Each node comes before what lies below it: going down, forks and what is pruned on their left;
 * then the entry; going back up, what is pruned on the right.
 *
 * Source: `src/lib/certification/encode-hash-tree.ts` and `s-certified-btree-map/witness.ts`.
 */
import { HASH_SIZE } from '../sha256/hash';
import {
  entryKey,
  entryKeySize,
  entryValueSize,
  hashOf,
  LEFT,
  readValue,
  RIGHT,
} from './entry-block';
import { forkAt, sideAt, stepCount } from './search';

const TAG_SIZE: usize = 3;
const FORK_HEAD: u16 = 0x0183;
const LABELED_HEAD: u16 = 0x0283;
const LEAF_HEAD: u16 = 0x0382;
/** With the head of a byte string of 32 bytes. */
const PRUNED_HEAD: u32 = 0x2058_0482;
const PRUNED_SIZE: usize = 4 + HASH_SIZE;
const FORK_HEAD_SIZE: usize = 2;
/** Two heads of nodes, and two of byte strings, 5 bytes each at most. */
const ENTRY_HEADS_SIZE: usize = 14;

/** Bytes of the witness of the entry that was located, at most. */
export function witnessSizeMax(): usize {
  const steps = <usize>stepCount * (FORK_HEAD_SIZE + PRUNED_SIZE);
  return TAG_SIZE + steps + ENTRY_HEADS_SIZE + entryKeySize + entryValueSize;
}

/** Writes the witness of the entry that was located; returns where it ends, 0 after a failure. */
export function writeWitness(target: usize): usize {
  store<u16>(target, 0xd9d9);
  store<u8>(target, 0xf7, 2);
  let at = target + TAG_SIZE;
  for (let index: u32 = 0; index < stepCount; index++) {
    store<u16>(at, FORK_HEAD);
    at += FORK_HEAD_SIZE;
    if (sideAt(index) == RIGHT) at = writePruned(at, hashOf(forkAt(index), LEFT));
  }
  store<u16>(at, LABELED_HEAD);
  at = writeHead(at + 2, entryKeySize);
  memory.copy(at, entryKey, entryKeySize);
  at += entryKeySize;
  store<u16>(at, LEAF_HEAD);
  at = writeHead(at + 2, entryValueSize);
  if (!readValue(at)) return 0;
  at += entryValueSize;
  for (let index = stepCount; index > 0; index--) {
    if (sideAt(index - 1) == LEFT) at = writePruned(at, hashOf(forkAt(index - 1), RIGHT));
  }
  return at;
}

function writePruned(target: usize, hash: usize): usize {
  store<u32>(target, PRUNED_HEAD);
  memory.copy(target + 4, hash, HASH_SIZE);
  return target + PRUNED_SIZE;
}

/** The head of a byte string, with its length in the shortest form. Returns where it ends. */
function writeHead(target: usize, length: usize): usize {
  if (length < 24) {
    store<u8>(target, 0x40 + <u8>length);
    return target + 1;
  }
  if (length < 0x100) {
    store<u16>(target, <u16>(0x58 | (length << 8)));
    return target + 2;
  }
  const isShort = length < 0x1_0000;
  store<u8>(target, isShort ? 0x59 : 0x5a);
  if (isShort) store<u16>(target, bswap<u16>(<u16>length), 1);
  else store<u32>(target, bswap<u32>(<u32>length), 1);
  return target + (isShort ? 3 : 5);
}
