import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { u32 } from '../../src/lib/codecs/index.js';
import { MEMORY_MANAGER_LAYOUT, MemoryManager } from '../../src/lib/memory-manager.js';
import { WASM_PAGE_SIZE, type Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { describeMemory } from '../support/memory-conformance.js';
import { codeOf, CountdownMemory, DiskFull, imageOf, restarted } from '../support/memories.js';
import { checkProperty } from '../support/property.js';

describeMemory('VirtualMemory with buckets of one page', () => {
  return MemoryManager.init(new VectorMemory(11), { bucketSizeInPages: 1 }).get(0);
});

describeMemory('VirtualMemory between others', () => {
  const manager = MemoryManager.init(new VectorMemory(17), { bucketSizeInPages: 2 });
  manager.get(7).grow(3);
  return manager.get(254);
});

describe('init', () => {
  test('creates a manager in an empty memory: one page, until a memory grows', () => {
    const memory = new VectorMemory();
    expect(MemoryManager.init(memory).bucketSizeInPages).toBe(128);
    expect(memory.size()).toBe(1);
  });

  test('opens what is there, with its bucket size, and writes nothing', () => {
    const memory = new VectorMemory();
    MemoryManager.init(memory, { bucketSizeInPages: 3 }).get(5).grow(4);
    const before = imageOf(memory);
    const reopened = MemoryManager.init(restarted(memory), { bucketSizeInPages: 9 });
    expect(reopened.bucketSizeInPages).toBe(3);
    expect(reopened.get(5).size()).toBe(4);
    expect(imageOf(memory)).toEqual(before);
  });

  test.each([
    ['text', 'hello'],
    ['zeros', '\0\0\0\0'],
    ['another structure', 'BTR\x02'],
  ])('refuses a memory that starts with %s and leaves it as it is', (_, content) => {
    const memory = new VectorMemory();
    memory.grow(1);
    memory.write(0, new TextEncoder().encode(content));
    const before = imageOf(memory);
    expect(codeOf(() => MemoryManager.init(memory))).toBe('BAD_MAGIC');
    expect(codeOf(() => MemoryManager.create(memory))).toBe('NOT_EMPTY');
    expect(imageOf(memory)).toEqual(before);
  });

  test.each([
    ['an unknown version', 3, 2, 'UNSUPPORTED_VERSION'],
    ['more buckets than there is memory', 4, 99, 'CORRUPTED'],
    ['buckets of no size', 6, 0, 'CORRUPTED'],
    ['a reserved byte', 8, 1, 'CORRUPTED'],
    ['a size that no bucket backs', 40, 2, 'CORRUPTED'],
    ['a size above 2^53', 46, 255, 'CORRUPTED'],
  ])('refuses %s and leaves it as it is', (_, offset, byte, code) => {
    const memory = new VectorMemory();
    MemoryManager.init(memory, { bucketSizeInPages: 1 }).get(0).grow(1);
    memory.write(offset, Uint8Array.of(byte));
    const before = imageOf(memory);
    expect(codeOf(() => MemoryManager.init(restarted(memory)))).toBe(code);
    expect(imageOf(memory)).toEqual(before);
  });

  test('refuses a memory without room for the header', () => {
    expect(codeOf(() => MemoryManager.init(new VectorMemory(0)))).toBe('GROW_FAILED');
  });

  test.each([0, -1, 1.5, 65_536, NaN])('refuses buckets of %p pages', (bucketSizeInPages) => {
    const memory = new VectorMemory();
    expect(() => MemoryManager.init(memory, { bucketSizeInPages })).toThrow(RangeError);
    expect(memory.size()).toBe(0);
  });
});

test('in a memory that is shared, page 0 is guarded as soon as the manager is open', () => {
  const memory = new VectorMemory();
  MemoryManager.init(memory).intoMemory();
  const guarded: string[] = [];
  const shared = Object.assign(memory, { guardFirstPage: () => guarded.push('page 0') });
  MemoryManager.load(shared);
  expect(guarded).toEqual(['page 0']);
});

test.each([255, -1, 0.5, NaN])('there is no memory with the id %p', (id) => {
  expect(() => MemoryManager.init(new VectorMemory()).get(id)).toThrow(RangeError);
});

test('all 255 memories keep their own bytes, also after reopening', () => {
  const memory = new VectorMemory();
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
  for (let round = 0; round < 2; round++) {
    for (let id = 0; id < 255; id++) {
      manager.get(id).grow(1);
      manager.get(id).write(round * WASM_PAGE_SIZE, Uint8Array.of(id, round));
    }
  }
  const reopened = MemoryManager.load(manager.intoMemory());
  expect(reopened.usage()).toHaveLength(255);
  for (let id = 0; id < 255; id++) {
    const image = imageOf(reopened.get(id));
    expect([image[0], image[1]]).toEqual([id, 0]);
    expect([image[WASM_PAGE_SIZE], image[WASM_PAGE_SIZE + 1]]).toEqual([id, 1]);
  }
});

test('growing within a bucket takes no further bucket', () => {
  const memory = new VectorMemory();
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 4 });
  manager.get(0).grow(1);
  manager.get(0).grow(3);
  expect(memory.size()).toBe(5);
  manager.get(0).grow(1);
  expect(memory.size()).toBe(9);
  expect(manager.usage()).toEqual([{ id: 0, sizeInPages: 5, bucketCount: 2 }]);
});

// Release 0.7.1 could free buckets; later ones read its images and never use the holes again.
test('a bucket that was freed stays a hole', () => {
  const base = new VectorMemory();
  const manager = MemoryManager.init(base, { bucketSizeInPages: 1 });
  for (const id of [0, 1, 0]) manager.get(id).grow(1);
  manager.get(0).write(WASM_PAGE_SIZE, Uint8Array.of(7));
  manager.intoMemory();
  base.write(MEMORY_MANAGER_LAYOUT.table + 1, Uint8Array.of(255));
  base.write(MEMORY_MANAGER_LAYOUT.memorySizes + 8, new Uint8Array(8));
  const reopened = MemoryManager.load(base);
  expect(reopened.usage()).toEqual([{ id: 0, sizeInPages: 2, bucketCount: 2 }]);
  expect(imageOf(reopened.get(0))[WASM_PAGE_SIZE]).toBe(7);
  reopened.get(1).grow(1);
  expect(base.size()).toBe(5);
});

describe('ownership', () => {
  test('a memory has one manager at a time', () => {
    const base = new VectorMemory();
    const manager = MemoryManager.init(base, { bucketSizeInPages: 1 });
    expect(codeOf(() => MemoryManager.init(base))).toBe('MEMORY_IN_USE');
    manager.get(0).grow(1);
    expect(MemoryManager.init(manager.intoMemory()).get(0).size()).toBe(1);
    expect(codeOf(() => manager.get(0))).toBe('HANDLE_CLOSED');
  });

  test('a virtual memory has one structure at a time, whichever handle it is opened by', () => {
    const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
    const map = BTreeMap.init(manager.get(7), u32, u32);
    expect(codeOf(() => BTreeMap.init(manager.get(7), u32, u32))).toBe('MEMORY_IN_USE');
    expect(codeOf(() => manager.intoMemory())).toBe('MEMORY_IN_USE');
    BTreeMap.init(map.intoMemory(), u32, u32).intoMemory();
    manager.intoMemory();
  });

  test('after a failed write the manager refuses to go on', () => {
    const base = new CountdownMemory(new VectorMemory());
    const memory = MemoryManager.init(base, { bucketSizeInPages: 1 }).get(0);
    base.failWritesAfter(1);
    expect(() => memory.grow(1)).toThrow(DiskFull);
    base.relent();
    expect(codeOf(() => memory.grow(1))).toBe('PREVIOUS_FAILURE');
  });
});

test('what a virtual memory shows of the heap is what it reads, or nothing', () => {
  const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
  const [memory, neighbour] = [manager.get(0), manager.get(1)];
  for (const each of [memory, neighbour, memory, memory]) each.grow(1);
  memory.write(
    0,
    Uint8Array.from({ length: 3 * WASM_PAGE_SIZE }, (_, index) => index * 31),
  );
  const edge = fc.integer({ min: -9, max: 9 });
  const offset = fc.tuple(fc.nat(3), edge).map(([page, near]) => page * WASM_PAGE_SIZE + near);
  checkProperty(
    fc.property(offset, fc.nat(20), (start, length) => {
      const isWithin = start >= 0 && start + length <= 3 * WASM_PAGE_SIZE;
      if (start < 0) return;
      const place = memory.heapOffset(start, length);
      if (!isWithin) expect(place).toBe(-1);
      if (place < 0) return;
      const read = new Uint8Array(length);
      memory.read(start, read);
      expect(memory.heap!.subarray(place, place + length)).toEqual(read);
    }),
    { numRuns: 500 },
  );
  expect(memory.heapOffset(10, 20)).toBeGreaterThan(0);
});

test('handles of one id are one memory', () => {
  const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
  const [one, other] = [manager.get(3), manager.get(3)];
  one.grow(2);
  other.write(0, Uint8Array.of(9));
  expect(other.size()).toBe(2);
  expect(imageOf(one)[0]).toBe(9);
});

// The crate hands out whatever lay there: its pages are not zero, against the Memory contract.
test('pages of a base that is already larger are wiped before they are handed out', () => {
  const memory = new VectorMemory();
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 2 });
  memory.grow(2);
  memory.write(WASM_PAGE_SIZE, new Uint8Array(2 * WASM_PAGE_SIZE).fill(7));
  manager.get(0).grow(2);
  expect(memory.size()).toBe(3);
  expect(imageOf(manager.get(0)).every((byte) => byte === 0)).toBe(true);
});

// The crate skips the check inside the bucket that it touched last.
test('an access behind the size is refused, also within a bucket touched before', () => {
  const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 8 });
  const memory = manager.get(0);
  memory.grow(1);
  memory.write(0, Uint8Array.of(1));
  expect(codeOf(() => memory.write(5 * WASM_PAGE_SIZE, Uint8Array.of(1)))).toBe('OUT_OF_BOUNDS');
});

// The crate writes the bucket table first and panics when the base then refuses.
test('a refused grow of the base leaves no trace', () => {
  const base = new VectorMemory(6);
  const manager = MemoryManager.init(base, { bucketSizeInPages: 2 });
  manager.get(0).grow(1);
  const before = imageOf(base);
  expect(manager.get(1).grow(5)).toBe(-1);
  expect(imageOf(base)).toEqual(before);
  expect(manager.usage()).toEqual([{ id: 0, sizeInPages: 1, bucketCount: 1 }]);
  expect(manager.get(1).grow(2)).toBe(0);
});

test('there are at most 32,768 buckets', () => {
  const manager = MemoryManager.load(headerWithoutPages());
  expect(manager.get(0).grow(32_768)).toBe(0);
  expect(manager.get(1).grow(1)).toBe(-1);
  expect(manager.get(0).grow(0)).toBe(32_768);
});

test('a write that fails half-way leaves a memory that opens as it was', () => {
  const base = new VectorMemory();
  MemoryManager.init(base, { bucketSizeInPages: 1 }).get(0).grow(1);
  const before = MemoryManager.load(restarted(base)).usage();
  for (let writes = 0; writes < 2; writes++) {
    const failing = new CountdownMemory(base);
    const manager = MemoryManager.load(failing);
    failing.failWritesAfter(writes);
    expect(() => manager.get(9).grow(2)).toThrow(DiskFull);
    expect(MemoryManager.load(restarted(base)).usage()).toEqual(before);
  }
});

test('any order of growing and writing keeps every memory apart, also after reopening', () => {
  const step = fc.record({
    id: fc.constantFrom(0, 1, 2, 254),
    pages: fc.nat(3),
    reopen: fc.constantFrom(false, false, true),
  });
  checkProperty(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { maxLength: 25 }),
      (size, steps) => {
        const base = new VectorMemory();
        let manager = MemoryManager.init(base, { bucketSizeInPages: size });
        const model = new Map<number, number[]>();
        steps.forEach(({ id, pages, reopen }, index) => {
          const marks = model.get(id) ?? [];
          expect(manager.get(id).grow(pages)).toBe(marks.length);
          for (let page = 0; page < pages; page++) {
            manager
              .get(id)
              .write(marks.length * WASM_PAGE_SIZE, new Uint8Array(WASM_PAGE_SIZE).fill(index));
            marks.push(index);
          }
          model.set(id, marks);
          if (reopen) manager = MemoryManager.load(manager.intoMemory());
        });
        for (const [id, marks] of model) {
          const image = imageOf(manager.get(id));
          expect(marks.map((_, page) => image[page * WASM_PAGE_SIZE])).toEqual(marks);
          expect(marks.map((_, page) => image[(page + 1) * WASM_PAGE_SIZE - 1])).toEqual(marks);
        }
      },
    ),
    { numRuns: 30 },
  );
});

/** A manager's header (buckets of one page) on a memory that grows in number only. */
function headerWithoutPages(): Memory {
  const header = new VectorMemory();
  MemoryManager.init(header, { bucketSizeInPages: 1 });
  let sizeInPages = header.size();
  return {
    size: () => sizeInPages,
    grow: (pages) => (sizeInPages += pages) - pages,
    read: (offset, target) => header.read(offset, target),
    write: (offset, source) => header.write(offset, source),
  };
}
