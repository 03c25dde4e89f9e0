/**
 * Random operations on an allocator beside a map of what its blocks hold, for the model tests.
 *
 * Source: `specs/bstack.md` sections 4.2 and 6.6; house style rule 24.
 */
import { expect } from '@jest/globals';
import * as fc from 'fast-check';
import { BStack } from '../../src/lib/bstack.js';
import type { BStackAllocator } from '../../src/lib/bstack-allocators/allocator.js';
import type { BStackBlock } from '../../src/lib/bstack-allocators/block.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { expectBytes, patternOf, type AllocatorSubject } from './bstack-allocator-conformance.js';
import { checkModel, type ModelRun } from './model.js';

const WEIGHTS = {
  alloc: 6,
  dealloc: 4,
  realloc: 4,
  write: 2,
  allocBulk: 1,
  deallocBulk: 1,
  reopen: 1,
};
const LIVE_MAX = 40;

type Kind = keyof typeof WEIGHTS;

interface AllocatorOperation {
  readonly kind: Kind;
  readonly which: number;
  readonly lengths: readonly number[];
}

/** Checks random runs; an allocator that resizes only its last block is asked for no other. */
export function checkAllocatorModel(subject: AllocatorSubject, share = 1): void {
  const length = fc.oneof(
    { weight: 6, arbitrary: fc.nat({ max: 100 }) },
    { weight: 1, arbitrary: fc.nat({ max: 2_000 }) },
  );
  checkModel<Kind, AllocatorOperation>(
    WEIGHTS,
    (kind) =>
      fc.record({
        kind,
        which: fc.nat(),
        lengths: fc.array(length, { minLength: 1, maxLength: 5 }),
      }),
    () => new AllocatorRun(subject),
    share,
  );
}

class AllocatorRun implements ModelRun<AllocatorOperation> {
  #allocator: BStackAllocator;
  #blocks: BStackBlock[] = [];
  readonly #expected = new Map<BStackBlock, Uint8Array>();
  #count = 0;

  constructor(readonly subject: AllocatorSubject) {
    this.#allocator = subject.open(BStack.open(new HeapStorage()));
  }

  apply({ kind, which, lengths }: AllocatorOperation): void {
    const isFull = this.#blocks.length >= LIVE_MAX;
    if (kind === 'reopen') this.#reopen();
    else if (kind === 'alloc' && !isFull) this.#add([this.#allocator.alloc(lengths[0]!)]);
    else if (kind === 'allocBulk' && !isFull) this.#add(this.#allocator.allocBulk(lengths));
    else if (this.#blocks.length > 0) this.#change(kind, which % this.#blocks.length, lengths);
  }

  compare(): void {
    for (const block of this.#blocks) {
      expect(block.isLive).toBe(true);
      expectBytes(block.read(), this.#expected.get(block)!);
    }
    expect(this.#allocator.checkInvariants()).toBeUndefined();
    this.subject.checkWhole?.(this.#allocator, this.#blocks);
  }

  finish(): void {
    this.#allocator.deallocBulk(this.#blocks);
    this.#blocks = [];
    expect(this.#allocator.checkInvariants()).toBeUndefined();
  }

  #change(kind: Kind, index: number, lengths: readonly number[]): void {
    const block = this.#blocks[index]!;
    if (kind === 'write') this.#fill(block);
    else if (kind === 'realloc') this.#realloc(index, lengths[0]!);
    else if (kind === 'deallocBulk')
      this.#allocator.deallocBulk(this.#remove(index, lengths.length));
    else this.#allocator.dealloc(this.#remove(index, 1)[0]!);
  }

  #add(blocks: readonly BStackBlock[]): void {
    for (const block of blocks) {
      expectBytes(block.read(), new Uint8Array(block.length));
      this.#blocks.push(block);
      this.#fill(block);
    }
  }

  #fill(block: BStackBlock): void {
    const bytes = patternOf(block.length, this.#count++);
    block.write(bytes);
    this.#expected.set(block, bytes);
  }

  #realloc(index: number, length: number): void {
    const old = this.#blocks[index]!;
    if (this.subject.resizesOnlyTail && old.end !== this.#allocator.length) return;
    const expected = new Uint8Array(length);
    expected.set(this.#expected.get(old)!.subarray(0, length));
    const block = this.#allocator.realloc(old, length);
    this.#blocks[index] = block;
    this.#expected.set(block, expected);
    expectBytes(block.read(), expected);
  }

  #remove(index: number, count: number): BStackBlock[] {
    return this.#blocks.splice(index, count);
  }

  #reopen(): void {
    const saved = this.#blocks.map((block) => block.toBytes());
    const expected = this.#blocks.map((block) => this.#expected.get(block)!);
    const storage = this.#allocator.intoStack().intoStorage();
    this.#allocator = this.subject.open(BStack.open(storage));
    this.#blocks = saved.map((bytes) => this.#allocator.restore(bytes));
    this.#expected.clear();
    this.#blocks.forEach((block, index) => this.#expected.set(block, expected[index]!));
  }
}
