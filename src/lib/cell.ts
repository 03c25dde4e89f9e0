/**
 * One value in a memory: settings, a counter, the state of a small canister. Its bytes are those of
 * the Rust crate's `Cell`, so that either side opens what the other wrote.
 *
 *     const settings = Cell.init(memory.get(3), record({ fee: u64 }), { fee: 10_000n });
 *     settings.set({ fee: 20_000n }); // returns the old value
 *
 * Layout V1 (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "SCL"
 *          3     1  layout version = 1
 *          4     4  size of the value in bytes, n
 *          8     n  the value, encoded
 *
 * The memory grows by the fewest pages that hold the value, and never shrinks: behind a short value
 * lies the rest of a longer one before it.
 *
 * Header and value are kept in RAM as bytes, and each `get` decodes them anew. So a value that is
 * changed after it was set or got (an array pushed to, a property assigned) changes nothing here.
 *
 * Promise: a `set` that is refused, also for lack of room, has changed nothing. The value is
 * written in place: after a failed *write* outside a canister the cell latches, see `lease.ts`.
 *
 * Source: `specs/ic-stable-structures.md` section 4.4; crate module `cell`.
 */
import { equalBytes, readU32, writeU32 } from './bytes.js';
import { decodeRange, encodeChecked, type Codec } from './codec.js';
import { corrupted, firstViolation, StorageError } from './errors.js';
import { Lease } from './lease.js';
import { assertMagic, MAGIC_SIZE, writeMagic } from './magic.js';
import { assertEmpty, readStored, reserve, sizeInBytes, type Memory } from './memory.js';

const MAGIC = 'SCL';
const LAYOUT_VERSION = 1;

const VALUE_SIZE_OFFSET = MAGIC_SIZE;
const VALUE_OFFSET = VALUE_SIZE_OFFSET + 4;

/** Where each field lies, for the test that compares the table above with the code. */
export const CELL_LAYOUT = {
  magic: 0,
  valueSize: VALUE_SIZE_OFFSET,
  value: VALUE_OFFSET,
} as const;

/** What the size field can say. */
const VALUE_SIZE_MAX = 0xffff_ffff;

/**
 * One value of type `T` in a memory.
 *
 * @example
 * const counter = Cell.init(new VectorMemory(), u64, 0n);
 * counter.set(counter.get() + 1n);
 */
export class Cell<T> {
  readonly #lease: Lease;
  readonly #memory: Memory;
  readonly #codec: Codec<T>;
  /** INVARIANT: the first bytes of the memory, up to the end of the value. */
  #stored: Uint8Array;

  private constructor(lease: Lease, memory: Memory, codec: Codec<T>, stored: Uint8Array) {
    this.#lease = lease;
    this.#memory = memory;
    this.#codec = codec;
    this.#stored = stored;
  }

  /**
   * Opens the cell in `memory`, or creates one with `defaultValue` where the memory is empty
   * (0 pages); otherwise the default is not looked at. O(size of the value).
   *
   * The codec must be the one that the cell was made with: the layout records no type.
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is (the crate
   * would overwrite it), and what {@link Cell.create} and {@link Cell.load} throw.
   */
  static init<T>(memory: Memory, codec: Codec<T>, defaultValue: T): Cell<T> {
    return memory.size() === 0
      ? Cell.create(memory, codec, defaultValue)
      : Cell.load(memory, codec);
  }

  /**
   * Creates a cell with a value in an empty memory. O(size of the value).
   *
   * Throws `NOT_EMPTY` for any other memory, `VALUE_TOO_LARGE` and `INVALID_VALUE` as
   * {@link Cell.set} does, `GROW_FAILED` without room, `MEMORY_IN_USE` where a structure is open.
   */
  static create<T>(memory: Memory, codec: Codec<T>, value: T): Cell<T> {
    return Lease.open('Cell', [memory], (lease) => {
      assertEmpty(memory);
      const stored = encodeCell(codec, value);
      reserve(memory, stored.length);
      memory.write(0, stored);
      return new Cell(lease, memory, codec, stored);
    });
  }

  /**
   * Opens an existing cell, and decodes its value once, to see that it is one. Never writes.
   * O(size of the value).
   *
   * Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`; `MEMORY_IN_USE` where a structure is
   * open.
   */
  static load<T>(memory: Memory, codec: Codec<T>): Cell<T> {
    return Lease.open('Cell', [memory], (lease) => {
      const cell = new Cell(lease, memory, codec, readCell(memory));
      cell.get();
      return cell;
    });
  }

  /** The value: a new one each time, which the caller may change. O(size of the value). */
  get(): T {
    this.#lease.assertUsable();
    return decodeRange(this.#codec, this.#stored, VALUE_OFFSET, this.#stored.length);
  }

  /**
   * Stores another value and returns the old one. O(size of both).
   *
   * Throws `VALUE_TOO_LARGE` for a value above its bound or of 4 GiB and more, `INVALID_VALUE` for
   * one that the codec cannot encode, `GROW_FAILED` without room; the cell is then as it was.
   */
  set(value: T): T {
    const oldValue = this.get();
    const stored = encodeCell(this.#codec, value);
    reserve(this.#memory, stored.length);
    this.#lease.change(() => this.#memory.write(0, stored));
    this.#stored = stored;
    return oldValue;
  }

  /** Closes the cell and returns its memory, free for another structure. O(1). */
  intoMemory(): Memory {
    this.#lease.end();
    return this.#memory;
  }

  /**
   * The first rule of the layout that does not hold, in words, or `undefined`.
   * O(size of the value); for tests.
   */
  checkInvariants(): string | undefined {
    this.#lease.assertUsable();
    return firstViolation(() =>
      equalBytes(readCell(this.#memory), this.#stored)
        ? undefined
        : 'the memory holds another value than the cell',
    );
  }
}

/** Header and value as they lie in memory. Checked before anything changes. */
function encodeCell<T>(codec: Codec<T>, value: T): Uint8Array {
  const encoded = encodeChecked(codec, value);
  if (encoded.length > VALUE_SIZE_MAX) throw tooLarge(codec.name, encoded.length);
  const stored = new Uint8Array(VALUE_OFFSET + encoded.length);
  writeMagic(stored, MAGIC, LAYOUT_VERSION);
  writeU32(stored, VALUE_SIZE_OFFSET, encoded.length);
  stored.set(encoded, VALUE_OFFSET);
  return stored;
}

/** Reads header and value; the size is believed only once the memory is known to be as large. */
function readCell(memory: Memory): Uint8Array {
  const header = new Uint8Array(VALUE_OFFSET);
  readStored(memory, 0, header);
  assertMagic(header, MAGIC, LAYOUT_VERSION);
  const size = readU32(header, VALUE_SIZE_OFFSET);
  const sizeMax = sizeInBytes(memory) - VALUE_OFFSET;
  if (size > sizeMax) throw corrupted('size of the value', `at most ${sizeMax}`, size);
  const stored = new Uint8Array(VALUE_OFFSET + size);
  memory.read(0, stored);
  return stored;
}

function tooLarge(codec: string, size: number): StorageError {
  return new StorageError(
    'VALUE_TOO_LARGE',
    `${codec}: a cell holds at most ${VALUE_SIZE_MAX} bytes, found ${size}. Use a map or a log.`,
    { codec, maxSize: VALUE_SIZE_MAX, size },
  );
}
