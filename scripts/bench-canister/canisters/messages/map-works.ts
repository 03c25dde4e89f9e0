/**
 * The works on what one has without a message manager: a map of messages by a counter, be it ours
 * or Azle's. There are no tokens; a key that was removed is never given again.
 */
import { assertAlike, assertSame } from '../checks.js';
import { measured } from '../measuring.js';
import type { MapWork, MessageRequest } from './plan.js';

/** What both maps have. */
interface CountedMap<V> {
  insert(key: bigint, value: V): unknown;
  get(key: bigint): V | null | undefined;
  remove(key: bigint): V | null | undefined;
}

/** The works on a map whose entry of each number is made of it. */
export class MapWorks<V> {
  constructor(
    readonly map: CountedMap<V>,
    readonly valueOf: (number: bigint) => V,
  ) {}

  /** Does what is asked for, checks it, and returns the instructions of all operations together. */
  carryOut({ work, numbers }: MessageRequest<MapWork>): bigint {
    return this.#works[work](Array.from(numbers));
  }

  readonly #works: Readonly<Record<MapWork, (keys: readonly bigint[]) => bigint>> = {
    get: (keys) => {
      const { answers, instructions } = measured(keys, (key) => this.map.get(key));
      assertAlike('value', answers, keys.map(this.valueOf));
      return instructions;
    },

    remove: (keys) => {
      const { answers, instructions } = measured(keys, (key) => this.map.remove(key));
      assertAlike('value', answers, keys.map(this.valueOf));
      return instructions;
    },

    insert: (keys) => {
      const values = keys.map(this.valueOf);
      const { instructions } = measured(keys, (key, index) => this.map.insert(key, values[index]!));
      keys.forEach((key, index) => assertSame('value', this.map.get(key), values[index]));
      return instructions;
    },
  };
}
