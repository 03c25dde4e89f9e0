/**
 * Turns the entries of a batch into elements of a Candid vec, so that a reply with a page of a map
 * is written without JavaScript seeing any of them:
 *
 *     vec record { key : variant { ... }; value : blob }
 *
 * The argument says which of the entries, and how their keys are written:
 *
 *     BITS   FIELD
 *      0- 7  kind of the keys, see below
 *      8-15  index of their case in the variant, below 128
 *     16-    how many entries, from the batch's first one on
 *
 *     KIND       CODE  IN THE MAP                   IN THE MESSAGE
 *     blob          0  bytes                        their length, the bytes
 *     text          1  UTF-8                        its length, the UTF-8
 *     nat64         2  8 bytes, big-endian          little-endian
 *     int64         3  2^63 more, big-endian        little-endian
 *     principal     4  bytes, at most 29            1, their length, the bytes
 *
 * A key that is none of its kind is left to TypeScript, which says what is wrong with it.
 *
 * Source: the Candid specification, "Memory"; `src/lib/btree-map/encoded-entries.ts`.
 */
import { writeUnsigned } from '../candid/leb128';
import { validUtf8Length } from '../utf8';
import { filledBatch, KEYS_OFFSET, VALUES_OFFSET } from './batch';
import { CELL_SIZE } from './cell';
import { copyBytes } from './copy';

const TEXT: u32 = 1;
const NAT64: u32 = 2;
const INT64: u32 = 3;
const PRINCIPAL: u32 = 4;

const CASE_SHIFT: u64 = 8;
const COUNT_SHIFT: u64 = 16;
const BYTE_MASK: u64 = 0xff;

const SIGN_BIT: u64 = 1 << 63;
const PRINCIPAL_SIZE_MAX: usize = 29;
/** In front of a principal's bytes. */
const TRANSPARENT: u8 = 1;

/** What an element has beside the bytes of key and value: case, tag, two lengths of 32 bits. */
const OVERHEAD_MAX: usize = 12;

const FALL_BACK: f64 = -1;
const NO_KEY: usize = 0;

/**
 * Writes the first entries of the batch that was filled last. Returns how many bytes they take, or
 * -1 to fall back. A target that is too short traps.
 */
export function encodeElements(argument: u64, target: usize, length: usize): f64 {
  const kind = <u32>(argument & BYTE_MASK);
  const caseIndex = <u8>((argument >> CASE_SHIFT) & BYTE_MASK);
  const cellsEnd = filledBatch() + <usize>(argument >> COUNT_SHIFT) * CELL_SIZE;
  let at = target;
  for (let cell = filledBatch(); cell < cellsEnd; cell += CELL_SIZE) {
    const keyLength = lengthOf(cell + KEYS_OFFSET);
    const valueLength = lengthOf(cell + VALUES_OFFSET);
    if (keyLength + valueLength + OVERHEAD_MAX > target + length - at) unreachable();
    store<u8>(at, caseIndex);
    at = writeKey(at + 1, kind, startOf(cell + KEYS_OFFSET), keyLength);
    if (at == NO_KEY) return FALL_BACK;
    at = writeBytes(at, startOf(cell + VALUES_OFFSET), valueLength);
  }
  return <f64>(at - target);
}

function startOf(cell: usize): usize {
  return filledBatch() + load<u32>(cell);
}

function lengthOf(cell: usize): usize {
  return load<u32>(cell, 4) - load<u32>(cell);
}

/** Returns where the key ends, or {@link NO_KEY}. */
function writeKey(at: usize, kind: u32, key: usize, length: usize): usize {
  switch (kind) {
    case TEXT:
      return validUtf8Length(key, length) == length ? writeBytes(at, key, length) : NO_KEY;
    case NAT64:
      return writeWord(at, key, length, 0);
    case INT64:
      return writeWord(at, key, length, SIGN_BIT);
    case PRINCIPAL:
      if (length > PRINCIPAL_SIZE_MAX) return NO_KEY;
      store<u8>(at, TRANSPARENT);
      return writeBytes(at + 1, key, length);
    default:
      return writeBytes(at, key, length);
  }
}

function writeWord(at: usize, key: usize, length: usize, flipped: u64): usize {
  if (length != sizeof<u64>()) return NO_KEY;
  store<u64>(at, bswap<u64>(load<u64>(key)) ^ flipped);
  return at + sizeof<u64>();
}

function writeBytes(at: usize, bytes: usize, length: usize): usize {
  const start = writeUnsigned(at, <u64>length);
  copyBytes(start, bytes, length);
  return start + length;
}
