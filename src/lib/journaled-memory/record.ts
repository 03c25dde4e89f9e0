/**
 * One committed transaction as it lies in a journal: the bytes that it has put into the image, and
 * the image's length after it.
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  CRC-64/XZ of all the bytes behind it
 *          8     8  length of the record, in bytes
 *         16     8  number of the generation
 *         24     8  number of the record within the generation, from 0
 *         32     8  length of the image after it, in bytes: whole pages
 *         40        ranges, one behind another up to the end of the record
 *
 * A range:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  offset in the image
 *          8     8  length L
 *         16     L  bytes
 *
 * A record counts where its checksum holds and its two numbers are those that come next. So a torn
 * record is not taken for a whole one, nor what an older generation has left for a new one.
 *
 * Source: house style rules 1, 2 and 15.
 */
import { readBigU64, readU64, writeBigU64, writeU64 } from '../bytes.js';
import { crc64 } from '../crc64.js';
import { corrupted } from '../errors.js';
import { WASM_PAGE_SIZE } from '../memory.js';
import type { Storage } from '../storage.js';

const CHECKSUM_OFFSET = 0;
const LENGTH_OFFSET = CHECKSUM_OFFSET + 8;
const GENERATION_OFFSET = LENGTH_OFFSET + 8;
const NUMBER_OFFSET = GENERATION_OFFSET + 8;
const IMAGE_LENGTH_OFFSET = NUMBER_OFFSET + 8;
const RANGES_OFFSET = IMAGE_LENGTH_OFFSET + 8;

const RANGE_OFFSET_OFFSET = 0;
const RANGE_LENGTH_OFFSET = RANGE_OFFSET_OFFSET + 8;
const RANGE_BYTES_OFFSET = RANGE_LENGTH_OFFSET + 8;

/** Offsets within a record and a range, for the test that compares them with the tables above. */
export const RECORD_LAYOUT = {
  record: {
    checksum: CHECKSUM_OFFSET,
    length: LENGTH_OFFSET,
    generation: GENERATION_OFFSET,
    number: NUMBER_OFFSET,
    imageLength: IMAGE_LENGTH_OFFSET,
    ranges: RANGES_OFFSET,
  },
  range: {
    offset: RANGE_OFFSET_OFFSET,
    length: RANGE_LENGTH_OFFSET,
    bytes: RANGE_BYTES_OFFSET,
  },
};

/** Bytes and where in the image they belong. */
export interface Range {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What one transaction has done to the image. */
export interface Change {
  /** Bytes of the image after it. */
  readonly imageLength: number;
  readonly ranges: readonly Range[];
}

/** A record's place among all others: no other record of a journal has ever had the same. */
export interface RecordId {
  readonly generation: number;
  readonly number: number;
}

/** The bytes of a record. O(bytes). */
export function encodeRecord(id: RecordId, { imageLength, ranges }: Change): Uint8Array {
  let length = RANGES_OFFSET;
  for (const { bytes } of ranges) length += RANGE_BYTES_OFFSET + bytes.length;
  const record = new Uint8Array(length);
  writeU64(record, LENGTH_OFFSET, length);
  writeU64(record, GENERATION_OFFSET, id.generation);
  writeU64(record, NUMBER_OFFSET, id.number);
  writeU64(record, IMAGE_LENGTH_OFFSET, imageLength);
  let at = RANGES_OFFSET;
  for (const { offset, bytes } of ranges) {
    writeU64(record, at + RANGE_OFFSET_OFFSET, offset);
    writeU64(record, at + RANGE_LENGTH_OFFSET, bytes.length);
    record.set(bytes, at + RANGE_BYTES_OFFSET);
    at += RANGE_BYTES_OFFSET + bytes.length;
  }
  writeBigU64(record, CHECKSUM_OFFSET, crc64(record, LENGTH_OFFSET));
  return record;
}

/**
 * The length that a record with this id has at `offset`, as far as its first bytes tell; -1 where
 * they are none of its. Nothing is said yet about the bytes behind them.
 */
export function recordLengthAt(journal: Storage, offset: number, id: RecordId): number {
  const room = journal.length() - offset;
  if (room < RANGES_OFFSET) return -1;
  const start = new Uint8Array(RANGES_OFFSET);
  journal.read(offset, start);
  if (readBigU64(start, GENERATION_OFFSET) !== BigInt(id.generation)) return -1;
  if (readBigU64(start, NUMBER_OFFSET) !== BigInt(id.number)) return -1;
  const length = Number(readBigU64(start, LENGTH_OFFSET));
  return length >= RANGES_OFFSET && length <= room ? length : -1;
}

/** The record with this id at `offset`, or `undefined` where there is no whole one. O(bytes). */
export function readRecordAt(
  journal: Storage,
  offset: number,
  id: RecordId,
): Uint8Array | undefined {
  const length = recordLengthAt(journal, offset, id);
  if (length < 0) return undefined;
  const record = new Uint8Array(length);
  journal.read(offset, record);
  const isWhole = readBigU64(record, CHECKSUM_OFFSET) === crc64(record, LENGTH_OFFSET);
  return isWhole ? record : undefined;
}

/**
 * What a whole record says; its ranges are views of it. Throws `CORRUPTED` where it breaks the
 * rules, although its checksum is right: then another program wrote it.
 */
export function decodeRecord(record: Uint8Array): Change {
  const imageLength = readU64(record, IMAGE_LENGTH_OFFSET);
  if (imageLength % WASM_PAGE_SIZE !== 0) {
    throw corrupted('length of the image in a journal', 'whole pages', imageLength);
  }
  const ranges: Range[] = [];
  let at = RANGES_OFFSET;
  while (at < record.length) {
    const range = decodeRange(record, at);
    const end = range.offset + range.bytes.length;
    if (end > imageLength) throw corrupted('range in a journal', `up to ${imageLength}`, end);
    ranges.push(range);
    at += RANGE_BYTES_OFFSET + range.bytes.length;
  }
  return { imageLength, ranges };
}

function decodeRange(record: Uint8Array, at: number): Range {
  const room = record.length - at - RANGE_BYTES_OFFSET;
  if (room < 0) throw corrupted('range in a journal', 'a whole one', 'the end of its record');
  const length = readU64(record, at + RANGE_LENGTH_OFFSET);
  if (length > room) throw corrupted('length of a range in a journal', `up to ${room}`, length);
  const start = at + RANGE_BYTES_OFFSET;
  return {
    offset: readU64(record, at + RANGE_OFFSET_OFFSET),
    bytes: record.subarray(start, start + length),
  };
}
