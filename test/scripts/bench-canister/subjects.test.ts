/**
 * The subjects of the benchmark of canisters, as far as they run in Node: what they store, that
 * wrong answers are found out, and that the images that they begin with hold every entry.
 */
import { Principal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import {
  assertAlike,
  assertDistinct,
  assertSame,
  contentOf,
} from '../../../scripts/bench-canister/canisters/checks.js';
import {
  KIND_NAMES,
  kindOf,
  KINDS,
  ofEachKind,
} from '../../../scripts/bench-canister/canisters/kinds.js';
import { openMaps } from '../../../scripts/bench-canister/canisters/our-maps.js';
import { RAW_SERIALIZERS } from '../../../scripts/bench-canister/canisters/raw-serializers.js';
import { MAP_WORKS, operationsOf } from '../../../scripts/bench-canister/canisters/works.js';
import { MAP_SUBJECTS } from '../../../scripts/bench-canister/figures.js';
import { filledImage, toJson } from '../../../scripts/bench-canister/filling.js';
import { BTreeMap, bytes, MemoryManager, VectorMemory } from '../../../src/lib/index.js';

const COUNT = 200;

describe.each(KIND_NAMES)('entries of %s', (name) => {
  const kind = kindOf(name);
  const indices = Array.from({ length: COUNT }, (_, index) => index);

  test('have distinct keys, in no order', () => {
    const contents = indices.map((index) => contentOf(kind.key(index)));
    expect(new Set(contents).size).toBe(COUNT);
    expect(contents).not.toEqual(contents.toSorted());
  });

  test('are stored by the raw serializers, key and value at the same time', () => {
    const [keys, values] = RAW_SERIALIZERS[name];
    for (const index of indices) {
      const [key, value] = [keys.toBytes(kind.key(index)), values.toBytes(kind.value(index))];
      assertSame('key', keys.fromBytes(key.slice()), kind.key(index));
      assertSame('value', values.fromBytes(value.slice()), kind.value(index));
    }
  });
});

test('the kinds are of the sizes that they are said to have', () => {
  expect(KINDS['text->record'].key(7)).toHaveLength(20);
  expect(Object.keys(KINDS['text->record'].value(7))).toHaveLength(4);
  expect(KINDS['blob->blob'].key(7)).toHaveLength(32);
  expect(KINDS['blob->blob'].value(7)).toHaveLength(128);
  expect(KINDS['principal->u64'].key(7).toUint8Array()).toHaveLength(29);
});

test('raw serializers keep the order of numbers, and texts beyond ASCII', () => {
  const [numbers] = RAW_SERIALIZERS['u64->u64'];
  const [one, many] = [numbers.toBytes(1n).slice(), numbers.toBytes(2n ** 63n).slice()];
  expect([one[7], many[0]]).toEqual([1, 128]);
  const [texts] = RAW_SERIALIZERS['text->record'];
  expect(texts.fromBytes(texts.toBytes('Zürich 🏔'))).toBe('Zürich 🏔');
});

// Copied from what Azle's `stableJson` makes of such values.
test.each([
  [5n, '{"__bigint__":"5"}'],
  [Uint8Array.of(1, 2), '{"__uint8array__":[1,2]}'],
  [Principal.fromText('aaaaa-aa'), '{"__principal__":"aaaaa-aa"}'],
  [{ name: 'Ada', active: true }, '{"name":"Ada","active":true}'],
])('JSON of Azle: %p', (value, json) => {
  expect(new TextDecoder().decode(toJson(value))).toBe(json);
});

describe.each(MAP_SUBJECTS)('the image that %s begins with', (subject) => {
  test('has every entry, in maps that are whole', () => {
    const empty = new VectorMemory();
    const open = subject === 'ours' ? openMaps : openRaw;
    open(empty);
    const filled = VectorMemory.from(filledImage(subject, empty.toBytes(), COUNT));
    const maps = open(filled);
    for (const kind of KIND_NAMES) {
      expect(maps[kind].length).toBe(COUNT);
      expect(maps[kind].checkInvariants()).toBeUndefined();
    }
  });
});

describe('checks', () => {
  test('take what has the same content', () => {
    assertSame('record', { name: 'Ada', age: 36 }, { age: 36, name: 'Ada' });
    assertAlike('blobs', [Uint8Array.of(1)], [Uint8Array.of(1)]);
    assertDistinct('numbers', [1, 1n, '1']);
  });

  test('find out what is wrong, missing, or there twice', () => {
    expect(() => assertSame('number', 1n, 1)).toThrow('number: expected number 1, got bigint 1');
    expect(() => assertAlike('answers', [1n, undefined], [1n, 2n])).toThrow('answers 1');
    expect(() => assertAlike('answers', [1n], [1n, 2n])).toThrow('answers: answers');
    expect(() => assertDistinct('keys', [Uint8Array.of(1), Uint8Array.of(1)])).toThrow('twice');
  });
});

test('works touch a part of the map, and never more than it has', () => {
  for (const work of MAP_WORKS) {
    for (const entries of [200, 1_000, 10_000, 100_000]) {
      expect(operationsOf(work, entries)).toBeGreaterThan(0);
      expect(operationsOf(work, entries)).toBeLessThanOrEqual(entries);
    }
  }
});

/** Maps of bytes, as Azle has them. */
function openRaw(memory: VectorMemory): ReturnType<typeof openMaps> {
  const manager = MemoryManager.init(memory);
  return ofEachKind((_, memoryId) =>
    BTreeMap.init<unknown, unknown>(manager.get(memoryId), bytes, bytes),
  );
}
