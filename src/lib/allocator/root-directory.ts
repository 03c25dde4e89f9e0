/**
 * Names for what lives in a heap. An entry leads to a block with the value's type and its slot, so
 * that what was stored as one type is never read as another.
 *
 * Entry, in page 0 behind the header:
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  length of the name in bytes; 0 = the entry is free
 *          1    63  name in UTF-8, then zeros
 *         64     8  pointer of the block
 *
 * Block:
 *
 *     OFFSET  SIZE  FIELD
 *          0     2  length n of the type's name in bytes
 *          2     n  the type's name in UTF-8
 *      2 + n        slot of the value
 *
 * Source: `specs/ic-stable-memory.md` section 1.5; defect 5 (silent overwriting, no types).
 */
import { readU16, readU64, writeU16, writeU32, writeU64 } from '../bytes.js';
import { corrupted, StorageError } from '../errors.js';
import { WASM_PAGE_SIZE } from '../memory.js';
import { decodeUtf8, encodeUtf8 } from '../utf8.js';
import type { StablePtr } from './free-block.js';
import { ROOT_COUNT_OFFSET, ROOTS_OFFSET } from './header.js';
import type { Heap } from './heap.js';

const NAME_OFFSET = 1;
const NAME_SIZE_MAX = 63;
const PTR_OFFSET = NAME_OFFSET + NAME_SIZE_MAX;
const ENTRY_SIZE = PTR_OFFSET + 8;
/** How many roots there can be. */
export const ROOTS_MAX = Math.floor((WASM_PAGE_SIZE - ROOTS_OFFSET) / ENTRY_SIZE);

const TYPE_NAME_OFFSET = 2;

/** Where each field lies, for the test that compares the tables above with the code. */
export const ROOT_LAYOUT = {
  entry: { nameLength: 0, name: NAME_OFFSET, ptr: PTR_OFFSET },
  block: { typeNameLength: 0, typeName: TYPE_NAME_OFFSET },
} as const;

interface Root {
  readonly index: number;
  readonly ptr: StablePtr;
}

/** The names, kept in RAM: nobody else changes them. */
export class RootDirectory {
  readonly #heap: Heap;
  readonly #roots = new Map<string, Root>();
  /** Entries that are or were in use. */
  #count: number;

  /** Reads the directory. O(count). Throws `CORRUPTED`. */
  constructor(heap: Heap, count: number) {
    if (count > ROOTS_MAX) throw corrupted('number of roots', `at most ${ROOTS_MAX}`, count);
    this.#heap = heap;
    this.#count = count;
    const entries = new Uint8Array(count * ENTRY_SIZE);
    heap.memory.read(ROOTS_OFFSET, entries);
    for (let index = 0; index < count; index++) this.#load(entries, index);
  }

  /** All names, by the order of their entries. */
  names(): string[] {
    return [...this.#roots.keys()];
  }

  /** The block that a name leads to, or `undefined`. O(1). */
  find(name: string): StablePtr | undefined {
    return this.#roots.get(name)?.ptr;
  }

  /**
   * Throws `TypeError` and `RangeError` for what is no name, `ROOT_IN_USE` for one that is taken,
   * and `RangeError` where the directory is full.
   */
  assertFree(name: string): void {
    encodeName(name);
    if (this.#roots.has(name)) throw rootInUse(name);
    if (this.#freeIndex() >= ROOTS_MAX) {
      throw new RangeError(`roots: expected at most ${ROOTS_MAX}, got one more`);
    }
  }

  /** Lets a name lead to a block. PRECONDITION: {@link assertFree} has let it pass. */
  add(name: string, ptr: StablePtr): void {
    const index = this.#freeIndex();
    const bytes = encodeName(name);
    const entry = new Uint8Array(ENTRY_SIZE);
    entry[0] = bytes.length;
    entry.set(bytes, NAME_OFFSET);
    writeU64(entry, PTR_OFFSET, ptr);
    this.#heap.lease.change(() => {
      this.#writeEntry(index, entry);
      if (index === this.#count) this.#writeCount(index + 1);
    });
    this.#roots.set(name, { index, ptr });
  }

  /** Forgets a name. */
  remove(name: string): void {
    const { index } = this.#roots.get(name)!;
    this.#heap.lease.change(() => this.#writeEntry(index, new Uint8Array(ENTRY_SIZE)));
    this.#roots.delete(name);
  }

  /** Forgets a name that is no longer in memory. */
  forget(name: string): void {
    this.#roots.delete(name);
    this.#count = 0;
  }

  #load(entries: Uint8Array, index: number): void {
    const entry = entries.subarray(index * ENTRY_SIZE, (index + 1) * ENTRY_SIZE);
    const length = entry[0]!;
    if (length === 0) return;
    if (length > NAME_SIZE_MAX) {
      throw corrupted('length of a root name', `at most ${NAME_SIZE_MAX}`, length);
    }
    const name = decodeUtf8(entry.subarray(NAME_OFFSET, NAME_OFFSET + length));
    this.#roots.set(name, { index, ptr: readU64(entry, PTR_OFFSET) });
  }

  /** The lowest entry that nobody uses. */
  #freeIndex(): number {
    const used = new Set(Array.from(this.#roots.values(), ({ index }) => index));
    let index = 0;
    while (used.has(index)) index += 1;
    return index;
  }

  #writeEntry(index: number, entry: Uint8Array): void {
    this.#heap.memory.write(ROOTS_OFFSET + index * ENTRY_SIZE, entry);
  }

  #writeCount(count: number): void {
    const bytes = new Uint8Array(4);
    writeU32(bytes, 0, count);
    this.#heap.memory.write(ROOT_COUNT_OFFSET, bytes);
    this.#count = count;
  }
}

/** A root's block: a type's name in front of a slot. */
export function encodeRootBlock(typeName: string, slot: Uint8Array): Uint8Array {
  const name = encodeUtf8(typeName);
  const block = new Uint8Array(TYPE_NAME_OFFSET + name.length + slot.length);
  writeU16(block, 0, name.length);
  block.set(name, TYPE_NAME_OFFSET);
  block.set(slot, TYPE_NAME_OFFSET + name.length);
  return block;
}

/** The type's name in a root's block, and where the slot begins. Throws `CORRUPTED`. */
export function decodeRootBlock(block: Uint8Array): { typeName: string; slotOffset: number } {
  const slotOffset = TYPE_NAME_OFFSET + readU16(block, 0);
  if (slotOffset > block.length) {
    throw corrupted("length of a root's type", `at most ${block.length}`, slotOffset);
  }
  return { typeName: decodeUtf8(block.subarray(TYPE_NAME_OFFSET, slotOffset)), slotOffset };
}

/** The refusal of a name that is taken. */
function rootInUse(name: string): StorageError {
  return new StorageError(
    'ROOT_IN_USE',
    `root "${name}": expected a new name, found one in use. Open it with root or openRoot, ` +
      'remove it, or choose another name.',
    { name },
  );
}

function encodeName(name: unknown): Uint8Array {
  if (typeof name !== 'string') {
    throw new TypeError(`root name: expected a text, got ${typeof name}`);
  }
  const bytes = encodeUtf8(name);
  if (bytes.length >= 1 && bytes.length <= NAME_SIZE_MAX) return bytes;
  throw new RangeError(
    `root name: expected 1 to ${NAME_SIZE_MAX} bytes of UTF-8, got ${bytes.length}`,
  );
}
