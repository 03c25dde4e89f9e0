/**
 * Heaps that run out of memory exactly when a test says so: at the first allocation of an operation,
 * at its second, and so on until it has all that it asks for.
 *
 * Source: house style rule 12; the "out of memory at every step of every operation".
 */
import { expect } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { OutOfMemoryError } from '../../src/lib/allocator/out-of-memory.js';
import { writeU64 } from '../../src/lib/bytes.js';
import type { StableStructure } from '../../src/lib/ownership/stable-structure.js';
import type { StableType } from '../../src/lib/ownership/stable-type.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { expectSame } from './vec-model.js';
import { HASH_KEY } from './hash-key.js';

/** Counts allocations down, and refuses those that come when the count is used up. */
export class Countdown {
  #left = Infinity;
  #isOnce = false;
  /** How many allocations were refused. */
  refused = 0;

  /** From now on `heap` asks this countdown before it allocates. */
  constructor(heap: StableMemoryAllocator) {
    const { allocate, reallocate, makeSureCanAllocate } = heap;
    heap.allocate = (size) => {
      if (this.#refuses()) throw new OutOfMemoryError(size, heap.freeSize);
      return allocate.call(heap, size);
    };
    heap.reallocate = (slice, size) => {
      if (size > slice.size && this.#refuses()) throw new OutOfMemoryError(size, heap.freeSize);
      return reallocate.call(heap, slice, size);
    };
    heap.makeSureCanAllocate = (size) => !this.#refuses() && makeSureCanAllocate.call(heap, size);
  }

  /** The next `count` allocations find room, all later ones do not. */
  refuseAfter(count: number): void {
    this.#left = count;
    this.#isOnce = false;
    this.refused = 0;
  }

  /** The next `count` allocations find room, then one does not, then all do. */
  refuseOnceAfter(count: number): void {
    this.refuseAfter(count);
    this.#isOnce = true;
  }

  /** From now on there is room for everything. */
  relent(): void {
    this.#left = Infinity;
    this.#isOnce = false;
  }

  #refuses(): boolean {
    if (this.#left-- > 0) return false;
    if (this.#isOnce) this.relent();
    this.refused += 1;
    return true;
  }
}

/** An operation of a structure, for {@link checkEveryAllocation}. */
export interface Trial<P, H, A> {
  readonly type: StableType<P, H>;
  /** What the structure holds before the operation. */
  readonly initial: P;
  /** Brings the heap to where the operation needs memory; what it answers goes to `act`. */
  prepare?(root: H, heap: StableMemoryAllocator): A;
  /** The operation. It is done again after each refusal, on the same structure. */
  act(root: H, heap: StableMemoryAllocator, prepared: A): unknown;
  /** What the error must carry. */
  readonly rejected?: unknown;
}

/**
 * Does an operation on a new structure with one allocation refused, from the first one on to the
 * last; then again with room. A refused operation must have changed nothing and leaked nothing, and
 * must work when it is tried again. Returns how many refusals there were; some steps do with less
 * where there is no room, so an operation may well succeed in spite of a refusal.
 */
export function checkEveryAllocation<P, H extends StableStructure, A = undefined>(
  trial: Trial<P, H, A>,
): number {
  let refusals = 0;
  for (const mode of ['refuseAfter', 'refuseOnceAfter'] as const) {
    for (let count = 0; ; count++) {
      const { error, wasAsked } = tryOnce(trial, (countdown) => countdown[mode](count));
      if (error !== undefined) refusals += 1;
      if (!wasAsked) break;
    }
  }
  return refusals;
}

function tryOnce<P, H extends StableStructure, A>(
  { type, initial, prepare, act, rejected }: Trial<P, H, A>,
  arm: (countdown: Countdown) => void,
): { error: OutOfMemoryError | undefined; wasAsked: boolean } {
  const heap = StableMemoryAllocator.init(new VectorMemory(), { hashKey: HASH_KEY });
  const root = heap.root('root', type, initial);
  const prepared = prepare?.(root, heap) as A;
  const before = plainOf(root, type);
  const countdown = new Countdown(heap);
  arm(countdown);
  const error = outOfMemoryOf(() => act(root, heap, prepared));
  const wasAsked = countdown.refused > 0;
  countdown.relent();
  expectSound(heap, root);
  if (error !== undefined) {
    expectSame(plainOf(root, type), before);
    if (rejected !== undefined) expectSame(error.rejected, rejected);
    act(root, heap, prepared);
    expectSound(heap, root);
  }
  const after = plainOf(root, type);
  expectSame(after, plainOf(heap.openRoot('root', type)!, type));
  for (const handle of heap.owned) handle.destroy();
  heap.removeRoot('root', type);
  expect(heap.allocatedSize).toBe(0);
  return { error, wasAsked };
}

/** The plain value of a structure, whatever its kind. */
export function plainOf<P, H extends StableStructure>(handle: H, type: StableType<P, H>): P {
  const slot = new Uint8Array(type.size);
  writeU64(slot, 0, handle.ptr);
  return type.load(handle.allocator, slot, 0);
}

/** The heap and the structure keep all their rules, and nothing has leaked. */
export function expectSound(heap: StableMemoryAllocator, root?: StableStructure): void {
  expect(root?.checkInvariants()).toBeUndefined();
  expect(heap.checkInvariants()).toBeUndefined();
  const { leaked, reachableSize, allocatedSize } = heap.verify();
  expect(leaked).toEqual([]);
  expect(reachableSize).toBe(allocatedSize);
  expect(heap.allocatedSize).toBe(allocatedSize);
}

/** The error of an action that finds no room; `undefined` where it does. */
export function outOfMemoryOf(action: () => unknown): OutOfMemoryError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof OutOfMemoryError) return error;
    throw error;
  }
}
