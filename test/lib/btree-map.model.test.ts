/**
 * The map against a plain JavaScript model: random operations, some kinds switched off per run,
 * the whole state compared and every invariant checked after each of them. Each type of entry runs
 * in a memory on the heap, in stable memory over the kernel, in a memory whose bytes must be copied,
 * and in a map that was made as V1.
 *
 * Source: house style rule 24.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { compareValues, type Codec, type KeyCodec } from '../../src/lib/codec.js';
import { blob, bytes, principal, text, tuple, u32, u64 } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { Principal } from '../../src/lib/principal.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../support/kernel-host.js';
import { kernelMemory } from '../support/kernel-memory.js';
import { mapCase, type MapCase } from '../support/map-case.js';
import { restarted } from '../support/memories.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';

/** Inserts outweigh removals, so that trees grow some levels before they shrink. */
const WEIGHTS = {
  insert: 80,
  insertMany: 10,
  update: 10,
  loadSorted: 4,
  remove: 60,
  popFirst: 12,
  popLast: 12,
  retain: 2,
  reopen: 6,
  clear: 1,
};

type Kind = keyof typeof WEIGHTS;

interface MapOperation<K, V> extends Operation<Kind> {
  readonly key: K;
  readonly value: V;
}

/** The model: entries by encoded key, sorted by the codec's order when they are asked for. */
class ModelMap<K, V> {
  readonly #entries = new Map<string, [K, V]>();

  constructor(readonly codec: KeyCodec<K>) {}

  get(key: K): V | undefined {
    return this.#entries.get(this.#name(key))?.[1];
  }

  insert(key: K, value: V): V | undefined {
    const old = this.get(key);
    this.#entries.set(this.#name(key), [key, value]);
    return old;
  }

  remove(key: K): V | undefined {
    const old = this.get(key);
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

class Run<K, V> implements ModelRun<MapOperation<K, V>> {
  readonly #model: ModelMap<K, V>;
  #probe: K | undefined;

  constructor(
    private map: BTreeMap<K, V>,
    private readonly keys: KeyCodec<K>,
    private readonly values: Codec<V>,
  ) {
    this.#model = new ModelMap(keys);
  }

  apply({ kind, key, value }: MapOperation<K, V>): void {
    this.#probe = key;
    this[kind](key, value);
  }

  compare(): void {
    const { map, keys } = this;
    const probe = this.#probe!;
    const sorted = this.#model.sorted();
    const below = sorted.filter(([key]) => compareValues(keys, key, probe) < 0);
    const fromProbe = sorted.slice(below.length);
    const value = this.#model.get(probe);
    // One comparison of all: each `expect` costs more than most of what it compares.
    expect({
      violation: map.checkInvariants(),
      length: map.length,
      entries: [...map],
      fromProbe: [...map.entries({ gte: probe })],
      backwards: [...map.keys({ lt: probe, reverse: true })],
      count: map.count({ lt: probe }),
      lower: map.lower(probe),
      ceiling: map.ceiling(probe),
      many: map.getMany([probe]),
      containsKey: map.containsKey(probe),
    }).toEqual({
      violation: undefined,
      length: sorted.length,
      entries: sorted,
      fromProbe,
      backwards: below.map(([key]) => key).reverse(),
      count: below.length,
      lower: below.at(-1),
      ceiling: fromProbe[0],
      many: [value],
      containsKey: value !== undefined,
    });
  }

  finish(): void {
    for (const [key] of this.#model.sorted()) this.map.remove(key);
    expect(this.map.length).toBe(0);
    expect(this.map.checkInvariants()).toBeUndefined();
  }

  insert(key: K, value: V): void {
    expect(this.map.insert(key, value)).toEqual(this.#model.insert(key, value));
  }

  insertMany(key: K, value: V): void {
    const isNew = this.#model.insert(key, value) === undefined;
    const twice = [key, value] as const;
    expect(this.map.insertMany([twice, twice])).toBe(isNew ? 1 : 0);
  }

  update(key: K, value: V): void {
    const seen: (V | undefined)[] = [];
    this.map.update(key, (old) => {
      seen.push(old);
      return value;
    });
    expect(seen).toEqual([this.#model.insert(key, value)]);
  }

  /** The keys above the largest one, if the probe is one. */
  loadSorted(key: K, value: V): void {
    const last = this.map.last()?.[0];
    if (last !== undefined && compareValues(this.keys, last, key) >= 0) return;
    this.map.loadSorted([[key, value]]);
    this.#model.insert(key, value);
  }

  remove(key: K): void {
    expect(this.map.remove(key)).toEqual(this.#model.remove(key));
  }

  popFirst(): void {
    this.#pop(this.map.popFirst(), this.#model.sorted()[0]);
  }

  popLast(): void {
    this.#pop(this.map.popLast(), this.#model.sorted().at(-1));
  }

  retain(probe: K): void {
    const keep = (key: K) => compareValues(this.keys, key, probe) <= 0;
    const unwanted = this.#model.sorted().filter(([key]) => !keep(key));
    expect(this.map.retain(keep)).toBe(unwanted.length);
    for (const [key] of unwanted) this.#model.remove(key);
  }

  clear(): void {
    this.map.clear();
    this.#model.clear();
  }

  reopen(): void {
    this.map = BTreeMap.load(this.map.intoMemory(), this.keys, this.values);
  }

  #pop(found: [K, V] | undefined, expected: [K, V] | undefined): void {
    expect(found).toEqual(expected);
    if (expected !== undefined) this.#model.remove(expected[0]);
  }
}

const smallBytes = fc.uint8Array({ maxLength: 20 });
const largeBytes = fc.uint8Array({ minLength: 0, maxLength: 2_500, size: 'max' });
const somePrincipal = fc
  .uint8Array({ minLength: 0, maxLength: 2 })
  .map((content) => Principal.fromUint8Array(content));

const CASES: readonly [string, MapCase<unknown, unknown>][] = [
  ['u32 to u64', mapCase(u32, fc.nat(120), u64, fc.bigInt(0n, 2n ** 64n - 1n))],
  [
    'text to bytes',
    mapCase(text, fc.string({ unit: 'grapheme', maxLength: 3 }), bytes, smallBytes),
  ],
  ['u32 to large bytes', mapCase(u32, fc.nat(40), bytes, largeBytes)],
  ['bounded to bounded', mapCase(blob(2), fc.uint8Array({ maxLength: 2 }), blob(20), smallBytes)],
  ['principal to u32', mapCase(principal, somePrincipal, u32, fc.nat(9))],
  [
    'tuple to text',
    mapCase(tuple(u32, text), fc.tuple(fc.nat(9), fc.string({ maxLength: 1 })), text, fc.string()),
  ],
];

const managed = () => MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 }).get(0);

function check(
  { keys, values, key, value }: MapCase<unknown, unknown>,
  map: () => BTreeMap<unknown, unknown>,
) {
  checkModel(
    WEIGHTS,
    (kind) => fc.record({ kind, key, value }),
    () => new Run(map(), keys, values),
  );
}

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

describe.each(CASES)('a map from %s is its model after every operation', (_, each) => {
  const { keys, values } = each;

  test('in a memory on the heap', () => {
    check(each, () => BTreeMap.init(managed(), keys, values));
  });

  test('in stable memory, where the kernel does what it can', () => {
    const stable = () => MemoryManager.init(kernelMemory().memory, { bucketSizeInPages: 1 }).get(0);
    check(each, () => BTreeMap.init(stable(), keys, values));
  });

  test('in a memory whose bytes are copied', () => {
    check(each, () => BTreeMap.init(restarted(managed()), keys, values));
  });

  const isBounded = keys.bound !== 'unbounded' && values.bound !== 'unbounded';
  if (isBounded) {
    test('where it was made in layout V1', () => {
      check(each, () => BTreeMap.createV1(managed(), keys, values));
    });
  }
});
