/**
 * The allocator of the kernel against that of TypeScript: the same operations, and after each the
 * same bytes in memory, the same answers and the same errors.
 */
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../../src/lib/allocator.js';
import type { SSlice } from '../../../src/lib/allocator/s-slice.js';
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
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { imageOf } from '../../support/memories.js';
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
      { numRuns: 20 },
    );
  });
});

describe('the kernel', () => {
  const openHeap = (maxPages = 0): StableMemoryAllocator =>
    StableMemoryAllocator.create(kernelMemory().memory, { maxPages });

  test('does all by itself where the heap need not grow', () => {
    const heap = openHeap();
    heap.makeSureCanAllocate(10_000);
    const fallBacks = countFallBacks();
    const slices = [100, 20, 3_000, 8].map((size) => heap.allocate(size));
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
});
