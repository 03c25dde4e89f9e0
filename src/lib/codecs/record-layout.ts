/**
 * The bytes of a record: a version, then its fields by ascending number. Fields that are missing
 * take no bytes.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  layout version = 1
 *
 * and for each field:
 *
 *     OFFSET   SIZE  FIELD
 *          0      1  number, 1 to 255
 *          1      1  type
 *          2  0/1/4  size of the value, little-endian; absent where the shape says it
 *       then   size  the value, as its own codec encodes it
 *
 * See `field-type.ts` for the type. Its shape alone says where a field ends, so that a reader skips
 * fields it does not know, even of kinds that were invented after it. Numbers never change their
 * meaning.
 *
 * Source: design section 5; golden vectors `test/golden/codecs.txt`.
 */
import { readU32 } from '../bytes.js';
import { corrupted, StorageError } from '../errors.js';
import {
  SHAPE_SHIFT,
  SIZE_IN_1_BYTE,
  SIZE_IN_4_BYTES,
  SIZE_IS_STORED,
  SIZE_OF_SHAPE,
} from './field-type.js';

export const RECORD_VERSION = 1;
export const FIELD_NUMBER_MAX = 255;

const VERSION_SIZE = 1;
const NUMBER_AND_TYPE_SIZE = 2;

/** A field as it lies in a record. */
export interface StoredField {
  /** The type byte. */
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The fields of a record by number. O(fields). Throws `UNSUPPORTED_VERSION` for another layout,
 * `CORRUPTED` for fields that are out of order, cut off, or of no shape.
 */
export function locateFields(
  bytes: Uint8Array,
  start: number,
  end: number,
): Map<number, StoredField> {
  assertVersion(start < end ? bytes[start] : undefined);
  const fields = new Map<number, StoredField>();
  let lastNumber = 0;
  for (let offset = start + VERSION_SIZE; offset < end;) {
    const number = bytes[offset]!;
    if (number <= lastNumber) throw corrupted('number of a field', `above ${lastNumber}`, number);
    const field = locateField(bytes, start, offset, end);
    fields.set(number, field);
    lastNumber = number;
    offset = field.end;
  }
  return fields;
}

function sizeWidthOf(shape: number): number {
  if (shape === SIZE_IN_1_BYTE) return 1;
  return shape === SIZE_IN_4_BYTES ? 4 : 0;
}

/** Places in messages are counted from the start of the record. */
function locateField(
  bytes: Uint8Array,
  recordStart: number,
  offset: number,
  recordEnd: number,
): StoredField {
  const length = recordEnd - recordStart;
  const type = offset + 1 < recordEnd ? bytes[offset + 1]! : 0;
  const shape = type >>> SHAPE_SHIFT;
  if (shape === SIZE_IS_STORED) throw corrupted('shape of a field', '1 to 7', shape);
  const sizeOffset = offset + NUMBER_AND_TYPE_SIZE;
  const start = sizeOffset + sizeWidthOf(shape);
  if (start > recordEnd) {
    throw corrupted('end of a field', `at least ${start - recordStart}`, length);
  }
  const end = start + storedSize(bytes, sizeOffset, shape);
  if (end > recordEnd) throw corrupted('end of a field', `at most ${length}`, end - recordStart);
  return { type, start, end };
}

function storedSize(bytes: Uint8Array, offset: number, shape: number): number {
  if (shape === SIZE_IN_1_BYTE) return bytes[offset]!;
  if (shape === SIZE_IN_4_BYTES) return readU32(bytes, offset);
  return SIZE_OF_SHAPE[shape]!;
}

function assertVersion(version: number | undefined): void {
  if (version === undefined) throw corrupted('record', 'at least 1 byte', 0);
  if (version === RECORD_VERSION) return;
  throw new StorageError(
    'UNSUPPORTED_VERSION',
    `record: expected layout version ${RECORD_VERSION}, found ${version}. Use a release that ` +
      'reads it, or check that these bytes are a record.',
    { expected: RECORD_VERSION, found: version },
  );
}
