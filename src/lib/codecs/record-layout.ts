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
 *          1      1  type: shape << 5 | kind
 *          2  0/1/4  size of the value, little-endian; absent where the shape says it
 *       then   size  the value, as its own codec encodes it
 *
 *     SHAPE  1       2        3        4        5         6                      7
 *            1 byte  2 bytes  4 bytes  8 bytes  16 bytes  size in 1 byte follows  in 4 bytes
 *
 *     KIND   1  unsigned    5  unit       9  tuple                13  enumeration
 *            2  signed      6  text      10  record               31  any other
 *            3  float       7  bytes     11  integer of any size
 *            4  bool        8  principal 12  date
 *
 * The shape alone says where a field ends, so that a reader skips fields it does not know, even
 * of kinds that were invented after it. The kind is there so that a field which changed its type
 * is refused instead of misread: eight bytes may be a `u64` or an `i64`. Numbers, shapes and kinds
 * never change their meaning.
 *
 * Source: design section 5; golden vectors `test/golden/codecs.txt`.
 */
import { readU32, writeU32 } from '../bytes.js';
import type { Codec } from '../codec.js';
import { corrupted, StorageError } from '../errors.js';
import { isFixed } from './tuple-layout.js';

export const RECORD_VERSION = 1;
export const FIELD_NUMBER_MAX = 255;

const VERSION_SIZE = 1;
const NUMBER_AND_TYPE_SIZE = 2;

const SHAPE_SHIFT = 5;
const KIND_MASK = 0x1f;
const SIZE_IN_1_BYTE = 6;
const SIZE_IN_4_BYTES = 7;

/** Size of a value by its shape, for the shapes that say it. */
const SIZE_OF_SHAPE = [-1, 1, 2, 4, 8, 16];

/** Never in the bytes: the shape of a type whose values are stored with their size. */
const SIZE_IS_STORED = 0;

/** By the name of a codec up to its parameters, so that a larger bound stays the same kind. */
const KIND_OF_NAME: ReadonlyMap<string, number> = new Map([
  ['u8', 1],
  ['u16', 1],
  ['u32', 1],
  ['u64', 1],
  ['u128', 1],
  ['i8', 2],
  ['i16', 2],
  ['i32', 2],
  ['i64', 2],
  ['i128', 2],
  ['f32', 3],
  ['f64', 3],
  ['bool', 4],
  ['unit', 5],
  ['text', 6],
  ['bytes', 7],
  ['blob', 7],
  ['fixedBytes', 7],
  ['principal', 8],
  ['tuple', 9],
  ['record', 10],
  ['nat', 11],
  ['int', 11],
  ['date', 12],
  ['enumeration', 13],
]);
const OTHER_KIND = 31;

/** What a record remembers of a field's codec. */
export interface FieldType {
  readonly kind: number;

  /** The one shape of all its values; {@link SIZE_IS_STORED} where each has its size with it. */
  readonly shape: number;
}

/** A field as it lies in a record. */
export interface StoredField {
  /** The type byte. */
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** The type of a field with this codec. O(length of its name): ask once, not for each value. */
export function fieldTypeOf(codec: Codec<unknown>): FieldType {
  const [name] = codec.name.split('(', 1);
  const kind = KIND_OF_NAME.get(name!) ?? OTHER_KIND;
  const shape = isFixed(codec.bound) ? SIZE_OF_SHAPE.indexOf(codec.bound.maxSize) : -1;
  return { kind, shape: Math.max(shape, SIZE_IS_STORED) };
}

/** What comes before a value of `size` bytes: number, type and, unless the shape says it, size. */
export function fieldHeader(number: number, { kind, shape }: FieldType, size: number): Uint8Array {
  const typeOf = (valueShape: number): number => (valueShape << SHAPE_SHIFT) | kind;
  if (shape !== SIZE_IS_STORED) return Uint8Array.of(number, typeOf(shape));
  if (size <= 0xff) return Uint8Array.of(number, typeOf(SIZE_IN_1_BYTE), size);
  const header = new Uint8Array(NUMBER_AND_TYPE_SIZE + 4);
  header[0] = number;
  header[1] = typeOf(SIZE_IN_4_BYTES);
  writeU32(header, NUMBER_AND_TYPE_SIZE, size);
  return header;
}

/** Whether a value that was stored with the type byte `stored` is one of this type. */
export function isStoredAs({ kind, shape }: FieldType, stored: number): boolean {
  if ((stored & KIND_MASK) !== kind) return false;
  return shape === SIZE_IS_STORED || stored >>> SHAPE_SHIFT === shape;
}

/**
 * The fields of a record by number. O(fields). Throws `UNSUPPORTED_VERSION` for another layout,
 * `CORRUPTED` for fields that are out of order, cut off, or of no shape.
 */
export function locateFields(bytes: Uint8Array): Map<number, StoredField> {
  assertVersion(bytes);
  const fields = new Map<number, StoredField>();
  let lastNumber = 0;
  for (let offset = VERSION_SIZE; offset < bytes.length;) {
    const number = bytes[offset]!;
    if (number <= lastNumber) throw corrupted('number of a field', `above ${lastNumber}`, number);
    const field = locateField(bytes, offset);
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

function locateField(bytes: Uint8Array, offset: number): StoredField {
  const type = bytes[offset + 1] ?? 0;
  const shape = type >>> SHAPE_SHIFT;
  if (shape === SIZE_IS_STORED) throw corrupted('shape of a field', '1 to 7', shape);
  const sizeOffset = offset + NUMBER_AND_TYPE_SIZE;
  const start = sizeOffset + sizeWidthOf(shape);
  if (start > bytes.length) throw corrupted('end of a field', `at least ${start}`, bytes.length);
  const end = start + storedSize(bytes, sizeOffset, shape);
  if (end > bytes.length) throw corrupted('end of a field', `at most ${bytes.length}`, end);
  return { type, start, end };
}

function storedSize(bytes: Uint8Array, offset: number, shape: number): number {
  if (shape === SIZE_IN_1_BYTE) return bytes[offset]!;
  if (shape === SIZE_IN_4_BYTES) return readU32(bytes, offset);
  return SIZE_OF_SHAPE[shape]!;
}

function assertVersion(bytes: Uint8Array): void {
  const version = bytes[0];
  if (version === undefined) throw corrupted('record', 'at least 1 byte', 0);
  if (version === RECORD_VERSION) return;
  throw new StorageError(
    'UNSUPPORTED_VERSION',
    `record: expected layout version ${RECORD_VERSION}, found ${version}. Use a release that ` +
      'reads it, or check that these bytes are a record.',
    { expected: RECORD_VERSION, found: version },
  );
}
