/**
 * What becomes of a vector where the memory refuses, breaks or was damaged.
 *
 * Source: house style rules 12 and 13.
 */
import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../src/lib/codec.js';
import { blob, fixedBytes, u16 } from '../../src/lib/codecs/index.js';
import { BASE_VEC_LAYOUT } from '../../src/lib/vec/base-vec.js';
import { BOUND_LAYOUT } from '../../src/lib/vec/stored-bound.js';
import { Vec } from '../../src/lib/vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, DiskFull, imageOf } from '../support/memories.js';
import { spoil } from '../support/stored.js';

/** Bytes of a length, all alike. */
const run = (length: number, byte = length): Uint8Array => new Uint8Array(length).fill(byte);

describe('where the memory fails', () => {
  /** Two elements of which the second ends shortly before the page does. */
  function nearlyFull() {
    const memory = new CountdownMemory(new VectorMemory());
    const vec = Vec.init(memory, blob(40_000));
    vec.extend([run(100), run(25_000)]);
    return { memory, vec };
  }

  const GROWING: [string, (vec: Vec<Uint8Array>) => unknown][] = [
    ['push', (vec) => vec.push(run(1))],
    ['set', (vec) => vec.set(1, run(26_000))],
    ['extend', (vec) => vec.extend([run(1), run(40_000)])],
    ['insert', (vec) => vec.insert(0, run(1))],
  ];

  test.each(GROWING)('a refused grow in %s changes nothing', (_, change) => {
    const { memory, vec } = nearlyFull();
    const before = imageOf(memory);
    memory.refuseGrowsAfter(0);
    expect(codeOf(() => change(vec))).toBe('GROW_FAILED');
    expect(memory.steps).toBe(1);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(vec.checkInvariants()).toBeUndefined();
    expect(vec.length).toBe(2);
    memory.relent();
    change(vec);
    expect(vec.checkInvariants()).toBeUndefined();
  });

  const WRITING: [string, (vec: Vec<Uint8Array>) => unknown][] = [
    ...GROWING,
    ['pop', (vec) => vec.pop()],
    ['remove', (vec) => vec.remove(0)],
    ['swapRemove', (vec) => vec.swapRemove(0)],
    ['truncate', (vec) => vec.truncate(1)],
    ['clear', (vec) => vec.clear()],
  ];

  test.each(WRITING)('a failed write in %s closes the handle', (_, change) => {
    for (let writes = 0; ; writes++) {
      const { memory, vec } = nearlyFull();
      memory.failWritesAfter(writes);
      try {
        change(vec);
        expect(writes).toBeGreaterThan(0);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      memory.relent();
      expect(codeOf(() => vec.get(0))).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => vec.push(run(1)))).toBe('PREVIOUS_FAILURE');
    }
  });

  test('the length is written last', () => {
    const { memory, vec } = nearlyFull();
    memory.failWritesAfter(1);
    expect(() => vec.push(run(3))).toThrow(DiskFull);
    const copy = new VectorMemory();
    copy.grow(memory.size());
    copy.write(0, imageOf(memory));
    expect(Vec.load(copy, blob(40_000)).length).toBe(2);
  });

  test('creating that is refused room leaves the memory free', () => {
    const memory = new VectorMemory(0);
    expect(codeOf(() => Vec.init(memory, u16))).toBe('GROW_FAILED');
    expect(codeOf(() => Vec.init(memory, u16))).toBe('GROW_FAILED');
  });
});

describe('damaged bytes', () => {
  const { length, reserved, slots } = BASE_VEC_LAYOUT;
  const sizeMax = BASE_VEC_LAYOUT.bound + BOUND_LAYOUT.sizeMax;
  const isFixed = BASE_VEC_LAYOUT.bound + BOUND_LAYOUT.isFixed;

  function stored(codec: Codec<Uint8Array>, elements: readonly Uint8Array[]): VectorMemory {
    const memory = new VectorMemory();
    const vec = Vec.create(memory, codec);
    vec.extend(elements);
    vec.intoMemory();
    return memory;
  }

  test.each([
    ['a magic', 0, '00', 'BAD_MAGIC'],
    ['a version', 3, '02', 'UNSUPPORTED_VERSION'],
    ['a length beyond the memory', length, 'ffff', 'CORRUPTED'],
    ['a length beyond 2^53', length, 'ffffffffffffffff', 'CORRUPTED'],
    ['a largest size', sizeMax, '06', 'INCOMPATIBLE_TYPE'],
    ['a mark', isFixed, '02', 'CORRUPTED'],
    ['a mark of the other kind', isFixed, '01', 'INCOMPATIBLE_TYPE'],
  ])('%s are refused at opening', (_, offset, bytes, code) => {
    const memory = stored(blob(5), [run(1), run(2)]);
    spoil(memory, offset, bytes);
    expect(codeOf(() => Vec.load(memory, blob(5)))).toBe(code);
  });

  // Behind the size, 65,470 bytes are left in the page.
  test('of a size that ends one byte beyond the memory are found', () => {
    const memory = stored(blob(65_535), [run(65_470)]);
    expect(Vec.load(memory, blob(65_535)).get(0)).toHaveLength(65_470);
    const copy = VectorMemory.from(imageOf(memory));
    spoil(copy, slots, 'bfff');
    expect(codeOf(() => Vec.load(copy, blob(65_535)).get(0))).toBe('CORRUPTED');
  });

  // The crate never writes them.
  test('in the reserved part are no damage', () => {
    const memory = stored(blob(5), [run(1)]);
    spoil(memory, reserved, 'ff'.repeat(47));
    expect([...Vec.load(memory, blob(5))]).toEqual([run(1)]);
  });

  test('of a size above the largest are found where they are read', () => {
    const memory = stored(blob(5), [run(1), run(2)]);
    spoil(memory, slots, '06');
    const vec = Vec.load(memory, blob(5));
    expect(vec.get(1)).toEqual(run(2));
    expect(codeOf(() => vec.get(0))).toBe('CORRUPTED');
    expect(vec.checkInvariants()).toMatch(/^CORRUPTED: size of the element in slot 0/);
    expect(codeOf(() => vec.remove(0))).toBe('CORRUPTED');
    expect(vec.length).toBe(2);
  });

  test('of a size that ends beyond the memory are found before room is made for them', () => {
    const memory = stored(blob(2 ** 32 - 1), [run(1)]);
    spoil(memory, slots, 'ffffffff');
    const vec = Vec.load(memory, blob(2 ** 32 - 1));
    expect(codeOf(() => vec.get(0))).toBe('CORRUPTED');
    expect(codeOf(() => vec.pop())).toBe('CORRUPTED');
    expect(codeOf(() => vec.insert(0, run(1)))).toBe('CORRUPTED');
  });

  test('in the header of an open vector are found by the check', () => {
    const memory = new VectorMemory();
    const vec = Vec.create(memory, u16);
    vec.extend([1, 2, 3]);
    spoil(memory, length, '02');
    expect(vec.checkInvariants()).toBe('length is 3, the header says 2');
  });

  // 65,472 bytes of slots fit the first page, and the memory may end right behind a size.
  test.each([
    [fixedBytes(2), 32_736, 'opened'],
    [fixedBytes(2), 32_737, 'CORRUPTED'],
    [blob(1), 32_736, 'opened'],
    [blob(1), 32_737, 'CORRUPTED'],
    [blob(65_471), 1, 'opened'],
    [blob(65_471), 2, 'CORRUPTED'],
    [blob(65_470), 2, 'CORRUPTED'],
    [blob(65_469), 2, 'CORRUPTED'],
    [blob(65_468), 2, 'opened'],
  ])('of a length at the edge of a page: %j times %i is %s', (codec, count, outcome) => {
    const memory = stored(codec, []);
    const bytes = [count & 0xff, count >> 8].map((byte) => byte.toString(16).padStart(2, '0'));
    spoil(memory, length, bytes.join(''));
    if (outcome === 'opened') expect(Vec.load(memory, codec).length).toBe(count);
    else expect(codeOf(() => Vec.load(memory, codec))).toBe(outcome);
  });
});
