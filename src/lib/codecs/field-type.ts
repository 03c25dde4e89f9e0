/**
 * The type of a stored value in one byte, where a reader must tell what a value is without knowing
 * who wrote it: before each field of a record, and once in each list.
 *
 *     type = shape << 5 | kind
 *
 *     SHAPE  1       2        3        4        5         6                      7
 *            1 byte  2 bytes  4 bytes  8 bytes  16 bytes  size in 1 byte follows  in 4 bytes
 *
 *     KIND   1  unsigned    5  unit       9  tuple                13  enumeration
 *            2  signed      6  text      10  record               14  list
 *            3  float       7  bytes     11  integer of any size  15  candid
 *            4  bool        8  principal 12  date                 16  json
 *                                                                 31  any other
 *
 * The shape says how long a value is. The kind is there so that a value which changed its type is
 * refused instead of misread: eight bytes may be a `u64` or an `i64`. Shapes and kinds never change
 * their meaning.
 *
 * Source: design section 5; golden vectors `test/golden/codecs.txt`.
 */
import type { Codec } from '../codec.js';
import { isFixed } from './tuple-layout.js';

export const SHAPE_SHIFT = 5;
const KIND_MASK = 0x1f;

/** The shape of a type whose values are stored with their size. Never in a record. */
export const SIZE_IS_STORED = 0;
export const SIZE_IN_1_BYTE = 6;
export const SIZE_IN_4_BYTES = 7;

/** Size of a value by its shape, for the shapes that say it. */
export const SIZE_OF_SHAPE = [-1, 1, 2, 4, 8, 16];

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
  ['list', 14],
  ['candid', 15],
  ['json', 16],
]);
const OTHER_KIND = 31;

/** What is remembered of a codec. */
export interface FieldType {
  readonly kind: number;

  /** The one shape of all its values; {@link SIZE_IS_STORED} where each has its size with it. */
  readonly shape: number;
}

/** The type of the values of this codec. O(length of its name): ask once, not for each value. */
export function fieldTypeOf(codec: Codec<unknown>): FieldType {
  const [name] = codec.name.split('(', 1);
  const kind = KIND_OF_NAME.get(name!) ?? OTHER_KIND;
  const shape = isFixed(codec.bound) ? SIZE_OF_SHAPE.indexOf(codec.bound.maxSize) : -1;
  return { kind, shape: Math.max(shape, SIZE_IS_STORED) };
}

/** The type byte of a value of this type and shape. */
export function typeByteOf({ kind }: FieldType, shape: number): number {
  return (shape << SHAPE_SHIFT) | kind;
}

/** Whether a value that was stored with the type byte `stored` is one of this type. */
export function isStoredAs({ kind, shape }: FieldType, stored: number): boolean {
  if ((stored & KIND_MASK) !== kind) return false;
  return shape === SIZE_IS_STORED || stored >>> SHAPE_SHIFT === shape;
}
