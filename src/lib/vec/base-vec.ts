/**
 * What a vector and a heap have in common: a header and slots behind it, byte for byte the base
 * of both in the Rust crate. The two differ in the magic, and in what they do with the slots.
 *
 * Layout V1 (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic: "SVC" or "SMH"
 *          3     1  layout version = 1
 *          4     8  number of elements
 *         12     5  bound of the elements, see `stored-bound.ts`
 *         17    47  reserved, never written
 *         64        slot 0, see `slots.ts`
 *
 * The crate does not write the reserved bytes, so nothing here looks at them.
 *
 * INVARIANT: the number of elements in the header is the one in RAM; each element is one that the
 * codec reads.
 *
 * After a refused grow nothing has changed. After a failed write the lease latches; the header is
 * written last.
 *
 * Source: `specs/ic-stable-structures.md` section 4.2; crate module `base_vec`.
 */
import { readU64, writeU64 } from '../bytes.js';
import type { Codec } from '../codec.js';
import type { LimitedBound } from '../codecs/tuple-layout.js';
import { corrupted } from '../errors.js';
import { Lease } from '../lease.js';
import { assertMagic, MAGIC_SIZE, writeMagic } from '../magic.js';
import { assertEmpty, readStored, reserve, WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { firstViolation } from './first-violation.js';
import { walkIndices, type IndexRange } from './index-range.js';
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
}

export class BaseVec<T> {
  readonly lease: Lease;
  readonly slots: Slots<T>;
  #length: number;
  /** INVARIANT: used within one call. */
  readonly #lengthBytes = new Uint8Array(LENGTH_SIZE);

  private constructor(lease: Lease, slots: Slots<T>, length: number) {
    this.lease = lease;
    this.slots = slots;
    this.#length = length;
  }

  /** Throws `NOT_EMPTY`, `GROW_FAILED`, `MEMORY_IN_USE`, `INCOMPATIBLE_TYPE`. */
  static create<T>(kind: VecKind, memory: Memory, codec: Codec<T>): BaseVec<T> {
    const bound = boundForSlots(kind.structure, codec);
    return Lease.open(kind.structure, [memory], (lease) => {
      assertEmpty(memory);
      reserve(memory, SLOTS_OFFSET);
      memory.write(0, encodeHeader(kind.magic, bound));
      return new BaseVec(lease, new Slots(memory, SLOTS_OFFSET, codec, bound), 0);
    });
  }

  /** Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `INCOMPATIBLE_TYPE`, `CORRUPTED`. */
  static load<T>(kind: VecKind, memory: Memory, codec: Codec<T>): BaseVec<T> {
    const bound = boundForSlots(kind.structure, codec);
    return Lease.open(kind.structure, [memory], (lease) => {
      const header = new Uint8Array(RESERVED_OFFSET);
      readStored(memory, 0, header);
      assertMagic(header, kind.magic, LAYOUT_VERSION);
      assertStoredBound(kind.structure, codec, header, BOUND_OFFSET);
      const slots = new Slots(memory, SLOTS_OFFSET, codec, bound);
      return new BaseVec(lease, slots, lengthIn(header, slots));
    });
  }

  get length(): number {
    this.lease.assertUsable();
    return this.#length;
  }

  /** Makes the memory reach to the end of an element of `size` bytes. Throws `GROW_FAILED`. */
  reserve(slot: number, size: number): void {
    reserve(this.slots.memory, this.slots.endOf(slot, size));
  }

  /** Writes elements, then the new length that makes them real. PRECONDITION: room is reserved. */
  change(length: number, write: () => void): void {
    this.lease.change(() => {
      write();
      if (length === this.#length) return;
      writeU64(this.#lengthBytes, 0, length);
      this.slots.memory.write(LENGTH_OFFSET, this.#lengthBytes);
      this.#length = length;
    });
  }

  /** Drops the elements from `length` on. Their bytes stay where they are. */
  shrink(length: number): void {
    this.change(length, () => undefined);
  }

  values(range: IndexRange): Generator<T, void> {
    return walkIndices(this.lease, range, this.length, (index) => this.slots.read(index));
  }

  /** Checks the invariants above, and what `check` looks at besides. */
  checkInvariants(check: () => string | undefined): string | undefined {
    const { length } = this;
    return firstViolation(() => {
      const header = new Uint8Array(RESERVED_OFFSET);
      readStored(this.slots.memory, 0, header);
      const stored = readU64(header, LENGTH_OFFSET);
      if (stored !== length) return `length is ${length}, the header says ${stored}`;
      for (let slot = 0; slot < length; slot++) this.slots.read(slot);
      return check();
    });
  }

  intoMemory(): Memory {
    this.lease.assertUsable();
    this.lease.end();
    return this.slots.memory;
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
  const sizeInBytes = slots.memory.size() * WASM_PAGE_SIZE;
  if (end > sizeInBytes) throw corrupted('end of the elements', `at most ${sizeInBytes}`, end);
  return length;
}
