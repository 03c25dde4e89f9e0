/**
 * The head of a Candid message: the table of the types that it defines, and the types of its
 * values. A type is referred to by a number: its place in the table, or below zero one of the types
 * that need no definition.
 *
 *     "DIDL"  count, definitions  count, references  values
 *
 *     opt, vec           reference
 *     record, variant    count of (hash, reference)
 *     func               count of references, twice; count of annotations, one byte each
 *     service            count of (name, reference)
 *
 * Source: Candid specification, "Binary format", "Types".
 */
import { CONSTRUCTOR_CODES, PRIMITIVE_CODES } from '../../lib/candid/type-table.js';
import { WasmFormatError, type WasmReader } from '../../wasm/leb128.js';
import type { Effort } from './effort.js';

/** The types whose values have to be found in a message. */
export type WireType =
  | { readonly kind: 'opt' | 'vec'; readonly element: number }
  | { readonly kind: 'record' | 'variant'; readonly fields: readonly number[] }
  | { readonly kind: 'func' | 'service' };

export interface MessageTypes {
  readonly table: readonly WireType[];
  readonly values: readonly number[];
}

const PRIMITIVES: ReadonlySet<number> = new Set(Object.values(PRIMITIVE_CODES));

const SIGNED_BYTES_MAX = 5;

export function readTypes(reader: WasmReader, effort: Effort): MessageTypes {
  return new TypeReader(reader, effort).message();
}

class TypeReader {
  #tableSize = 0;

  constructor(
    readonly reader: WasmReader,
    readonly effort: Effort,
  ) {}

  message(): MessageTypes {
    this.#tableSize = this.reader.count();
    const table = repeat(this.#tableSize, () => this.#definition());
    return { table, values: this.#references() };
  }

  #definition(): WireType {
    const constructor = this.#signed();
    switch (constructor) {
      case CONSTRUCTOR_CODES.opt:
        return { kind: 'opt', element: this.#reference() };
      case CONSTRUCTOR_CODES.vec:
        return { kind: 'vec', element: this.#reference() };
      case CONSTRUCTOR_CODES.record:
        return { kind: 'record', fields: this.#fields() };
      case CONSTRUCTOR_CODES.variant:
        return { kind: 'variant', fields: this.#fields() };
      case CONSTRUCTOR_CODES.func:
        this.#references();
        this.#references();
        this.reader.sized();
        return { kind: 'func' };
      case CONSTRUCTOR_CODES.service:
        repeat(this.reader.count(), () => [this.reader.name(), this.#reference()]);
        return { kind: 'service' };
      default:
        throw new WasmFormatError(`expected the constructor of a type, found ${constructor}`);
    }
  }

  #fields(): readonly number[] {
    return repeat(this.reader.count(), () => {
      this.reader.u32();
      return this.#reference();
    });
  }

  #references(): readonly number[] {
    return repeat(this.reader.count(), () => this.#reference());
  }

  #reference(): number {
    const type = this.#signed();
    if (type >= 0 ? type < this.#tableSize : PRIMITIVES.has(type)) return type;
    throw new WasmFormatError(`expected one of ${this.#tableSize} types, found ${type}`);
  }

  #signed(): number {
    this.effort.signedNumber(this.reader);
    let value = 0;
    for (let index = 0; index < SIGNED_BYTES_MAX; index++) {
      const byte = this.reader.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return byte < 0x40 ? value : value - 2 ** (7 * (index + 1));
    }
    throw new WasmFormatError('expected the number of a type in at most 5 bytes');
  }
}

function repeat<T>(count: number, read: () => T): T[] {
  const all: T[] = [];
  for (let index = 0; index < count; index++) all.push(read());
  return all;
}
