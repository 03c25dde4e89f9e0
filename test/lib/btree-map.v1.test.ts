/**
 * Maps in layout V1: read, changed, and mixed with nodes of layout V2, as the crate does it. What
 * the crate itself left behind is compared in `reference-recipes.test.ts` and the sequences.
 */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { BTREE_MAP_LAYOUT } from '../../src/lib/btree-map/header.js';
import { NODE_V1_LAYOUT } from '../../src/lib/btree-map/node-v1.js';
import { readU64 } from '../../src/lib/bytes.js';
import { blob, bytes, text, u32, u64 } from '../../src/lib/codecs/index.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, imageOf, restarted } from '../support/memories.js';

const key = (index: number) => Uint8Array.of(index);
const value = (size: number) => new Uint8Array(size).fill(size);

function mapOfV1(count: number) {
  const map = BTreeMap.createV1(new VectorMemory(), blob(8), blob(8));
  for (let index = 0; index < count; index++) map.insert(key(index), value(index % 9));
  return map;
}

function bytesAt(memory: Memory, offset: number, size: number): Uint8Array {
  const target = new Uint8Array(size);
  memory.read(offset, target);
  return target;
}

/** The layout version of the root node. */
function rootVersion(memory: Memory): number {
  const root = readU64(bytesAt(memory, BTREE_MAP_LAYOUT.root, 8), 0);
  return bytesAt(memory, root + 3, 1)[0]!;
}

describe('a map in layout V1', () => {
  // The crate's golden file `btreemap_v1_packed_headers.dump`, by its SHA-256.
  test('with one entry is the golden file of the crate', () => {
    const map = BTreeMap.createV1(new VectorMemory(), blob(10), blob(10));
    map.insert(Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6));
    const image = imageOf(map.intoMemory());
    expect(createHash('sha256').update(image).digest('hex')).toBe(
      '095b0117f0ce8beb5c4eb8dd2c155f6e0f682ad7e361419572297e9d36a08437',
    );
  });

  test('keeps its header and its nodes when it is opened again', () => {
    const memory = mapOfV1(5).intoMemory();
    const before = imageOf(memory);
    const map = BTreeMap.load(memory, blob(8), blob(8));
    expect([...map.values()].map((each) => each.length)).toEqual([0, 1, 2, 3, 4]);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    map.insert(key(9), value(1));
    expect(bytesAt(memory, 0, 12)).toEqual(before.subarray(0, 12));
    expect(rootVersion(memory)).toBe(1);
  });

  test('gets nodes of layout V2 once it is opened again, also after it was emptied', () => {
    const map = BTreeMap.load(mapOfV1(11).intoMemory(), blob(8), blob(8));
    map.insert(key(100), value(1));
    const memory = map.intoMemory();
    expect(rootVersion(memory)).toBe(2);
    const again = BTreeMap.load(memory, blob(8), blob(8));
    expect(again.length).toBe(12);
    again.clear();
    again.insert(key(1), value(1));
    expect(rootVersion(memory)).toBe(2);
    expect(bytesAt(memory, 3, 1)[0]).toBe(1);
    expect(again.checkInvariants()).toBeUndefined();
  });

  // The crate writes over the neighbours of an entry that is too large for its slot.
  test.each([
    ['a larger value', (map: BTreeMap<Uint8Array, Uint8Array>) => map.insert(key(3), value(40))],
    [
      'a value over many pages',
      (map: BTreeMap<Uint8Array, Uint8Array>) => map.insert(key(3), value(30_000)),
    ],
    ['a larger key', (map: BTreeMap<Uint8Array, Uint8Array>) => map.insert(value(50), value(1))],
  ])('takes %s by making the node one of layout V2', (_, insert) => {
    const map = BTreeMap.load(mapOfV1(8).intoMemory(), bytes, bytes);
    const before = [...map];
    insert(map);
    expect(map.checkInvariants()).toBeUndefined();
    expect(map.length - before.length).toBeLessThanOrEqual(1);
    for (const [each, old] of before) {
      if (each[0] !== 3) expect(map.get(each)).toEqual(old);
    }
    const entries = [...map];
    const memory = map.intoMemory();
    expect(rootVersion(memory)).toBe(2);
    expect([...BTreeMap.load(memory, bytes, bytes)]).toEqual(entries);
  });

  test('is not made for types without a bound', () => {
    const memory = new VectorMemory();
    expect(codeOf(() => BTreeMap.createV1(memory, u64, text))).toBe('INCOMPATIBLE_TYPE');
    expect(memory.size()).toBe(0);
  });

  test.each([
    ['an unknown kind', NODE_V1_LAYOUT.kind, 2],
    ['no entries', NODE_V1_LAYOUT.entryCount, 0],
    ['more entries than fit', NODE_V1_LAYOUT.entryCount, 12],
    ['a key longer than its slot', NODE_V1_LAYOUT.slots, 9],
    ['a value longer than its slot', NODE_V1_LAYOUT.slots + 4 + 8, 9],
  ])('refuses a node with %s', (_, offset, byte) => {
    const memory = mapOfV1(5).intoMemory();
    memory.write(
      readU64(bytesAt(memory, BTREE_MAP_LAYOUT.root, 8), 0) + offset,
      Uint8Array.of(byte),
    );
    expect(codeOf(() => [...BTreeMap.load(restarted(memory), blob(8), blob(8))])).toBe('CORRUPTED');
  });

  test('refuses keys of another size than the type has', () => {
    const memory = mapOfV1(5).intoMemory();
    expect(codeOf(() => [...BTreeMap.load(memory, u32, blob(8))])).toBe('CORRUPTED');
  });
});

// No release writes it, but all read it.
test('a header of version 2 with the sizes of V1 is read, and becomes V1 with the next change', () => {
  const memory = mapOfV1(5).intoMemory();
  memory.write(3, Uint8Array.of(2));
  const map = BTreeMap.load(memory, blob(8), blob(8));
  expect(map.length).toBe(5);
  map.insert(key(9), value(1));
  expect(bytesAt(memory, 3, 1)[0]).toBe(1);
});

test('a node of layout V1 in a map that was made as V2 is damage', () => {
  const map = BTreeMap.init(new VectorMemory(), blob(8), blob(8));
  map.insert(key(1), value(1));
  const memory = map.intoMemory();
  memory.write(readU64(bytesAt(memory, BTREE_MAP_LAYOUT.root, 8), 0) + 3, Uint8Array.of(1));
  expect(codeOf(() => [...BTreeMap.load(memory, blob(8), blob(8))])).toBe('CORRUPTED');
});
