/**
 * The hashes of a certified tree. Their messages begin with a separator, a text with its length in
 * front; the kernel has no data of its own, so the texts are made here, some letters at a time.
 *
 *     fork      "ic-hashtree-fork"    . left hash . right hash
 *     labeled   "ic-hashtree-labeled" . key . hash of the leaf
 *     leaf      "ic-hashtree-leaf"    . value
 *
 * A fork's message has always 81 bytes, so its end is written once.
 *
 * Source: `src/lib/certification/hash-tree.ts`.
 */
import { endMessage, hashBlocks, HASH_SIZE, prepareHashing, sha256 } from '../sha256/hash';
import { allocate, keep } from '../workspace';
import { entryKey, entryKeySize, entryValueSize, hashOf, LEFT, readValue } from './entry-block';
import { fail } from './map';

const SHORT_SEPARATOR_SIZE: usize = 17;
const LABELED_SEPARATOR_SIZE: usize = 20;

const FORK_MESSAGE_SIZE: usize = SHORT_SEPARATOR_SIZE + 2 * HASH_SIZE;
const FORK_MESSAGE_BLOCKS: usize = 128;
/** The bytes of a fork's message that begin its second block. */
const FORK_MESSAGE_REST: usize = FORK_MESSAGE_SIZE - 64;

const FORK: u32 = 0x6b72_6f66; // fork
const LEAF: u32 = 0x6661_656c; // leaf
const LABE: u32 = 0x6562_616c; // labe
const LED: u32 = 0x0064_656c; // led

/** The message of a fork, with its end; 0 while there is none. */
let forkMessage: usize = 0;

/** Makes ready. False where the heap has no room for what is needed. */
export function beginHashes(): bool {
  if (!prepareHashing()) return false;
  if (forkMessage != 0) return true;
  forkMessage = keep(FORK_MESSAGE_BLOCKS);
  if (forkMessage == 0) return false;
  writeSeparator(forkMessage, SHORT_SEPARATOR_SIZE, FORK);
  endMessage(forkMessage + 64, FORK_MESSAGE_REST, FORK_MESSAGE_SIZE);
  return true;
}

/** Puts the hash of a fork at `target`. */
export function hashFork(fork: usize, target: usize): void {
  memory.copy(forkMessage + SHORT_SEPARATOR_SIZE, hashOf(fork, LEFT), 2 * HASH_SIZE);
  hashBlocks(forkMessage, FORK_MESSAGE_BLOCKS, target);
}

/** Puts the hash of the entry that was read last at `target`. */
export function hashEntry(target: usize): void {
  const labelSize = LABELED_SEPARATOR_SIZE + entryKeySize;
  const message = allocate(labelSize + HASH_SIZE);
  if (message == 0) return fail();
  writeSeparator(message, LABELED_SEPARATOR_SIZE, LABE);
  store<u32>(message, LED, SHORT_SEPARATOR_SIZE);
  memory.copy(message + LABELED_SEPARATOR_SIZE, entryKey, entryKeySize);
  hashLeaf(message + labelSize);
  sha256(message, labelSize + HASH_SIZE, target);
}

/** Puts the hash of the value of the entry that was read last at `target`. */
function hashLeaf(target: usize): void {
  const size = SHORT_SEPARATOR_SIZE + entryValueSize;
  const message = allocate(size);
  if (message == 0 || !readValue(message + SHORT_SEPARATOR_SIZE)) return fail();
  writeSeparator(message, SHORT_SEPARATOR_SIZE, LEAF);
  sha256(message, size, target);
}

/** The beginning of a separator of this size: up to its four letters behind "ic-hashtree-". */
function writeSeparator(target: usize, size: usize, letters: u32): void {
  store<u8>(target, <u8>(size - 1));
  store<u64>(target, 0x7468_7361_682d_6369, 1); // ic-hasht
  store<u32>(target, 0x2d65_6572, 9); // ree-
  store<u32>(target, letters, 13);
}
