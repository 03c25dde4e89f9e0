/**
 * The blocks of a certified map, each with a fork of the tree and an entry:
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  position of the bit that the fork branches on; 0xFFFFFFFF = there is no fork
 *          4     4  stale hashes: bit 0 that of the left side, bit 1 that of the right
 *          8   8+8  left side, right side: references
 *         24 32+32  hash of the left side, of the right side
 *         88   4+4  size of the key, of the value
 *         96        key, value
 *
 * A reference is the address of a block, for its fork, or that and 1, for its entry. A fork is
 * handled as its first 88 bytes, somewhere in the scratch region.
 *
 * Source: `src/lib/s-certified-btree-map/entry-block.ts`, which it mirrors.
 */
import { blockSize } from '../heap/blocks';
import { HASH_SIZE } from '../sha256/hash';
import { allocate } from '../workspace';
import { fail, heap, readPayload, writePayload } from './map';

const STALE_OFFSET: usize = 4;
const SIDES_OFFSET: usize = 8;
const HASHES_OFFSET: usize = 24;
const SIZES_OFFSET: usize = 88;
const VALUE_SIZE_OFFSET: usize = 4;
export const KEY_OFFSET: usize = 96;

export const FORK_SIZE: usize = SIZES_OFFSET;
const SIZES_SIZE: usize = KEY_OFFSET - SIZES_OFFSET;

const NO_FORK: u32 = 0xffff_ffff;
const STALE_MAX: u32 = 3;

export const LEFT: u32 = 0;
export const RIGHT: u32 = 1;

/** The entry that was read last: its block, its key in the scratch region, its sizes. */
export let entry: u64 = 0;
export let entryKey: usize = 0;
export let entryKeySize: usize = 0;
export let entryValueSize: usize = 0;
/** Bytes that its block has for key and value. */
export let entryRoom: usize = 0;

export function isEntry(reference: u64): bool {
  return (reference & 1) == 1;
}

export function blockOf(reference: u64): u64 {
  return reference & ~1;
}

export function toEntry(block: u64): u64 {
  return block | 1;
}

export function positionOf(fork: usize): u32 {
  return load<u32>(fork);
}

export function setPosition(fork: usize, position: u32): void {
  store<u32>(fork, position);
}

export function sideOf(fork: usize, side: u32): u64 {
  return load<u64>(fork + <usize>side * 8, SIDES_OFFSET);
}

export function setSide(fork: usize, side: u32, reference: u64): void {
  store<u64>(fork + <usize>side * 8, reference, SIDES_OFFSET);
}

/** Where the hash of a side lies. */
export function hashOf(fork: usize, side: u32): usize {
  return fork + HASHES_OFFSET + <usize>side * HASH_SIZE;
}

export function isStale(fork: usize, side: u32): bool {
  return (load<u32>(fork, STALE_OFFSET) & (1 << side)) != 0;
}

/** Whether all hashes of a fork are known. */
export function isKnown(fork: usize): bool {
  return load<u32>(fork, STALE_OFFSET) == 0;
}

export function setStale(fork: usize, side: u32, stale: bool): void {
  const others = load<u32>(fork, STALE_OFFSET) & ~(1 << side);
  store<u32>(fork, stale ? others | (1 << side) : others, STALE_OFFSET);
}

/** Gives a side the hash that lies at `source`. */
export function setHash(fork: usize, side: u32, source: usize): void {
  memory.copy(hashOf(fork, side), source, HASH_SIZE);
  setStale(fork, side, false);
}

/** Reads the fork of a block below one of position `above`; fails for what is none. */
export function readFork(block: u64, above: i64, fork: usize): bool {
  const isThere = canBeBlock(block) && readPayload(block, 0, fork, FORK_SIZE);
  if (!isThere || <i64>positionOf(fork) <= above || positionOf(fork) == NO_FORK) return failed();
  const isSound = isReference(sideOf(fork, LEFT)) && isReference(sideOf(fork, RIGHT));
  return isSound && load<u32>(fork, STALE_OFFSET) <= STALE_MAX ? true : failed();
}

export function writeFork(block: u64, fork: usize): void {
  writePayload(block, 0, fork, FORK_SIZE);
}

/** Says that a block has no fork. PRECONDITION: there are 88 bytes at `fork` to be used. */
export function writeNoFork(block: u64, fork: usize): void {
  memory.fill(fork, 0, FORK_SIZE);
  setPosition(fork, NO_FORK);
  writeFork(block, fork);
}

/** Reads the entry of a block, without its value; fails for what is none. */
export function readEntry(block: u64): bool {
  const size = canBeBlock(block) ? <usize>blockSize(heap, block) : 0;
  const sizes = allocate(SIZES_SIZE);
  if (size < KEY_OFFSET || sizes == 0) return failed();
  if (!readPayload(block, SIZES_OFFSET, sizes, SIZES_SIZE)) return failed();
  const keySize = load<u32>(sizes);
  const valueSize = load<u32>(sizes, VALUE_SIZE_OFFSET);
  entryRoom = size - KEY_OFFSET;
  if (<u64>keySize + <u64>valueSize > <u64>entryRoom) return failed();
  entry = block;
  entryKeySize = keySize;
  entryValueSize = valueSize;
  entryKey = allocate(keySize);
  if (entryKey == 0) return failed();
  return readPayload(block, KEY_OFFSET, entryKey, keySize) ? true : failed();
}

/** Fills `target` with the value of the entry that was read last. */
export function readValue(target: usize): bool {
  return readPayload(entry, KEY_OFFSET + entryKeySize, target, entryValueSize) ? true : failed();
}

/** Writes an entry, whose key and value lie one behind the other, into its block. */
export function writeEntry(block: u64, keySize: usize, valueSize: usize, bytes: usize): void {
  const sizes = allocate(SIZES_SIZE);
  if (sizes == 0) return fail();
  store<u32>(sizes, <u32>keySize);
  store<u32>(sizes, <u32>valueSize, VALUE_SIZE_OFFSET);
  writePayload(block, SIZES_OFFSET, sizes, SIZES_SIZE);
  writePayload(block, KEY_OFFSET, bytes, keySize + valueSize);
}

function canBeBlock(block: u64): bool {
  return block % 8 == 0 && block != 0;
}

function isReference(reference: u64): bool {
  return reference != 0 && reference % 8 < 2;
}

function failed(): bool {
  fail();
  return false;
}
