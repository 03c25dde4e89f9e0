import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MemoryWriter } from '../../src/lib/memory-writer.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, imageOf } from '../support/memories.js';
import { checkProperty } from '../support/property.js';
import { WRONG_BYTES, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

function head(memory: VectorMemory | CountdownMemory, size: number): number[] {
  return [...imageOf(memory).subarray(0, size)];
}

describe.each([0, 1, 3, 100])('a writer with a buffer of %i bytes', (bufferSizeInBytes) => {
  test('goes on where it stopped, and grows the memory', () => {
    const memory = new VectorMemory();
    const writer = new MemoryWriter(memory, { offset: 2, bufferSizeInBytes });
    for (const piece of [[1], [2, 3], [], [4, 5, 6, 7], [8]]) writer.write(Uint8Array.from(piece));
    expect(writer.offset).toBe(10);
    writer.flush();
    writer.flush();
    expect(writer.offset).toBe(10);
    expect(memory.size()).toBe(1);
    expect(head(memory, 12)).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0]);
  });

  test('writes every byte once, in pieces of any size, into the fewest pages', () => {
    checkProperty(
      fc.property(fc.array(fc.nat(300), { maxLength: 40 }), (sizes) => {
        const memory = new VectorMemory();
        const writer = new MemoryWriter(memory, { offset: 65_000, bufferSizeInBytes });
        sizes.forEach((size, index) => writer.write(new Uint8Array(size).fill(index + 1)));
        writer.flush();
        const expected = Buffer.concat(
          sizes.map((size, index) => new Uint8Array(size).fill(index + 1)),
        );
        const image = imageOf(memory).subarray(65_000, 65_000 + expected.length);
        expect(Buffer.compare(image, expected)).toBe(0);
        expect(writer.offset).toBe(65_000 + expected.length);
        if (expected.length > 0) expect(memory.size()).toBe(Math.ceil(writer.offset / 65_536));
      }),
    );
  });

  test('writes nothing of what finds no room, and goes on once there is some', () => {
    const memory = new CountdownMemory(new VectorMemory());
    const writer = new MemoryWriter(memory, { offset: 65_534, bufferSizeInBytes });
    writer.write(Uint8Array.of(1));
    writer.flush();
    memory.refuseGrowsAfter(0);
    expect(codeOf(() => writer.write(new Uint8Array(200).fill(2)))).toBe('GROW_FAILED');
    expect(writer.offset).toBe(65_535);
    writer.write(Uint8Array.of(3));
    writer.flush();
    expect([memory.size(), ...imageOf(memory).subarray(65_534)]).toEqual([1, 1, 3]);
    memory.relent();
    writer.write(Uint8Array.of(4));
    writer.flush();
    expect([memory.size(), ...imageOf(memory).subarray(65_535, 65_538)]).toEqual([2, 3, 4, 0]);
  });
});

test('what a full buffer holds stays in it where there is no room', () => {
  const memory = new CountdownMemory(new VectorMemory());
  const writer = new MemoryWriter(memory, { bufferSizeInBytes: 3 });
  writer.write(Uint8Array.of(1, 2));
  memory.refuseGrowsAfter(0);
  expect(codeOf(() => writer.flush())).toBe('GROW_FAILED');
  expect(codeOf(() => writer.write(Uint8Array.of(9, 9)))).toBe('GROW_FAILED');
  expect(writer.offset).toBe(2);
  memory.relent();
  writer.write(Uint8Array.of(3, 4));
  writer.flush();
  expect(head(memory, 5)).toEqual([1, 2, 3, 4, 0]);
});

test('a buffer makes one write of many', () => {
  for (const [bufferSizeInBytes, writes] of [
    [0, 1000],
    [10, 1000],
    [11, 1000],
    [100, 100],
    [4096, 3],
  ] as const) {
    const memory = new CountdownMemory(new VectorMemory());
    memory.grow(1);
    memory.failWritesAfter(Infinity);
    const writer = new MemoryWriter(memory, { bufferSizeInBytes });
    for (let piece = 0; piece < 1000; piece++) writer.write(new Uint8Array(10));
    writer.flush();
    expect([bufferSizeInBytes, memory.steps]).toEqual([bufferSizeInBytes, writes]);
  }
});

test('a writer without a buffer grows up to where it stands, even for no bytes', () => {
  const memory = new VectorMemory();
  new MemoryWriter(memory, { offset: 65_537 }).write(new Uint8Array(0));
  expect(memory.size()).toBe(2);
});

describe('wrong arguments are refused', () => {
  test.each(WRONG_BYTES)('%s for a source', (_, source) => {
    const writer = new MemoryWriter(new VectorMemory());
    expect(() => writer.write(source as Uint8Array)).toThrow(TypeError);
  });

  test.each(WRONG_NUMBERS.filter(([, value]) => value !== undefined))(
    '%s for a size',
    (_, value) => {
      const size = value as number;
      const memory = new VectorMemory();
      expect(() => new MemoryWriter(memory, { offset: size })).toThrow(TypeError);
      expect(() => new MemoryWriter(memory, { bufferSizeInBytes: size })).toThrow(TypeError);
    },
  );

  test.each(WRONG_SIZES)('%s', (_, value) => {
    const size = value as number;
    const memory = new VectorMemory();
    expect(() => new MemoryWriter(memory, { offset: size })).toThrow(RangeError);
    expect(() => new MemoryWriter(memory, { bufferSizeInBytes: size })).toThrow(RangeError);
  });
});
