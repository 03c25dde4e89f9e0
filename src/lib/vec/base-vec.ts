/**
 * What vectors and heaps have in common: a header and slots behind it, byte for byte the base of
 * both in the Rust crate. They differ in the magic, and in what they keep in the slots. Elements
 * are encoded here: a vector of elements of any size keeps in the slots where its elements lie.
 *
 * Layout V1 (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic: "SVC", "SMH" or "SUI"
 *          3     1  layout version = 1
 *          4     8  number of elements
 *         12     5  bound of the elements, see `stored-bound.ts`
 *         17    47  reserved, never written
 *         64        slot 0, see `slots.ts`
 *
 * The crate does not write the reserved bytes, so nothing here looks at them, except for the
 * structure that the crate does not have.
 *
 * INVARIANT: the number of elements in the header is the one in RAM; each element is one that the
 * codec reads.
 *
 * After a refused grow nothing has changed. After a failed write the lease latches; the length is
 * written last. `first` is what else is to be written in the same change, before the elements.
 *
 * Source: `specs/ic-stable-structures.md` section 4.2; crate module `base_vec`.
 */
import { readU64, writeU64 } from '../bytes.js';
import type { Codec } from '../codec.js';
import type { LimitedBound } from '../codecs/tuple-layout.js';
import { corrupted, firstViolation } from '../errors.js';
import type { Lease } from '../lease.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from '../magic.js';
import { assertEmpty, readStored, reserve, sizeInBytes, type Memory } from '../memory.js';
import { walkIndices, type IndexRange } from '../index-range.js';
import { moveBytes } from '../move-bytes.js';
import { Slots } from './slots.js';
import { assertStoredBound, BOUND_SIZE, boundForSlots, writeBound } from './stored-bound.js';

const LAYOUT_VERSION = 1;

const LENGTH_OFFSET = MAGIC_SIZE;
const LENGTH_SIZE = 8;
const BOUND_OFFSET = LENGTH_OFFSET + LENGTH_SIZE;
const RESERVED_OFFSET = BOUND_OFFSET + BOUND_SIZE;
const RESERVED_SIZE = 47;
const SLOTS_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const BASE_VEC_LAYOUT = {
  magic: 0,
  length: LENGTH_OFFSET,
  bound: BOUND_OFFSET,
  reserved: RESERVED_OFFSET,
  slots: SLOTS_OFFSET,
} as const;

/** Which of the structures it is. */
export interface VecKind {
  /** For messages. */
  readonly structure: string;
  readonly magic: string;
  /** Whether the reserved bytes must be zero. */
  readonly checksReserved: boolean;
}

const nothing = (): void => undefined;

export class BaseVec<T> {
  readonly lease: Lease;
  readonly slots: Slots<T>;
  readonly #memory: Memory;
  #length: number;
  /** INVARIANT: used within one call. */
  readonly #lengthBytes = new Uint8Array(LENGTH_SIZE);

  private constructor(lease: Lease, slots: Slots<T>, length: number) {
    this.lease = lease;
    this.slots = slots;
    this.#memory = slots.memory;
    this.#length = length;
  }

  /** Throws `NOT_EMPTY`, `GROW_FAILED`, `INCOMPATIBLE_TYPE`. */
  static create<T>(lease: Lease, kind: VecKind, memory: Memory, codec: Codec<T>): BaseVec<T> {
    const bound = boundForSlots(kind.structure, codec);
    assertEmpty(memory);
    reserve(memory, SLOTS_OFFSET);
    memory.write(0, encodeHeader(kind.magic, bound));
    return new BaseVec(lease, new Slots(memory, SLOTS_OFFSET, codec, bound), 0);
  }

  /** Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `INCOMPATIBLE_TYPE`, `CORRUPTED`. */
  static load<T>(lease: Lease, kind: VecKind, memory: Memory, codec: Codec<T>): BaseVec<T> {
    const bound = boundForSlots(kind.structure, codec);
    const header = new Uint8Array(SLOTS_OFFSET);
    readStored(memory, 0, header);
    assertMagic(header, kind.magic, LAYOUT_VERSION);
    assertStoredBound(kind.structure, codec, header, BOUND_OFFSET);
    if (kind.checksReserved) {
      assertReservedZero(kind.structure, header, RESERVED_OFFSET, RESERVED_SIZE);
    }
    const slots = new Slots(memory, SLOTS_OFFSET, codec, bound);
    return new BaseVec(lease, slots, lengthIn(header, slots));
  }

  get length(): number {
    this.lease.assertUsable();
    return this.#length;
  }

  /** Overwrites an element. Throws `GROW_FAILED`. PRECONDITION: there is one. */
  set(index: number, encoded: Uint8Array, first = nothing): void {
    reserve(this.#memory, this.slots.endOf(index, encoded.length));
    this.change(this.#length, () => {
      first();
      this.slots.write(index, encoded);
    });
  }

  /** Adds an element at the end. Throws `GROW_FAILED`. */
  push(encoded: Uint8Array): void {
    const length = this.#length;
    reserve(this.#memory, this.slots.endOf(length, encoded.length));
    this.change(length + 1, () => this.slots.write(length, encoded));
  }

  /** Adds elements at the end, all or none. Throws `GROW_FAILED`. */
  append(elements: readonly Uint8Array[], first = nothing): void {
    const length = this.#length;
    const end = length + elements.length;
    if (end > length) reserve(this.#memory, this.slots.endOf(end - 1, elements.at(-1)!.length));
    this.change(end, () => {
      first();
      this.slots.writeAll(length, elements);
    });
  }

  /** Puts an element before another one, or at the end. Throws `GROW_FAILED`. O(n - index). */
  insert(index: number, encoded: Uint8Array, first = nothing): void {
    const { slots } = this;
    const length = this.#length;
    if (index === length) return this.append([encoded], first);
    const source = slots.addressOf(index);
    const target = source + slots.slotSize;
    const size = slots.storedEndOf(length - 1) - source;
    reserve(this.#memory, target + size);
    this.change(length + 1, () => {
      first();
      moveBytes(this.#memory, source, target, size);
      slots.write(index, encoded);
    });
  }

  /** Removes an element; those behind it move down by one. O(n - index). */
  remove(index: number, first = nothing): void {
    const { slots } = this;
    const count = this.#length - 1;
    const target = slots.addressOf(index);
    const source = target + slots.slotSize;
    const size = index === count ? 0 : slots.storedEndOf(count) - source;
    this.change(count, () => {
      first();
      moveBytes(this.#memory, source, target, size);
    });
  }

  /** Removes an element, in whose place the last one comes. */
  swapRemove(index: number, first = nothing): void {
    const count = this.#length - 1;
    const last = this.slots.readEncoded(count);
    this.change(count, () => {
      first();
      this.slots.write(index, last);
    });
  }

  /** Drops the elements from `length` on. Their bytes stay where they are. O(1). */
  shrink(length: number, first = nothing): void {
    this.change(length, first);
  }

  /** Writes elements, then the new length that makes them real. PRECONDITION: room is reserved. */
  change(length: number, write: () => void): void {
    this.lease.change(() => {
      write();
      if (length === this.#length) return;
      writeU64(this.#lengthBytes, 0, length);
      this.#memory.write(LENGTH_OFFSET, this.#lengthBytes);
      this.#length = length;
    });
  }

  values(range: IndexRange): Generator<T, void> {
    return walkIndices(this.lease, range, this.length, (index) => this.slots.read(index));
  }

  /** Checks the invariants above, and what `check` looks at besides. */
  checkInvariants(check: () => string | undefined): string | undefined {
    const { length } = this;
    return firstViolation(() => {
      const header = new Uint8Array(SLOTS_OFFSET);
      readStored(this.#memory, 0, header);
      const stored = readU64(header, LENGTH_OFFSET);
      if (stored !== length) return `length is ${length}, the header says ${stored}`;
      for (let slot = 0; slot < length; slot++) this.slots.read(slot);
      return check();
    });
  }

  /** Ends the lease. */
  intoMemory(): Memory {
    this.lease.end();
    return this.#memory;
  }
}

function encodeHeader(magic: string, bound: LimitedBound): Uint8Array {
  const header = new Uint8Array(RESERVED_OFFSET);
  writeMagic(header, magic, LAYOUT_VERSION);
  writeBound(header, BOUND_OFFSET, bound);
  return header;
}

/** The last element must lie within the memory, as far as that is known without reading it. */
function lengthIn<T>(header: Uint8Array, slots: Slots<T>): number {
  const length = readU64(header, LENGTH_OFFSET);
  const end = length === 0 ? SLOTS_OFFSET : slots.leastEndOf(length - 1);
  const endMax = sizeInBytes(slots.memory);
  if (end > endMax) throw corrupted('end of the elements', `at most ${endMax}`, end);
  return length;
}
