import { describe, expect, test } from '@jest/globals';
import { Cell, CELL_LAYOUT } from '../../src/lib/cell.js';
import type { Codec } from '../../src/lib/codec.js';
import { blob, bytes, optional, record, text, u32, u64 } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { fromHex } from '../support/hex.js';
import { codeOf, CountdownMemory, DiskFull, imageOf } from '../support/memories.js';
import { headOf, hex } from '../support/stored.js';

function memoryWith(start: string): VectorMemory {
  const memory = new VectorMemory();
  memory.grow(1);
  memory.write(0, fromHex(start));
  return memory;
}

describe('a cell', () => {
  test('holds its default until another value is set', () => {
    const cell = Cell.init(new VectorMemory(), text, 'hello');
    expect(cell.get()).toBe('hello');
    expect(cell.set('world')).toBe('hello');
    expect(cell.set('')).toBe('world');
    expect(cell.get()).toBe('');
    expect(cell.checkInvariants()).toBeUndefined();
  });

  test('is there again when it is opened, and the default is not looked at', () => {
    const cell = Cell.init(new VectorMemory(), u64, 1n);
    cell.set(7n);
    const again = Cell.init(cell.intoMemory(), u64, -1n);
    expect(again.get()).toBe(7n);
    expect(Cell.load(again.intoMemory(), u64).get()).toBe(7n);
  });

  test('does not notice what happens to a value that was set or got', () => {
    const settings = { names: new Uint8Array(2) };
    const cell = Cell.init(new VectorMemory(), record({ names: bytes }), settings);
    settings.names[0] = 1;
    cell.get().names[1] = 1;
    expect(cell.get().names).toEqual(new Uint8Array(2));
    cell.set(settings);
    settings.names[0] = 9;
    expect(cell.get().names).toEqual(Uint8Array.of(1, 0));
  });

  // A codec may hand out its own array; the cell must not keep it.
  test('copies what the codec encodes', () => {
    const shared = Uint8Array.of(1, 2, 3);
    const careless: Codec<Uint8Array> = {
      ...bytes,
      encode: () => shared,
      decode: (stored) => stored.slice(),
    };
    const cell = Cell.init(new VectorMemory(), careless, shared);
    shared[0] = 9;
    expect(cell.get()).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('holds an option of a fixed size as the crate writes it', () => {
    const cell = Cell.load(memoryWith('53434c01 01000000 00'), optional(u64));
    expect(cell.get()).toBeUndefined();
  });
});

describe('the bytes', () => {
  test('are frozen', () => {
    const memory = new VectorMemory();
    const cell = Cell.create(memory, text, 'hello');
    expect(headOf(memory)).toBe(hex('53434c01 05000000 68656c6c6f'));
    cell.set('ab');
    expect(headOf(memory)).toBe(hex('53434c01 02000000 61626c6c6f'));
    cell.set('');
    expect(headOf(memory)).toBe(hex('53434c01 00000000 61626c6c6f'));
  });

  // Header and value of 65,528 bytes fill the page exactly.
  test.each([
    [0, 1],
    [65_528, 1],
    [65_529, 2],
    [131_064, 2],
    [131_065, 3],
  ])('of a value of %i bytes take %i pages, whether created or set', (size, pages) => {
    const created = new VectorMemory();
    Cell.create(created, bytes, new Uint8Array(size));
    expect(created.size()).toBe(pages);
    const grown = new VectorMemory();
    const cell = Cell.create(grown, bytes, new Uint8Array(0));
    cell.set(new Uint8Array(size).fill(7));
    expect(grown.size()).toBe(pages);
    cell.set(new Uint8Array(1));
    expect(grown.size()).toBe(pages);
  });
});

describe('opening', () => {
  test('creates in an empty memory only', () => {
    const memory = memoryWith('00');
    expect(codeOf(() => Cell.create(memory, u64, 1n))).toBe('NOT_EMPTY');
    expect(codeOf(() => Cell.init(memory, u64, 1n))).toBe('BAD_MAGIC');
    expect(headOf(memory)).toBe('');
    expect(codeOf(() => Cell.load(new VectorMemory(), u64))).toBe('CORRUPTED');
  });

  test.each([
    ['another structure', '53564301 00000000', 'BAD_MAGIC'],
    ['another layout version', '53434c02 00000000', 'UNSUPPORTED_VERSION'],
    ['a value that ends behind the memory', '53434c01 f9ff0000', 'CORRUPTED'],
    ['the largest size there can be', '53434c01 ffffffff', 'CORRUPTED'],
    ['a value that the codec cannot read', '53434c01 03000000 000007', 'CORRUPTED'],
  ])('refuses %s, and changes nothing', (_, start, code) => {
    const memory = memoryWith(start);
    const before = imageOf(memory);
    expect(codeOf(() => Cell.init(memory, u32, 1))).toBe(code);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
  });

  test('opens a value that ends with the memory', () => {
    expect(Cell.load(memoryWith('53434c01 f8ff0000'), bytes).get()).toHaveLength(65_528);
  });

  test('is refused while another structure holds the memory, and not after it', () => {
    const memory = new VectorMemory();
    const cell = Cell.init(memory, u64, 1n);
    expect(codeOf(() => Cell.init(memory, u64, 1n))).toBe('MEMORY_IN_USE');
    expect(cell.intoMemory()).toBe(memory);
    for (const use of [
      () => cell.get(),
      () => cell.set(2n),
      () => cell.intoMemory(),
      () => cell.checkInvariants(),
    ]) {
      expect(codeOf(use)).toBe('HANDLE_CLOSED');
    }
    expect(Cell.init(memory, u64, 1n).get()).toBe(1n);
  });
});

describe('a value that is refused changes nothing', () => {
  test.each([
    ['above its bound', blob(4), new Uint8Array(5), 'VALUE_TOO_LARGE'],
    ['that the codec cannot encode', text, '\ud800', 'INVALID_VALUE'],
  ] as [string, Codec<unknown>, unknown, string][])('%s', (_, codec, value, code) => {
    const memory = new VectorMemory();
    expect(codeOf(() => Cell.init(memory, codec, value))).toBe(code);
    expect(memory.size()).toBe(0);
    const cell = Cell.init(memory, codec, codec.decode(Uint8Array.of(65)));
    expect(codeOf(() => cell.set(value))).toBe(code);
    expect(headOf(memory)).toBe('53434c010100000041');
    expect(codec.encode(cell.get())).toEqual(Uint8Array.of(65));
  });

  // Nobody touches the 4 GiB, so that they take no room.
  test('of more bytes than the size field can say', () => {
    const huge: Codec<number> = {
      ...u32,
      bound: 'unbounded',
      encode: () => new Uint8Array(2 ** 32),
    };
    expect(codeOf(() => Cell.init(new VectorMemory(), huge, 0))).toBe('VALUE_TOO_LARGE');
  });
});

describe('failures', () => {
  test('a refused grow leaves the old value, and a later try succeeds', () => {
    const memory = new CountdownMemory(new VectorMemory());
    memory.refuseGrowsAfter(0);
    expect(codeOf(() => Cell.init(memory, bytes, Uint8Array.of(1)))).toBe('GROW_FAILED');
    memory.relent();
    const cell = Cell.init(memory, bytes, Uint8Array.of(1));
    memory.refuseGrowsAfter(0);
    const large = new Uint8Array(70_000).fill(2);
    expect(codeOf(() => cell.set(large))).toBe('GROW_FAILED');
    expect(cell.get()).toEqual(Uint8Array.of(1));
    expect(cell.checkInvariants()).toBeUndefined();
    memory.relent();
    cell.set(large);
    expect(cell.get()).toHaveLength(70_000);
  });

  test('a failed write latches', () => {
    const memory = new CountdownMemory(new VectorMemory());
    const cell = Cell.init(memory, u64, 1n);
    memory.failWritesAfter(0);
    expect(() => cell.set(2n)).toThrow(DiskFull);
    expect(memory.steps).toBe(1);
    memory.relent();
    expect(codeOf(() => cell.get())).toBe('PREVIOUS_FAILURE');
    expect(codeOf(() => cell.set(2n))).toBe('PREVIOUS_FAILURE');
  });

  test('a failed write while the cell is made frees the memory again', () => {
    const memory = new CountdownMemory(new VectorMemory());
    memory.failWritesAfter(0);
    expect(() => Cell.init(memory, u64, 1n)).toThrow(DiskFull);
    memory.relent();
    expect(codeOf(() => Cell.init(memory, u64, 1n))).toBe('BAD_MAGIC');
  });
});

describe('the invariants', () => {
  test.each([
    ['the magic', CELL_LAYOUT.magic, '"xCL"'],
    ['the size', CELL_LAYOUT.valueSize, 'another value'],
    ['the size, beyond the memory', CELL_LAYOUT.valueSize + 3, 'size of the value'],
    ['the value', CELL_LAYOUT.value, 'another value'],
  ])('name %s where the memory was changed behind the cell', (_, offset, words) => {
    const memory = new VectorMemory();
    const cell = Cell.init(memory, text, 'hello');
    memory.write(offset, Uint8Array.of(0x78));
    expect(cell.checkInvariants()).toContain(words);
  });
});

test('cells in one memory keep apart', () => {
  const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
  const cells = [0, 1, 254].map((id) => Cell.init(manager.get(id), text, ''));
  cells.forEach((cell, index) => cell.set(String(index).repeat(70_000)));
  cells.forEach((cell, index) => expect(cell.get()).toBe(String(index).repeat(70_000)));
});
