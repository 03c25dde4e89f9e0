/**
 * Readers of values: one function for each pair of a type that a message has and the type that is
 * expected, made once. Where both are the same it does nothing but read; where the message's is a
 * subtype it leaves out and fills in, as its sender and its receiver do not have to be of the same
 * version. What cannot be taken is a {@link Mismatch}, and then an `opt` around it has no content.
 *
 * It is found only when it is met: an empty list of any type is an empty list of any other.
 *
 * INVARIANT: a reader and the skipper of the same type end at the same byte.
 *
 * Source: the Candid specification, "Deserialisation" and "Subtyping"; where it leaves room, and in
 * what is missing there, the answers of `@dfinity/candid`.
 */
import { type Message, Mismatch } from './message.js';
import { choice, isPresent, type Skip, Skippers } from './skippers.js';
import { isSubtype } from './subtype.js';
import type { ElementNode, Field, FieldsNode, TypeNode } from './type.js';
import { WireFacts } from './wire-facts.js';
import type { WireElement, WireFields, WireType } from './wire-type.js';

/** Reads a value and passes over it. */
export type Read = (message: Message) => unknown;

/** What is done at a field of the message, or for one that it does not have. */
interface Step {
  readonly name: string | undefined;
  readonly read: Read;
}

/** Makes the readers of one message's types. */
export class Readers {
  readonly #facts = new WireFacts();
  readonly #skippers = new Skippers(this.#facts);
  readonly #known = new Map<WireType, Map<TypeNode, Read>>();

  /** As {@link of}, of a value that comes with at least `sizeMin` bytes. */
  paid(wire: WireType, expected: TypeNode, sizeMin: number): Read {
    const read = this.of(wire, expected);
    const price = this.#facts.price(wire, sizeMin);
    if (price === 0) return read;
    return (message) => {
      message.pay(price);
      return read(message);
    };
  }

  /** Passes over a value of the message's own type. */
  skipping(wire: WireType): Read {
    return this.#skippers.paid(wire, 1);
  }

  of(wire: WireType, expected: TypeNode): Read {
    if (expected.kind === 'rec') return this.of(wire, expected.type);
    const known = this.#known.get(wire) ?? new Map<TypeNode, Read>();
    this.#known.set(wire, known);
    const isDeep = this.#facts.isDeep(wire);
    const read =
      known.get(expected) ?? (isDeep ? this.#deep(wire, expected) : this.#make(wire, expected));
    known.set(expected, read);
    return read;
  }

  /** It is made when the first value is read, since its type may contain itself. */
  #deep(wire: WireType, expected: TypeNode): Read {
    let read: Read | undefined;
    return (message) => {
      message.enter();
      read ??= this.#make(wire, expected);
      const value = read(message);
      message.depth--;
      return value;
    };
  }

  #make(wire: WireType, expected: TypeNode): Read {
    switch (expected.kind) {
      case 'rec':
        return this.of(wire, expected.type);
      case 'opt':
        return this.#optional(wire, expected);
      case 'vec':
        return wire.kind === 'vec' ? this.#vector(wire, expected) : mismatched(wire, expected);
      case 'record':
        return wire.kind === 'record' ? this.#record(wire, expected) : mismatched(wire, expected);
      case 'tuple':
        return wire.kind === 'record' ? this.#tuple(wire, expected) : mismatched(wire, expected);
      case 'variant':
        return wire.kind === 'variant' ? this.#variant(wire, expected) : mismatched(wire, expected);
      case 'func':
      case 'service':
        return isSubtype(wire, expected) ? reference(expected) : mismatched(wire, expected);
      case 'reserved':
        return this.#reserved(wire);
      case 'principal':
        return wire.kind === 'principal' ? reference(expected) : mismatched(wire, expected);
      default:
        return wire.kind === expected.kind ? PRIMITIVES[expected.kind] : mismatched(wire, expected);
    }
  }

  #reserved(wire: WireType): Read {
    const skip = this.#skippers.of(wire);
    return (message) => {
      skip(message);
      return null;
    };
  }

  #optional(wire: WireType, { element }: ElementNode): Read {
    if (wire.kind === 'null' || wire.kind === 'reserved') return () => [];
    if (wire.kind === 'opt') {
      const read = this.paid(wire.element, element, 1);
      return attempt(isPresent, read, this.#skippers.paid(wire.element, 1));
    }
    const skip = this.#skippers.of(wire);
    if (!canBeNothing(element)) return attempt(() => true, this.of(wire, element), skip);
    if (isCompound(wire)) return mismatched(wire, element);
    return (message) => {
      skip(message);
      return [];
    };
  }

  #vector({ element: wire }: WireElement, { element: expected }: ElementNode): Read {
    const make = ARRAYS[expected.kind as keyof typeof ARRAYS];
    if (make !== undefined) return integers(make, wire, expected);
    const { sizeMin } = this.#facts.extent(wire);
    const price = this.#facts.price(wire, sizeMin);
    const read = this.of(wire, expected);
    return (message) => {
      const length = message.length(sizeMin);
      if (price > 0) message.pay(length * price);
      const values: unknown[] = [];
      for (let index = 0; index < length; index++) values[index] = read(message);
      return values;
    };
  }

  #record(wire: WireFields, expected: FieldsNode): Read {
    const steps = this.#steps(wire, expected);
    if (steps === undefined) return mismatched(wire, expected);
    return (message) => {
      const value: Record<string, unknown> = {};
      for (const { name, read } of steps) {
        if (name === undefined) read(message);
        else value[name] = read(message);
      }
      return value;
    };
  }

  /** Both lists of fields ascend, so one walk over them pairs them. */
  #steps(wire: WireFields, { fields }: FieldsNode): Step[] | undefined {
    const steps: Step[] = [];
    let next = 0;
    for (const field of wire.fields) {
      for (; next < fields.length && fields[next]!.id < field.id; next++) {
        if (!canBeMissing(fields[next]!)) return undefined;
        steps.push(missing(fields[next]!));
      }
      const expected = fields[next]?.id === field.id ? fields[next++]! : undefined;
      steps.push({
        name: expected?.name,
        read: expected ? this.of(field.type, expected.type) : this.#skippers.of(field.type),
      });
    }
    const absent = fields.slice(next);
    return absent.every(canBeMissing) ? [...steps, ...absent.map(missing)] : undefined;
  }

  /** The message's fields have to be numbered from 0 on, and none may be missing. */
  #tuple(wire: WireFields, expected: FieldsNode): Read {
    const isTuple = wire.fields.every(({ id }, index) => id === index);
    const { length } = expected.fields;
    if (!isTuple || wire.fields.length < length) return mismatched(wire, expected);
    const readers = expected.fields.map(({ type }, index) =>
      this.of(wire.fields[index]!.type, type),
    );
    const skippers = wire.fields.slice(length).map(({ type }) => this.#skippers.of(type));
    return (message) => {
      const values = readers.map((read) => read(message));
      for (const skip of skippers) skip(message);
      return values;
    };
  }

  #variant({ fields }: WireFields, expected: FieldsNode): Read {
    const cases = fields.map(({ id, type }) => {
      const found = expected.fields.find((field) => field.id === id);
      return found && { name: found.name, read: this.paid(type, found.type, 1) };
    });
    return (message) => {
      const found = cases[choice(message, fields)];
      if (found === undefined) throw new Mismatch('a known case of a variant', 'another one');
      return { [found.name]: found.read(message) };
    };
  }
}

/** An option whose content cannot be taken has none. It pays for being read a second time. */
function attempt(hasContent: (message: Message) => boolean, read: Read, skip: Skip): Read {
  return (message) => {
    if (!hasContent(message)) return [];
    const { offset, depth } = message;
    try {
      return [read(message)];
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      message.offset = offset;
      message.depth = depth;
      skip(message);
      message.pay(message.offset - offset);
      return [];
    }
  };
}

function mismatched(wire: WireType, expected: TypeNode): Read {
  const mismatch = new Mismatch(expected.name, wire.kind);
  return () => {
    throw mismatch;
  };
}

function reference({ kind, make }: Extract<TypeNode, { make: unknown }>): Read {
  if (kind !== 'func') {
    return (message) => {
      message.transparent();
      return make(message.sized());
    };
  }
  return (message) => {
    message.transparent();
    message.transparent();
    return [make(message.sized()), message.text()];
  };
}

/** Integers of a fixed size become an array of their type, all at once. */
function integers(
  { size, of }: (typeof ARRAYS)[keyof typeof ARRAYS],
  wire: WireType,
  expected: TypeNode,
): Read {
  return (message) => {
    const length = message.length(wire.kind === expected.kind ? size : 0);
    if (length > 0 && wire.kind !== expected.kind) throw new Mismatch(expected.name, wire.kind);
    const start = message.skip(length * size);
    return of(message.bytes.slice(start, message.offset));
  };
}

/** PRECONDITION: the machine is little-endian, as all are that run JavaScript today. */
const ARRAYS = {
  nat8: { size: 1, of: (bytes: Uint8Array) => bytes },
  nat16: { size: 2, of: ({ buffer }: Uint8Array) => new Uint16Array(buffer) },
  nat32: { size: 4, of: ({ buffer }: Uint8Array) => new Uint32Array(buffer) },
  nat64: { size: 8, of: ({ buffer }: Uint8Array) => new BigUint64Array(buffer) },
  int8: { size: 1, of: ({ buffer }: Uint8Array) => new Int8Array(buffer) },
  int16: { size: 2, of: ({ buffer }: Uint8Array) => new Int16Array(buffer) },
  int32: { size: 4, of: ({ buffer }: Uint8Array) => new Int32Array(buffer) },
  int64: { size: 8, of: ({ buffer }: Uint8Array) => new BigInt64Array(buffer) },
} satisfies Record<string, { size: number; of: (bytes: Uint8Array) => unknown }>;

const PRIMITIVES = {
  null: () => null,
  bool: (message) => message.bool(),
  nat: (message) => message.nat(),
  int: (message) => message.int(),
  nat8: (message) => message.byte(),
  nat16: (message) => message.u16(),
  nat32: (message) => message.u32(),
  nat64: (message) => message.u64(),
  int8: (message) => message.i8(),
  int16: (message) => message.i16(),
  int32: (message) => message.i32(),
  int64: (message) => message.i64(),
  float32: (message) => message.f32(),
  float64: (message) => message.f64(),
  text: (message) => message.text(),
  empty: () => {
    throw new Mismatch('a value', 'the type empty, which has none');
  },
} satisfies Record<string, Read>;

/** What a record may lack; it then is an array without elements, as an absent option is. */
function canBeMissing({ type }: Field): boolean {
  return type.kind === 'opt' || type.kind === 'reserved';
}

function missing({ name }: Field): Step {
  return { name, read: () => [] };
}

/** Types that have null among their values. */
function canBeNothing({ kind }: TypeNode): boolean {
  return kind === 'null' || kind === 'opt' || kind === 'reserved';
}

function isCompound({ kind }: WireType): boolean {
  return kind === 'vec' || kind === 'record' || kind === 'variant';
}
