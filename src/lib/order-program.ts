/**
 * Orders of keys as data, for the kernel, which searches nodes and knows no functions of
 * JavaScript's. An order that is not described here is searched by in TypeScript.
 *
 *     ORDER            BYTES
 *     by bytes         0
 *     shorter first    1
 *     descending       2, ORDER that is turned
 *     of floats        3
 *     of tuples        4, form of the layout, number of parts, PART for each
 *     of optionals     5, ORDER of those that are there
 *
 *     PART, OFFSET  SIZE  FIELD
 *                0     4  the largest size, u32; 0xFFFFFFFF = none
 *                4     1  1 where all values have that size
 *                5     2  length n of the order, u16
 *                7     n  ORDER
 *
 *     FORM  LAYOUT
 *        0  parts that follow each other, sizes in front: `tuple-long.ts`, `tuple-sized.ts`
 *        1  padded parts, sizes behind them: `tuple-padded.ts`
 *        2  three parts behind a byte of widths: `tuple-sized.ts`
 *        3  two parts behind a mark: `tuple-open.ts`
 *
 * Source: the other side is `src/kernel/assembly/tree/order.ts`.
 */
import { compareBytes, compareShorterFirst, concatBytes, writeU16, writeU32 } from './bytes.js';
import type { Bound, ByteOrder } from './codec.js';

const BY_BYTES = 0;
const SHORTER_FIRST = 1;
const DESCENDING = 2;
const OF_FLOATS = 3;
const OF_TUPLES = 4;
const OF_OPTIONALS = 5;

const PART_HEADER_SIZE = 7;
const NO_LIMIT = 0xffff_ffff;
const LENGTH_MAX = 0xffff;
const COUNT_MAX = 0xff;

/** How the parts of a tuple lie in its bytes; see the table above. */
const TUPLE_FORMS = { adjacent: 0, padded: 1, widths: 2, marked: 3 } as const;
export type TupleForm = keyof typeof TUPLE_FORMS;

/** What counts of the codec of a part. */
interface Part {
  readonly bound: Bound;
  readonly order: ByteOrder;
}

const programs = new WeakMap<ByteOrder, Uint8Array>([
  [compareBytes, Uint8Array.of(BY_BYTES)],
  [compareShorterFirst, Uint8Array.of(SHORTER_FIRST)],
]);

/** The program of an order; `undefined` where nobody has described it. O(1). */
export function orderProgramOf(order: ByteOrder): Uint8Array | undefined {
  return programs.get(order);
}

/** Says that `order` is `turned`, the other way round. O(length of its program). */
export function describeDescending(order: ByteOrder, turned: ByteOrder): void {
  describeBy(DESCENDING, order, turned);
}

/** Says that `order` is that of values of which some are missing. O(length of its program). */
export function describeOptionals(order: ByteOrder, present: ByteOrder): void {
  describeBy(OF_OPTIONALS, order, present);
}

/** Says that `order` is that of floating-point numbers, of 4 or 8 bytes. O(1). */
export function describeFloats(order: ByteOrder): void {
  describe(order, Uint8Array.of(OF_FLOATS));
}

/** Says that `order` is that of tuples with these parts. O(length of their programs). */
export function describeTuples(order: ByteOrder, form: TupleForm, parts: readonly Part[]): void {
  const described = parts.map(partOf);
  if (parts.length > COUNT_MAX || !described.every((part) => part !== undefined)) return;
  const head = Uint8Array.of(OF_TUPLES, TUPLE_FORMS[form], parts.length);
  describe(order, concatBytes(head, ...described));
}

function describeBy(kind: number, order: ByteOrder, inner: ByteOrder): void {
  const program = orderProgramOf(inner);
  if (program !== undefined) describe(order, concatBytes(Uint8Array.of(kind), program));
}

function describe(order: ByteOrder, program: Uint8Array): void {
  if (program.length <= LENGTH_MAX) programs.set(order, program);
}

function partOf({ bound, order }: Part): Uint8Array | undefined {
  const program = orderProgramOf(order);
  if (program === undefined) return undefined;
  const header = new Uint8Array(PART_HEADER_SIZE);
  writeU32(header, 0, bound === 'unbounded' ? NO_LIMIT : bound.maxSize);
  header[4] = bound !== 'unbounded' && bound.fixedSize ? 1 : 0;
  writeU16(header, 5, program.length);
  return concatBytes(header, program);
}
