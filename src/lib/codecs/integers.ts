/**
 * How whole numbers of a fixed size become codecs, with a sign (`signed.ts`) and without one
 * (`unsigned.ts`). Their formats keep the order of the numbers in the order of the bytes, so keys
 * are compared as bytes.
 *
 * Small ones are numbers, large ones bigints, and neither is accepted for the other: a number that
 * is stored but comes back as a bigint would not be equal to itself.
 *
 * Source: `specs/ic-stable-structures.md` section 5.1.
 */
import { compareBytes } from '../bytes.js';
import type { Codec, KeyCodec } from '../codec.js';
import { fixedSizeParts, fixedSizeWriters } from './fixed-size.js';
import { invalidValue, wrongType } from './refusals.js';

/** The numbers of one type, and how each lies in `size` bytes. */
export interface IntegerFormat<T extends number | bigint> {
  readonly name: string;
  readonly size: number;
  readonly min: T;
  readonly max: T;
  read(bytes: Uint8Array, offset: number): T;
  write(bytes: Uint8Array, offset: number, value: T): void;
  /** See `Codec.numberSize`. */
  readonly numberSize?: Codec<T>['numberSize'];
}

/** A codec for whole numbers. */
export function numberCodec(format: IntegerFormat<number>): KeyCodec<number> {
  const { name, size, min, max, read, write, numberSize } = format;
  return {
    ...fixedSizeParts(name, size, read),
    order: compareBytes,
    numberSize,
    ...fixedSizeWriters(size, write, assertNumber),
  };

  function assertNumber(value: unknown): void {
    if (typeof value !== 'number') throw wrongType(name, 'a number', value);
    // A whole number: asked without a call, which an interpreter would have to make.
    if (value >= min && value <= max && value % 1 === 0) return;
    throw invalidValue(name, `a whole number from ${min} to ${max}`, String(value));
  }
}

/** A codec for bigints. */
export function bigintCodec(format: IntegerFormat<bigint>): KeyCodec<bigint> {
  const { name, size, min, max, read, write, numberSize } = format;
  return {
    ...fixedSizeParts(name, size, read),
    order: compareBytes,
    numberSize,
    ...fixedSizeWriters(size, write, assertBigint),
  };

  function assertBigint(value: unknown): void {
    if (typeof value !== 'bigint') throw wrongType(name, 'a bigint, such as 5n', value);
    if (value >= min && value <= max) return;
    throw invalidValue(name, `a bigint from ${min} to ${max}`, String(value));
  }
}
