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
import { principal, u32 } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { Principal } from '../../src/lib/principal.js';
import { checkModel, type ModelRun } from '../support/model.js';

const WEIGHTS = {
  insert: 100,
  insertMany: 15,
  remove: 60,
  popFirst: 15,
  popLast: 15,
  reopen: 10,
  clear: 1,
};

interface Operation<K> {
  readonly kind: keyof typeof WEIGHTS;
  readonly side: 0 | 1;
  readonly keys: readonly [K, K];
}

/** A plain set of keys by their encoding, which names them where two sets are compared. */
class ModelSet<K> {
  readonly #keys = new Map<string, K>();

  constructor(readonly codec: KeyCodec<K>) {}

  has(key: K): boolean {
    return this.#keys.has(nameOf(this.codec, key));
  }

  insert(key: K): boolean {
    const isNew = !this.has(key);
    this.#keys.set(nameOf(this.codec, key), key);
    return isNew;
  }

  remove(key: K): boolean {
    return this.#keys.delete(nameOf(this.codec, key));
  }

  clear(): void {
    this.#keys.clear();
  }

  sorted(): K[] {
    return this.inOrder([...this.#keys.values()]);
  }

  /** The key that comes before all others, or behind them, without sorting any. */
  outermost(isLast: boolean): K | undefined {
    const [first, ...others] = this.#keys.values();
    return others.reduce((best, key) => {
      const isBefore = compareValues(this.codec, key, best!) < 0;
      return isBefore === isLast ? best : key;
    }, first);
  }

  inOrder(keys: readonly K[]): K[] {
    return keys.toSorted((a, b) => compareValues(this.codec, a, b));
  }
}

class SetRun<K> implements ModelRun<Operation<K>> {
  readonly #codec: KeyCodec<K>;
  readonly #sets: [BTreeSet<K>, BTreeSet<K>];
  readonly #models: readonly [ModelSet<K>, ModelSet<K>];

  constructor(codec: KeyCodec<K>) {
    this.#codec = codec;
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
        const expected = model.outermost(kind === 'popLast');
        expect(set[kind]()).toEqual(expected);
        if (expected !== undefined) model.remove(expected);
        return;
      }
      case 'reopen':
        this.#sets[side] = BTreeSet.load(set.intoMemory(), this.#codec);
        return;
      case 'clear':
        set.clear();
        model.clear();
    }
  }

  compare(): void {
    for (const side of [0, 1] as const) this.#compareSide(side);
    const [left, right] = this.#sets;
    const [l, r] = this.#models;
    const lefts = l.sorted();
    const both = lefts.filter((key) => r.has(key));
    const onlyLeft = lefts.filter((key) => !r.has(key));
    const onlyRight = r.sorted().filter((key) => !l.has(key));
    this.#expectSame(left.union(right), l.inOrder([...lefts, ...onlyRight]));
    this.#expectSame(left.intersection(right), both);
    this.#expectSame(left.difference(right), onlyLeft);
    this.#expectSame(left.symmetricDifference(right), l.inOrder([...onlyLeft, ...onlyRight]));
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
    this.#expectSame(set, sorted);
    expect(set.first()).toEqual(sorted[0]);
    expect(set.last()).toEqual(sorted.at(-1));
    const middle = sorted[sorted.length >> 1];
    if (middle === undefined) return;
    expect(set.has(middle)).toBe(true);
    const upToMiddle = sorted.slice(0, (sorted.length >> 1) + 1);
    this.#expectSame(set.keys({ lte: middle, reverse: true }), upToMiddle.reverse());
  }

  /** By their names, since comparing thousands of objects takes a test runner long. */
  #expectSame(keys: Iterable<K>, expected: Iterable<K>): void {
    const names = Array.from(keys, (key) => nameOf(this.#codec, key)).join();
    expect(names).toBe(Array.from(expected, (key) => nameOf(this.#codec, key)).join());
  }
}

function nameOf<K>(codec: KeyCodec<K>, key: K): string {
  return Buffer.from(codec.encode(key)).toString('hex');
}

function caseOf<K>(codec: KeyCodec<K>, key: fc.Arbitrary<K>) {
  return [codec.name, { codec, key }] as unknown as [
    string,
    { codec: KeyCodec<unknown>; key: fc.Arbitrary<unknown> },
  ];
}

/** Few enough that two sets have some in common. */
const somePrincipal = fc
  .array(fc.constantFrom(0, 1, 0xff), { maxLength: 4 })
  .map((bytes) => Principal.fromUint8Array(Uint8Array.from(bytes)));

describe.each([caseOf(u32, fc.nat(120)), caseOf(principal, somePrincipal)])(
  'a set of %s',
  (_, { codec, key }) => {
    test('is its model after every operation', () => {
      checkModel<keyof typeof WEIGHTS, Operation<unknown>>(
        WEIGHTS,
        (kind) => fc.record({ kind, side: fc.constantFrom(0, 1), keys: fc.tuple(key, key) }),
        () => new SetRun(codec),
      );
    });
  },
);
