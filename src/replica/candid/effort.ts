/**
 * How much work a message makes for its decoder. A few bytes can stand for any amount of it: a
 * vector of nulls takes no room for its elements, and a definition can be used again and again. The
 * unit is what one value costs, about a microsecond.
 *
 * Source: the Candid library of the Internet Computer has such a quota, too; the IC's own is part
 * of no specification.
 */
import { WasmFormatError, type WasmReader } from '../../wasm/leb128.js';

export const EFFORT_MAX = 500_000;

/** The decoder copies all that is left of the message for each signed number that it reads. */
const BYTES_COPIED_PER_UNIT = 8192;

export class Effort {
  #left = EFFORT_MAX;

  value(): void {
    this.#spend(1);
  }

  signedNumber({ bytes, offset }: WasmReader): void {
    this.#spend(1 + (bytes.length - offset) / BYTES_COPIED_PER_UNIT);
  }

  #spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new WasmFormatError('expected a message that is less work to decode');
  }
}
