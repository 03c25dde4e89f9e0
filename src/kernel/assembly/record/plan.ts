/**
 * How records of one declaration lie in bytes and cross to JavaScript. A plan is an array of
 * JavaScript's, made once for a declaration and kept alive by it; here each has a number.
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
 * The other side is `src/lib/codecs/kernel-record-plan.ts`; records: `record-layout.ts` there.
 */
import { takePages } from '../workspace';

export const UNSIGNED: u8 = 1;
export const SIGNED: u8 = 2;
export const BOOL: u8 = 3;
export const DATE: u8 = 4;
export const FLOAT: u8 = 5;
export const WORD: u8 = 6;
export const SIGNED_WORD: u8 = 7;
export const TEXT: u8 = 8;
export const BYTES: u8 = 9;

const ROW_SIZE: usize = 4;
const TYPE_OFFSET: usize = 1;
const KIND_OFFSET: usize = 2;
const OPTIONAL_OFFSET: usize = 3;

const SHAPE_SHIFT: u8 = 5;
const KIND_MASK: u8 = 0x1f;
const SIZE_IN_1_BYTE: u8 = 6;
const SIZE_IN_4_BYTES: u8 = 7;

/** One page has room for them: an address and a length for each. */
const PLAN_COUNT_MAX: u32 = 1024;
const ENTRY_SIZE: usize = 8;

/** The plans that are known; 0 before the first. */
let plans: usize = 0;
let planCount: u32 = 0;

/** Remembers a plan. Returns its number, or -1 where there is no room for another one. */
export function addPlan(bytes: usize, length: usize): i32 {
  if (plans == 0) plans = takePages(1);
  if (plans == 0 || planCount == PLAN_COUNT_MAX) return -1;
  const entry = plans + planCount * ENTRY_SIZE;
  store<u32>(entry, <u32>bytes);
  store<u32>(entry, <u32>length, 4);
  return planCount++;
}

/** The first row of a plan. A number that no plan has traps. */
export function firstRow(plan: u32): usize {
  if (plan >= planCount) unreachable();
  return load<u32>(plans + plan * ENTRY_SIZE);
}

/** The end of its rows. */
export function endOfRows(plan: u32): usize {
  return firstRow(plan) + load<u32>(plans + plan * ENTRY_SIZE, 4);
}

export function nextRow(row: usize): usize {
  return row + ROW_SIZE;
}

export function numberOf(row: usize): u8 {
  return load<u8>(row);
}

export function kindOf(row: usize): u8 {
  return load<u8>(row + KIND_OFFSET);
}

export function isOptional(row: usize): bool {
  return load<u8>(row + OPTIONAL_OFFSET) != 0;
}

/** How many slots a value has. */
export function slotsOf(row: usize): usize {
  return kindOf(row) == BYTES ? 2 : 1;
}

/** Whether each value has its size before it. */
export function isSized(row: usize): bool {
  return shapeOf(load<u8>(row + TYPE_OFFSET)) == SIZE_IN_1_BYTE;
}

/** The size of all values. PRECONDITION: it is in their type. */
export function fixedSize(row: usize): usize {
  return 1 << (shapeOf(load<u8>(row + TYPE_OFFSET)) - 1);
}

/** The type byte before a value with a size in 1 byte, or in the type. */
export function typeOf(row: usize): u8 {
  return load<u8>(row + TYPE_OFFSET);
}

/** The type byte before a value with a size in 4 bytes. */
export function longTypeOf(row: usize): u8 {
  return (SIZE_IN_4_BYTES << SHAPE_SHIFT) | (load<u8>(row + TYPE_OFFSET) & KIND_MASK);
}

function shapeOf(type: u8): u8 {
  return type >> SHAPE_SHIFT;
}
