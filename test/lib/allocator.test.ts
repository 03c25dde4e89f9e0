import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { BLOCK_LAYOUT } from '../../src/lib/allocator/free-block.js';
import { ALLOCATOR_HEADER_LAYOUT, HEAP_OFFSET } from '../../src/lib/allocator/header.js';
import { OutOfMemoryError } from '../../src/lib/allocator/out-of-memory.js';
import { SSlice } from '../../src/lib/allocator/s-slice.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, DiskFull, imageOf, restarted } from '../support/memories.js';
import { spoil } from '../support/stored.js';
import { WRONG_BYTES, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

const PAGE = 65_536;
const HEADER = ALLOCATOR_HEADER_LAYOUT;

const newHeap = (maxPages = 0, memory: Memory = new VectorMemory()): StableMemoryAllocator =>
  StableMemoryAllocator.init(memory, { maxPages });

/** Blocks of these sizes, one behind another. */
const blocksOf = (heap: StableMemoryAllocator, sizes: readonly number[]): SSlice[] =>
  sizes.map((size) => heap.allocate(size));

/** The bytes 1, 2, 3, ... */
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at + 1);

function fill(heap: StableMemoryAllocator, slice: SSlice): void {
  heap.writeBytes(slice.offset(0, slice.size), pattern(slice.size));
}

function contentOf(heap: StableMemoryAllocator, slice: SSlice, size = slice.size): Uint8Array {
  const content = new Uint8Array(size);
  heap.readBytes(slice.offset(0, size), content);
  return content;
}

const sizesOf = (heap: StableMemoryAllocator): number[] => [
  heap.availableSize,
  heap.freeSize,
  heap.allocatedSize,
];

describe('a heap', () => {
  test('deals out blocks as the specification has it (vector 1)', () => {
    const heap = newHeap();
    const first = heap.allocate(0);
    expect(sizesOf(heap)).toEqual([65_528, 65_496, 32]);
    const slices = [first, ...blocksOf(heap, [1, 8, 15, 16, 17, 100, 104, 105])];
    expect(slices.map(({ ptr }) => ptr)).toEqual([8, 40, 72, 104, 136, 168, 208, 328, 448]);
    expect(slices.map(({ size }) => size)).toEqual([16, 16, 16, 16, 16, 24, 104, 104, 112]);
    expect(sizesOf(heap)).toEqual([65_528, 64_960, 568]);
  });

  test('has tags with the length and, in the highest bit, that the block is in use (vector 2)', () => {
    const heap = newHeap();
    const { ptr, end } = heap.allocate(16);
    const tag = new Uint8Array(8);
    heap.readBytes(ptr + BLOCK_LAYOUT.frontTag, tag);
    expect(tag).toEqual(Uint8Array.of(0x10, 0, 0, 0, 0, 0, 0, 0x80));
    heap.readBytes(end - 8, tag);
    expect(tag).toEqual(Uint8Array.of(0x10, 0, 0, 0, 0, 0, 0, 0x80));
  });

  test('takes of several holes that fit the one at the highest address (vector 3)', () => {
    const heap = newHeap();
    const slices = blocksOf(heap, [64, 64, 64, 64, 64, 64]);
    expect(slices.map(({ ptr }) => ptr)).toEqual([8, 88, 168, 248, 328, 408]);
    for (const index of [0, 2, 4]) heap.deallocate(slices[index]!);
    expect(heap.allocate(64).ptr).toBe(328);
    expect(heap.checkInvariants()).toBeUndefined();
  });

  test.each([
    [64, 64],
    [72, 72],
    [80, 80],
    [88, 88],
    [96, 64],
    [104, 64],
  ])('takes a hole of %d bytes for 64 as a block of %d (vector 4)', (hole, taken) => {
    const heap = newHeap();
    const [slice] = blocksOf(heap, [hole, 16]);
    const { freeSize } = heap;
    heap.deallocate(slice!);
    expect(heap.allocate(64)).toEqual(new SSlice(slice!.ptr, taken));
    expect(heap.freeSize).toBe(freeSize + hole - taken);
  });

  test('takes up pages that were there, and grows the last block where it is (vector 5)', () => {
    const memory = new VectorMemory();
    newHeap(0, memory).intoMemory().grow(1);
    const heap = StableMemoryAllocator.load(memory);
    expect(sizesOf(heap)).toEqual([65_528, 65_528, 0]);
    const slice = heap.allocate(65_512);
    expect([slice.ptr, slice.size, heap.freeSize]).toEqual([8, 65_512, 0]);
    const larger = heap.reallocate(slice, 65_520);
    expect([larger.ptr, larger.size, memory.size()]).toEqual([8, 65_520, 1 + 2]);
  });

  test('keeps within its pages, but for those that it has (vector 7)', () => {
    const memory = new VectorMemory();
    newHeap(2, memory).intoMemory().grow(5);
    expect(StableMemoryAllocator.load(memory).maxPages).toBe(5);
    const fresh = newHeap(2);
    expect(fresh.makeSureCanAllocate(131_000)).toBe(true);
    expect(fresh.availableSize).toBe(2 * PAGE - 8);
    expect(fresh.makeSureCanAllocate(200_000)).toBe(false);
    expect(fresh.availableSize).toBe(2 * PAGE - 8);
  });

  test('is empty after everything was freed, in whatever order', () => {
    const heap = newHeap();
    const slices = blocksOf(heap, [100, 3_000, 50, 70_000, 16]);
    for (const index of [3, 0, 4, 2, 1]) {
      heap.deallocate(slices[index]!);
      expect(heap.checkInvariants()).toBeUndefined();
    }
    expect(heap.allocatedSize).toBe(0);
    expect(heap.verify()).toMatchObject({ allocatedBlockCount: 0, freeBlockCount: 1 });
  });

  test('is there again when it is opened, free blocks included', () => {
    const memory = new VectorMemory();
    const heap = newHeap(0, memory);
    const slices = blocksOf(heap, [64, 64, 64, 64, 64, 64]);
    fill(heap, slices[1]!);
    for (const index of [0, 2, 4]) heap.deallocate(slices[index]!);
    const again = StableMemoryAllocator.load(restarted(memory));
    expect(sizesOf(again)).toEqual(sizesOf(heap));
    expect(contentOf(again, again.sliceAt(slices[1]!.ptr))).toEqual(pattern(64));
    expect(again.allocate(64).ptr).toBe(328);
    expect(again.checkInvariants()).toBeUndefined();
  });

  test('lives in a virtual memory beside others', () => {
    const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
    const heap = newHeap(0, manager.get(3));
    const slice = heap.allocate(100_000);
    manager.get(4).grow(1);
    const other = heap.allocate(200_000);
    fill(heap, slice);
    fill(heap, other);
    expect(contentOf(heap, slice)).toEqual(pattern(100_000));
    expect(contentOf(heap, other)).toEqual(pattern(200_000));
  });

  test('gives the memory back, and is then closed', () => {
    const heap = newHeap();
    const slice = heap.allocate(16);
    heap.intoMemory();
    const uses = [
      () => heap.allocate(16),
      () => heap.deallocate(slice),
      () => heap.reallocate(slice, 8),
      () => heap.makeSureCanAllocate(8),
      () => heap.sliceAt(slice.ptr),
      () => heap.readBytes(8, new Uint8Array(1)),
      () => heap.writeBytes(8, new Uint8Array(1)),
      () => heap.verify(),
      () => heap.intoMemory(),
    ];
    for (const use of uses) expect(codeOf(use)).toBe('HANDLE_CLOSED');
  });

  test('takes one key for its hash maps, when it is made or later, and keeps it', () => {
    const memory = new VectorMemory();
    const heap = newHeap(0, memory);
    expect(codeOf(() => heap.hashKey)).toBe('HASH_KEY_MISSING');
    expect(heap.keyHashes(pattern(16))).toBe(true);
    expect(heap.keyHashes(new Uint8Array(16).fill(9))).toBe(false);
    expect(heap.hashKey).toEqual(pattern(16));
    expect(StableMemoryAllocator.load(restarted(memory)).hashKey).toEqual(pattern(16));
    const made = StableMemoryAllocator.create(new VectorMemory(), { hashKey: pattern(16) });
    expect(made.keyHashes(new Uint8Array(16).fill(9))).toBe(false);
    expect(made.hashKey).toEqual(pattern(16));
  });

  test('forgets everything with clear, and keeps what it was told', () => {
    const memory = new VectorMemory();
    const hashKey = pattern(16);
    const heap = StableMemoryAllocator.create(memory, { maxPages: 9, hashKey });
    heap.allocate(100_000);
    const serial = heap.nextSerial();
    heap.clear();
    expect(sizesOf(heap)).toEqual([2 * PAGE - 8, 2 * PAGE - 8, 0]);
    expect(heap.nextSerial()).toBe(serial + 1);
    expect(heap.checkInvariants()).toBeUndefined();
    const again = StableMemoryAllocator.load(restarted(memory));
    expect([again.maxPages, again.hashKey, again.allocatedSize]).toEqual([9, hashKey, 0]);
  });
});

describe('a block that gets another size', () => {
  test('keeps its place and its contents where it becomes smaller, and gives back the rest', () => {
    const heap = newHeap();
    const [slice] = blocksOf(heap, [200, 16]);
    fill(heap, slice!);
    const { freeSize } = heap;
    const smaller = heap.reallocate(slice!, 100);
    expect(smaller).toEqual(new SSlice(8, 104));
    expect(heap.freeSize).toBe(freeSize + 200 - 104);
    expect(contentOf(heap, smaller)).toEqual(pattern(104));
    expect(heap.checkInvariants()).toBeUndefined();
  });

  test('keeps a rest that could be no block', () => {
    const heap = newHeap();
    const [slice] = blocksOf(heap, [200, 16]);
    expect(heap.reallocate(slice!, 176)).toEqual(slice);
    expect(heap.reallocate(slice!, 168)).toEqual(new SSlice(8, 168));
  });

  test('takes the free block behind it', () => {
    const heap = newHeap();
    const [slice, next] = blocksOf(heap, [100, 100, 16]);
    fill(heap, slice!);
    heap.deallocate(next!);
    const larger = heap.reallocate(slice!, 160);
    expect([larger.ptr, larger.size]).toEqual([8, 160]);
    expect(contentOf(heap, larger, 104)).toEqual(pattern(104));
    expect(heap.checkInvariants()).toBeUndefined();
  });

  test('moves into the free block before it rather than elsewhere', () => {
    const heap = newHeap(1);
    const [left, slice] = blocksOf(heap, [1_000, 2_000, 65_536 - 8 - 3_000 - 48 - 16 - 8]);
    fill(heap, slice!);
    heap.deallocate(left!);
    const larger = heap.reallocate(slice!, 3_000);
    expect(larger.ptr).toBe(left!.ptr);
    expect(contentOf(heap, larger, 2_000)).toEqual(pattern(2_000));
    expect(heap.checkInvariants()).toBeUndefined();
  });

  test('moves elsewhere where its neighbours are in use', () => {
    const heap = newHeap();
    const [slice] = blocksOf(heap, [100, 16]);
    fill(heap, slice!);
    const moved = heap.reallocate(slice!, 5_000);
    expect(moved.ptr).toBeGreaterThan(slice!.ptr);
    expect(contentOf(heap, moved, 104)).toEqual(pattern(104));
    expect(codeOf(() => heap.deallocate(slice!))).toBe('NOT_ALLOCATED');
    expect(heap.checkInvariants()).toBeUndefined();
  });

  test('is as it was where there is no room', () => {
    const memory = new VectorMemory();
    const heap = newHeap(1, memory);
    const [slice] = blocksOf(heap, [1_000, 16]);
    fill(heap, slice!);
    const before = imageOf(memory);
    expect(codeOf(() => heap.reallocate(slice!, 70_000))).toBe('OUT_OF_MEMORY');
    expect(imageOf(memory)).toEqual(before);
  });
});

describe('the original has defects that this one has not:', () => {
  test.each([65_513, 65_520, 131_049, 131_056])(
    'defect 1: a first block of %d bytes is as large as it was to be (vector 8)',
    (size) => {
      const heap = newHeap();
      const slice = heap.allocate(size);
      expect(slice.size).toBeGreaterThanOrEqual(size);
      fill(heap, slice);
      expect(heap.checkInvariants()).toBeUndefined();
    },
  );

  test('defect 1: the first growth takes no page too many', () => {
    for (const [size, pages] of [
      [65_512, 1],
      [65_513, 2],
      [131_048, 2],
      [131_049, 3],
    ] as const) {
      const memory = new VectorMemory();
      newHeap(0, memory).allocate(size);
      expect(memory.size()).toBe(1 + pages);
    }
  });

  test('defect 2: the last block grows by the difference', () => {
    const memory = new VectorMemory();
    const heap = newHeap(0, memory);
    const slice = heap.allocate(60_000);
    expect(heap.reallocate(slice, 131_072).ptr).toBe(slice.ptr);
    expect(memory.size()).toBe(1 + 3);
  });

  test('defect 2: a block becomes smaller', () => {
    const heap = newHeap();
    expect(heap.reallocate(heap.allocate(60_000), 100).size).toBe(104);
    expect(heap.allocatedSize).toBe(120);
  });

  test('defect 2: room that comes from the block itself and its neighbours is found', () => {
    const heap = newHeap(1);
    const [left, slice, right] = blocksOf(heap, [20_000, 20_000, 25_464]);
    expect(heap.freeSize).toBe(0);
    heap.deallocate(left!);
    heap.deallocate(right!);
    fill(heap, slice!);
    const larger = heap.reallocate(slice!, 65_512);
    expect([larger.ptr, larger.size]).toEqual([8, 65_512]);
    expect(contentOf(heap, larger, 20_000)).toEqual(pattern(20_000));
  });

  test('defect 3: nothing needs to be done before an upgrade, and a foreign memory is left alone', () => {
    const foreign = new VectorMemory();
    foreign.grow(1);
    foreign.write(0, pattern(64));
    const before = imageOf(foreign);
    expect(codeOf(() => StableMemoryAllocator.init(foreign))).toBe('BAD_MAGIC');
    expect(codeOf(() => StableMemoryAllocator.create(foreign))).toBe('NOT_EMPTY');
    expect(imageOf(foreign)).toEqual(before);

    const memory = new VectorMemory();
    const { ptr } = newHeap(0, memory).allocate(100);
    expect(StableMemoryAllocator.load(restarted(memory)).sliceAt(ptr).size).toBe(104);
  });

  test('defect 4: a second free is refused, and nothing has changed (vector 9)', () => {
    const memory = new VectorMemory();
    const heap = newHeap(0, memory);
    const [, slice] = blocksOf(heap, [64, 64, 64]);
    heap.deallocate(slice!);
    const before = [sizesOf(heap), imageOf(memory)];
    expect(codeOf(() => heap.deallocate(slice!))).toBe('NOT_ALLOCATED');
    expect([sizesOf(heap), imageOf(memory)]).toEqual(before);
  });

  test.each([
    ['to the left', [0, 1]],
    ['to the right', [1, 0]],
    ['on both sides', [0, 2, 1]],
  ])('defect 4: so it is where the block was merged %s', (_, order) => {
    const heap = newHeap();
    const slices = blocksOf(heap, [64, 64, 64, 64]);
    for (const index of order) heap.deallocate(slices[index]!);
    for (const index of order) {
      expect(codeOf(() => heap.deallocate(slices[index]!))).toBe('NOT_ALLOCATED');
    }
    expect(heap.checkInvariants()).toBeUndefined();
  });

  test('defect 13: no address is given out for bytes beyond the end of a block', () => {
    const slice = newHeap().allocate(16);
    expect(slice.offset(16)).toBe(slice.end - 8);
    expect(slice.offset(8, 8)).toBe(slice.ptr + 16);
    for (const [at, length] of [[17], [8, 9], [0, 17], [-1], [0.5], [0, -1], [Infinity], [NaN]]) {
      expect(codeOf(() => slice.offset(at!, length))).toBe('OUT_OF_BOUNDS');
    }
  });
});

describe('a heap refuses', () => {
  test.each([...WRONG_NUMBERS, ...WRONG_SIZES])('%s for a size', (_, size) => {
    const heap = newHeap();
    const slice = heap.allocate(16);
    for (const use of [
      () => heap.allocate(size as number),
      () => heap.reallocate(slice, size as number),
      () => heap.makeSureCanAllocate(size as number),
    ]) {
      expect(use).toThrow(/expected a (whole )?number/);
    }
    expect(sizesOf(heap)).toEqual([65_528, 65_496, 32]);
  });

  test.each(WRONG_SIZES)('%s for a number of pages', (_, maxPages) => {
    const options = { maxPages: maxPages as number };
    expect(() => StableMemoryAllocator.create(new VectorMemory(), options)).toThrow(RangeError);
  });

  test.each(WRONG_BYTES)('%s for bytes', (_, bytes) => {
    const heap = newHeap();
    heap.allocate(16);
    expect(() => heap.readBytes(16, bytes as Uint8Array)).toThrow(TypeError);
    expect(() => heap.writeBytes(16, bytes as Uint8Array)).toThrow(TypeError);
    expect(heap.allocate(16).ptr).toBe(40);
  });

  test.each([0, 15, 16, 17])('a hash key of %d bytes that are zero', (length) => {
    const hashKey = new Uint8Array(length);
    expect(() => StableMemoryAllocator.create(new VectorMemory(), { hashKey })).toThrow(RangeError);
    expect(() => newHeap().keyHashes(hashKey)).toThrow(RangeError);
  });

  test('a request that no memory can meet, without an overflow', () => {
    const heap = newHeap();
    expect(() => heap.allocate(Number.MAX_SAFE_INTEGER)).toThrow(RangeError);
    expect(codeOf(() => heap.allocate(2 ** 52))).toBe('OUT_OF_MEMORY');
    expect(heap.makeSureCanAllocate(2 ** 52)).toBe(false);
    expect(sizesOf(heap)).toEqual([0, 0, 0]);
  });

  test('to read and write beyond its end, and goes on', () => {
    const heap = newHeap();
    heap.allocate(16);
    expect(codeOf(() => heap.readBytes(PAGE - 4, new Uint8Array(5)))).toBe('OUT_OF_BOUNDS');
    expect(codeOf(() => heap.writeBytes(PAGE - 4, new Uint8Array(5)))).toBe('OUT_OF_BOUNDS');
    expect(codeOf(() => heap.writeBytes(-1, new Uint8Array(1)))).toBe('OUT_OF_BOUNDS');
    expect(heap.allocate(16).ptr).toBe(40);
  });

  test.each([0, 4, 12, 24, 40 + 8, 65_536, -8, 0.5, NaN, 2 ** 60])(
    'to free what lies at %d, where no block begins',
    (ptr) => {
      const heap = newHeap();
      heap.allocate(16);
      const slice = heap.allocate(64);
      heap.writeBytes(slice.offset(0, 64), new Uint8Array(64).fill(0x88));
      expect(codeOf(() => heap.deallocate(new SSlice(ptr, 16)))).toBe('NOT_ALLOCATED');
      expect(codeOf(() => heap.sliceAt(ptr))).toBe('NOT_ALLOCATED');
      expect(codeOf(() => heap.blockAt(ptr))).toBe('CORRUPTED');
      expect(heap.checkInvariants()).toBeUndefined();
    },
  );

  test('to free a block under another size than it has', () => {
    const heap = newHeap();
    const { ptr } = heap.allocate(64);
    expect(codeOf(() => heap.deallocate(new SSlice(ptr, 16)))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => heap.reallocate(new SSlice(ptr, 16), 100))).toBe('NOT_ALLOCATED');
  });

  test('to free a block whose end was written over, and changes nothing', () => {
    const memory = new VectorMemory();
    const heap = newHeap(0, memory);
    const [, slice] = blocksOf(heap, [64, 64, 64]);
    heap.writeBytes(slice!.end - 8, pattern(8));
    const before = imageOf(memory);
    expect(codeOf(() => heap.deallocate(slice!))).toBe('CORRUPTED');
    expect(codeOf(() => heap.reallocate(slice!, 500))).toBe('CORRUPTED');
    expect(imageOf(memory)).toEqual(before);
    expect(heap.checkInvariants()).toMatch(/CORRUPTED/);
  });

  test('a second heap in its memory', () => {
    const memory = new VectorMemory();
    newHeap(0, memory);
    expect(codeOf(() => StableMemoryAllocator.load(memory))).toBe('MEMORY_IN_USE');
  });
});

describe('where a step fails', () => {
  /** Two holes and a block at the end, so that every operation has all of its steps to do. */
  const scene = (memory: Memory): { heap: StableMemoryAllocator; slices: SSlice[] } => {
    const heap = newHeap(0, memory);
    const slices = blocksOf(heap, [100, 200, 300, 400, 500]);
    heap.deallocate(slices[1]!);
    heap.deallocate(slices[3]!);
    return { heap, slices };
  };
  const OPERATIONS: [string, (heap: StableMemoryAllocator, slices: SSlice[]) => unknown][] = [
    ['allocate', (heap) => heap.allocate(150)],
    ['allocate beyond the end', (heap) => heap.allocate(70_000)],
    ['deallocate', (heap, slices) => heap.deallocate(slices[2]!)],
    ['reallocate in place', (heap, slices) => heap.reallocate(slices[0]!, 250)],
    ['reallocate to the left', (heap, slices) => heap.reallocate(slices[2]!, 900)],
    ['reallocate elsewhere', (heap, slices) => heap.reallocate(slices[0]!, 5_000)],
    ['reallocate to less', (heap, slices) => heap.reallocate(slices[4]!, 100)],
    ['makeSureCanAllocate', (heap) => heap.makeSureCanAllocate(80_000)],
    ['clear', (heap) => heap.clear()],
    ['nextSerial', (heap) => heap.nextSerial()],
    ['keyHashes', (heap) => heap.keyHashes(pattern(16))],
  ];

  test.each(OPERATIONS)('a refused growth leaves %s undone or done', (_, operation) => {
    const memory = new CountdownMemory(new VectorMemory());
    const { heap, slices } = scene(memory);
    memory.refuseGrowsAfter(0);
    const before = imageOf(memory);
    try {
      operation(heap, slices);
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      expect(imageOf(memory)).toEqual(before);
    }
    expect(heap.checkInvariants()).toBeUndefined();
    memory.relent();
    expect(heap.allocate(70_000).size).toBe(70_000);
  });

  test.each(OPERATIONS)('a failed write of %s latches the heap', (_, operation) => {
    for (let writes = 0; ; writes++) {
      const memory = new CountdownMemory(new VectorMemory());
      const { heap, slices } = scene(memory);
      memory.failWritesAfter(writes);
      try {
        operation(heap, slices);
        expect(writes).toBeGreaterThan(0);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      memory.relent();
      expect(codeOf(() => heap.allocate(16))).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => heap.readBytes(16, new Uint8Array(1)))).toBe('PREVIOUS_FAILURE');
    }
  });
});

describe('the bytes of a heap', () => {
  test('are these, and stay these', () => {
    const memory = new VectorMemory();
    const heap = StableMemoryAllocator.create(memory, { maxPages: 3, hashKey: pattern(16) });
    const [, hole] = blocksOf(heap, [16, 24, 16]);
    heap.deallocate(hole!);
    heap.nextSerial();
    const header = new Uint8Array(HEADER.reserved);
    memory.read(0, header);
    expect(Buffer.from(header).toString('hex')).toBe(
      '534d4101' +
        '00000000' +
        '0300000000000000' +
        '0102030405060708090a0b0c0d0e0f10' +
        '0000010000000000' +
        'b8ff000000000000' +
        '2800000000000000' +
        '0200000000000000',
    );
    const blocks = new Uint8Array(112);
    memory.read(HEAP_OFFSET, blocks);
    expect(Buffer.from(blocks).toString('hex')).toBe(
      '0000000000000000' +
        '1000000000000080' +
        '00000000000000000000000000000000' +
        '1000000000000080' +
        '1800000000000000' +
        '0000000000000000' +
        '7000000000000000' +
        '0000000000000000' +
        '1800000000000000' +
        '1000000000000080' +
        '00000000000000000000000000000000' +
        '1000000000000080',
    );
  });

  test.each([
    ['another magic', 0, '534d42', 'BAD_MAGIC'],
    ['a later version', 3, '02', 'UNSUPPORTED_VERSION'],
    ['too many roots', HEADER.rootCount, 'ffff0000', 'CORRUPTED'],
    ['an end in the middle of a page', HEADER.end, '01', 'CORRUPTED'],
    ['an end beyond the memory', HEADER.end, '00000200', 'CORRUPTED'],
    ['an end beyond 2^53', HEADER.end, 'ffffffffffffffff', 'CORRUPTED'],
    ['more free bytes than there are', HEADER.freeSize, 'ffff0100', 'CORRUPTED'],
    ['a free tree without a root', HEADER.freeRoot, '0000000000000000', 'CORRUPTED'],
    ['a reserved byte', HEADER.reserved + 63, '01', 'CORRUPTED'],
  ])('that have %s are refused', (_, offset, bytes, code) => {
    const memory = new VectorMemory();
    newHeap(0, memory).allocate(16);
    spoil(memory, offset, bytes);
    expect(codeOf(() => StableMemoryAllocator.load(restarted(memory)))).toBe(code);
  });

  test.each([
    ['leads nowhere', 'ffff00'],
    ['leads to a block in use', '080000'],
    ['leads between blocks', '0c0000'],
  ])('whose free tree %s are found out', (_, root) => {
    const memory = new VectorMemory();
    newHeap(0, memory).allocate(16);
    spoil(memory, HEADER.freeRoot, root);
    const heap = StableMemoryAllocator.load(restarted(memory));
    expect(codeOf(() => heap.allocate(16))).toBe('CORRUPTED');
    expect(heap.checkInvariants()).toMatch(/CORRUPTED/);
  });

  test('whose free tree runs in a circle are found out', () => {
    const memory = new VectorMemory();
    const heap = newHeap(0, memory);
    heap.allocate(16);
    heap.writeBytes(40 + 16, Uint8Array.of(40));
    heap.writeBytes(40 + 8, Uint8Array.of(40));
    expect(codeOf(() => heap.allocate(100_000))).toBe('CORRUPTED');
    expect(codeOf(() => heap.allocate(100))).toBe('CORRUPTED');
    expect(heap.checkInvariants()).toBeDefined();
  });
});
