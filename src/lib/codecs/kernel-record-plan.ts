/**
 * What the kernel is told of a record: its plan, and how each value crosses.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  number of the field
 *          1     1  type byte, as it stands before a value of up to 255 bytes
 *          2     1  kind: how the value crosses
 *          3     1  1 where the field is optional, else 0
 *
 * and so on, 4 bytes for each field. A value crosses in slots of 8 bytes. An optional field has one
 * more before them: 1 where there is a value, else 0, and then the others mean nothing.
 *
 *     KIND           SLOTS
 *     1  unsigned    the number, f64
 *     2  signed      the number, f64
 *     3  bool        0 or 1, f64
 *     4  date        milliseconds, f64
 *     5  float       the number, f64
 *     6  word        the number, u64
 *     7  signed word the number, i64
 *     8  text        length in UTF-16, f64; all texts of a record travel joined in one
 *     9  bytes       length, f64; and where they begin in the staging area, f64, which means
 *                    nothing on the way to the kernel: there they are joined in one
 *
 * Source: `src/kernel/assembly/record/plan.ts`, the same tables.
 */
import { bool } from './bool.js';
import { date } from './date.js';
import { f64 } from './floats.js';
import type { Field } from './record-field.js';
import { i16, i32, i64, i8 } from './signed.js';
import { text } from './text.js';
import { u16, u32, u64, u8 } from './unsigned.js';

const ROW_SIZE = 4;
const TYPE_MASK = 0xff;

const KIND_CODES = {
  unsigned: 1,
  signed: 2,
  bool: 3,
  date: 4,
  float: 5,
  word: 6,
  signedWord: 7,
  text: 8,
  bytes: 9,
} as const;

export type CrossingKind = keyof typeof KIND_CODES;

/** Values of any other codec cross as the bytes that it makes of them. */
const KIND_OF_CODEC: ReadonlyMap<unknown, CrossingKind> = new Map<unknown, CrossingKind>([
  [u8, 'unsigned'],
  [u16, 'unsigned'],
  [u32, 'unsigned'],
  [i8, 'signed'],
  [i16, 'signed'],
  [i32, 'signed'],
  [bool, 'bool'],
  [date, 'date'],
  [f64, 'float'],
  [u64, 'word'],
  [i64, 'signedWord'],
  [text, 'text'],
]);

/** How the values of a field cross. */
export interface Crossing {
  readonly field: Field;
  readonly kind: CrossingKind;

  /** The slot of the value. Before it is the one that says whether there is a value. */
  readonly slot: number;
}

/** How the values of these fields cross, and in how many slots. O(fields). */
export function crossingsOf(fields: readonly Field[]): {
  readonly crossings: readonly Crossing[];
  readonly slotCount: number;
} {
  let next = 0;
  const crossings = fields.map((field) => {
    const kind = KIND_OF_CODEC.get(field.codec) ?? 'bytes';
    const slot = next + (field.isOptional ? 1 : 0);
    next = slot + (kind === 'bytes' ? 2 : 1);
    return { field, kind, slot };
  });
  return { crossings, slotCount: next };
}

/** The plan as the kernel reads it. O(fields). */
export function planOf(crossings: readonly Crossing[]): Uint8Array {
  const plan = new Uint8Array(crossings.length * ROW_SIZE);
  for (const [index, { field, kind }] of crossings.entries()) {
    const row = [
      field.number,
      field.header & TYPE_MASK,
      KIND_CODES[kind],
      Number(field.isOptional),
    ];
    plan.set(row, index * ROW_SIZE);
  }
  return plan;
}
