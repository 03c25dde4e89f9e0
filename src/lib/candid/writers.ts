/**
 * Writers of values: for each type one function, made once, that checks a value and writes its
 * bytes. Encoding is then calling it, without looking at the type again.
 *
 * A writer returns where the value ends. Stores behind the end of the target do nothing, so no
 * writer asks whether there is room: whoever began compares where all of it ended, and knows how
 * much it would have taken. A value that the type does not have throws {@link WrongValue}, which
 * says nothing; `wrong-value.ts` then looks for the place.
 *
 * Source: the Candid specification, "Binary format", "Memory"; what a value of each type is in
 * JavaScript is what `@dfinity/candid` takes.
 */
import { writeBigU64, writeF32, writeF64, writeU16, writeU32 } from '../bytes.js';
import { encodeUtf8 } from '../utf8.js';
import { EncodedVec } from './encoded-vec.js';
import { putLargeSigned, putLargeUnsigned, putSigned, putUnsigned } from './numbers.js';
import type { ElementNode, FieldsNode, RecNode, TypeNode } from './type.js';

/** Writes a value at `offset` and returns where it ends. */
export type Write = (value: unknown, target: Uint8Array, offset: number) => number;

/** A value that its type does not have. No `Error`, since nobody sees it: another one is made. */
export class WrongValue {}

/** How deep a value may lie in others of the same recursive type. */
export const DEPTH_MAX = 500;

const PRESENT = 1;
const ABSENT = 0;

/** Makes the writers of types; of each type one, however often it occurs. */
export class Writers {
  readonly #writers = new Map<TypeNode, Write>();

  of(type: TypeNode): Write {
    const known = this.#writers.get(type);
    if (known !== undefined) return known;
    const write = type.kind === 'rec' ? this.#recursive(type) : this.#make(type);
    this.#writers.set(type, write);
    return write;
  }

  #make(type: Exclude<TypeNode, RecNode>): Write {
    switch (type.kind) {
      case 'opt':
        return optional(this.of(type.element));
      case 'vec':
        return this.#vector(type);
      case 'record':
        return record(type, this.#fields(type));
      case 'tuple':
        return tuple(this.#fields(type));
      case 'variant':
        return variant(type, this.#fields(type));
      case 'func':
        return writeFunction;
      case 'service':
        return writePrincipal;
      default:
        return PRIMITIVES[type.kind];
    }
  }

  #fields({ fields }: FieldsNode): Write[] {
    return fields.map(({ type }) => this.of(type));
  }

  #vector({ element }: ElementNode): Write {
    const write = element.kind === 'nat8' ? writeByte : this.of(element);
    const size = INTEGER_SIZES[element.kind];
    return size === undefined ? vector(write) : vectorOfIntegers(write, size);
  }

  /** It is known before the writer of what it stands for, which calls it. */
  #recursive(type: RecNode): Write {
    let depth = 0;
    const nested: Write = (value, target, offset) => {
      if (depth === DEPTH_MAX) throw new WrongValue();
      depth++;
      try {
        return write(value, target, offset);
      } finally {
        depth--;
      }
    };
    this.#writers.set(type, nested);
    const write = this.of(type.type);
    return nested;
  }
}

const PRIMITIVES = {
  null: (value: unknown, _target: Uint8Array, offset: number) => {
    if (value !== null) throw new WrongValue();
    return offset;
  },
  reserved: (_value: unknown, _target: Uint8Array, offset: number) => offset,
  empty: () => {
    throw new WrongValue();
  },
  bool: (value: unknown, target: Uint8Array, offset: number) => {
    if (typeof value !== 'boolean') throw new WrongValue();
    target[offset] = value ? 1 : 0;
    return offset + 1;
  },
  nat: writeNat,
  int: writeInt,
  nat8: small(0, 2 ** 8 - 1, 1, (target, offset, value) => void (target[offset] = value)),
  nat16: small(0, 2 ** 16 - 1, 2, writeU16),
  nat32: small(0, 2 ** 32 - 1, 4, writeU32),
  nat64: large((value) => BigInt.asUintN(64, value)),
  int8: small(-(2 ** 7), 2 ** 7 - 1, 1, (target, offset, value) => void (target[offset] = value)),
  int16: small(-(2 ** 15), 2 ** 15 - 1, 2, writeU16),
  int32: small(-(2 ** 31), 2 ** 31 - 1, 4, writeU32),
  int64: large((value) => BigInt.asIntN(64, value)),
  float32: float(4, writeF32),
  float64: float(8, writeF64),
  text: writeText,
  principal: writePrincipal,
} satisfies Record<string, Write>;

/** How many bytes an integer of a fixed size has. */
export const INTEGER_SIZES: Readonly<Partial<Record<TypeNode['kind'], number>>> = {
  nat8: 1,
  nat16: 2,
  nat32: 4,
  nat64: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
};

/** Integers of up to 32 bits, as numbers or bigints. */
function small(
  min: number,
  max: number,
  size: number,
  put: (target: Uint8Array, offset: number, value: number) => void,
): Write {
  return (value, target, offset) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (!Number.isInteger(number)) throw new WrongValue();
    if ((number as number) < min || (number as number) > max) throw new WrongValue();
    put(target, offset, number as number);
    return offset + size;
  };
}

/** Integers of 64 bits; `wrap` takes them modulo 2^64. */
function large(wrap: (value: bigint) => bigint): Write {
  return (value, target, offset) => {
    const whole = Number.isInteger(value) ? BigInt(value as number) : value;
    if (typeof whole !== 'bigint' || wrap(whole) !== whole) throw new WrongValue();
    writeBigU64(target, offset, whole);
    return offset + 8;
  };
}

function float(
  size: number,
  put: (target: Uint8Array, offset: number, value: number) => void,
): Write {
  return (value, target, offset) => {
    if (typeof value !== 'number' && !(value instanceof Number)) throw new WrongValue();
    put(target, offset, Number(value));
    return offset + size;
  };
}

function writeNat(value: unknown, target: Uint8Array, offset: number): number {
  if (typeof value === 'bigint') {
    if (value < 0n) throw new WrongValue();
    const number = Number(value);
    if (Number.isSafeInteger(number)) return putUnsigned(target, offset, number);
    return putLargeUnsigned(target, offset, value);
  }
  if (!Number.isInteger(value) || (value as number) < 0) throw new WrongValue();
  if (Number.isSafeInteger(value)) return putUnsigned(target, offset, value as number);
  return putLargeUnsigned(target, offset, BigInt(value as number));
}

function writeInt(value: unknown, target: Uint8Array, offset: number): number {
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return putSigned(target, offset, number);
    return putLargeSigned(target, offset, value);
  }
  if (!Number.isInteger(value)) throw new WrongValue();
  if (Number.isSafeInteger(value)) return putSigned(target, offset, value as number);
  return putLargeSigned(target, offset, BigInt(value as number));
}

function writeText(value: unknown, target: Uint8Array, offset: number): number {
  if (typeof value !== 'string') throw new WrongValue();
  return putSized(target, offset, encodeUtf8(value));
}

function writePrincipal(value: unknown, target: Uint8Array, offset: number): number {
  const principal = value as { _isPrincipal?: unknown; toUint8Array?(): Uint8Array } | null;
  if (!principal?._isPrincipal || typeof principal.toUint8Array !== 'function') {
    throw new WrongValue();
  }
  target[offset] = PRESENT;
  return putSized(target, offset + 1, principal.toUint8Array());
}

/** A method of a canister: its principal and its name. */
function writeFunction(value: unknown, target: Uint8Array, offset: number): number {
  if (!Array.isArray(value) || value.length !== 2) throw new WrongValue();
  target[offset] = PRESENT;
  return writeText(value[1], target, writePrincipal(value[0], target, offset + 1));
}

function optional(write: Write): Write {
  return (value, target, offset) => {
    if (!Array.isArray(value) || value.length > 1) throw new WrongValue();
    const isPresent = value.length === 1;
    target[offset] = isPresent ? PRESENT : ABSENT;
    return isPresent ? write(value[0], target, offset + 1) : offset + 1;
  };
}

function vector(write: Write): Write {
  return (value, target, offset) => {
    if (value instanceof EncodedVec) return putEncoded(target, offset, value);
    if (!Array.isArray(value)) throw new WrongValue();
    let end = putUnsigned(target, offset, value.length);
    for (let index = 0; index < value.length; index++) end = write(value[index], target, end);
    return end;
  };
}

/** A typed array whose elements have this size is taken as the bytes that it has. */
function vectorOfIntegers(write: Write, size: number): Write {
  const writeArray = vector(write);
  return (value, target, offset) => {
    if (!ArrayBuffer.isView(value)) return writeArray(value, target, offset);
    if ((value as Uint8Array).BYTES_PER_ELEMENT !== size) throw new WrongValue();
    const { buffer, byteOffset, byteLength } = value;
    const start = putUnsigned(target, offset, byteLength / size);
    return putBytes(target, start, new Uint8Array(buffer, byteOffset, byteLength));
  };
}

/** An element of an array of bytes, which takes no bigints. */
function writeByte(value: unknown, target: Uint8Array, offset: number): number {
  if (typeof value !== 'number') throw new WrongValue();
  return PRIMITIVES.nat8(value, target, offset);
}

/** A field that is `undefined` may be missing. */
function record({ fields }: FieldsNode, writers: readonly Write[]): Write {
  const names = fields.map(({ name }) => name);
  return (value, target, offset) => {
    if (typeof value !== 'object' || (value === null && names.length > 0)) throw new WrongValue();
    const object = value as Readonly<Record<string, unknown>>;
    let end = offset;
    for (let index = 0; index < names.length; index++) {
      const field = object[names[index]!];
      if (field === undefined && !Object.hasOwn(object, names[index]!)) throw new WrongValue();
      end = writers[index]!(field, target, end);
    }
    return end;
  };
}

/** More elements than the type has are left out. */
function tuple(writers: readonly Write[]): Write {
  return (value, target, offset) => {
    if (!Array.isArray(value) || value.length < writers.length) throw new WrongValue();
    let end = offset;
    for (let index = 0; index < writers.length; index++) {
      end = writers[index]!(value[index], target, end);
    }
    return end;
  };
}

function variant({ fields }: FieldsNode, writers: readonly Write[]): Write {
  const places = new Map(fields.map(({ name }, index) => [name, index]));
  return (value, target, offset) => {
    if (typeof value !== 'object' || value === null) throw new WrongValue();
    const names = Object.keys(value);
    const place = names.length === 1 ? places.get(names[0]!) : undefined;
    if (place === undefined) throw new WrongValue();
    const content = (value as Record<string, unknown>)[names[0]!];
    return writers[place]!(content, target, putUnsigned(target, offset, place));
  };
}

function putEncoded(target: Uint8Array, offset: number, { count, chunks }: EncodedVec): number {
  const start = putUnsigned(target, offset, count);
  return chunks.reduce((end, chunk) => putBytes(target, end, chunk), start);
}

function putSized(target: Uint8Array, offset: number, bytes: Uint8Array): number {
  return putBytes(target, putUnsigned(target, offset, bytes.length), bytes);
}

function putBytes(target: Uint8Array, offset: number, bytes: Uint8Array): number {
  const end = offset + bytes.length;
  if (end <= target.length) target.set(bytes, offset);
  return end;
}
