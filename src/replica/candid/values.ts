/**
 * A walk over the values of a Candid message by the types that the message itself gives them, to
 * see that they are all there before anybody decodes them: lengths that the bytes bear out, numbers
 * and nesting within bounds, no more work than a message may make.
 *
 * Source: Candid specification, "Binary format", "Memory" and "References".
 */
import { PRIMITIVE_CODES } from '../../lib/candid/type-table.js';
import { WasmFormatError, type WasmReader } from '../../wasm/leb128.js';
import type { Effort } from './effort.js';
import type { WireType } from './type-table.js';

export const DEPTH_MAX = 100;

/** The specification has no limit; the largest numbers in use have 19 bytes. */
export const NUMBER_BYTES_MAX = 128;

const FIXED_SIZES: ReadonlyMap<number, number> = new Map([
  [PRIMITIVE_CODES.null, 0],
  [PRIMITIVE_CODES.reserved, 0],
  [PRIMITIVE_CODES.bool, 1],
  [PRIMITIVE_CODES.nat8, 1],
  [PRIMITIVE_CODES.nat16, 2],
  [PRIMITIVE_CODES.nat32, 4],
  [PRIMITIVE_CODES.nat64, 8],
  [PRIMITIVE_CODES.int8, 1],
  [PRIMITIVE_CODES.int16, 2],
  [PRIMITIVE_CODES.int32, 4],
  [PRIMITIVE_CODES.int64, 8],
  [PRIMITIVE_CODES.float32, 4],
  [PRIMITIVE_CODES.float64, 8],
]);

export class ValueWalk {
  constructor(
    readonly reader: WasmReader,
    readonly table: readonly WireType[],
    readonly effort: Effort,
  ) {}

  /** Passes over one value. */
  pass(type: number, depth = 0): void {
    this.effort.value();
    if (type < 0) return this.#primitive(type);
    if (depth === DEPTH_MAX) {
      throw new WasmFormatError(`expected values at most ${DEPTH_MAX} deep`);
    }
    const definition = this.table[type]!;
    switch (definition.kind) {
      case 'opt':
        return this.#optional(definition.element, depth + 1);
      case 'vec':
        return this.#vector(definition.element, depth + 1);
      case 'record':
        for (const field of definition.fields) this.pass(field, depth + 1);
        return;
      case 'variant':
        return this.pass(this.#choice(definition.fields), depth + 1);
      case 'func':
        return this.#function();
      case 'service':
        return this.#reference();
    }
  }

  #primitive(type: number): void {
    const size = FIXED_SIZES.get(type);
    if (size !== undefined) return this.reader.skip(size);
    switch (type) {
      case PRIMITIVE_CODES.nat:
        return this.reader.skipNumber(NUMBER_BYTES_MAX);
      case PRIMITIVE_CODES.int:
        this.effort.signedNumber(this.reader);
        return this.reader.skipNumber(NUMBER_BYTES_MAX);
      case PRIMITIVE_CODES.text:
        this.reader.sized();
        return;
      case PRIMITIVE_CODES.principal:
        return this.#reference();
      default:
        throw new WasmFormatError(`found a value of the type ${type}, which has none`);
    }
  }

  #optional(element: number, depth: number): void {
    if (this.#isPresent()) this.pass(element, depth);
  }

  /** The decoder takes integers of a fixed size all at once, all else one by one. */
  #vector(element: number, depth: number): void {
    const count = this.reader.u32();
    if (PRIMITIVE_CODES.int64 <= element && element <= PRIMITIVE_CODES.nat8) {
      return this.reader.skip(count * FIXED_SIZES.get(element)!);
    }
    for (let index = 0; index < count; index++) this.pass(element, depth);
  }

  #choice(types: readonly number[]): number {
    const index = this.reader.u32();
    const type = types[index];
    if (type !== undefined) return type;
    throw new WasmFormatError(`expected one of ${types.length} variants, found ${index}`);
  }

  /** A principal, or a service, which is one. */
  #reference(): void {
    this.#assertTransparent();
    this.reader.sized();
  }

  #function(): void {
    this.#assertTransparent();
    this.#reference();
    this.reader.sized();
  }

  #assertTransparent(): void {
    if (!this.#isPresent()) throw new WasmFormatError('found a reference that is opaque');
  }

  #isPresent(): boolean {
    const tag = this.reader.byte();
    if (tag <= 1) return tag === 1;
    throw new WasmFormatError(`expected a tag of 0 or 1, found ${tag}`);
  }
}
