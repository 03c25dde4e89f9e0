/**
 * The header of a stable message store (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "TKS"
 *          3     1  layout version = 1
 *          4     4  reserved, zero
 *          8     4  capacity: number of slots that may be used
 *         12     4  largest size of a payload in bytes
 *         16     1  memory class, as in the header of a message
 *         17     1  ordinal of the device, 0 for the other classes
 *         18     6  reserved, zero
 *         24     4  first free slot, 2^32 - 1 where there is none
 *         28     4  high-water mark: slots from the first to the last that was ever used
 *         32     4  slots that hold a message
 *         36     4  slots that are retired
 *         40    24  reserved, zero
 *         64        slot 0, see `slot-area.ts`
 *
 * The four numbers from 24 on are what changes. They are written as one piece of 16 bytes, which
 * crosses no edge of a disk's sector.
 *
 * Source: `specs/limen.md` section 9.5.
 */
import { readU32, RecordBytes, writeU32 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from '../../magic.js';
import { readStored, type Memory } from '../../memory.js';
import { classNumber, classOf } from '../header-bytes.js';
import type { MemoryClass } from '../memory-class.js';
import { CAPACITY_MAX } from '../message-token.js';

const MAGIC = 'TKS';
const LAYOUT_VERSION = 1;

const PADDING_OFFSET = MAGIC_SIZE;
const PADDING_SIZE = 4;
const CAPACITY_OFFSET = PADDING_OFFSET + PADDING_SIZE;
const PAYLOAD_MAX_OFFSET = CAPACITY_OFFSET + 4;
const CLASS_OFFSET = PAYLOAD_MAX_OFFSET + 4;
const ORDINAL_OFFSET = CLASS_OFFSET + 1;
const GAP_OFFSET = ORDINAL_OFFSET + 1;
const GAP_SIZE = 6;
const FREE_HEAD_OFFSET = GAP_OFFSET + GAP_SIZE;
const HIGH_WATER_OFFSET = FREE_HEAD_OFFSET + 4;
const LIVE_OFFSET = HIGH_WATER_OFFSET + 4;
const RETIRED_OFFSET = LIVE_OFFSET + 4;
const RESERVED_OFFSET = RETIRED_OFFSET + 4;
const RESERVED_SIZE = 24;

/** Where slot 0 lies, which is also the size of the header. */
export const SLOTS_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** In place of a slot's number: there is none. No slot has it, see `message-token.ts`. */
export const NO_SLOT = CAPACITY_MAX;

/** Where each field lies, for the test that compares the table above with the code. */
export const MESSAGE_STORE_LAYOUT = {
  magic: 0,
  padding: PADDING_OFFSET,
  capacity: CAPACITY_OFFSET,
  payloadSizeMax: PAYLOAD_MAX_OFFSET,
  memoryClass: CLASS_OFFSET,
  ordinal: ORDINAL_OFFSET,
  gap: GAP_OFFSET,
  freeHead: FREE_HEAD_OFFSET,
  highWater: HIGH_WATER_OFFSET,
  live: LIVE_OFFSET,
  retired: RETIRED_OFFSET,
  reserved: RESERVED_OFFSET,
  slots: SLOTS_OFFSET,
} as const;

/** The part of the header that changes: in RAM, and written as one piece. */
export class SlotCounts {
  readonly #record = new RecordBytes(RESERVED_OFFSET - FREE_HEAD_OFFSET);
  /** The first free slot, or {@link NO_SLOT}. */
  freeHead = NO_SLOT;
  /** Slots above were never used. */
  highWater = 0;
  live = 0;
  retired = 0;

  /** Writes them into the header. One write. */
  write(memory: Memory): void {
    memory.write(FREE_HEAD_OFFSET, this.#encode());
  }

  /** Into the bytes of a whole header. */
  put(header: Uint8Array): void {
    header.set(this.#encode(), FREE_HEAD_OFFSET);
  }

  #encode(): Uint8Array {
    const record = this.#record;
    record.setU32(0, this.freeHead);
    record.setU32(HIGH_WATER_OFFSET - FREE_HEAD_OFFSET, this.highWater);
    record.setU32(LIVE_OFFSET - FREE_HEAD_OFFSET, this.live);
    record.setU32(RETIRED_OFFSET - FREE_HEAD_OFFSET, this.retired);
    return record.bytes;
  }
}

/** What the header of a store says. */
export interface StoreHeader {
  /** In slots; what a store was made with, or raised to. */
  readonly capacity: number;
  /** In bytes; never changes, nor does the class. */
  readonly payloadSizeMax: number;
  readonly memoryClass: MemoryClass;
  readonly counts: SlotCounts;
}

/** Writes the header of a new store. PRECONDITION: the memory has room for it. */
export function writeStoreHeader(memory: Memory, stored: StoreHeader): void {
  const header = new Uint8Array(SLOTS_OFFSET);
  writeMagic(header, MAGIC, LAYOUT_VERSION);
  writeU32(header, CAPACITY_OFFSET, stored.capacity);
  writeU32(header, PAYLOAD_MAX_OFFSET, stored.payloadSizeMax);
  header[CLASS_OFFSET] = classNumber(stored.memoryClass);
  header[ORDINAL_OFFSET] = stored.memoryClass.ordinal;
  stored.counts.put(header);
  memory.write(0, header);
}

/** Writes another capacity. One write. */
export function writeCapacity(memory: Memory, capacity: number): void {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, capacity);
  memory.write(CAPACITY_OFFSET, bytes);
}

/** Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`. One read. */
export function readStoreHeader(memory: Memory): StoreHeader {
  const header = new Uint8Array(SLOTS_OFFSET);
  readStored(memory, 0, header);
  assertMagic(header, MAGIC, LAYOUT_VERSION);
  assertReservedZero('message store', header, PADDING_OFFSET, PADDING_SIZE);
  assertReservedZero('message store', header, GAP_OFFSET, GAP_SIZE);
  assertReservedZero('message store', header, RESERVED_OFFSET, RESERVED_SIZE);
  const capacity = readU32(header, CAPACITY_OFFSET);
  const counts = readCounts(header);
  assertPlausible(capacity, counts);
  return {
    capacity,
    payloadSizeMax: readU32(header, PAYLOAD_MAX_OFFSET),
    memoryClass: classOf(header[CLASS_OFFSET]!, header[ORDINAL_OFFSET]!),
    counts,
  };
}

function readCounts(header: Uint8Array): SlotCounts {
  const counts = new SlotCounts();
  counts.freeHead = readU32(header, FREE_HEAD_OFFSET);
  counts.highWater = readU32(header, HIGH_WATER_OFFSET);
  counts.live = readU32(header, LIVE_OFFSET);
  counts.retired = readU32(header, RETIRED_OFFSET);
  return counts;
}

/** Whether both tell the same. */
export function isSame(left: SlotCounts, right: SlotCounts): boolean {
  return (
    left.freeHead === right.freeHead &&
    left.highWater === right.highWater &&
    left.live === right.live &&
    left.retired === right.retired
  );
}

function assertPlausible(capacity: number, counts: SlotCounts): void {
  const { freeHead, highWater, live, retired } = counts;
  if (highWater > capacity) throw corrupted('high-water mark', `at most ${capacity}`, highWater);
  const used = live + retired;
  if (used > highWater) throw corrupted('slots in use', `at most ${highWater}`, used);
  if (freeHead === NO_SLOT || freeHead < highWater) return;
  throw corrupted('first free slot', `below ${highWater}, or none`, freeHead);
}
