/**
 * The map against a plain JavaScript model: random operations, some kinds switched off per run,
 * the whole state compared and every invariant checked after each of them.
 *
 * Source: house style rule 24.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { compareValues, type Codec, type KeyCodec } from '../../src/lib/codec.js';
import { blob, bytes, principal, text, tuple, u32, u64 } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { Principal } from '../../src/lib/principal.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkProperty } from '../support/property.js';

const KINDS = ['insert', 'insertMany', 'remove', 'popFirst', 'popLast', 'reopen', 'clear'] as const;

type Kind = (typeof KINDS)[number];

/** Inserts outweigh removals, so that trees grow some levels before they shrink. */
const WEIGHTS: Record<Kind, number> = {
  insert: 20,
  insertMany: 3,
  remove: 12,
  popFirst: 3,
  popLast: 3,
  reopen: 2,
  clear: 0.2,
};

interface Operation<K, V> {
  readonly kind: Kind;
  readonly key: K;
  readonly value: V;
}

/** The model: entries by encoded key, sorted by the codec's order when they are compared. */
class ModelMap<K, V> {
  readonly #entries = new Map<string, [K, V]>();

  constructor(readonly codec: KeyCodec<K>) {}

  insert(key: K, value: V): V | undefined {
    const old = this.#entries.get(this.#name(key))?.[1];
    this.#entries.set(this.#name(key), [key, value]);
    return old;
  }

  remove(key: K): V | undefined {
    const old = this.#entries.get(this.#name(key))?.[1];
    this.#entries.delete(this.#name(key));
    return old;
  }

  clear(): void {
    this.#entries.clear();
  }

  sorted(): [K, V][] {
    return [...this.#entries.values()].sort(([a], [b]) => compareValues(this.codec, a, b));
  }

  #name(key: K): string {
    return Buffer.from(this.codec.encode(key)).toString('hex');
  }
}

function apply<K, V>(map: BTreeMap<K, V>, model: ModelMap<K, V>, operation: Operation<K, V>) {
  const { kind, key, value } = operation;
  switch (kind) {
    case 'insert':
      expect(map.insert(key, value)).toEqual(model.insert(key, value));
      return;
    case 'insertMany': {
      const isNew = model.insert(key, value) === undefined;
      expect(
        map.insertMany([
          [key, value],
          [key, value],
        ]),
      ).toBe(isNew ? 1 : 0);
      return;
    }
    case 'remove':
      expect(map.remove(key)).toEqual(model.remove(key));
      return;
    case 'popFirst':
    case 'popLast': {
      const sorted = model.sorted();
      const expected = kind === 'popFirst' ? sorted[0] : sorted.at(-1);
      expect(map[kind]()).toEqual(expected);
      if (expected !== undefined) model.remove(expected[0]);
      return;
    }
    case 'clear':
      map.clear();
      model.clear();
      return;
    case 'reopen':
  }
}

function compare<K, V>(map: BTreeMap<K, V>, model: ModelMap<K, V>, probe: K): void {
  const sorted = model.sorted();
  expect(map.checkInvariants()).toBeUndefined();
  expect(map.length).toBe(sorted.length);
  expect([...map]).toEqual(sorted);
  const isFrom = ([key]: [K, V]) => compareValues(model.codec, key, probe) >= 0;
  expect([...map.entries({ gte: probe })]).toEqual(sorted.filter(isFrom));
  expect([...map.keys({ lt: probe, reverse: true })]).toEqual(
    sorted
      .filter((entry) => !isFrom(entry))
      .map(([key]) => key)
      .reverse(),
  );
  expect(map.get(probe)).toEqual(
    sorted.find(([key]) => compareValues(model.codec, key, probe) === 0)?.[1],
  );
}

/** A run: which kinds of operation it knows, and the operations. */
function runs<K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>) {
  return fc.subarray([...KINDS], { minLength: 2 }).chain((kinds) => {
    const weighted = (kinds.includes('insert') ? kinds : ['insert' as const, ...kinds]).flatMap(
      (kind) => Array.from({ length: Math.ceil(WEIGHTS[kind] * 5) }, () => kind),
    );
    const operation = fc.record({ kind: fc.constantFrom(...weighted), key, value });
    return fc.array(operation, { minLength: 20, maxLength: 120 });
  });
}

interface Case<K, V> {
  readonly keys: KeyCodec<K>;
  readonly values: Codec<V>;
  readonly key: fc.Arbitrary<K>;
  readonly value: fc.Arbitrary<V>;
}

function caseOf<K, V>(
  keys: KeyCodec<K>,
  key: fc.Arbitrary<K>,
  values: Codec<V>,
  value: fc.Arbitrary<V>,
) {
  return { keys, values, key, value } as unknown as Case<unknown, unknown>;
}

const smallBytes = fc.uint8Array({ maxLength: 20 });
const largeBytes = fc.uint8Array({ minLength: 0, maxLength: 2_500, size: 'max' });
const somePrincipal = fc
  .uint8Array({ minLength: 0, maxLength: 2 })
  .map((content) => Principal.fromUint8Array(content));

const CASES: readonly [string, Case<unknown, unknown>][] = [
  ['u32 to u64', caseOf(u32, fc.nat(120), u64, fc.bigInt(0n, 2n ** 64n - 1n))],
  ['text to bytes', caseOf(text, fc.string({ unit: 'grapheme', maxLength: 3 }), bytes, smallBytes)],
  ['u32 to large bytes', caseOf(u32, fc.nat(40), bytes, largeBytes)],
  ['bounded to bounded', caseOf(blob(2), fc.uint8Array({ maxLength: 2 }), blob(20), smallBytes)],
  ['principal to u32', caseOf(principal, somePrincipal, u32, fc.nat(9))],
  [
    'tuple to text',
    caseOf(tuple(u32, text), fc.tuple(fc.nat(9), fc.string({ maxLength: 1 })), text, fc.string()),
  ],
];

describe.each(CASES)('a map from %s', (_, { keys, values, key, value }) => {
  test('is its model after every operation', () => {
    checkProperty(
      fc.property(runs(key, value), (operations) => {
        const memory = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 }).get(0);
        let map = BTreeMap.init(memory, keys, values);
        const model = new ModelMap<unknown, unknown>(keys);
        for (const operation of operations) {
          apply(map, model, operation);
          if (operation.kind === 'reopen') map = BTreeMap.load(map.intoMemory(), keys, values);
          compare(map, model, operation.key);
        }
        for (const [each] of model.sorted()) map.remove(each);
        expect(map.length).toBe(0);
        expect(map.checkInvariants()).toBeUndefined();
      }),
      { numRuns: 8 },
    );
  });
});
