/**
 * The heap against a list of the blocks that are in use: each is filled with bytes of its own, so
 * that blocks which overlap give themselves away.
 *
 * Source: house style rule 24; `specs/ic-stable-memory.md` section 6.2.
 */
import { beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { OutOfMemoryError } from '../../src/lib/allocator/out-of-memory.js';
import type { SSlice } from '../../src/lib/allocator/s-slice.js';
import { equalBytes } from '../../src/lib/bytes.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../support/kernel-host.js';
import { upgradedMemory } from '../support/kernel-memory.js';
import { codeOf, restarted } from '../support/memories.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';

const WEIGHTS = { allocate: 40, free: 25, resize: 25, ensure: 3, freeTwice: 3, upgrade: 3 };

type Kind = keyof typeof WEIGHTS;

interface HeapOperation extends Operation<Kind> {
  readonly size: number;
  readonly pick: number;
}

interface Live {
  slice: SSlice;
  /** The byte that the block is filled with. */
  readonly mark: number;
  /** How many of its bytes are. */
  filled: number;
}

class Run implements ModelRun<HeapOperation> {
  readonly #openMemory: () => Memory;
  #heap: StableMemoryAllocator;
  readonly #live: Live[] = [];
  #marks = 0;

  /** `openMemory` opens the same bytes at first, and again at each upgrade. */
  constructor(openMemory: () => Memory, maxPages: number) {
    this.#openMemory = openMemory;
    this.#heap = StableMemoryAllocator.create(openMemory(), { maxPages });
  }

  apply({ kind, size, pick }: HeapOperation): void {
    if (kind === 'upgrade') this.#heap = StableMemoryAllocator.load(this.#openMemory());
    else if (kind === 'allocate') this.#allocate(size);
    else if (kind === 'ensure') this.#ensure(size);
    else if (this.#live.length === 0) return;
    else if (kind === 'free') this.#free(pick % this.#live.length);
    else if (kind === 'freeTwice') this.#freeTwice(pick % this.#live.length);
    else this.#resize(this.#live[pick % this.#live.length]!, size);
  }

  compare(): void {
    expect(this.#heap.checkInvariants()).toBeUndefined();
    expect(this.#heap.allocatedSize).toBe(
      this.#live.reduce((sum, { slice }) => sum + slice.totalSize, 0),
    );
    for (const each of this.#live) this.#check(each);
  }

  finish(): void {
    while (this.#live.length > 0) this.#free(0);
    expect(this.#heap.allocatedSize).toBe(0);
    expect(this.#heap.checkInvariants()).toBeUndefined();
  }

  #allocate(size: number): void {
    const slice = this.#unlessFull(() => this.#heap.allocate(size));
    if (slice === undefined) return;
    expect(slice.size).toBeGreaterThanOrEqual(size);
    this.#marks = (this.#marks + 1) % 255;
    const live = { slice, mark: this.#marks + 1, filled: 0 };
    this.#fill(live);
    this.#live.push(live);
  }

  #ensure(size: number): void {
    const canAllocate = this.#heap.makeSureCanAllocate(size);
    const slice = this.#unlessFull(() => this.#heap.allocate(size));
    expect(slice !== undefined).toBe(canAllocate);
    if (slice !== undefined) this.#heap.deallocate(slice);
  }

  #free(index: number): void {
    const [live] = this.#live.splice(index, 1);
    this.#heap.deallocate(live!.slice);
  }

  #freeTwice(index: number): void {
    const { slice } = this.#live[index]!;
    this.#free(index);
    expect(codeOf(() => this.#heap.deallocate(slice))).toBe('NOT_ALLOCATED');
  }

  #resize(live: Live, size: number): void {
    const resized = this.#unlessFull(() => this.#heap.reallocate(live.slice, size));
    if (resized === undefined) return;
    expect(resized.size).toBeGreaterThanOrEqual(size);
    live.slice = resized;
    live.filled = Math.min(live.filled, resized.size);
    this.#check(live);
    this.#fill(live);
  }

  /** Under starvation an operation may be refused; then nothing has changed. */
  #unlessFull<R>(operation: () => R): R | undefined {
    const { availableSize, freeSize } = this.#heap;
    try {
      return operation();
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      expect([this.#heap.availableSize, this.#heap.freeSize]).toEqual([availableSize, freeSize]);
      return undefined;
    }
  }

  #fill(live: Live): void {
    const { slice, mark } = live;
    this.#heap.writeBytes(slice.offset(0, slice.size), new Uint8Array(slice.size).fill(mark));
    live.filled = slice.size;
  }

  #check({ slice, mark, filled }: Live): void {
    const content = new Uint8Array(filled);
    this.#heap.readBytes(slice.offset(0, filled), content);
    expect(equalBytes(content, new Uint8Array(filled).fill(mark))).toBe(true);
  }
}

/** Mostly small, some of several pages, and the sizes at which a page is just full. */
const someSize = fc.oneof(
  { weight: 20, arbitrary: fc.nat(400) },
  { weight: 2, arbitrary: fc.nat(9_000) },
  { weight: 1, arbitrary: fc.nat(131_069) },
  { weight: 1, arbitrary: fc.integer({ min: 65_500, max: 65_540 }) },
);

const inNode = (): (() => Memory) => {
  const bytes = new VectorMemory();
  return () => restarted(bytes);
};

const inVirtualMemory = (): (() => Memory) => {
  const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
  manager.get(1).grow(1);
  return () => restarted(manager.get(0));
};

const inCanister = (): (() => Memory) => {
  const bytes = new VectorMemory();
  return () => upgradedMemory(bytes);
};

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

test.each([
  ['without a limit', () => new Run(inNode(), 0), 1],
  ['in a virtual memory', () => new Run(inVirtualMemory(), 0), 1],
  ['of few pages', () => new Run(inNode(), 3), 1],
  ['of one page', () => new Run(inNode(), 1), 1],
  ['of a canister', () => new Run(inCanister(), 0), 1 / 4],
  ['of a canister, of few pages', () => new Run(inCanister(), 3), 1 / 4],
])('a heap %s is its model after every operation', (_, start, share) => {
  checkModel<Kind, HeapOperation>(
    WEIGHTS,
    (kind) => fc.record({ kind, size: someSize, pick: fc.nat(1_000_000) }),
    start,
    share,
  );
});
