/**
 * Reading and writing the primitives of the Wasm binary format: unsigned LEB128 numbers, names,
 * byte strings. Both ends are bounded: a reader never runs past its bytes, and a number never
 * takes more than the five bytes that a `u32` may.
 *
 * Source: WebAssembly core specification, section 5.2 (values).
 */

const U32_BYTES_MAX = 5;
const U32_LIMIT = 2 ** 32;

/** What a malformed module is refused with. */
export class WasmFormatError extends Error {
  override readonly name = 'WasmFormatError';
}

/** A cursor over the bytes of a module or of one of its sections. */
export class WasmReader {
  #offset = 0;

  constructor(readonly bytes: Uint8Array) {}

  get offset(): number {
    return this.#offset;
  }

  get done(): boolean {
    return this.#offset >= this.bytes.length;
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  /** An unsigned LEB128 number below 2^32. */
  u32(): number {
    let value = 0;
    for (let index = 0; index < U32_BYTES_MAX; index++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) {
        if (value >= U32_LIMIT) break;
        return value;
      }
    }
    throw new WasmFormatError(`expected a 32-bit number before offset ${this.#offset}`);
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.bytes.length) {
      throw new WasmFormatError(
        `expected ${length} bytes at offset ${this.#offset}, ` +
          `found ${this.bytes.length - this.#offset}`,
      );
    }
    const taken = this.bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  /** A length-prefixed byte string. */
  sized(): Uint8Array {
    return this.take(this.u32());
  }

  name(): string {
    return new TextDecoder().decode(this.sized());
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.#offset);
  }
}

/** Collects the pieces of a section and joins them once. */
export class WasmWriter {
  readonly #pieces: Uint8Array[] = [];

  byte(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  u32(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    do {
      const low = rest % 0x80;
      rest = Math.floor(rest / 0x80);
      bytes.push(rest > 0 ? low + 0x80 : low);
    } while (rest > 0);
    return this.raw(Uint8Array.from(bytes));
  }

  raw(bytes: Uint8Array): this {
    this.#pieces.push(bytes);
    return this;
  }

  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  name(text: string): this {
    return this.sized(new TextEncoder().encode(text));
  }

  toBytes(): Uint8Array {
    const length = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    const bytes = new Uint8Array(length);
    let offset = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    return bytes;
  }
}
