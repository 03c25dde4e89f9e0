/**
 * The blocks of the tree: one for each entry, with the entry and a fork.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  position of the bit that the fork branches on; 0xFFFFFFFF = there is no fork
 *          4     4  stale hashes: bit 0 that of the left side, bit 1 that of the right
 *          8     8  left side
 *         16     8  right side
 *         24    32  hash of the left side
 *         56    32  hash of the right side
 *         88     4  size k of the key
 *         92     4  size v of the value
 *         96     k  the key, encoded: it is the label
 *       96+k     v  the value, encoded
 *
 * A tree of n entries has n - 1 forks, so each but one finds a place beside an entry, and a change
 * takes or gives back a single block. A side is a *reference*: the address of a block for its fork,
 * or that and 1 for its entry; blocks lie at multiples of 8. A fork has the hashes of its sides,
 * not its own: so a walk down reads one place a level, whether for a change, a commit or a witness.
 *
 * INVARIANT: from a fork to the forks below it positions grow, which also ends every walk. An entry
 * lies below the fork that shares its block. Where a hash is stale, so are all those above.
 *
 * Source: house style rules 3 and 4.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { readU32, readU64, writeU32, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { HASH_SIZE } from '../sha256.js';
import { LEFT, type Side } from './key-bits.js';

const POSITION_OFFSET = 0;
const STALE_OFFSET = POSITION_OFFSET + 4;
const LEFT_OFFSET = STALE_OFFSET + 4;
const RIGHT_OFFSET = LEFT_OFFSET + 8;
const LEFT_HASH_OFFSET = RIGHT_OFFSET + 8;
const RIGHT_HASH_OFFSET = LEFT_HASH_OFFSET + HASH_SIZE;
const KEY_SIZE_OFFSET = RIGHT_HASH_OFFSET + HASH_SIZE;
const VALUE_SIZE_OFFSET = KEY_SIZE_OFFSET + 4;
const KEY_OFFSET = VALUE_SIZE_OFFSET + 4;

const FORK_SIZE = KEY_SIZE_OFFSET;
const SIZES_SIZE = KEY_OFFSET - KEY_SIZE_OFFSET;

/** Where each field lies, for the test that compares the table above with the code. */
export const ENTRY_BLOCK_LAYOUT = {
  position: POSITION_OFFSET,
  stale: STALE_OFFSET,
  left: LEFT_OFFSET,
  right: RIGHT_OFFSET,
  leftHash: LEFT_HASH_OFFSET,
  rightHash: RIGHT_HASH_OFFSET,
  keySize: KEY_SIZE_OFFSET,
  valueSize: VALUE_SIZE_OFFSET,
  key: KEY_OFFSET,
} as const;

/** The position of no fork, which is behind all that there are. */
const NO_FORK = 0xffff_ffff;

/** Both sides are stale. */
const STALE_MAX = 3;

/** A place in the tree: a fork or an entry. 0 is none. */
export type Reference = number;

export const NOTHING: Reference = 0;

export function isEntry(reference: Reference): boolean {
  return reference % 2 === 1;
}

/** The block that a reference leads to. */
export function blockOf(reference: Reference): StablePtr {
  return reference - (reference % 2);
}

export function toEntry(ptr: StablePtr): Reference {
  return ptr + 1;
}

export function toFork(ptr: StablePtr): Reference {
  return ptr;
}

/** A fork, read from its block. Changes of it are kept here until {@link writeFork}. */
export class Fork {
  constructor(
    public ptr: StablePtr,
    private readonly bytes = new Uint8Array(FORK_SIZE),
  ) {}

  get position(): number {
    return readU32(this.bytes, POSITION_OFFSET);
  }

  set position(position: number) {
    writeU32(this.bytes, POSITION_OFFSET, position);
  }

  /** What lies on a side. Throws `CORRUPTED` for what cannot be a reference. */
  side(side: Side): Reference {
    const reference = readU64(this.bytes, sideOffset(side));
    if (reference !== NOTHING && reference % 8 < 2) return reference;
    throw corrupted('side of a fork', 'an address of a block, or that and 1', reference);
  }

  setSide(side: Side, reference: Reference): void {
    writeU64(this.bytes, sideOffset(side), reference);
  }

  /** The hash of a side. PRECONDITION: it is not stale. */
  hash(side: Side): Uint8Array {
    const offset = hashOffset(side);
    return this.bytes.slice(offset, offset + HASH_SIZE);
  }

  /** Sets the hash of a side, or marks it as stale. */
  setHash(side: Side, hash: Uint8Array | undefined): void {
    const stale = readU32(this.bytes, STALE_OFFSET);
    const bit = 1 << side;
    writeU32(this.bytes, STALE_OFFSET, hash === undefined ? stale | bit : stale & ~bit);
    if (hash !== undefined) this.bytes.set(hash, hashOffset(side));
  }

  isStale(side: Side): boolean {
    return (readU32(this.bytes, STALE_OFFSET) & (1 << side)) !== 0;
  }

  /** Reads the fork at `ptr`, which lies below one of position `above`. Throws `CORRUPTED`. */
  static read(allocator: StableMemoryAllocator, ptr: StablePtr, above: number): Fork {
    const fork = new Fork(ptr);
    allocator.readBlock(ptr, fork.bytes);
    const { position } = fork;
    if (position <= above || position === NO_FORK) {
      throw corrupted('position of a fork', `a bit behind ${above}`, position);
    }
    const stale = readU32(fork.bytes, STALE_OFFSET);
    if (stale > STALE_MAX) throw corrupted('stale hashes', `at most ${STALE_MAX}`, stale);
    return fork;
  }

  /** Whether there is a fork beside the entry of a block. */
  static isAt(allocator: StableMemoryAllocator, ptr: StablePtr): boolean {
    const fork = new Fork(ptr);
    allocator.readBlock(ptr, fork.bytes);
    return fork.position !== NO_FORK;
  }

  /** Writes the fork into its block, whose entry stays as it is. */
  write(allocator: StableMemoryAllocator): void {
    allocator.writeBytes(allocator.blockAt(this.ptr).offset(0, FORK_SIZE), this.bytes);
  }
}

/** An entry, of which the key was read. */
export interface Entry {
  readonly ptr: StablePtr;
  readonly key: Uint8Array;
  /** Bytes of the value. */
  readonly valueSize: number;
  /** Bytes that the block has for key and value. */
  readonly room: number;
}

/** Reads the entry of a block, without its value. Throws `CORRUPTED`. */
export function readEntry(allocator: StableMemoryAllocator, ptr: StablePtr): Entry {
  const slice = allocator.blockAt(ptr);
  if (slice.size < KEY_OFFSET) throw corrupted('size of an entry', KEY_OFFSET, slice.size);
  const sizes = new Uint8Array(SIZES_SIZE);
  allocator.readBytes(slice.offset(KEY_SIZE_OFFSET, SIZES_SIZE), sizes);
  const keySize = readU32(sizes, 0);
  const valueSize = readU32(sizes, VALUE_SIZE_OFFSET - KEY_SIZE_OFFSET);
  const room = slice.size - KEY_OFFSET;
  if (keySize + valueSize > room) {
    throw corrupted('size of an entry', `at most ${room}`, keySize + valueSize);
  }
  const key = new Uint8Array(keySize);
  allocator.readBytes(slice.offset(KEY_OFFSET, keySize), key);
  return { ptr, key, valueSize, room };
}

/** The value of an entry, encoded. */
export function readValue(allocator: StableMemoryAllocator, entry: Entry): Uint8Array {
  const value = new Uint8Array(entry.valueSize);
  const start = KEY_OFFSET + entry.key.length;
  allocator.readBytes(allocator.blockAt(entry.ptr).offset(start, value.length), value);
  return value;
}

/** Bytes of a block for an entry of these sizes. */
export function blockSize(keySize: number, valueSize: number): number {
  return KEY_OFFSET + keySize + valueSize;
}

/** Writes an entry into its block, whose fork stays as it is. */
export function writeEntry(
  allocator: StableMemoryAllocator,
  ptr: StablePtr,
  key: Uint8Array,
  value: Uint8Array,
): void {
  const bytes = new Uint8Array(SIZES_SIZE + key.length + value.length);
  writeU32(bytes, 0, key.length);
  writeU32(bytes, VALUE_SIZE_OFFSET - KEY_SIZE_OFFSET, value.length);
  bytes.set(key, SIZES_SIZE);
  bytes.set(value, SIZES_SIZE + key.length);
  const slice = allocator.blockAt(ptr);
  allocator.writeBytes(slice.offset(KEY_SIZE_OFFSET, bytes.length), bytes);
}

/** A fork that says that its block has none. */
export function noFork(ptr: StablePtr): Fork {
  const fork = new Fork(ptr);
  fork.position = NO_FORK;
  return fork;
}

function sideOffset(side: Side): number {
  return side === LEFT ? LEFT_OFFSET : RIGHT_OFFSET;
}

function hashOffset(side: Side): number {
  return side === LEFT ? LEFT_HASH_OFFSET : RIGHT_HASH_OFFSET;
}
