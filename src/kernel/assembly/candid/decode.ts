/**
 * From a message to the tape: one walk over the bytes along the program. Texts are moved to the
 * front of the message as they are read, which they never overtake, since the length of each stands
 * before it; there they are one text when the walk is over.
 *
 * The kernel decodes what it is certain of: messages of exactly the expected types, without a byte
 * too few or too many. Everything else it hands back to the codec in TypeScript, which knows about
 * subtypes and says what is wrong.
 *
 * INVARIANT: the work is bounded by the length of the message. All vecs together have at most as
 * many elements as the message has bytes, and types within types are followed to a fixed depth.
 *
 * Source: the Candid specification, "Deserialisation"; the tape's table is in `tape.ts`.
 */
import { compareBytes } from '../compare';
import { replyWith } from '../reply';
import {
  isShortestSigned,
  isShortestUnsigned,
  leb128Size,
  signedOf,
  SMALL_SIZE_MAX,
  unsignedOf,
} from './leb128';
import * as program from './program';
import { isTapeTooShort, put, rewind, slotCount } from './tape';
import { utf16Length } from './text';

/** What the kernel answers for a message that is not for it. */
export const FALL_BACK: f64 = -1;

/** How deep values lie in one another at most, both ways: JavaScript builds them on its stack. */
export const DEPTH_MAX: i32 = 64;

/** The flag of a principal that has bytes, and how many at most. */
const TRANSPARENT: u8 = 1;
const PRINCIPAL_LENGTH_MAX: u64 = 29;

/** What {@link lengthAt} answers for a length that is none. */
const NO_LENGTH: u64 = u64.MAX_VALUE;

let types: usize = 0;
let message: usize = 0;
let at: usize = 0;
let end: usize = 0;
/** Where the joined texts end. */
let textEnd: usize = 0;
/** How many elements vecs may still have. */
let elementsLeft: u64 = 0;
let depth: i32 = 0;

/**
 * Decodes the message at the arena's start. Answers with the length of the joined texts, which are
 * the next reply unless they are empty; with minus the slots that are needed, where the tape has
 * fewer; or with {@link FALL_BACK}. The message is no longer whole afterwards.
 */
export function decode(by: usize, source: usize, length: usize): f64 {
  types = by;
  if (!beginsWithHead(source, length)) return FALL_BACK;
  message = source;
  at = source + program.headLengthOf(by);
  end = source + length;
  textEnd = source;
  elementsLeft = length;
  depth = 0;
  rewind();
  if (!readValue(program.rootOf(by)) || at != end) return FALL_BACK;
  if (isTapeTooShort()) return -(<f64>slotCount());
  if (textEnd != message) replyWith(message, textEnd - message);
  return <f64>(textEnd - message);
}

function beginsWithHead(source: usize, length: usize): bool {
  const headLength = program.headLengthOf(types);
  const head = program.headOf(types);
  return length >= headLength && compareBytes(source, headLength, head, headLength) == 0;
}

/** Reads a value of this type; false where it is not certain, and then nothing counts any more. */
function readValue(node: usize): bool {
  switch (program.kindOf(node)) {
    case program.NULL:
    case program.RESERVED:
      return true;
    case program.BOOL:
      return readFlag();
    case program.NAT8:
      return readNumber<u8>();
    case program.NAT16:
      return readNumber<u16>();
    case program.NAT32:
      return readNumber<u32>();
    case program.INT8:
      return readNumber<i8>();
    case program.INT16:
      return readNumber<i16>();
    case program.INT32:
      return readNumber<i32>();
    case program.FLOAT32:
      return readNumber<f32>();
    case program.FLOAT64:
      return readNumber<f64>();
    case program.NAT64:
    case program.INT64:
      return readWord();
    case program.NAT:
      return readNat();
    case program.INT:
      return readInt();
    case program.TEXT:
      return readText();
    case program.PRINCIPAL:
      return readPrincipal();
    case program.PACKED:
      return readPacked(program.countOf(node));
    default:
      return readComposite(node);
  }
}

function readComposite(node: usize): bool {
  if (++depth > DEPTH_MAX) return false;
  const isRead = readParts(node);
  depth--;
  return isRead;
}

function readParts(node: usize): bool {
  switch (program.kindOf(node)) {
    case program.OPT:
      return readOpt(program.withinOf(types, node));
    case program.VEC:
      return readVec(program.withinOf(types, node));
    case program.RECORD:
      return readRecord(node);
    case program.VARIANT:
      return readVariant(node);
    default:
      return false;
  }
}

function readNumber<T>(): bool {
  if (end - at < sizeof<T>()) return false;
  put<f64>(<f64>load<T>(at));
  at += sizeof<T>();
  return true;
}

function readWord(): bool {
  if (end - at < sizeof<u64>()) return false;
  put<u64>(load<u64>(at));
  at += sizeof<u64>();
  return true;
}

/** A byte that is 0 or 1. */
function readFlag(): bool {
  if (at == end || load<u8>(at) > 1) return false;
  return readNumber<u8>();
}

function readNat(): bool {
  const size = leb128Size(at, end);
  if (size == 0 || !isShortestUnsigned(at, size)) return false;
  if (size > SMALL_SIZE_MAX) return putRange(<f64>size, size);
  put<f64>(0);
  put<u64>(unsignedOf(at, size));
  at += size;
  return true;
}

function readInt(): bool {
  const size = leb128Size(at, end);
  if (size == 0 || !isShortestSigned(at, size)) return false;
  if (size > SMALL_SIZE_MAX) return putRange(<f64>size, size);
  put<f64>(0);
  put<i64>(signedOf(at, size));
  at += size;
  return true;
}

function readText(): bool {
  const length = readLength();
  if (length > <u64>(end - at)) return false;
  const units = utf16Length(at, at + <usize>length);
  if (units < 0) return false;
  put<f64>(<f64>units);
  memory.copy(textEnd, at, <usize>length);
  textEnd += <usize>length;
  at += <usize>length;
  return true;
}

function readPrincipal(): bool {
  if (at == end || load<u8>(at) != TRANSPARENT) return false;
  at++;
  const length = readLength();
  if (length > PRINCIPAL_LENGTH_MAX || length > <u64>(end - at)) return false;
  return putRange(<f64>length, <usize>length);
}

function readPacked(elementSize: u64): bool {
  const count = readLength();
  if (count > <u64>(end - at)) return false;
  const size = count * elementSize;
  if (size > <u64>(end - at)) return false;
  return putRange(<f64>count, <usize>size);
}

/** Bytes that JavaScript takes from the message itself: how many of what, and where they are. */
function putRange(count: f64, size: usize): bool {
  put<f64>(count);
  put<f64>(<f64>(at - message));
  at += size;
  return true;
}

function readOpt(within: usize): bool {
  if (!readFlag()) return false;
  return load<u8>(at - 1) == 0 || readValue(within);
}

function readVec(within: usize): bool {
  const count = readLength();
  if (count > elementsLeft) return false;
  elementsLeft -= count;
  put<f64>(<f64>count);
  for (let index: u64 = 0; index < count; index++) {
    if (!readValue(within)) return false;
  }
  return true;
}

function readRecord(node: usize): bool {
  const count = program.countOf(node);
  for (let index: u32 = 0; index < count; index++) {
    if (!readValue(program.memberOf(types, node, index))) return false;
  }
  return true;
}

function readVariant(node: usize): bool {
  const index = readLength();
  if (index >= <u64>program.countOf(node)) return false;
  put<f64>(<f64>index);
  return readValue(program.memberOf(types, node, <usize>index));
}

/** A length, a count or an index in its shortest form; {@link NO_LENGTH} for anything else. */
function readLength(): u64 {
  const size = leb128Size(at, end);
  if (size == 0 || size > SMALL_SIZE_MAX || !isShortestUnsigned(at, size)) return NO_LENGTH;
  const length = unsignedOf(at, size);
  at += size;
  return length;
}
