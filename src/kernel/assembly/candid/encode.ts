/**
 * From the tape to a message: the way back of `decode.ts`, along the same program. All texts come
 * joined in one, all bytes (principals, packed vecs, numbers beyond 64 bits) joined at the arena's
 * start, where JavaScript put them one after the other; the message is made behind them.
 *
 * Whatever does not fit together (a text that ends within a pair of surrogates, no room) is handed
 * back, and the codec in TypeScript does it.
 *
 * Source: the Candid specification, "Serialisation"; the tape's table is in `tape.ts`.
 */
import { arenaSize, arenaStart, reserve } from './arena';
import { DEPTH_MAX } from './decode';
import { WORD_SIZE_MAX, writeSigned, writeUnsigned } from './leb128';
import * as program from './program';
import { rewind, skipSlot, take } from './tape';
import { afterUtf16 } from './text';

const TRANSPARENT: u8 = 1;

/** What stands for the bytes that were put while they are not all there. */
const INCOMPLETE: usize = usize.MAX_VALUE;

let types: usize = 0;
/** Where the message goes on, and where the arena ends. */
let at: usize = 0;
let limit: usize = 0;
let textAt: usize = 0;
let textEnd: usize = 0;
/** Which of the bytes that were put come next, counted from the arena's start. */
let bytesAt: usize = 0;
/** How many bytes were put for the message to come. */
let bytesEnd: usize = 0;
let depth: i32 = 0;

/**
 * Puts bytes behind those that are there already, of which there are `offset`; 0 begins anew. Where
 * the system has no room, the message cannot be encoded.
 */
export function putBytes(bytes: usize, length: usize, offset: usize): void {
  const isNext = offset == 0 || offset == bytesEnd;
  const isPut = isNext && reserve(offset + length, offset);
  if (isPut) memory.copy(arenaStart() + offset, bytes, length);
  bytesEnd = isPut ? offset + length : INCOMPLETE;
}

/** Encodes what is on the tape. Returns the message's address, or 0 to fall back. */
export function encode(by: usize, text: usize, length: usize): usize {
  const bytesPut = bytesEnd;
  bytesEnd = 0;
  if (bytesPut == INCOMPLETE) return 0;
  types = by;
  textAt = text;
  textEnd = text + length;
  bytesAt = 0;
  depth = 0;
  rewind();
  begin(bytesPut);
  const isWritten = writeHead() && writeValue(program.rootOf(by));
  const isAllUsed = textAt == textEnd && bytesAt == bytesPut;
  return isWritten && isAllUsed ? arenaStart() + bytesPut : 0;
}

/** Where the encoded message ends. */
export function encodedEnd(): usize {
  return at;
}

function begin(offset: usize): void {
  at = arenaStart() + offset;
  limit = arenaStart() + arenaSize();
}

/** Makes room for further bytes of the message; with it, the arena may move. */
function hasRoom(size: usize): bool {
  if (size <= limit - at) return true;
  const used = at - arenaStart();
  if (!reserve(used + size, used)) return false;
  begin(used);
  return true;
}

function writeHead(): bool {
  return writeBytes(program.headOf(types), program.headLengthOf(types));
}

/** PRECONDITION: the bytes are not in the arena, which may move. */
function writeBytes(source: usize, length: usize): bool {
  if (!hasRoom(length)) return false;
  memory.copy(at, source, length);
  at += length;
  return true;
}

function writeValue(node: usize): bool {
  switch (program.kindOf(node)) {
    case program.NULL:
    case program.RESERVED:
      return true;
    case program.BOOL:
    case program.NAT8:
    case program.INT8:
      return writeByte(take<f64>());
    case program.NAT16:
    case program.INT16:
      return writeInteger<u16>();
    case program.NAT32:
    case program.INT32:
      return writeInteger<u32>();
    case program.FLOAT32:
      return writeNumber<f32>(<f32>take<f64>());
    case program.FLOAT64:
      return writeNumber<f64>(take<f64>());
    case program.NAT64:
    case program.INT64:
      return writeNumber<u64>(take<u64>());
    case program.NAT:
      return writeNat();
    case program.INT:
      return writeInt();
    case program.TEXT:
      return writeText();
    case program.PRINCIPAL:
      return writeByte(TRANSPARENT) && writePacked(1);
    case program.PACKED:
      return writePacked(program.countOf(node));
    default:
      return writeComposite(node);
  }
}

function writeComposite(node: usize): bool {
  if (++depth > DEPTH_MAX) return false;
  const isWritten = writeParts(node);
  depth--;
  return isWritten;
}

function writeParts(node: usize): bool {
  switch (program.kindOf(node)) {
    case program.OPT:
      return writeOpt(program.withinOf(types, node));
    case program.VEC:
      return writeVec(program.withinOf(types, node));
    case program.RECORD:
      return writeRecord(node);
    case program.VARIANT:
      return writeVariant(node);
    default:
      return false;
  }
}

function writeNumber<T>(value: T): bool {
  if (!hasRoom(sizeof<T>())) return false;
  store<T>(at, value);
  at += sizeof<T>();
  return true;
}

/** An integer's lowest bits, which are the same with and without a sign. */
function writeInteger<T>(): bool {
  return writeNumber<T>(<T>(<i64>take<f64>()));
}

function writeByte(value: f64): bool {
  return writeNumber<u8>(<u8>(<i64>value));
}

function writeLength(length: u64): bool {
  if (!hasRoom(WORD_SIZE_MAX)) return false;
  at = writeUnsigned(at, length);
  return true;
}

function writeNat(): bool {
  const size = take<f64>();
  const value = take<u64>();
  return size == 0 ? writeLength(value) : writePut(<usize>size);
}

function writeInt(): bool {
  const size = take<f64>();
  const value = take<i64>();
  if (size != 0) return writePut(<usize>size);
  if (!hasRoom(WORD_SIZE_MAX)) return false;
  at = writeSigned(at, value);
  return true;
}

function writeText(): bool {
  const afterText = afterUtf16(textAt, textEnd, <usize>take<f64>());
  if (afterText == 0) return false;
  const length = afterText - textAt;
  if (!writeLength(length) || !writeBytes(textAt, length)) return false;
  textAt = afterText;
  return true;
}

/** A number of elements, and their bytes. */
function writePacked(elementSize: usize): bool {
  const count = <usize>take<f64>();
  skipSlot();
  return writeLength(count) && writePut(count * elementSize);
}

/** The next of the bytes that were put. */
function writePut(size: usize): bool {
  if (!hasRoom(size)) return false;
  memory.copy(at, arenaStart() + bytesAt, size);
  bytesAt += size;
  at += size;
  return true;
}

function writeOpt(within: usize): bool {
  const flag = take<f64>();
  return writeByte(flag) && (flag == 0 || writeValue(within));
}

function writeVec(within: usize): bool {
  const slot = take<f64>();
  if (slot < 0) return writeEncoded(<u64>abs(slot) - 1);
  const count = <u64>slot;
  if (!writeLength(count)) return false;
  for (let index: u64 = 0; index < count; index++) {
    if (!writeValue(within)) return false;
  }
  return true;
}

/** The elements of a vec, which are Candid already. */
function writeEncoded(count: u64): bool {
  const size = <usize>take<f64>();
  return writeLength(count) && writePut(size);
}

function writeRecord(node: usize): bool {
  const count = program.countOf(node);
  for (let index: u32 = 0; index < count; index++) {
    if (!writeValue(program.memberOf(types, node, index))) return false;
  }
  return true;
}

function writeVariant(node: usize): bool {
  const index = <u64>take<f64>();
  if (index >= program.countOf(node) || !writeLength(index)) return false;
  return writeValue(program.memberOf(types, node, <usize>index));
}
