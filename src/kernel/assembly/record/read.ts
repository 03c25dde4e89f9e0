/**
 * From a record to its slots: one walk over the bytes along the plan. Only what is certain is read:
 * fields of the declared types in the declared order, and no others. Whatever else a record may be,
 * grown, shrunk or damaged, the codec in TypeScript reads, or refuses in its words.
 */
import { utf16Length } from '../candid/text';
import * as plan from './plan';
import { put, rewind, skip } from './slots';

const VERSION: u8 = 1;
const HEADER_SIZE: usize = 2;

/** A record's first byte, which offsets are counted from; and the byte that comes next. */
let origin: usize = 0;
let at: usize = 0;
let end: usize = 0;

/** Where the joined texts end. */
let textEnd: usize = 0;

/**
 * Reads the record of a plan and joins its texts at `texts`, where they have room: they are no
 * longer than the record. Returns the length of the joined texts, or -1 where it is not certain.
 * `base` is where offsets are counted from.
 */
export function readRecord(
  number: u32,
  base: usize,
  start: usize,
  length: usize,
  texts: usize,
): isize {
  origin = base;
  end = start + length;
  at = start + 1;
  textEnd = texts;
  if (length == 0 || load<u8>(start) != VERSION) return -1;
  rewind();
  const rows = plan.endOfRows(number);
  for (let row = plan.firstRow(number); row < rows; row = plan.nextRow(row)) {
    if (!readField(row)) return -1;
  }
  return at == end ? textEnd - texts : -1;
}

function readField(row: usize): bool {
  const isOptional = plan.isOptional(row);
  if (isOptional && isMissing(row)) {
    put<f64>(0);
    skip(plan.slotsOf(row));
    return true;
  }
  if (isOptional) put<f64>(1);
  if (at + HEADER_SIZE > end || load<u8>(at) != plan.numberOf(row)) return false;
  return plan.isSized(row) ? readSized(row) : readFixed(row);
}

/** A field with a higher number comes next, or none. */
function isMissing(row: usize): bool {
  return at == end || load<u8>(at) > plan.numberOf(row);
}

function readSized(row: usize): bool {
  const type = load<u8>(at, 1);
  const isLong = type == plan.longTypeOf(row);
  if (!isLong && type != plan.typeOf(row)) return false;
  const start = at + HEADER_SIZE + (isLong ? 4 : 1);
  if (start > end) return false;
  const size = isLong ? <usize>load<u32>(at, 2) : <usize>load<u8>(at, 2);
  if (size > end - start) return false;
  at = start + size;
  return plan.kindOf(row) == plan.TEXT ? putText(start, size) : putBytes(start, size);
}

function readFixed(row: usize): bool {
  if (load<u8>(at, 1) != plan.typeOf(row)) return false;
  const start = at + HEADER_SIZE;
  const size = plan.fixedSize(row);
  if (size > end - start) return false;
  at = start + size;
  return putFixed(plan.kindOf(row), start, size);
}

function putText(start: usize, size: usize): bool {
  const units = utf16Length(start, start + size);
  if (units < 0) return false;
  memory.copy(textEnd, start, size);
  textEnd += size;
  put<f64>(<f64>units);
  return true;
}

function putBytes(start: usize, size: usize): bool {
  put<f64>(<f64>size);
  put<f64>(<f64>(start - origin));
  return true;
}

function putFixed(kind: u8, start: usize, size: usize): bool {
  switch (kind) {
    case plan.UNSIGNED:
      put<f64>(<f64>bigEndian(start, size));
      return true;
    case plan.SIGNED:
      put<f64>(<f64>(<i64>bigEndian(start, size) - halfOfRange(size)));
      return true;
    case plan.BOOL:
      put<f64>(<f64>load<u8>(start));
      return load<u8>(start) <= 1;
    case plan.DATE:
      return putDate((<i64>bigEndian(start, size)) ^ i64.MIN_VALUE);
    case plan.BYTES:
      return putBytes(start, size);
    case plan.SIGNED_WORD:
      put<u64>(bigEndian(start, size) ^ (<u64>i64.MIN_VALUE));
      return true;
    default:
      put<u64>(bigEndian(start, size));
      return true;
  }
}

/** Dates end 100 million days before and after 1970; beyond there is none. */
const DATE_MAX: i64 = 8_640_000_000_000_000;

function putDate(milliseconds: i64): bool {
  put<f64>(<f64>milliseconds);
  return milliseconds >= -DATE_MAX && milliseconds <= DATE_MAX;
}

function bigEndian(start: usize, size: usize): u64 {
  if (size == 8) return bswap<u64>(load<u64>(start));
  if (size == 4) return bswap<u32>(load<u32>(start));
  if (size == 2) return bswap<u16>(load<u16>(start));
  return load<u8>(start);
}

/** How far signed numbers of a size are shifted upwards. */
export function halfOfRange(size: usize): i64 {
  return (<i64>1) << (8 * size - 1);
}
