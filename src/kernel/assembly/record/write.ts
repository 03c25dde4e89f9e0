/**
 * From slots to a record: the way back of `read.ts`. JavaScript has checked every value against its
 * codec. What remains uncertain is handed back: no room, and texts that cannot be told apart, where
 * one ends with half of a surrogate pair and the next begins with the other half.
 */
import { afterUtf16 } from '../candid/text';
import * as plan from './plan';
import { halfOfRange } from './read';
import { rewind, skip, take } from './slots';

const VERSION: u8 = 1;
const HEADER_SIZE: usize = 2;
const SHORT_SIZE_MAX: usize = 0xff;

/** The bytes of NaN; JavaScript has many. */
const NAN: u64 = 0x7ff8_0000_0000_0000;

/** Where the record goes on, and where its room ends. */
let at: usize = 0;
let limit: usize = 0;

/** What is left of the joined texts and of the joined bytes. */
let text: usize = 0;
let textEnd: usize = 0;
let bytes: usize = 0;

/**
 * Writes the record of a plan to `start`, where it has room up to `end`. Returns where it ends, or
 * 0 where it is not certain.
 */
export function writeRecord(
  number: u32,
  start: usize,
  end: usize,
  texts: usize,
  textsLength: usize,
  joinedBytes: usize,
): usize {
  if (start >= end) return 0;
  limit = end;
  text = texts;
  textEnd = texts + textsLength;
  bytes = joinedBytes;
  store<u8>(start, VERSION);
  at = start + 1;
  rewind();
  const rows = plan.endOfRows(number);
  for (let row = plan.firstRow(number); row < rows; row = plan.nextRow(row)) {
    if (!writeField(row)) return 0;
  }
  return text == textEnd ? at : 0;
}

function writeField(row: usize): bool {
  if (plan.isOptional(row) && take<f64>() == 0) {
    skip(plan.slotsOf(row));
    return true;
  }
  const kind = plan.kindOf(row);
  if (kind == plan.TEXT) return writeText(row);
  if (kind == plan.BYTES) return writeBytes(row);
  const size = plan.fixedSize(row);
  if (limit - at < HEADER_SIZE + size) return false;
  writeHeader(row, size);
  writeFixed(kind, size);
  return true;
}

function writeText(row: usize): bool {
  const end = afterUtf16(text, textEnd, <usize>take<f64>());
  if (end == 0 || !writeValue(row, text, end - text)) return false;
  text = end;
  return true;
}

function writeBytes(row: usize): bool {
  const size = <usize>take<f64>();
  skip(1);
  if (!writeValue(row, bytes, size)) return false;
  bytes += size;
  return true;
}

function writeValue(row: usize, source: usize, size: usize): bool {
  if (limit - at < HEADER_SIZE + sizeWidth(row, size) + size) return false;
  writeHeader(row, size);
  memory.copy(at, source, size);
  at += size;
  return true;
}

function sizeWidth(row: usize, size: usize): usize {
  if (!plan.isSized(row)) return 0;
  return size > SHORT_SIZE_MAX ? 4 : 1;
}

function writeHeader(row: usize, size: usize): void {
  const width = sizeWidth(row, size);
  store<u8>(at, plan.numberOf(row));
  store<u8>(at, width == 4 ? plan.longTypeOf(row) : plan.typeOf(row), 1);
  if (width == 1) store<u8>(at, <u8>size, 2);
  if (width == 4) store<u32>(at, <u32>size, 2);
  at += HEADER_SIZE + width;
}

function writeFixed(kind: u8, size: usize): void {
  if (kind == plan.WORD) return bigEndian(take<u64>(), size);
  if (kind == plan.SIGNED_WORD) return bigEndian(take<u64>() ^ (<u64>i64.MIN_VALUE), size);
  const value = take<f64>();
  if (kind == plan.FLOAT) return bigEndian(isNaN(value) ? NAN : reinterpret<u64>(value), size);
  const shift = kind == plan.SIGNED || kind == plan.DATE ? halfOfRange(size) : 0;
  bigEndian(<u64>(<i64>value + shift), size);
}

function bigEndian(value: u64, size: usize): void {
  if (size == 8) store<u64>(at, bswap<u64>(value));
  else if (size == 4) store<u32>(at, bswap<u32>(<u32>value));
  else if (size == 2) store<u16>(at, bswap<u16>(<u16>value));
  else store<u8>(at, <u8>value);
  at += size;
}
