/**
 * A multimap against a plain JavaScript map of sorted arrays: random operations, everything
 * compared.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { text, u32 } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { MultiMap } from '../../src/lib/multi-map.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkModel, type ModelRun } from '../support/model.js';
import { compareTexts } from '../support/orders.js';

const WEIGHTS = { insert: 60, remove: 25, removeKey: 2, reopen: 2, clear: 1 };

interface Operation {
  readonly kind: keyof typeof WEIGHTS;
  readonly key: string;
  readonly value: number;
}

/** Keys of which some begin alike, and some are ordered otherwise than by JavaScript. */
const KEYS = ['', 'a', 'aa', 'b', '\uffee', '\u{1f600}'];
const VALUE_MAX = 40;

class MultiMapRun implements ModelRun<Operation> {
  #map = MultiMap.init(
    MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 }).get(0),
    text,
    u32,
  );
  /** Values by key, ascending; no key without values. */
  readonly #model = new Map<string, number[]>();
  #probe = '';

  apply({ kind, key, value }: Operation): void {
    this.#probe = key;
    const values = this.#model.get(key) ?? [];
    switch (kind) {
      case 'insert':
        expect(this.#map.insert(key, value)).toBe(!values.includes(value));
        this.#model.set(
          key,
          [...new Set([...values, value])].toSorted((a, b) => a - b),
        );
        return;
      case 'remove':
        expect(this.#map.remove(key, value)).toBe(values.includes(value));
        this.#keep(
          key,
          values.filter((each) => each !== value),
        );
        return;
      case 'removeKey':
        expect(this.#map.removeKey(key)).toBe(values.length);
        this.#keep(key, []);
        return;
      case 'reopen':
        this.#map = MultiMap.load(this.#map.intoMemory(), text, u32);
        return;
      case 'clear':
        this.#map.clear();
        this.#model.clear();
    }
  }

  compare(): void {
    const probe = this.#probe;
    const keys = [...this.#model.keys()].toSorted(compareTexts);
    const values = this.#model.get(probe) ?? [];
    expect(this.#map.checkInvariants()).toBeUndefined();
    expect(this.#map.length).toBe(this.#pairsOf(keys).length);
    expect([...this.#map].join()).toBe(this.#pairsOf(keys).join());
    expect([...this.#map.keys()]).toEqual(keys);
    expect([...this.#map.keys({ reverse: true })]).toEqual(keys.toReversed());
    expect([...this.#map.valuesOf(probe)].join()).toBe(values.join());
    expect([...this.#map.valuesOf(probe, { reverse: true })].join()).toBe(
      values.toReversed().join(),
    );
    expect(this.#map.countOf(probe)).toBe(values.length);
    expect(this.#map.hasKey(probe)).toBe(values.length > 0);
    expect(this.#map.has(probe, 7)).toBe(values.includes(7));
    const from = keys.filter((key) => compareTexts(key, probe) >= 0);
    const below = keys.filter((key) => compareTexts(key, probe) < 0);
    expect([...this.#map.keys({ gte: probe })]).toEqual(from);
    expect([...this.#map.entries({ gte: probe })].join()).toBe(this.#pairsOf(from).join());
    expect([...this.#map.entries({ lt: probe, reverse: true })].join()).toBe(
      this.#pairsOf(below).toReversed().join(),
    );
  }

  finish(): void {
    for (const key of KEYS) this.#map.removeKey(key);
    expect(this.#map.isEmpty).toBe(true);
    expect(this.#map.checkInvariants()).toBeUndefined();
  }

  #keep(key: string, values: number[]): void {
    if (values.length > 0) this.#model.set(key, values);
    else this.#model.delete(key);
  }

  #pairsOf(keys: readonly string[]): [string, number][] {
    return keys.flatMap((key) =>
      this.#model.get(key)!.map((value): [string, number] => [key, value]),
    );
  }
}

test('a multimap is its model after every operation', () => {
  checkModel<keyof typeof WEIGHTS, Operation>(
    WEIGHTS,
    (kind) => fc.record({ kind, key: fc.constantFrom(...KEYS), value: fc.nat(VALUE_MAX) }),
    () => new MultiMapRun(),
  );
});
