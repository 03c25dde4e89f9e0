/**
 * Damaged bytes: the kernel hands them over to TypeScript, which says what is wrong. So whatever
 * byte is damaged, a map over the kernel does what a map without it does, and neither ever loops.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { bytes, u16, unit } from '../../../src/lib/codecs/index.js';
import { StorageError } from '../../../src/lib/errors.js';
import type { Memory } from '../../../src/lib/memory.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import '../../support/byte-equality.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { restarted } from '../../support/memories.js';
import { ORDER_CASES } from '../../support/order-cases.js';
import { checkProperty } from '../../support/property.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

const KEY_COUNT = 90;

/** Three levels, with overflow pages in some leaves and free chunks in between. */
function soundImage(): Uint8Array {
  const memory = new VectorMemory();
  const map = BTreeMap.init(memory, u16, bytes);
  for (let key = 0; key < KEY_COUNT + 20; key++) map.insert(key, new Uint8Array(key * 3).fill(key));
  for (let key = KEY_COUNT; key < KEY_COUNT + 20; key++) map.remove(key);
  return memory.toBytes();
}

const IMAGE = soundImage();
const USED = IMAGE.findLastIndex((byte) => byte !== 0) + 32;

type Act<K, V> = (map: BTreeMap<K, V>, key: K) => unknown;

const ACTS: Act<number, Uint8Array>[] = [
  (map, key) => map.get(key),
  (map, key) => map.containsKey(key),
  (map, key) => map.insert(key, new Uint8Array(700).fill(9)),
  (map, key) => map.insert(key + KEY_COUNT, Uint8Array.of(1)),
  (map, key) => map.remove(key),
  (map) => map.popFirst(),
  (map) => map.popLast(),
  (map, key) => map.getMany([key, 3, key + 7, key >> 1, key, 80]),
  (map, key) => map.removeMany([key, key + 7, key >> 1, 3]),
];

/** What the acts come to, one after another: answers, and codes of errors. */
function outcomes<K, V>(open: () => BTreeMap<K, V>, acts: readonly Act<K, V>[], key: K): unknown[] {
  const attempt = <T>(action: () => T): T | string => {
    try {
      return action();
    } catch (error) {
      if (error instanceof StorageError) return error.code;
      throw error;
    }
  };
  const map = attempt(open);
  if (typeof map === 'string') return [map];
  const results = acts.map((act) => attempt(() => act(map, key)));
  map.intoMemory();
  return results;
}

test('whatever byte is damaged, both engines come to the same', () => {
  const damage = fc.record({
    offset: fc.nat(USED),
    byte: fc.oneof(fc.constantFrom(0, 1, 2, 0xff), fc.nat(255)),
    key: fc.nat(KEY_COUNT),
    acts: fc.shuffledSubarray(ACTS, { minLength: 1 }),
  });
  const { memory, stable } = kernelMemory();
  memory.grow(IMAGE.length / 65_536);
  checkProperty(
    fc.property(damage, ({ offset, byte, key, acts }) => {
      const image = IMAGE.slice();
      image[offset] = byte;
      const twin = VectorMemory.from(image);
      stable.write(0, image);
      stable.write(image.length, new Uint8Array(stable.size() * 65_536 - image.length));
      twin.grow(stable.size() - twin.size());
      // A copy is read for each operation, as over the kernel.
      const open = (memory: Memory) => () => BTreeMap.load(memory, u16, bytes);
      expect(outcomes(open(memory), acts, key)).toEqual(outcomes(open(restarted(twin)), acts, key));
      expect(stable.toBytes()).toEqual(twin.toBytes());
    }),
    { numRuns: 200 },
  );
});

describe.each(ORDER_CASES)('keys that are %s', (_, { keys, key }) => {
  const SINGLE: Act<unknown, undefined>[] = [
    (map, key) => map.containsKey(key),
    (map, key) => map.insert(key, undefined),
    (map, key) => map.remove(key),
    (map, key) => map.count({ gte: key }),
    (map, key) => [...map.keys({ lt: key, reverse: true })],
  ];

  test('are as damaged to the one engine as to the other', () => {
    const damage = fc.record({
      stored: fc.array(key, { minLength: 1, maxLength: 30, size: 'max' }),
      wanted: key,
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      byte: fc.oneof(fc.constantFrom(0, 1, 2, 0xfc, 0xfe, 0xff), fc.nat(255)),
      acts: fc.shuffledSubarray(SINGLE, { minLength: 1 }),
    });
    checkProperty(
      fc.property(damage, ({ stored, wanted, place, byte, acts }) => {
        const sound = new VectorMemory();
        const map = BTreeMap.init(sound, keys, unit);
        for (const key of stored) map.insert(key, undefined);
        const image = sound.toBytes();
        const used = image.findLastIndex((byte) => byte !== 0);
        image[Math.floor(place * used)] = byte;
        const { memory, stable } = kernelMemory();
        memory.grow(image.length / 65_536);
        stable.write(0, image);
        const twin = restarted(VectorMemory.from(image));
        const open = (memory: Memory) => () => BTreeMap.load(memory, keys, unit);
        expect(outcomes(open(memory), acts, wanted)).toEqual(outcomes(open(twin), acts, wanted));
      }),
      { numRuns: 20 },
    );
  });
});
