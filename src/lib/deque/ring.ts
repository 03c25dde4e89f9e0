/**
 * The ring of slots that a deque lies in, and the header that describes it: behind the last slot
 * comes the first (all numbers little-endian).
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "SDQ"
 *          3     1  layout version = 1
 *          4     5  bound of the elements, see `vec/stored-bound.ts`
 *          9     7  reserved, zero
 *         16     8  capacity: number of slots in the ring
 *         24     8  slot of the first element
 *         32     8  number of elements
 *         40    24  reserved, zero
 *         64        slot 0, see `vec/slots.ts`
 *
 * Source: house style rules 1 and 3.
 */
import { readU64, writeU64 } from '../bytes.js';
import type { LimitedBound } from '../codecs/tuple-layout.js';
import { corrupted } from '../errors.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from '../magic.js';
import { sizeInBytes, WASM_PAGE_SIZE } from '../memory.js';
import type { Slots } from '../vec/slots.js';
import { assertStoredBound, BOUND_SIZE, writeBound } from '../vec/stored-bound.js';

const MAGIC = 'SDQ';
const LAYOUT_VERSION = 1;

const BOUND_OFFSET = MAGIC_SIZE;
const PADDING_OFFSET = BOUND_OFFSET + BOUND_SIZE;
const PADDING_SIZE = 7;
const CAPACITY_OFFSET = PADDING_OFFSET + PADDING_SIZE;
const HEAD_OFFSET = CAPACITY_OFFSET + 8;
const LENGTH_OFFSET = HEAD_OFFSET + 8;
const RESERVED_OFFSET = LENGTH_OFFSET + 8;
const RESERVED_SIZE = 24;
/** Where slot 0 lies, which is also the size of the header. */
export const SLOTS_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** Where the part lies that {@link encodeRing} makes. */
export const RING_OFFSET = CAPACITY_OFFSET;

/** Where each field lies, for the test that compares the table above with the code. */
export const DEQUE_LAYOUT = {
  magic: 0,
  bound: BOUND_OFFSET,
  padding: PADDING_OFFSET,
  capacity: CAPACITY_OFFSET,
  head: HEAD_OFFSET,
  length: LENGTH_OFFSET,
  reserved: RESERVED_OFFSET,
  slots: SLOTS_OFFSET,
} as const;

/** The part of the header that changes. */
export interface Ring {
  /** In slots. */
  readonly capacity: number;
  /** Slot of the first element. */
  readonly head: number;
  /** In elements. */
  readonly length: number;
}

/** Behind the last slot comes the first. PRECONDITION: `slot` is less than twice the capacity. */
export function wrap(slot: number, capacity: number): number {
  return slot < capacity ? slot : slot - capacity;
}

/** A new ring has as many slots as fit the first page, which is there anyway. */
export function firstRing<T>({ slotSize }: Slots<T>): Ring {
  const capacity = Math.floor((WASM_PAGE_SIZE - SLOTS_OFFSET) / Math.max(slotSize, 1));
  return { capacity, head: 0, length: 0 };
}

export function isSame(left: Ring, right: Ring): boolean {
  return (
    left.capacity === right.capacity && left.head === right.head && left.length === right.length
  );
}

/** The header of a new deque. */
export function createHeader(bound: LimitedBound, ring: Ring): Uint8Array {
  const header = new Uint8Array(SLOTS_OFFSET);
  writeMagic(header, MAGIC, LAYOUT_VERSION);
  writeBound(header, BOUND_OFFSET, bound);
  header.set(encodeRing(ring), RING_OFFSET);
  return header;
}

/** The bytes from {@link RING_OFFSET} on. */
export function encodeRing({ capacity, head, length }: Ring): Uint8Array {
  const bytes = new Uint8Array(RESERVED_OFFSET - RING_OFFSET);
  writeU64(bytes, CAPACITY_OFFSET - RING_OFFSET, capacity);
  writeU64(bytes, HEAD_OFFSET - RING_OFFSET, head);
  writeU64(bytes, LENGTH_OFFSET - RING_OFFSET, length);
  return bytes;
}

/** Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `INCOMPATIBLE_TYPE`, `CORRUPTED`. */
export function readRing<T>(structure: string, header: Uint8Array, slots: Slots<T>): Ring {
  assertMagic(header, MAGIC, LAYOUT_VERSION);
  assertReservedZero(structure, header, PADDING_OFFSET, PADDING_SIZE);
  assertReservedZero(structure, header, RESERVED_OFFSET, RESERVED_SIZE);
  assertStoredBound(structure, slots.codec, header, BOUND_OFFSET);
  const ring = {
    capacity: readU64(header, CAPACITY_OFFSET),
    head: readU64(header, HEAD_OFFSET),
    length: readU64(header, LENGTH_OFFSET),
  };
  assertPlausible(ring, slots);
  return ring;
}

/** Every slot must lie within the memory, and every element within the ring. */
function assertPlausible<T>({ capacity, head, length }: Ring, slots: Slots<T>): void {
  const [end, endMax] = [slots.addressOf(capacity), sizeInBytes(slots.memory)];
  if (end > endMax) throw corrupted('end of the ring', `at most ${endMax}`, end);
  const headMax = Math.max(capacity - 1, 0);
  if (head > headMax) throw corrupted('slot of the first element', `at most ${headMax}`, head);
  if (length > capacity) throw corrupted('number of elements', `at most ${capacity}`, length);
}
