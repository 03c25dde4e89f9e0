/**
 * The allocator of the kernel against that of TypeScript: the same operations, and after each the
 * same bytes in memory, the same answers and the same errors.
 */
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../../src/lib/allocator.js';
import { HEAP_OFFSET } from '../../../src/lib/allocator/header.js';
import { SSlice } from '../../../src/lib/allocator/s-slice.js';
import type { StorageError } from '../../../src/lib/errors.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import type { Memory } from '../../../src/lib/memory.js';
import {
  stablePlaceOf,
  type PlacedMemory,
  type StablePlace,
} from '../../../src/lib/stable-place.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { COMPILE_TIMEOUT_MS, HEAP_SIZE_IN_PAGES, KernelHost } from '../../support/kernel-host.js';
import { codeOf, imageOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { countFallBacks } from '../../support/watch-kernel.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => void jest.restoreAllMocks());

type Verb = 'allocate' | 'deallocate' | 'reallocate' | 'write' | 'ensure' | 'serial' | 'reopen';
interface Step {
  readonly verb: Verb;
  readonly size: number;
  readonly pick: number;
}

/** A heap, the blocks in use, and what every step has answered. */
class Player {
  heap: StableMemoryAllocator;
  readonly slices: SSlice[] = [];

  constructor(memory: Memory, maxPages = 0) {
    this.heap = StableMemoryAllocator.create(memory, { maxPages });
  }

  play({ verb, size, pick }: Step): unknown {
    if (verb === 'allocate') return this.#add(() => this.heap.allocate(size));
    if (verb === 'serial') return this.heap.nextSerial();
    if (verb === 'ensure') return this.heap.makeSureCanAllocate(size);
    if (verb === 'reopen') return this.#reopen();
    if (this.slices.length === 0) return undefined;
    const index = pick % this.slices.length;
    const slice = this.slices[index]!;
    if (verb === 'write') return this.#write(slice, size);
    this.slices.splice(index, 1);
    if (verb === 'deallocate') return this.heap.deallocate(slice);
    return this.#add(() => this.heap.reallocate(slice, size), slice);
  }

  /** What everybody can see of the heap. */
  get sizes(): unknown {
    const { availableSize, freeSize, allocatedSize } = this.heap;
    return { availableSize, freeSize, allocatedSize };
  }

  #add(take: () => SSlice, old?: SSlice): unknown {
    try {
      const slice = take();
      this.slices.push(slice);
      return { ptr: slice.ptr, size: slice.size };
    } catch (error) {
      if (old !== undefined) this.slices.push(old);
      return (error as StorageError).message;
    }
  }

  #reopen(): void {
    this.heap = StableMemoryAllocator.load(this.heap.intoMemory());
  }

  #write(slice: SSlice, size: number): unknown {
    const length = Math.min(size, slice.size);
    const written = new Uint8Array(length).fill(size % 251);
    this.heap.writeBytes(slice.offset(0, length), written);
    const read = new Uint8Array(length);
    this.heap.readBytes(this.heap.sliceAt(slice.ptr).offset(0, length), read);
    return read;
  }
}

/** A virtual memory next to which another one grows, so that its buckets are not in one piece. */
class ScatteredMemory implements PlacedMemory {
  readonly #manager: MemoryManager;
  readonly #memory: Memory;

  constructor(base: Memory) {
    this.#manager = MemoryManager.init(base, { bucketSizeInPages: 1 });
    this.#memory = this.#manager.get(0);
  }

  get stablePlace(): StablePlace | undefined {
    return stablePlaceOf(this.#memory);
  }

  size(): number {
    return this.#memory.size();
  }

  grow(pages: number): number {
    this.#manager.get(1).grow(1);
    return this.#memory.grow(pages);
  }

  read(offset: number, target: Uint8Array): void {
    this.#memory.read(offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    this.#memory.write(offset, source);
  }
}

const inPlace = (base: Memory): Memory => base;
const scattered = (base: Memory): Memory => new ScatteredMemory(base);

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom<Verb>(
    ...Array<Verb>(10).fill('allocate'),
    ...Array<Verb>(8).fill('deallocate'),
    ...Array<Verb>(6).fill('reallocate'),
    'write',
    'ensure',
    'serial',
    'reopen',
  ),
  size: fc.oneof(
    { weight: 12, arbitrary: fc.nat(200) },
    { weight: 4, arbitrary: fc.nat(5_000) },
    { weight: 1, arbitrary: fc.nat(140_000) },
  ),
  pick: fc.nat(10_000),
});

describe('the same operations leave the same memory', () => {
  test.each([
    ['in stable memory', inPlace, 0],
    ['in stable memory of few pages', inPlace, 2],
    ['in a virtual memory', scattered, 0],
    ['in a virtual memory of few pages', scattered, 2],
  ])('%s', (_, place, maxPages) => {
    checkProperty(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
        const bare = new VectorMemory();
        const { memory, stable } = kernelMemory();
        const here = new Player(place(bare), maxPages);
        const there = new Player(place(memory), maxPages);
        expect(there.heap.kernelHeap).toBeDefined();
        for (const each of steps) {
          expect(there.play(each)).toEqual(here.play(each));
          expect(there.sizes).toEqual(here.sizes);
          expect(Buffer.compare(imageOf(stable), imageOf(bare))).toBe(0);
        }
        expect(there.heap.checkInvariants()).toBeUndefined();
      }),
      { numRuns: 12 },
    );
  });
});

const HANDLES = 64;

const SIZES = [16, 100, 24, 300, 16, 64, 64, 700, 40, 64];

const outcomeOf = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return (error as StorageError).message;
  }
};

const damage = fc.array(fc.tuple(fc.nat(2_500), fc.constantFrom(0, 1, 8, 16, 40, 0x80, 0xff)), {
  minLength: 1,
  maxLength: 6,
});

describe('without room', () => {
  test.each([
    ['a memory that cannot grow', 3, 65_536],
    ['a kernel without a page of its own', 1000, HEAP_SIZE_IN_PAGES],
  ])('%s: the same answers', (_, pagesMax, heapPagesMax) => {
    checkProperty(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const bare = new VectorMemory(pagesMax);
        const { memory, stable } = kernelMemory(pagesMax, heapPagesMax);
        const here = new Player(bare);
        const there = new Player(memory);
        for (const each of steps) expect(there.play(each)).toEqual(here.play(each));
        expect(Buffer.compare(imageOf(stable), imageOf(bare))).toBe(0);
      }),
      { numRuns: 12 },
    );
  });
});

test('a damaged heap is refused, or goes on, as it does without the kernel', () => {
  checkProperty(
    fc.property(damage, fc.array(step, { minLength: 1, maxLength: 20 }), (bytes, steps) => {
      const bare = new VectorMemory();
      const { memory, stable } = kernelMemory();
      const [here, there] = [new Player(bare), new Player(memory)];
      for (const player of [here, there]) {
        for (const size of SIZES) player.play({ verb: 'allocate', size, pick: 0 });
        for (const pick of [1, 2, 3, 5]) player.play({ verb: 'deallocate', size: 0, pick });
      }
      for (const [address, byte] of bytes) {
        bare.write(HEAP_OFFSET + address, Uint8Array.of(byte));
        stable.write(HEAP_OFFSET + address, Uint8Array.of(byte));
      }
      for (const each of steps.filter(({ verb }) => verb !== 'reopen')) {
        expect(outcomeOf(() => there.play(each))).toEqual(outcomeOf(() => here.play(each)));
      }
      expect(Buffer.compare(imageOf(stable), imageOf(bare))).toBe(0);
    }),
    { numRuns: 25 },
  );
});

test.each<[string, SSlice, string]>([
  ['a free block', new SSlice(200, 100), 'NOT_ALLOCATED'],
  ['a block of another size', new SSlice(8, 96), 'NOT_ALLOCATED'],
  ['part of a size', new SSlice(8, 104.5), 'NOT_ALLOCATED'],
  ['an address that is none', new SSlice(8.5, 104), 'NOT_ALLOCATED'],
  ['an address below the heap', new SSlice(-8, 104), 'NOT_ALLOCATED'],
  ['an address far beyond it', new SSlice(2 ** 46, 104), 'NOT_ALLOCATED'],
  ['no number', new SSlice(NaN, 104), 'NOT_ALLOCATED'],
  ['a negative size', new SSlice(8, -104), 'NOT_ALLOCATED'],
])('%s is refused', (_, slice, code) => {
  const heap = StableMemoryAllocator.create(kernelMemory().memory);
  heap.allocate(100);
  expect(codeOf(() => heap.deallocate(slice))).toBe(code);
  expect(codeOf(() => heap.reallocate(slice, 200))).toBe(code);
  expect(heap.allocatedSize).toBe(120);
});

test.each([-1, 0.5, NaN, 65_536, 2 ** 46])('no bytes are read or written at %p', (address) => {
  const heap = StableMemoryAllocator.create(kernelMemory().memory);
  heap.allocate(100);
  expect(codeOf(() => heap.readBytes(address, new Uint8Array(1)))).toBe('OUT_OF_BOUNDS');
  expect(codeOf(() => heap.writeBytes(address, new Uint8Array(1)))).toBe('OUT_OF_BOUNDS');
});

describe('the kernel', () => {
  const openHeap = (maxPages = 0): StableMemoryAllocator =>
    StableMemoryAllocator.create(kernelMemory().memory, { maxPages });

  test('does all by itself, and asks for pages where it lacks them', () => {
    const heap = openHeap();
    const fallBacks = countFallBacks();
    const slices = [100, 20, 3_000, 8].map((size) => heap.allocate(size));
    heap.deallocate(heap.reallocate(heap.allocate(70_000), 140_000));
    expect(heap.availableSize).toBe(3 * 65_536 - 8);
    heap.deallocate(slices[1]!);
    const moved = heap.reallocate(slices[0]!, 1_000);
    heap.deallocate(heap.reallocate(moved, 10));
    heap.deallocate(heap.sliceAt(slices[2]!.ptr));
    expect(fallBacks()).toBe(0);
    expect(heap.allocatedSize).toBe(slices[3]!.totalSize);
  });

  test('counts each change as a revision, and nothing else', () => {
    const heap = openHeap();
    heap.makeSureCanAllocate(1_000);
    const { revision } = heap;
    const slice = heap.allocate(100);
    expect(heap.revision).toBe(revision + 1);
    heap.writeBytes(slice.offset(0), Uint8Array.of(1));
    expect(heap.revision).toBe(revision + 2);
    expect(heap.reallocate(slice, 99)).toBe(slice);
    heap.sliceAt(slice.ptr);
    expect(heap.revision).toBe(revision + 2);
    heap.deallocate(slice);
    expect(heap.revision).toBe(revision + 3);
  });

  test('serves as many heaps as it has handles, and others go without', () => {
    const { memory } = kernelMemory(200);
    const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
    const heaps = Array.from({ length: HANDLES + 1 }, (_, id) =>
      StableMemoryAllocator.create(manager.get(id)),
    );
    const last = heaps.at(-1)!;
    expect(heaps.filter(({ kernelHeap }) => kernelHeap === undefined)).toEqual([last]);
    last.deallocate(last.allocate(100));
    heaps[3]!.intoMemory();
    expect(StableMemoryAllocator.load(last.intoMemory()).kernelHeap?.handle).toBe(3);
  });
});
