import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MemoryReader } from '../../src/lib/memory-reader.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf } from '../support/memories.js';
import { checkProperty } from '../support/property.js';
import { WRONG_BYTES, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

const PAGE = Uint8Array.from({ length: 65_536 }, (_, index) => index * 7);

/** A memory of one page that counts how often it is read. */
class Counted extends VectorMemory {
  reads = 0;

  constructor() {
    super();
    this.grow(1);
    this.write(0, PAGE);
  }

  override read(offset: number, target: Uint8Array): void {
    this.reads += 1;
    super.read(offset, target);
  }
}

function readAll(reader: MemoryReader, sizes: readonly number[]): Uint8Array[] {
  return sizes.map((size) => {
    const target = new Uint8Array(size);
    return target.subarray(0, reader.read(target));
  });
}

describe.each([0, 1, 100, 70_000])('a reader with a buffer of %i bytes', (bufferSizeInBytes) => {
  test('goes on where it stopped, up to the end', () => {
    const reader = new MemoryReader(new Counted(), { offset: 65_530, bufferSizeInBytes });
    expect(readAll(reader, [2, 0, 3, 2, 2, 0])).toEqual([
      PAGE.subarray(65_530, 65_532),
      new Uint8Array(0),
      PAGE.subarray(65_532, 65_535),
      PAGE.subarray(65_535),
      new Uint8Array(0),
      new Uint8Array(0),
    ]);
    expect(reader.offset).toBe(65_536);
  });

  test('reads exactly what is asked for, or nothing', () => {
    const reader = new MemoryReader(new Counted(), { offset: 65_530, bufferSizeInBytes });
    const target = new Uint8Array(4);
    reader.readExactly(target);
    expect(target).toEqual(PAGE.subarray(65_530, 65_534));
    expect(codeOf(() => reader.readExactly(new Uint8Array(3)))).toBe('OUT_OF_BOUNDS');
    expect(reader.offset).toBe(65_534);
    reader.readExactly(target.subarray(0, 2));
    reader.readExactly(new Uint8Array(0));
    expect(target).toEqual(
      Uint8Array.of(...PAGE.subarray(65_534), ...PAGE.subarray(65_532, 65_534)),
    );
  });

  test('finds nothing behind the end, until the memory has grown', () => {
    const memory = new Counted();
    const reader = new MemoryReader(memory, { offset: 65_540, bufferSizeInBytes });
    expect(reader.read(new Uint8Array(1))).toBe(0);
    expect(codeOf(() => reader.readExactly(new Uint8Array(1)))).toBe('OUT_OF_BOUNDS');
    memory.grow(1);
    expect(reader.read(new Uint8Array(1))).toBe(1);
    expect(reader.offset).toBe(65_541);
  });

  test('meets every byte once, however many it is asked for', () => {
    checkProperty(
      fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 40 }), (sizes) => {
        const reader = new MemoryReader(new Counted(), { offset: 5, bufferSizeInBytes });
        const read = Buffer.concat(readAll(reader, sizes));
        expect(Buffer.compare(read, PAGE.subarray(5, 5 + read.length))).toBe(0);
        expect(read.length).toBe(sizes.reduce((total, size) => total + size, 0));
        expect(reader.offset).toBe(5 + read.length);
      }),
    );
  });
});

test('a buffer makes one read of many', () => {
  for (const [bufferSizeInBytes, reads] of [
    [0, 1000],
    [10, 1000],
    [11, 910],
    [100, 100],
    [4096, 3],
  ] as const) {
    const memory = new Counted();
    const reader = new MemoryReader(memory, { bufferSizeInBytes });
    readAll(reader, Array<number>(1000).fill(10));
    expect([bufferSizeInBytes, memory.reads]).toEqual([bufferSizeInBytes, reads]);
  }
});

describe('wrong arguments are refused', () => {
  test.each(WRONG_BYTES)('%s for a target', (_, target) => {
    const reader = new MemoryReader(new Counted());
    expect(() => reader.read(target as Uint8Array)).toThrow(TypeError);
    expect(() => reader.readExactly(target as Uint8Array)).toThrow(TypeError);
  });

  test.each(WRONG_NUMBERS.filter(([, value]) => value !== undefined))(
    '%s for a size',
    (_, value) => {
      const size = value as number;
      expect(() => new MemoryReader(new Counted(), { offset: size })).toThrow(TypeError);
      expect(() => new MemoryReader(new Counted(), { bufferSizeInBytes: size })).toThrow(TypeError);
    },
  );

  test.each(WRONG_SIZES)('%s', (_, value) => {
    const size = value as number;
    expect(() => new MemoryReader(new Counted(), { offset: size })).toThrow(RangeError);
    expect(() => new MemoryReader(new Counted(), { bufferSizeInBytes: size })).toThrow(RangeError);
  });
});
