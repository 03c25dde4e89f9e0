/**
 * A storage within a memory: a file that lies in stable memory, in a virtual memory of a
 * `MemoryManager`, or in any other memory, so that what stands on a storage also lives in a
 * canister.
 *
 *     const jobs = BStack.open(MemoryStorage.init(memory.get(3)));
 *
 * A memory never shrinks and counts in pages, so its size says nothing of the file: the length is a
 * field of the header. What was cut off stays where it was, and is overwritten with zeros only when
 * the file grows over it again. Pages that were never written to are zero already; how many of them
 * the file has touched is the second field.
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "SFL"
 *          3     1  layout version = 1
 *          4     4  reserved, zero
 *          8     8  length of the file in bytes
 *         16     8  high-water mark: pages of the memory from the first to the last ever written to
 *         24    40  reserved, zero
 *         64        bytes of the file
 *
 * (Numbers little-endian.)
 *
 * INVARIANT: the file ends within the memory; pages at and above the mark are zero; the header in
 * RAM is the one in the memory.
 *
 * Limits: one open handle on a memory. `isAtomic` is taken for granted: a message that fails is
 * undone as a whole, as a canister's trap is, so who stands on this storage keeps no journal, and
 * `sync` has nothing to do. In a file that knows no messages use a `FileStorage`.
 *
 * Promise: order alone makes each call whole. The mark goes up before the bytes behind it are
 * written, and the length comes last, so that bytes which were written half-way are beyond the end
 * and counted as dirty. What is refused, also for lack of room, has changed nothing. After a failed
 * *write* the handle refuses further use, because of bytes that were overwritten nobody knows how
 * many.
 *
 * Source: `specs/bstack.md` sections 6.3 and 6.4.
 */
import { readU64, writeU64 } from './bytes.js';
import { corrupted, firstViolation } from './errors.js';
import { assertBytes, assertSize } from './guards.js';
import { Lease } from './lease.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from './magic.js';
import {
  assertEmpty,
  readStored,
  reserve,
  sizeInBytes,
  WASM_PAGE_SIZE,
  type Memory,
} from './memory.js';
import { assertStored, type Storage } from './storage.js';

const STRUCTURE = 'MemoryStorage';
const MAGIC = 'SFL';
const LAYOUT_VERSION = 1;

const PADDING_OFFSET = MAGIC_SIZE;
const PADDING_SIZE = 4;
const LENGTH_OFFSET = PADDING_OFFSET + PADDING_SIZE;
const MARK_OFFSET = LENGTH_OFFSET + 8;
const RESERVED_OFFSET = MARK_OFFSET + 8;
const RESERVED_SIZE = 40;
const BYTES_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** The longest file of which every address in the memory is a number that is exact. */
const LENGTH_MAX = Number.MAX_SAFE_INTEGER - BYTES_OFFSET;

/** Where each field lies, for the test that compares the table above with the code. */
export const MEMORY_STORAGE_LAYOUT = {
  magic: 0,
  padding: PADDING_OFFSET,
  length: LENGTH_OFFSET,
  mark: MARK_OFFSET,
  reserved: RESERVED_OFFSET,
  bytes: BYTES_OFFSET,
} as const;

/** The fields of the header that change. */
interface Extent {
  /** Of the file, in bytes. */
  readonly length: number;
  /** Of the memory, in pages: those at and above it were never written to. */
  readonly mark: number;
}

/**
 * A file within a memory. Reading and writing cost O(bytes).
 *
 * @example
 * const memory = MemoryManager.init(defaultMemory());
 * const stack = BStack.open(MemoryStorage.init(memory.get(0)));
 * stack.push(Uint8Array.of(1, 2, 3));
 */
export class MemoryStorage implements Storage {
  readonly isAtomic = true;
  readonly #lease: Lease;
  readonly #memory: Memory;
  #extent: Extent;

  private constructor(lease: Lease, memory: Memory, extent: Extent) {
    this.#lease = lease;
    this.#memory = memory;
    this.#extent = extent;
  }

  /**
   * Opens the file in `memory`, or creates an empty one where the memory is empty (0 pages). O(1).
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is;
   * `UNSUPPORTED_VERSION`, `CORRUPTED`, `MEMORY_IN_USE`; `GROW_FAILED` without room.
   */
  static init(memory: Memory): MemoryStorage {
    return memory.size() === 0 ? MemoryStorage.create(memory) : MemoryStorage.load(memory);
  }

  /**
   * Creates an empty file in an empty memory. Throws `NOT_EMPTY` for any other, `MEMORY_IN_USE`,
   * `GROW_FAILED`. O(1).
   */
  static create(memory: Memory): MemoryStorage {
    return Lease.open(STRUCTURE, [memory], (lease) => {
      assertEmpty(memory);
      const extent = { length: 0, mark: 1 };
      reserve(memory, BYTES_OFFSET);
      memory.write(0, createHeader(extent));
      return new MemoryStorage(lease, memory, extent);
    });
  }

  /** Opens an existing file; never writes. Throws as {@link MemoryStorage.init} does. O(1). */
  static load(memory: Memory): MemoryStorage {
    return Lease.open(
      STRUCTURE,
      [memory],
      (lease) => new MemoryStorage(lease, memory, readExtent(memory)),
    );
  }

  length(): number {
    this.#lease.assertUsable();
    return this.#extent.length;
  }

  read(offset: number, target: Uint8Array): void {
    assertStored(offset, assertBytes('target', target).length, this.length());
    this.#memory.read(BYTES_OFFSET + offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    const length = this.length();
    assertStored(offset, 0, length);
    const end = offset + assertBytes('source', source).length;
    reserve(this.#memory, BYTES_OFFSET + end);
    if (end === offset) return;
    this.#lease.change(() => {
      this.#raiseMark(end);
      this.#memory.write(BYTES_OFFSET + offset, source);
      if (end > length) this.#setExtent(end, this.#extent.mark);
    });
  }

  setLength(length: number): void {
    const oldLength = this.length();
    assertSize('length', length, LENGTH_MAX);
    reserve(this.#memory, BYTES_OFFSET + length);
    if (length === oldLength) return;
    this.#lease.change(() => {
      if (length > oldLength) this.#clear(oldLength, length);
      this.#setExtent(length, this.#extent.mark);
    });
  }

  /** Does nothing: what a message has written is durable once the message has ended. */
  sync(): void {
    this.#lease.assertUsable();
  }

  close(): void {
    this.#lease.end();
  }

  /** Gives the memory back and closes the storage: each further use throws `HANDLE_CLOSED`. */
  intoMemory(): Memory {
    this.#lease.end();
    return this.#memory;
  }

  /**
   * The first rule of the layout that does not hold, in words, or `undefined`. O(memory); for
   * tests.
   */
  checkInvariants(): string | undefined {
    const { length, mark } = this.#extent;
    this.#lease.assertUsable();
    return firstViolation(() => {
      const stored = readExtent(this.#memory);
      if (stored.length !== length) return 'the header tells of another length';
      if (stored.mark !== mark) return 'the header tells of another mark';
      const page = new Uint8Array(WASM_PAGE_SIZE);
      for (let number = mark; number < this.#memory.size(); number++) {
        this.#memory.read(number * WASM_PAGE_SIZE, page);
        if (page.some((byte) => byte !== 0)) return `page ${number} above the mark is not zero`;
      }
      return undefined;
    });
  }

  /** Counts the pages up to `end` in the file among those that were written to. */
  #raiseMark(end: number): void {
    const pages = Math.ceil((BYTES_OFFSET + end) / WASM_PAGE_SIZE);
    if (pages > this.#extent.mark) this.#setExtent(this.#extent.length, pages);
  }

  /** Writes zeros where the bytes from `start` up to before `end` may be anything else. */
  #clear(start: number, end: number): void {
    const dirtyEnd = Math.min(end, this.#extent.mark * WASM_PAGE_SIZE - BYTES_OFFSET);
    const zeros = new Uint8Array(Math.max(0, Math.min(dirtyEnd - start, WASM_PAGE_SIZE)));
    for (let offset = start; offset < dirtyEnd; offset += zeros.length) {
      const part = zeros.subarray(0, dirtyEnd - offset);
      this.#memory.write(BYTES_OFFSET + offset, part);
    }
  }

  #setExtent(length: number, mark: number): void {
    const extent = { length, mark };
    this.#memory.write(LENGTH_OFFSET, encodeExtent(extent));
    this.#extent = extent;
  }
}

/** The header of a new file. */
function createHeader(extent: Extent): Uint8Array {
  const header = new Uint8Array(BYTES_OFFSET);
  writeMagic(header, MAGIC, LAYOUT_VERSION);
  header.set(encodeExtent(extent), LENGTH_OFFSET);
  return header;
}

/** The bytes from the length to the mark. */
function encodeExtent({ length, mark }: Extent): Uint8Array {
  const bytes = new Uint8Array(RESERVED_OFFSET - LENGTH_OFFSET);
  writeU64(bytes, 0, length);
  writeU64(bytes, MARK_OFFSET - LENGTH_OFFSET, mark);
  return bytes;
}

/** Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`. */
function readExtent(memory: Memory): Extent {
  const header = new Uint8Array(BYTES_OFFSET);
  readStored(memory, 0, header);
  assertMagic(header, MAGIC, LAYOUT_VERSION);
  assertReservedZero(STRUCTURE, header, PADDING_OFFSET, PADDING_SIZE);
  assertReservedZero(STRUCTURE, header, RESERVED_OFFSET, RESERVED_SIZE);
  const [length, mark] = [readU64(header, LENGTH_OFFSET), readU64(header, MARK_OFFSET)];
  const [lengthMax, markMax] = [sizeInBytes(memory) - BYTES_OFFSET, memory.size()];
  if (length > lengthMax) throw corrupted('length of the file', `at most ${lengthMax}`, length);
  if (mark < 1) throw corrupted('high-water mark', 'at least 1', mark);
  if (mark > markMax) throw corrupted('high-water mark', `at most ${markMax}`, mark);
  return { length, mark };
}
