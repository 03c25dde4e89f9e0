/**
 * Compares keys by the order of a map. What orders there are, and how they are written down, says
 * the table of `src/lib/order-program.ts`.
 *
 * The parts of tuples are found as the layouts of `src/lib/codecs/tuple-*.ts` find them, with the
 * same checks. A stored key that is no such tuple is a failure: TypeScript says what is wrong.
 *
 * Source: `src/lib/codecs/tuple.ts`, `descending.ts`, `floats.ts` and `optional.ts`, whose orders
 * these are.
 */
import { compareBytes } from '../compare';
import { fail, map } from './plan';

/** Keys are ordered by their bytes. */
export const BY_BYTES: u8 = 0;
const SHORTER_FIRST: u8 = 1;
const DESCENDING: u8 = 2;
const OF_FLOATS: u8 = 3;
const OF_TUPLES: u8 = 4;
const OF_OPTIONALS: u8 = 5;

const ADJACENT: u8 = 0;
const PADDED: u8 = 1;
const WIDTHS: u8 = 2;

const FORM_OFFSET: usize = 1;
const COUNT_OFFSET: usize = 2;
const PARTS_OFFSET: usize = 3;
const PART_HEADER_SIZE: usize = 7;

/** Marks an open pair; the low two bits are the width of the size less one. */
const MARK: u8 = 0xfc;
const MARK_WITHOUT_SIZE: u8 = 0xfe;

/** Stands for a size that follows in 4 bytes. */
const LONG: u8 = 0xff;
const LONG_FIELD_SIZE: usize = 5;

/** The mark of a value that is missing. */
const MISSING: u8 = 0;

/** All parts of a tuple count. */
export const ALL_PARTS: u32 = 0;

/**
 * -1, 0 or 1, as a stored key comes before, with or after another one; of tuples perhaps by the
 * first parts only.
 */
export function compareKeys(
  stored: usize,
  storedLength: usize,
  key: usize,
  keyLength: usize,
  partCount: u32,
): i32 {
  if (map.isByBytes) return compareBytes(stored, storedLength, key, keyLength);
  return compareBy(map.order, stored, storedLength, key, keyLength, partCount);
}

function compareBy(
  order: usize,
  left: usize,
  leftLength: usize,
  right: usize,
  rightLength: usize,
  partCount: u32,
): i32 {
  switch (load<u8>(order)) {
    case BY_BYTES:
      return compareBytes(left, leftLength, right, rightLength);
    case SHORTER_FIRST:
      if (leftLength != rightLength) return leftLength < rightLength ? -1 : 1;
      return compareBytes(left, leftLength, right, rightLength);
    case DESCENDING:
      return -compareBy(order + 1, left, leftLength, right, rightLength, partCount);
    case OF_FLOATS:
      return compareFloats(left, leftLength, right, rightLength);
    case OF_TUPLES:
      return compareTuples(order, left, leftLength, right, rightLength, partCount);
    case OF_OPTIONALS:
      return compareOptionals(order + 1, left, leftLength, right, rightLength);
    default:
      return unreachable();
  }
}

/** A key that is not what it should be is a failure of the whole operation. */
function notCertain(): i32 {
  fail();
  return 0;
}

/** What is missing comes first. The last byte says whether it is. */
function compareOptionals(
  order: usize,
  left: usize,
  leftLength: usize,
  right: usize,
  rightLength: usize,
): i32 {
  if (leftLength == 0 || rightLength == 0) return notCertain();
  const leftMark = load<u8>(left + leftLength - 1);
  const rightMark = load<u8>(right + rightLength - 1);
  if (leftMark != rightMark) return leftMark < rightMark ? -1 : 1;
  if (leftMark == MISSING) return 0;
  return compareBy(order, left, leftLength - 1, right, rightLength - 1, ALL_PARTS);
}

/** -Infinity, negative numbers, -0, 0, positive numbers, Infinity, NaN. */
function compareFloats(left: usize, leftLength: usize, right: usize, rightLength: usize): i32 {
  if (leftLength != rightLength || (leftLength != 4 && leftLength != 8)) return notCertain();
  const isWide = leftLength == 8;
  const l = isWide ? wideFloat(left) : narrowFloat(left);
  const r = isWide ? wideFloat(right) : narrowFloat(right);
  if (l < r) return -1;
  if (l > r) return 1;
  if (l != r) return <i32>isNaN(l) - <i32>isNaN(r);
  return <i32>isNegative(r) - <i32>isNegative(l);
}

function wideFloat(at: usize): f64 {
  return reinterpret<f64>(bswap<u64>(load<u64>(at)));
}

function narrowFloat(at: usize): f64 {
  return <f64>reinterpret<f32>(bswap<u32>(load<u32>(at)));
}

function isNegative(value: f64): bool {
  return reinterpret<u64>(value) >> 63 != 0;
}

/** The first part that differs decides. Those behind it are looked for all the same. */
function compareTuples(
  order: usize,
  left: usize,
  leftLength: usize,
  right: usize,
  rightLength: usize,
  partCount: u32,
): i32 {
  const count: u32 = load<u8>(order, COUNT_OFFSET);
  const compared = partCount == ALL_PARTS ? count : partCount;
  let part = order + PARTS_OFFSET;
  let leftAt = left;
  let rightAt = right;
  let sign: i32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    if (!locate(order, part, index, left, leftAt, left + leftLength)) return notCertain();
    const leftStart = partStart;
    leftAt = partEnd;
    if (sign == 0 && index < compared) {
      if (!locate(order, part, index, right, rightAt, right + rightLength)) return notCertain();
      const start = partStart;
      rightAt = partEnd;
      const partOrder = part + PART_HEADER_SIZE;
      sign = compareBy(partOrder, leftStart, leftAt - leftStart, start, rightAt - start, ALL_PARTS);
    }
    part = nextPart(part);
  }
  return sign;
}

/** Where the part lies that {@link locate} has found last. */
let partStart: usize = 0;
let partEnd: usize = 0;

/**
 * Finds a part of the tuple that begins at `origin` and ends at `end`, behind the one that ends at
 * `at`. False where it is not there.
 */
function locate(order: usize, part: usize, index: u32, origin: usize, at: usize, end: usize): bool {
  const form = load<u8>(order, FORM_OFFSET);
  if (form == PADDED) return locatePadded(part, index, order + PARTS_OFFSET, origin, end);
  if (index == <u32>load<u8>(order, COUNT_OFFSET) - 1) return found(at, end);
  if (form == ADJACENT) return locateAdjacent(part, at, end);
  if (origin == end) return false;
  if (form == WIDTHS) {
    const widths = load<u8>(origin);
    const width = (index == 0 ? widths >> 2 : widths & 3) + 1;
    return locateBehindSize(part, index == 0 ? origin + 1 : at, end, width);
  }
  return locateMarked(part, origin, end);
}

/** `src/lib/codecs/tuple-long.ts`, and `tuple-sized.ts` where no size is stored. */
function locateAdjacent(part: usize, at: usize, end: usize): bool {
  if (isFixed(part)) return foundWithin(at, sizeOf(part), end);
  if (at == end) return false;
  const short = load<u8>(at);
  if (short != LONG) return foundWithin(at + 1, short, end);
  if (end - at < LONG_FIELD_SIZE) return false;
  const size = bswap<u32>(load<u32>(at, 1));
  return size >= LONG && foundWithin(at + LONG_FIELD_SIZE, size, end);
}

/** `src/lib/codecs/tuple-padded.ts` */
function locatePadded(part: usize, index: u32, first: usize, origin: usize, end: usize): bool {
  const second = nextPart(first);
  const firstWidth = isFixed(first) ? 0 : widthOf(sizeOf(first));
  const secondWidth = isFixed(second) ? 0 : widthOf(sizeOf(second));
  const sizes = <usize>sizeOf(first) + <usize>sizeOf(second);
  if (end - origin != sizes + <usize>firstWidth + <usize>secondWidth) return false;
  const field = origin + sizes + (index == 0 ? 0 : <usize>firstWidth);
  const size = isFixed(part) ? sizeOf(part) : readSize(field, widthOf(sizeOf(part)));
  if (size > sizeOf(part)) return false;
  const start = index == 0 ? origin : origin + <usize>sizeOf(first);
  return found(start, start + <usize>size);
}

/** `src/lib/codecs/tuple-open.ts`: the first of two parts. */
function locateMarked(part: usize, origin: usize, end: usize): bool {
  const mark = load<u8>(origin);
  if (isFixed(part)) return mark == MARK_WITHOUT_SIZE && foundWithin(origin + 1, sizeOf(part), end);
  return mark >= MARK && locateBehindSize(part, origin + 1, end, mark - MARK + 1);
}

/** A part behind its size, which is no wider than it need be; as `locatePart` finds it. */
function locateBehindSize(part: usize, at: usize, end: usize, width: u32): bool {
  if (isFixed(part)) {
    return width == widthOf(sizeOf(part)) && foundWithin(at, sizeOf(part), end);
  }
  if ((width != 1 && width != 2 && width != 4) || end - at < <usize>width) return false;
  const size = readSize(at, width);
  return width == widthOf(size) && foundWithin(at + <usize>width, size, end);
}

function foundWithin(start: usize, size: u32, end: usize): bool {
  return <usize>size <= end - start && found(start, start + <usize>size);
}

function found(start: usize, end: usize): bool {
  partStart = start;
  partEnd = end;
  return true;
}

function readSize(at: usize, width: u32): u32 {
  if (width == 1) return load<u8>(at);
  return width == 2 ? bswap<u16>(load<u16>(at)) : bswap<u32>(load<u32>(at));
}

function widthOf(size: u32): u32 {
  if (size <= 0xff) return 1;
  return size <= 0xffff ? 2 : 4;
}

/** The largest size of a part. */
function sizeOf(part: usize): u32 {
  return load<u32>(part);
}

function isFixed(part: usize): bool {
  return load<u8>(part, 4) != 0;
}

function nextPart(part: usize): usize {
  return part + PART_HEADER_SIZE + <usize>load<u16>(part, 5);
}
