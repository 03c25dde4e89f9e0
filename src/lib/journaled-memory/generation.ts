/**
 * The head of a journal: which generation its records are of. A checkpoint begins a new generation
 * instead of cutting the file, because a disk writes faster over blocks that it has than into new
 * ones; the records of the old one lie on behind the head, and no longer count.
 *
 * There are two slots, written in turn: generation n lies in slot n mod 2. So a torn write of a
 * head leaves the one before it, and the slot with the higher number is the journal's. A slot:
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "JRN"
 *          3     1  layout version, 1
 *          4     1  state: 1 in use, 2 closed
 *          5     3  reserved, zero
 *          8     8  number of the generation
 *         16     8  length of the image when it began, in bytes
 *         24     8  CRC-64/XZ of the bytes before
 *         32   224  reserved, zero
 *
 * The first slot lies at 0, the second at 256, the records from 512 on. A journal without bytes, or
 * whose head is all zeros, is one whose creation never ended; it says nothing about the image.
 *
 * INVARIANT: the image had this length, durably, before the slot was written.
 *
 * Source: house style rules 1 to 3; the two slots are those of many databases.
 */
import { readBigU64, readU64, writeBigU64, writeU64 } from '../bytes.js';
import { crc64 } from '../crc64.js';
import { corrupted } from '../errors.js';
import { assertMagic, assertReservedZero, hasMagic, MAGIC_SIZE, writeMagic } from '../magic.js';
import { ATOMIC_BLOCK_SIZE, type Storage } from '../storage.js';

const MAGIC = 'JRN';
const LAYOUT_VERSION = 1;
const STATE_OFFSET = MAGIC_SIZE;
const RESERVED_OFFSET = STATE_OFFSET + 1;
const NUMBER_OFFSET = RESERVED_OFFSET + 3;
const IMAGE_LENGTH_OFFSET = NUMBER_OFFSET + 8;
const CHECKSUM_OFFSET = IMAGE_LENGTH_OFFSET + 8;
const REST_OFFSET = CHECKSUM_OFFSET + 8;
const SLOT_SIZE = ATOMIC_BLOCK_SIZE;
const SLOT_COUNT = 2;

const IN_USE = 1;
const CLOSED = 2;

/** Where the records of a journal begin. */
export const RECORDS_OFFSET = SLOT_COUNT * SLOT_SIZE;

/** Offsets within a slot, for the test that compares them with the table above. */
export const GENERATION_LAYOUT = {
  magic: 0,
  state: STATE_OFFSET,
  reserved: RESERVED_OFFSET,
  number: NUMBER_OFFSET,
  imageLength: IMAGE_LENGTH_OFFSET,
  checksum: CHECKSUM_OFFSET,
  rest: REST_OFFSET,
};

/** What the head of a journal says. */
export interface Generation {
  /** Goes up by one with each checkpoint, and never comes back. */
  readonly number: number;
  /** Bytes of the image before the first record. */
  readonly imageLength: number;
  /** Closed: the image has everything, and its own length counts. */
  readonly isClosed: boolean;
}

/** Writes the head of a generation into its slot, not durably yet. One write. */
export function writeGeneration(journal: Storage, generation: Generation): void {
  const slot = encodeSlot(generation);
  if (journal.length() >= RECORDS_OFFSET) {
    journal.write(slotOffset(generation.number), slot);
    return;
  }
  const head = new Uint8Array(RECORDS_OFFSET);
  head.set(slot, slotOffset(generation.number));
  journal.write(0, head);
}

/**
 * The generation of a journal, or `undefined` for one that was never begun. Reads 512 bytes.
 * Throws `BAD_MAGIC` for a file of somebody else, `UNSUPPORTED_VERSION`, `CORRUPTED`.
 */
export function readGeneration(journal: Storage): Generation | undefined {
  const head = new Uint8Array(Math.min(journal.length(), RECORDS_OFFSET));
  journal.read(0, head);
  if (journal.length() <= RECORDS_OFFSET && head.every((byte) => byte === 0)) return undefined;
  const slots = [head.subarray(0, SLOT_SIZE), head.subarray(SLOT_SIZE)];
  const ours = slots.filter((slot) => hasMagic(slot, MAGIC));
  for (const slot of ours) assertMagic(slot, MAGIC, LAYOUT_VERSION);
  if (ours.length === 0) assertMagic(head, MAGIC, LAYOUT_VERSION);
  const [first, second] = ours.filter(isWhole).map(decodeSlot);
  if (first === undefined) throw corrupted('head of a journal', 'a whole one', 'a damaged one');
  return second === undefined || second.number < first.number ? first : second;
}

function encodeSlot({ number, imageLength, isClosed }: Generation): Uint8Array {
  const slot = new Uint8Array(SLOT_SIZE);
  writeMagic(slot, MAGIC, LAYOUT_VERSION);
  slot[STATE_OFFSET] = isClosed ? CLOSED : IN_USE;
  writeU64(slot, NUMBER_OFFSET, number);
  writeU64(slot, IMAGE_LENGTH_OFFSET, imageLength);
  writeBigU64(slot, CHECKSUM_OFFSET, crc64(slot, 0, CHECKSUM_OFFSET));
  return slot;
}

function isWhole(slot: Uint8Array): boolean {
  if (slot.length < SLOT_SIZE) return false;
  return readBigU64(slot, CHECKSUM_OFFSET) === crc64(slot, 0, CHECKSUM_OFFSET);
}

function decodeSlot(slot: Uint8Array): Generation {
  const state = slot[STATE_OFFSET]!;
  if (state !== IN_USE && state !== CLOSED) throw corrupted('state of a journal', '1 or 2', state);
  assertReservedZero('head of a journal', slot, RESERVED_OFFSET, NUMBER_OFFSET - RESERVED_OFFSET);
  assertReservedZero('head of a journal', slot, REST_OFFSET, SLOT_SIZE - REST_OFFSET);
  return {
    number: readU64(slot, NUMBER_OFFSET),
    imageLength: readU64(slot, IMAGE_LENGTH_OFFSET),
    isClosed: state === CLOSED,
  };
}

function slotOffset(number: number): number {
  return (number % SLOT_COUNT) * SLOT_SIZE;
}
