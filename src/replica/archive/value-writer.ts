/**
 * Writes values of the core as bytes; `value-format.ts` has the format.
 *
 * Source: own design.
 */
import { StateError } from './state-error.js';
import { DEPTH_MAX, NUMBER_SIZE, Tag, type Kind } from './value-format.js';

/** Takes long byte strings and numbers them. */
export interface BlobSink {
  put(bytes: Uint8Array): number;
}

/** Byte strings from this size on go to the blobs, where there are any. */
const BLOB_SIZE_MIN = 1024;

const FIRST_SIZE = 256;

/** The bytes of one value. Throws `StateError` where a part of it is of no known kind. */
export function writeValue(value: unknown, kinds: readonly Kind[], blobs?: BlobSink): Uint8Array {
  const writer = new ValueWriter(kinds, blobs);
  writer.write(value, 0);
  return writer.toBytes();
}

class ValueWriter {
  readonly #numbers = new Map<object, number>();
  #bytes = new Uint8Array(FIRST_SIZE);
  #size = 0;

  constructor(
    readonly kinds: readonly Kind[],
    readonly blobs: BlobSink | undefined,
  ) {}

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  write(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'undefined':
        return this.#byte(Tag.undefined);
      case 'boolean':
        return this.#byte(value ? Tag.true : Tag.false);
      case 'number':
        return this.#number(value);
      case 'bigint':
        return this.#bigint(value);
      case 'string':
        this.#byte(Tag.text);
        return this.#text(value);
      case 'object':
        return value === null ? this.#byte(Tag.null) : this.#object(value, depth);
      default:
        throw unknownKind(`a ${typeof value}`);
    }
  }

  #object(value: object, depth: number): void {
    if (depth > DEPTH_MAX) throw unknownKind('a value that contains itself, or too deep a one');
    const number = this.#numbers.get(value);
    if (number !== undefined) {
      this.#byte(Tag.reference);
      return this.#unsigned(number);
    }
    this.#content(value, depth + 1);
    this.#numbers.set(value, this.#numbers.size);
  }

  #content(value: object, depth: number): void {
    if (value instanceof Uint8Array) return this.#byteString(value);
    if (Array.isArray(value)) return this.#list(Tag.array, value.length, value, depth);
    if (value instanceof Set) return this.#list(Tag.set, value.size, value, depth);
    if (value instanceof Map) return this.#map(value, depth);
    const kind = this.kinds.find((one) => one.owns(value));
    if (kind !== undefined) {
      this.#byte(Tag.kind);
      this.#text(kind.name);
      return this.write(kind.parts(value), depth);
    }
    if (isPlain(value)) return this.#fields(Object.entries(value), depth);
    throw unknownKind(`a ${value.constructor.name}`);
  }

  #byteString(value: Uint8Array): void {
    if (this.blobs !== undefined && value.length >= BLOB_SIZE_MIN) {
      this.#byte(Tag.blob);
      return this.#unsigned(this.blobs.put(value));
    }
    this.#byte(Tag.bytes);
    this.#sized(value);
  }

  #list(tag: number, count: number, elements: Iterable<unknown>, depth: number): void {
    this.#byte(tag);
    this.#unsigned(count);
    for (const element of elements) this.write(element, depth);
  }

  #map(value: ReadonlyMap<unknown, unknown>, depth: number): void {
    this.#byte(Tag.map);
    this.#unsigned(value.size);
    for (const [key, element] of value) {
      this.write(key, depth);
      this.write(element, depth);
    }
  }

  #fields(fields: readonly (readonly [string, unknown])[], depth: number): void {
    this.#byte(Tag.object);
    this.#unsigned(fields.length);
    for (const [name, field] of fields) {
      this.#text(name);
      this.write(field, depth);
    }
  }

  #number(value: number): void {
    this.#byte(Tag.number);
    this.#reserve(NUMBER_SIZE);
    new DataView(this.#bytes.buffer).setFloat64(this.#size, value, true);
    this.#size += NUMBER_SIZE;
  }

  #bigint(value: bigint): void {
    this.#byte(Tag.bigint);
    let rest = value < 0n ? -2n * value - 1n : 2n * value;
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  #text(value: string): void {
    this.#sized(new TextEncoder().encode(value));
  }

  #sized(value: Uint8Array): void {
    this.#unsigned(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#size);
    this.#size += value.length;
  }

  #unsigned(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80);
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#size++] = value;
  }

  #reserve(count: number): void {
    const needed = this.#size + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function unknownKind(what: string): StateError {
  return new StateError('UNKNOWN_KIND', `the state holds ${what}, which no layout is known for`);
}
