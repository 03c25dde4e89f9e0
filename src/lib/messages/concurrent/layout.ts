/**
 * How a store lies in the memory that its threads share (all numbers little-endian, but for the
 * words, which have the byte order of the machine):
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "TKC"
 *          3     1  layout version = 1
 *          4     4  capacity: number of slots
 *          8     4  most bytes of a payload
 *         12     1  memory class, see `header-bytes.ts`
 *         13     1  ordinal of the device
 *         14     2  reserved, zero
 *         16     4  who waits, a bit for each seat; see `bell.ts`
 *         20     4  how often the bell was rung
 *         24    40  reserved, zero
 *         64     8  word: top of the free slots, see `slot-stack.ts`
 *         72     8  word: top of the retired slots
 *         80   224  words: the 28 seats, see `seats.ts`
 *        304    16  reserved, zero
 *        320        slot 0
 *
 * A slot, and then zeros up to a multiple of 8:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  word: lock, see `lock-word.ts`
 *          8     8  word: link to the slot below, while it is free; see `slot-stack.ts`
 *         16    56  header of the message, see `header-bytes.ts`
 *         72        payload
 *
 * The bytes of a slot without a message are zero.
 *
 * Source: house style rules 1 and 3; `specs/limen.md` section 9.5.
 */
import { readU32, writeU32 } from '../../bytes.js';
import { corrupted, StorageError } from '../../errors.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from '../../magic.js';
import { classNumber, classOf, MESSAGE_HEADER_SIZE } from '../header-bytes.js';
import type { MemoryClass } from '../memory-class.js';
import { assertShareable, sharedBytes } from '../shared-buffer.js';
import { WORD_SIZE } from './atomic-memory.js';

const MAGIC = 'TKC';
const LAYOUT_VERSION = 1;

/** How many threads can use a store at the same time. */
export const SEATS_MAX = 28;

const CAPACITY_OFFSET = MAGIC_SIZE;
const PAYLOAD_SIZE_MAX_OFFSET = CAPACITY_OFFSET + 4;
const CLASS_OFFSET = PAYLOAD_SIZE_MAX_OFFSET + 4;
const ORDINAL_OFFSET = CLASS_OFFSET + 1;
const PADDING_OFFSET = ORDINAL_OFFSET + 1;
const PADDING_SIZE = 2;
export const WAITING_OFFSET = PADDING_OFFSET + PADDING_SIZE;
export const RINGS_OFFSET = WAITING_OFFSET + 4;
const RESERVED_OFFSET = RINGS_OFFSET + 4;
const RESERVED_SIZE = 40;
export const FREE_TOP_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;
export const RETIRED_TOP_OFFSET = FREE_TOP_OFFSET + WORD_SIZE;
const SEATS_OFFSET = RETIRED_TOP_OFFSET + WORD_SIZE;
const SEATS_END_OFFSET = SEATS_OFFSET + SEATS_MAX * WORD_SIZE;
const SEATS_END_SIZE = 16;
const SLOTS_OFFSET = SEATS_END_OFFSET + SEATS_END_SIZE;

const LINK_OFFSET = WORD_SIZE;
const MESSAGE_OFFSET = LINK_OFFSET + WORD_SIZE;

/** Where each field lies, for the test that compares the tables above with the code. */
export const CONCURRENT_LAYOUT = {
  header: {
    magic: 0,
    version: 3,
    capacity: CAPACITY_OFFSET,
    payloadSizeMax: PAYLOAD_SIZE_MAX_OFFSET,
    memoryClass: CLASS_OFFSET,
    ordinal: ORDINAL_OFFSET,
    padding: PADDING_OFFSET,
    waiting: WAITING_OFFSET,
    rings: RINGS_OFFSET,
    reserved: RESERVED_OFFSET,
    freeTop: FREE_TOP_OFFSET,
    retiredTop: RETIRED_TOP_OFFSET,
    seats: SEATS_OFFSET,
    seatsEnd: SEATS_END_OFFSET,
    slots: SLOTS_OFFSET,
  },
  slot: {
    lock: 0,
    link: LINK_OFFSET,
    header: MESSAGE_OFFSET,
    payload: MESSAGE_OFFSET + MESSAGE_HEADER_SIZE,
  },
} as const;

/** What a store was made for. */
export interface StoreShape {
  readonly capacity: number;
  /** In bytes. */
  readonly payloadSizeMax: number;
  readonly memoryClass: MemoryClass;
}

/** Where the slots lie. */
export class SlotPlaces {
  readonly capacity: number;
  readonly #slotSize: number;

  constructor({ capacity, payloadSizeMax }: StoreShape) {
    this.capacity = capacity;
    const size = MESSAGE_OFFSET + MESSAGE_HEADER_SIZE + payloadSizeMax;
    this.#slotSize = Math.ceil(size / WORD_SIZE) * WORD_SIZE;
  }

  /** Bytes of the whole store. */
  get end(): number {
    return this.lockOf(this.capacity);
  }

  /** Bytes that a slot has for its message. */
  get messageSize(): number {
    return this.#slotSize - MESSAGE_OFFSET;
  }

  lockOf(index: number): number {
    return SLOTS_OFFSET + index * this.#slotSize;
  }

  linkOf(index: number): number {
    return this.lockOf(index) + LINK_OFFSET;
  }

  messageOf(index: number): number {
    return this.lockOf(index) + MESSAGE_OFFSET;
  }
}

/** Where the word of a seat lies. */
export function seatAddress(seat: number): number {
  return SEATS_OFFSET + seat * WORD_SIZE;
}

/**
 * A memory with the header of such a store. Throws `RangeError` where the engine has no room,
 * `UNSUPPORTED_OPERATION` where it has no shared memory.
 */
export function createBuffer(shape: StoreShape): SharedArrayBuffer {
  assertShareable();
  const buffer = new SharedArrayBuffer(new SlotPlaces(shape).end);
  const header = new Uint8Array(buffer, 0, SLOTS_OFFSET);
  writeMagic(header, MAGIC, LAYOUT_VERSION);
  writeU32(header, CAPACITY_OFFSET, shape.capacity);
  writeU32(header, PAYLOAD_SIZE_MAX_OFFSET, shape.payloadSizeMax);
  header[CLASS_OFFSET] = classNumber(shape.memoryClass);
  header[ORDINAL_OFFSET] = shape.memoryClass.ordinal;
  return buffer;
}

/**
 * What the store in a memory was made for. Throws `TypeError` for what no threads share,
 * `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`. O(1), and writes nothing.
 */
export function readShape(buffer: SharedArrayBuffer): StoreShape {
  const bytes = sharedBytes(buffer);
  assertMagic(bytes, MAGIC, LAYOUT_VERSION);
  if (bytes.length < SLOTS_OFFSET) throw corrupted('size', SLOTS_OFFSET, bytes.length);
  assertReservedZero('message store', bytes, PADDING_OFFSET, PADDING_SIZE);
  assertReservedZero('message store', bytes, RESERVED_OFFSET, RESERVED_SIZE);
  assertReservedZero('message store', bytes, SEATS_END_OFFSET, SEATS_END_SIZE);
  const shape = {
    capacity: readU32(bytes, CAPACITY_OFFSET),
    payloadSizeMax: readU32(bytes, PAYLOAD_SIZE_MAX_OFFSET),
    memoryClass: classOf(bytes[CLASS_OFFSET]!, bytes[ORDINAL_OFFSET]!),
  };
  const { end } = new SlotPlaces(shape);
  if (end !== bytes.length) throw corrupted('size of a message store', end, bytes.length);
  return shape;
}

/** Throws `INCOMPATIBLE_TYPE` unless payloads have the bound that the store was made for. */
export function assertSameBound(codec: string, expected: number, found: number): void {
  if (expected === found) return;
  throw new StorageError(
    'INCOMPATIBLE_TYPE',
    `the slots were made for payloads of up to ${expected} bytes, and ${codec} has ${found}. ` +
      'Join with the codec that the store was created with.',
    { codec, expected, found },
  );
}
