import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { EntryTable } from '../../../src/lib/btree-map/entry-table.js';
import { blob, bytes, principal, text, u64 } from '../../../src/lib/codecs/index.js';
import type { Codec, KeyCodec } from '../../../src/lib/codec.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { anyPrincipal, anyText } from '../../support/arbitraries.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { checkProperty } from '../../support/property.js';
import '../../support/byte-equality.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

type Entries = [unknown, unknown][];

interface Case {
  readonly keys: KeyCodec<unknown>;
  readonly values: Codec<unknown>;
  readonly entries: fc.Arbitrary<Entries>;
}

function caseOf<K, V>(
  keys: KeyCodec<K>,
  values: Codec<V>,
  key: fc.Arbitrary<K>,
  value: fc.Arbitrary<V>,
): Case {
  const entries = fc.array(fc.tuple(key, value), { maxLength: 200, size: 'max' });
  return { keys, values, entries } as unknown as Case;
}

const someBytes = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.nat(maxLength).map((length) => new Uint8Array(length).fill(length));

const CASES: [string, Case][] = [
  ['u64 to u64', caseOf(u64, u64, fc.bigInt(0n, 300n), fc.bigInt(0n, 9n))],
  ['text to bytes', caseOf(text, bytes, anyText(6), someBytes(200))],
  ['text to large', caseOf(text, bytes, fc.string({ maxLength: 2 }), someBytes(5000))],
  ['principal to blob', caseOf(principal, blob(90), anyPrincipal(), someBytes(90))],
];

/** A map that the kernel serves and one that it does not, in memories of so many pages. */
function twins({ keys, values }: Case, pagesMax = 4000) {
  const { memory, stable } = kernelMemory(pagesMax);
  const heap = new VectorMemory(pagesMax);
  const [fast, slow] = [memory, heap].map((place) =>
    BTreeMap.init(MemoryManager.init(place, { bucketSizeInPages: 1 }).get(0), keys, values),
  );
  return { fast: fast!, slow: slow!, stable, heap };
}

describe.each(CASES)('insertMany of %s', (_name, kind) => {
  test('leaves the bytes of inserting one by one, sorted or not', () => {
    const lists = fc.array(kind.entries, { minLength: 1, maxLength: 3 });
    checkProperty(
      fc.property(lists, fc.boolean(), (lists, isSorted) => {
        const { fast, slow, stable, heap } = twins(kind);
        for (const list of lists) {
          const entries = isSorted ? [...new BTreeMapOrder(kind, list)] : list;
          const oldLength = slow.length;
          for (const [key, value] of entries) slow.insert(key, value);
          expect(fast.insertMany(entries)).toBe(slow.length - oldLength);
          expect(stable.toBytes()).toEqual(heap.toBytes());
          expect(fast.length).toBe(slow.length);
        }
        expect([...fast]).toEqual([...slow]);
        expect(fast.checkInvariants()).toBeUndefined();
      }),
      { numRuns: 5 },
    );
  });
});

/** The entries by ascending key, as a map of its own has them. */
class BTreeMapOrder {
  constructor(
    readonly kind: Case,
    readonly list: Entries,
  ) {}

  [Symbol.iterator](): Iterator<[unknown, unknown]> {
    const map = BTreeMap.create(new VectorMemory(), this.kind.keys, this.kind.values);
    for (const [key, value] of this.list) map.insert(key, value);
    return map[Symbol.iterator]();
  }
}

test('insertMany changes nothing where the memory may not grow, nor where a codec throws', () => {
  const [, kind] = CASES[2]!;
  const many: Entries = Array.from({ length: 60 }, (_, index) => [
    `${index}`,
    new Uint8Array(4000),
  ]);
  const seen = new Set<unknown>();
  for (let pagesMax = 3; pagesMax < 8; pagesMax++) {
    const { fast, slow, stable, heap } = twins(kind, pagesMax);
    const outcomes = [fast, slow].map((map) => {
      map.insert('first', new Uint8Array(10));
      expect(() => map.insertMany([...many.slice(0, 3), ['wrong', 5]])).toThrow(TypeError);
      try {
        return map.insertMany(many);
      } catch (error) {
        expect([...map.keys()]).toEqual(['first']);
        return (error as { code: string }).code;
      }
    });
    expect(outcomes[0]).toBe(outcomes[1]);
    if (outcomes[0] === 60) expect(stable.toBytes()).toEqual(heap.toBytes());
    seen.add(outcomes[0]);
  }
  expect([...seen]).toEqual(['GROW_FAILED', 60]);
});

test('insertMany of more than the kernel can plan is left to the other engine', () => {
  const [, kind] = CASES[2]!;
  const { fast, slow, stable, heap } = twins(kind);
  const many: Entries = Array.from({ length: 40 }, (_, index) => [
    `${index}`,
    new Uint8Array(60_000).fill(index),
  ]);
  expect([fast, slow].map((map) => map.insertMany(many))).toEqual([40, 40]);
  expect(stable.toBytes()).toEqual(heap.toBytes());
});

test('a table gives back what was put in, however much', () => {
  const entries = Array.from({ length: 300 }, (_, index): [string, Uint8Array] => [
    `key ${index}`,
    new Uint8Array(index).fill(index),
  ]);
  const table = EntryTable.of(text, bytes, entries);
  expect(table.length).toBe(300);
  expect(table.ranges.length).toBe(300 * 16);
  entries.forEach(([key, value], index) => {
    expect(table.entryAt(index)).toEqual({ key: text.encode(key), value });
  });
});

test('insertMany of values whose codec uses another map meanwhile', () => {
  const manager = MemoryManager.init(kernelMemory(100).memory, { bucketSizeInPages: 1 });
  const names = BTreeMap.init(manager.get(0), text, u64);
  const known: Codec<string> = {
    name: 'known',
    bound: 'unbounded',
    encode(name) {
      names.insert(name, BigInt(names.length));
      return u64.encode(names.get(name)!);
    },
    decode: (stored) => `${u64.decode(stored)}`,
  };
  const map = BTreeMap.init(manager.get(1), text, known);
  map.insertMany([
    ['one', 'Ada'],
    ['two', 'Grace'],
    ['three', 'Barbara'],
  ]);
  expect([...map]).toEqual([
    ['one', '0'],
    ['three', '2'],
    ['two', '1'],
  ]);
  expect([...names.keys()]).toEqual(['Ada', 'Barbara', 'Grace']);
});
