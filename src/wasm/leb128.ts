/**
 * Reading and writing the primitives of the Wasm binary format: LEB128 numbers, names, byte
 * strings. Both ends are bounded: a reader never runs past its bytes, and a number never takes more
 * bytes than its width allows.
 *
 * Every instruction of a module passes through here when a canister is installed, so the reader
 * works on plain offsets and the writer on one growing buffer.
 *
 * Source: WebAssembly core specification, section 5.2 (values).
 */

const U32_BYTES_MAX = 5;
const U32_LIMIT = 2 ** 32;
const INITIAL_CAPACITY = 64;

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
    const byte = this.bytes[this.#offset];
    if (byte === undefined) throw this.#tooShort(1);
    this.#offset++;
    return byte;
  }

  /** An unsigned LEB128 number below 2^32. */
  u32(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let index = 1; index < U32_BYTES_MAX; index++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) {
        if (value >= U32_LIMIT) break;
        return value;
      }
    }
    throw new WasmFormatError(`expected a 32-bit number before offset ${this.#offset}`);
  }

  /** Passes over a LEB128 number, signed or not, of at most so many bytes. */
  skipNumber(bytesMax: number): void {
    for (let count = 0; count < bytesMax; count++) {
      if (this.byte() < 0x80) return;
    }
    throw new WasmFormatError(
      `expected a number of at most ${bytesMax} bytes before offset ${this.#offset}`,
    );
  }

  skip(length: number): void {
    if (length > this.bytes.length - this.#offset) throw this.#tooShort(length);
    this.#offset += length;
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    const start = this.#offset;
    this.skip(length);
    return this.bytes.subarray(start, this.#offset);
  }

  /** A length-prefixed byte string. */
  sized(): Uint8Array {
    return this.take(this.u32());
  }

  name(): string {
    const bytes = this.sized();
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new WasmFormatError(`expected a name in UTF-8 before offset ${this.#offset}`);
    }
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.#offset);
  }

  /** How many entries follow; each takes a byte at least, so the bytes that are left bound it. */
  count(): number {
    const count = this.u32();
    if (count > this.bytes.length - this.#offset) throw this.#tooShort(count);
    return count;
  }

  #tooShort(length: number): WasmFormatError {
    return new WasmFormatError(
      `expected ${length} bytes at offset ${this.#offset}, ` +
        `found ${this.bytes.length - this.#offset}`,
    );
  }
}

/** Collects the bytes of a section or of a module in a buffer that grows. */
export class WasmWriter {
  #bytes = new Uint8Array(INITIAL_CAPACITY);
  #length = 0;

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  u32(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.byte(rest);
  }

  /** A signed LEB128 number; exact for every number that a `number` can hold exactly. */
  signed(value: number): this {
    let rest = value;
    for (;;) {
      const next = Math.floor(rest / 0x80);
      const low = rest - next * 0x80;
      if (next === (low < 0x40 ? 0 : -1)) return this.byte(low);
      this.byte(low + 0x80);
      rest = next;
    }
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  name(text: string): this {
    return this.sized(new TextEncoder().encode(text));
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** A view of the bytes so far, good until more are written. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Empties the writer and keeps its buffer. */
  clear(): this {
    this.#length = 0;
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
