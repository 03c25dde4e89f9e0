/**
 * How JavaScript reads what the kernel has put into a batch: a column of cells for the keys and one
 * for the values. Each function is made for the types of a map, once, and is then called for every
 * entry that is walked over.
 *
 * Source: `batch.ts` for what a cell holds.
 */
import type { Codec } from '../codec.js';
import { placing, type Placing } from '../placing.js';

/** Reads the element that has this index. */
export type ReadElement<T> = (index: number) => T;

/** Puts the elements from one index up to another behind those in `target`. */
export type ReadElements<T> = (from: number, to: number, target: T[]) => void;

/** Keys or values of a batch: the elements of an array of numbers, or bytes that cells lead to. */
export interface Column<T> {
  readonly numbers: ArrayLike<T> | undefined;
  readonly cells: Uint32Array;
  readonly codec: Placing<T>;
}

/** The column whose `count` cells begin at an offset of these bytes. */
export function columnOf<T>(
  codec: Codec<T>,
  bytes: Uint8Array,
  offset: number,
  count: number,
): Column<T> {
  const buffer = bytes.buffer as ArrayBuffer;
  const cells = new Uint32Array(buffer, offset, count * 2);
  const column = { cells, codec: placing(codec) };
  if (codec.numberSize === undefined) return { ...column, numbers: undefined };
  const Numbers = codec.numberSize === 8 ? BigUint64Array : Float64Array;
  const numbers = new Numbers(buffer, offset, count) as ArrayLike<unknown>;
  return { ...column, numbers: numbers as ArrayLike<T> };
}

/** One element of a column at a time. */
export function elementReader<T>(bytes: Uint8Array, column: Column<T>): ReadElement<T> {
  const { numbers, cells, codec } = column;
  if (numbers !== undefined) return (index) => numbers[index]!;
  return (index) => codec.decodeAt(bytes, cells[index * 2]!, cells[index * 2 + 1]!);
}

/**
 * The key of one column and the value of the other at a time. Nothing is called for a number, nor
 * asked for each entry what was known before: in an interpreter either is dear.
 */
export function entryReader<K, V>(
  bytes: Uint8Array,
  keys: Column<K>,
  values: Column<V>,
): ReadElement<[K, V]> {
  const { numbers: keyNumbers, cells: keyCells, codec: keyCodec } = keys;
  const { numbers: valueNumbers, cells: valueCells, codec: valueCodec } = values;
  if (keyNumbers !== undefined && valueNumbers !== undefined) {
    return (index) => [keyNumbers[index]!, valueNumbers[index]!];
  }
  if (keyNumbers !== undefined || valueNumbers !== undefined) {
    const readKey = elementReader(bytes, keys);
    const readValue = elementReader(bytes, values);
    return (index) => [readKey(index), readValue(index)];
  }
  return (index) => {
    const start = index * 2;
    const end = start + 1;
    return [
      keyCodec.decodeAt(bytes, keyCells[start]!, keyCells[end]!),
      valueCodec.decodeAt(bytes, valueCells[start]!, valueCells[end]!),
    ];
  };
}

/** Many entries at a time. */
export function entriesReader<K, V>(
  bytes: Uint8Array,
  keys: Column<K>,
  values: Column<V>,
): ReadElements<[K, V]> {
  const { numbers: keyNumbers } = keys;
  const { numbers: valueNumbers } = values;
  if (keyNumbers !== undefined && valueNumbers !== undefined) {
    return (from, to, target) => {
      let length = target.length;
      for (let index = from; index < to; index++) {
        target[length++] = [keyNumbers[index]!, valueNumbers[index]!];
      }
    };
  }
  const readEntry = entryReader(bytes, keys, values);
  return (from, to, target) => {
    for (let index = from; index < to; index++) target.push(readEntry(index));
  };
}
