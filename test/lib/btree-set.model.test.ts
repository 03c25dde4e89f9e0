/**
 * Two sets against two plain JavaScript sets: random operations on either, and the algebra of both
 * compared as a whole.
 *
 * Source: house style rule 24.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeSet } from '../../src/lib/btree-set.js';
import { compareValues, type KeyCodec } from '../../src/lib/codec.js';
import { principal, text, tuple, u32, u8 } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { anyPrincipal, anyText } from '../support/arbitraries.js';
import { checkModel, type ModelRun } from '../support/model.js';

const WEIGHTS = {
  insert: 100,
  insertMany: 15,
  remove: 60,
  popFirst: 15,
  popLast: 15,
  clear: 1,
};

interface Operation<K> {
  readonly kind: keyof typeof WEIGHTS;
  readonly side: 0 | 1;
  readonly keys: readonly [K, K];
}

/** A plain set of keys by their encoding. */
class ModelSet<K> {
  readonly #keys = new Map<string, K>();

  constructor(readonly codec: KeyCodec<K>) {}

  has(key: K): boolean {
    return this.#keys.has(this.#name(key));
  }

  insert(key: K): boolean {
    const isNew = !this.has(key);
    this.#keys.set(this.#name(key), key);
    return isNew;
  }

  remove(key: K): boolean {
    return this.#keys.delete(this.#name(key));
  }

  clear(): void {
    this.#keys.clear();
  }

  sorted(): K[] {
    return [...this.#keys.values()].sort((a, b) => compareValues(this.codec, a, b));
  }

  #name(key: K): string {
    return Buffer.from(this.codec.encode(key)).toString('hex');
  }
}

class SetRun<K> implements ModelRun<Operation<K>> {
  readonly #sets: readonly [BTreeSet<K>, BTreeSet<K>];
  readonly #models: readonly [ModelSet<K>, ModelSet<K>];

  constructor(codec: KeyCodec<K>) {
    const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
    this.#sets = [BTreeSet.init(manager.get(0), codec), BTreeSet.init(manager.get(1), codec)];
    this.#models = [new ModelSet(codec), new ModelSet(codec)];
  }

  apply({ kind, side, keys }: Operation<K>): void {
    const set = this.#sets[side];
    const model = this.#models[side];
    const [key] = keys;
    switch (kind) {
      case 'insert':
        expect(set.insert(key)).toBe(model.insert(key));
        return;
      case 'insertMany':
        expect(set.insertMany(keys)).toBe(keys.filter((each) => model.insert(each)).length);
        return;
      case 'remove':
        expect(set.remove(key)).toBe(model.remove(key));
        return;
      case 'popFirst':
      case 'popLast': {
        const sorted = model.sorted();
        const expected = kind === 'popFirst' ? sorted[0] : sorted.at(-1);
        expect(set[kind]()).toEqual(expected);
        if (expected !== undefined) model.remove(expected);
        return;
      }
      case 'clear':
        set.clear();
        model.clear();
    }
  }

  compare(): void {
    for (const side of [0, 1] as const) this.#compareSide(side);
    const [left, right] = this.#sets;
    const [l, r] = this.#models;
    const [lefts, rights] = [l.sorted(), r.sorted()];
    const both = lefts.filter((key) => r.has(key));
    const [onlyLeft, onlyRight] = [lefts.filter((key) => !r.has(key)), rights.filter(outside(l))];
    const inOrder = (keys: K[]): K[] => keys.sort((a, b) => compareValues(l.codec, a, b));
    expect([...left.union(right)]).toEqual(inOrder([...lefts, ...onlyRight]));
    expect([...left.intersection(right)]).toEqual(both);
    expect([...left.difference(right)]).toEqual(onlyLeft);
    expect([...left.symmetricDifference(right)]).toEqual(inOrder([...onlyLeft, ...onlyRight]));
    expect(left.isDisjointFrom(right)).toBe(both.length === 0);
    expect(left.isSubsetOf(right)).toBe(onlyLeft.length === 0);
    expect(left.isSupersetOf(right)).toBe(onlyRight.length === 0);
  }

  finish(): void {
    for (const set of this.#sets) {
      while (set.popFirst() !== undefined);
      expect(set.isEmpty).toBe(true);
      expect(set.checkInvariants()).toBeUndefined();
    }
  }

  #compareSide(side: 0 | 1): void {
    const set = this.#sets[side];
    const sorted = this.#models[side].sorted();
    expect(set.checkInvariants()).toBeUndefined();
    expect(set.length).toBe(sorted.length);
    expect(set.isEmpty).toBe(sorted.length === 0);
    expect([...set]).toEqual(sorted);
    expect(set.first()).toEqual(sorted[0]);
    expect(set.last()).toEqual(sorted.at(-1));
    const middle = sorted[sorted.length >> 1];
    if (middle === undefined) return;
    expect(set.has(middle)).toBe(true);
    expect([...set.keys({ lte: middle, reverse: true })]).toEqual(
      sorted.slice(0, (sorted.length >> 1) + 1).reverse(),
    );
  }
}

function outside<K>(model: ModelSet<K>): (key: K) => boolean {
  return (key) => !model.has(key);
}

function caseOf<K>(codec: KeyCodec<K>, key: fc.Arbitrary<K>) {
  return [codec.name, { codec, key }] as unknown as [
    string,
    { codec: KeyCodec<unknown>; key: fc.Arbitrary<unknown> },
  ];
}

describe.each([
  caseOf(u32, fc.nat(120)),
  caseOf(principal, anyPrincipal()),
  caseOf(tuple(u8, text), fc.tuple(fc.nat(9), anyText(2))),
])('a set of %s', (_, { codec, key }) => {
  test('is its model after every operation', () => {
    checkModel<keyof typeof WEIGHTS, Operation<unknown>>(
      WEIGHTS,
      (kind) => fc.record({ kind, side: fc.constantFrom(0, 1), keys: fc.tuple(key, key) }),
      () => new SetRun(codec),
    );
  });
});
