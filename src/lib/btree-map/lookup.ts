/**
 * Many keys looked up by one request, so that what a request costs is paid once. The keys are
 * encoded into the staging area one behind another, and the kernel puts their values behind them:
 *
 *     OFFSET  SIZE   FIELD
 *          0     4   how many keys there are, at most 512
 *          4     4   index of the first one to look up
 *          8     4   size of values that are numbers: 1, 2, 4, 8; 0 = bytes
 *         12     4   zero
 *         16  4*512  where each key ends in the staging area, and the next one begins
 *       2064  8*512  answer: a cell for each value, as in a batch
 *       6160    512  answer: for each key 1 where it has a value, 0 where it is absent
 *
 * The kernel stops before a value that has no room, and is asked again from there. A key on which
 * it does not get any further is left to TypeScript.
 *
 * Source: `src/kernel/assembly/scan/get-many.ts` is the other side, and has the same table.
 */
import type { Codec } from '../codec.js';
import { columnOf, type Column } from './batch-columns.js';
import { placing, type Placing } from '../placing.js';

/** Keys that a table has cells for. */
const COUNT_MAX = 512;
/** Once so many bytes are full of keys, the rest of the staging area is for values. */
const KEYS_SIZE = 32_768;

const COUNT_OFFSET = 0;
const FIRST_OFFSET = COUNT_OFFSET + 4;
const NUMBER_SIZE_OFFSET = FIRST_OFFSET + 4;
const ZERO_OFFSET = NUMBER_SIZE_OFFSET + 4;
const ENDS_OFFSET = ZERO_OFFSET + 4;
const CELLS_OFFSET = ENDS_OFFSET + 4 * COUNT_MAX;
const FOUND_OFFSET = CELLS_OFFSET + 8 * COUNT_MAX;
const TABLE_SIZE = FOUND_OFFSET + COUNT_MAX;

/** The places of a table, for the test that compares them with the table above. */
export const LOOKUP_LAYOUT = {
  count: COUNT_OFFSET,
  first: FIRST_OFFSET,
  numberSize: NUMBER_SIZE_OFFSET,
  zero: ZERO_OFFSET,
  ends: ENDS_OFFSET,
  cells: CELLS_OFFSET,
  found: FOUND_OFFSET,
} as const;

/** The same places, as indices into an array of `u32`. */
const COUNT = COUNT_OFFSET / 4;
const FIRST = FIRST_OFFSET / 4;
const NUMBER_SIZE = NUMBER_SIZE_OFFSET / 4;

/** Makes the request with this table; returns its result. */
type Ask = (table: Uint8Array) => number;

/** Gets what the kernel does not. */
type GetOne<K, V> = (key: K) => V | undefined;

export class Lookup<K, V> {
  readonly #keys: Placing<K>;
  readonly #staging: Uint8Array;
  readonly #ask: Ask;
  readonly #table = new Uint8Array(TABLE_SIZE);
  readonly #words = new Uint32Array(this.#table.buffer, 0, ENDS_OFFSET / 4);
  readonly #ends = new Uint32Array(this.#table.buffer, ENDS_OFFSET, COUNT_MAX);
  readonly #found = new Uint8Array(this.#table.buffer, FOUND_OFFSET, COUNT_MAX);
  /** The cells of the values, which lead into the staging area. */
  readonly #values: Column<V>;

  constructor(keys: Codec<K>, values: Codec<V>, staging: Uint8Array, ask: Ask) {
    this.#keys = placing(keys);
    this.#values = columnOf(values, this.#table, CELLS_OFFSET, COUNT_MAX);
    this.#staging = staging;
    this.#ask = ask;
    this.#words[NUMBER_SIZE] = values.numberSize ?? 0;
  }

  /** The values of these keys, in their order. PRECONDITION: the staging area is taken for it. */
  getMany(keys: readonly K[], getOne: GetOne<K, V>): (V | undefined)[] {
    const values: (V | undefined)[] = [];
    while (values.length < keys.length) this.#getSome(keys, getOne, values);
    return values;
  }

  /** Adds to the values those of as many keys as there is room for, but of one at least. */
  #getSome(keys: readonly K[], getOne: GetOne<K, V>, values: (V | undefined)[]): void {
    const start = values.length;
    const count = this.#stageKeys(keys, start);
    this.#words[COUNT] = count;
    if (count === 0) values.push(getOne(keys[start]!));
    for (let index = 0; index < count; index = values.length - start) {
      this.#words[FIRST] = index;
      const end = this.#ask(this.#table);
      if (end > index) this.#readValues(index, end, values);
      else values.push(getOne(keys[start + index]!));
    }
  }

  /** Encodes the keys from one index on into the staging area; returns how many. */
  #stageKeys(keys: readonly K[], start: number): number {
    const codec = this.#keys;
    const staging = this.#staging;
    const ends = this.#ends;
    const countMax = Math.min(COUNT_MAX, keys.length - start);
    let count = 0;
    for (let end = 0; count < countMax && end < KEYS_SIZE; count++) {
      end = codec.encodeInto(keys[start + count]!, staging, end);
      if (end < 0) break;
      ends[count] = end;
    }
    return count;
  }

  /** Adds the values that the kernel has found for the keys from one index up to another. */
  #readValues(from: number, to: number, values: (V | undefined)[]): void {
    const found = this.#found;
    const { numbers, cells, codec } = this.#values;
    let length = values.length;
    if (numbers !== undefined) {
      for (let index = from; index < to; index++) {
        values[length++] = found[index] === 1 ? numbers[index] : undefined;
      }
      return;
    }
    const staging = this.#staging;
    for (let index = from; index < to; index++) {
      const at = index * 2;
      values[length++] =
        found[index] === 1 ? codec.decodeAt(staging, cells[at]!, cells[at + 1]!) : undefined;
    }
  }
}
