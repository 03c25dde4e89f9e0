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
 *         12     4  largest size of an element in bytes
 *         16     1  1 = all elements have that size, 0 = they need not
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
import { readU32, readU64, writeU32, writeU64 } from '../bytes.js';
import type { Codec } from '../codec.js';
import type { LimitedBound } from '../codecs/tuple-layout.js';
import { corrupted, StorageError } from '../errors.js';
import { Lease } from '../lease.js';
import { assertMagic, MAGIC_SIZE, writeMagic } from '../magic.js';
import { assertEmpty, readStored, reserve, WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { firstViolation } from './first-violation.js';
import { walkIndices, type IndexRange } from './index-range.js';
import { boundForSlots, Slots } from './slots.js';

const LAYOUT_VERSION = 1;

const LENGTH_OFFSET = MAGIC_SIZE;
const LENGTH_SIZE = 8;
const SIZE_MAX_OFFSET = LENGTH_OFFSET + LENGTH_SIZE;
const IS_FIXED_OFFSET = SIZE_MAX_OFFSET + 4;
const RESERVED_OFFSET = IS_FIXED_OFFSET + 1;
const RESERVED_SIZE = 47;
const SLOTS_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const BASE_VEC_LAYOUT = {
  magic: 0,
  length: LENGTH_OFFSET,
  sizeMax: SIZE_MAX_OFFSET,
  isFixed: IS_FIXED_OFFSET,
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
      assertSameBound(kind.structure, codec, bound, header);
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

function encodeHeader(magic: string, { maxSize, fixedSize }: LimitedBound): Uint8Array {
  const header = new Uint8Array(RESERVED_OFFSET);
  writeMagic(header, magic, LAYOUT_VERSION);
  writeU32(header, SIZE_MAX_OFFSET, maxSize);
  header[IS_FIXED_OFFSET] = fixedSize ? 1 : 0;
  return header;
}

function assertSameBound<T>(
  structure: string,
  codec: Codec<T>,
  bound: LimitedBound,
  header: Uint8Array,
): void {
  const flag = header[IS_FIXED_OFFSET]!;
  if (flag > 1) throw corrupted('mark of a fixed size', '0 or 1', flag);
  const stored = { maxSize: readU32(header, SIZE_MAX_OFFSET), fixedSize: flag === 1 };
  if (stored.maxSize === bound.maxSize && stored.fixedSize === bound.fixedSize) return;
  const [expected, found] = [sizeOf(stored), sizeOf(bound)];
  throw new StorageError(
    'INCOMPATIBLE_TYPE',
    `the ${structure} holds elements of ${expected}, and ${codec.name} has ${found}. ` +
      'Open it with the codec that it was made with.',
    { structure, codec: codec.name, expected, found },
  );
}

function sizeOf({ maxSize, fixedSize }: LimitedBound): string {
  return `${fixedSize ? 'exactly' : 'at most'} ${maxSize} bytes`;
}

/** The last element must lie within the memory, as far as that is known without reading it. */
function lengthIn<T>(header: Uint8Array, slots: Slots<T>): number {
  const length = readU64(header, LENGTH_OFFSET);
  const end = length === 0 ? SLOTS_OFFSET : slots.leastEndOf(length - 1);
  const sizeInBytes = slots.memory.size() * WASM_PAGE_SIZE;
  if (end > sizeInBytes) throw corrupted('end of the elements', `at most ${sizeInBytes}`, end);
  return length;
}
