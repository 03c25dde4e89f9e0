/**
 * Typed arrays as JSON: bytes as hexadecimal text, other numbers as a list, and bigints as a list
 * of texts. Each goes by the name of its class.
 *
 *     Uint8Array     "00ff"
 *     Float64Array   [1.5, 2]
 *     BigInt64Array  ["-1", "2"]
 *
 * Source: `json.ts`.
 */
import { bytesOfHex, hexOf } from './hex.js';

const BYTES = 'Uint8Array';

const NUMBER_ARRAYS = byName<{ from(elements: number[]): ArrayLike<number> }>([
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
]);

const BIGINT_ARRAYS = byName<{ from(elements: bigint[]): ArrayLike<bigint> }>([
  BigInt64Array,
  BigUint64Array,
]);

/** What no whole number but one is written as. */
const BIGINT = /^(?:0|-?[1-9]\d*)$/;

/** Name and content of a typed array; `undefined` for a view that is none. O(length). */
export function contentOfArray(
  view: ArrayBufferView,
  contentOfNumber: (value: number) => unknown,
): readonly [name: string, content: unknown] | undefined {
  const name = (view as ArrayBufferView & { [Symbol.toStringTag]: string })[Symbol.toStringTag];
  if (name === BYTES) return [name, hexOf(view as Uint8Array, 0, view.byteLength)];
  if (NUMBER_ARRAYS.has(name)) {
    return [name, Array.from(view as unknown as ArrayLike<number>, contentOfNumber)];
  }
  if (!BIGINT_ARRAYS.has(name)) return undefined;
  return [name, Array.from(view as unknown as ArrayLike<bigint>, String)];
}

/**
 * The typed array of this name and content; `undefined` where there is none with just these
 * elements. O(length).
 */
export function arrayOfContent(
  name: string,
  content: unknown,
  numberOfContent: (content: unknown) => number | undefined,
): unknown {
  if (name === BYTES) return typeof content === 'string' ? bytesOfHex(content) : undefined;
  if (!Array.isArray(content)) return undefined;
  const numbers = NUMBER_ARRAYS.get(name);
  if (numbers !== undefined) {
    const elements = content.map(numberOfContent);
    return elements.every((each) => typeof each === 'number')
      ? keeping(numbers.from(elements), elements)
      : undefined;
  }
  const bigints = BIGINT_ARRAYS.get(name);
  const elements = content.map(bigintOfContent).filter((each) => each !== undefined);
  return bigints && elements.length === content.length
    ? keeping(bigints.from(elements), elements)
    : undefined;
}

/** The bigint that is written like this; `undefined` where there is none. */
export function bigintOfContent(content: unknown): bigint | undefined {
  return typeof content === 'string' && BIGINT.test(content) ? BigInt(content) : undefined;
}

/** The array, unless it could not keep an element: 256 becomes 0 in an array of bytes. */
function keeping<T>(array: ArrayLike<T>, elements: readonly T[]): ArrayLike<T> | undefined {
  return elements.every((each, index) => Object.is(each, array[index])) ? array : undefined;
}

/** Not an object, which has names of its own: `constructor` is no array. */
function byName<T>(types: readonly (T & { readonly name: string })[]): ReadonlyMap<string, T> {
  return new Map(types.map((type) => [type.name, type]));
}
