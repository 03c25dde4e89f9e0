/**
 * Random work on an allocator that checks itself: what a block holds is known at every moment.
 *
 *     45 %  alloc, 1 to 200 bytes          then its bytes are written, as a step of its own
 *     25 %  realloc to 1 to 200 bytes      then its bytes are written, every other time
 *     30 %  dealloc
 *
 * Each eighth alloc or dealloc is of three blocks at once. A quarter of what is written are bytes
 * out of the stack itself, so that user data looks like the allocator's own.
 *
 * Source: `specs/bstack.md` sections 4.2 and 4.4.
 */
import type { BStackAllocator } from '../../../src/lib/bstack-allocators/allocator.js';
import type { BStackBlock } from '../../../src/lib/bstack-allocators/block.js';
import { equalBytes } from '../../../src/lib/bytes.js';
import { StorageError } from '../../../src/lib/errors.js';
import { Chance } from './chance.js';

const LENGTH_MAX = 200;
const BULK_COUNT = 3;

/** A block as it must be: where it lies and what it holds. Never changed, only replaced. */
export interface Held {
  readonly start: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** The blocks that are alive by their numbers. */
export type LiveBlocks = ReadonlyMap<number, Held>;

export class AllocatorWorkload {
  readonly #chance: Chance;
  readonly #held = new Map<number, Held>();
  readonly #blocks = new Map<number, BStackBlock>();
  #nextId: number;

  /** Goes on with blocks that are alive. */
  constructor(
    readonly allocator: BStackAllocator,
    seed: number,
    live: LiveBlocks = new Map(),
  ) {
    this.#chance = new Chance(seed);
    for (const [id, held] of live) this.#hold(id, allocator.restore(held), held.bytes);
    this.#nextId = Math.max(-1, ...live.keys()) + 1;
  }

  /** A copy of what is alive now. */
  live(): LiveBlocks {
    return new Map(this.#held);
  }

  /** Does one operation; calls `stepDone` after each change of the stack. */
  operate(stepDone: () => void = () => {}): void {
    const kind = this.#chance.below(100);
    if (kind < 45 || this.#held.size === 0) this.#alloc(stepDone);
    else if (kind < 70) this.#realloc(stepDone);
    else this.#dealloc(stepDone);
  }

  /** Throws unless all blocks hold what they must and lie apart. */
  check(): void {
    assertApart([...this.#held.values()], this.allocator.length);
    for (const [id, { bytes }] of this.#held) assertHolds(`block ${id}`, this.#block(id), bytes);
  }

  #alloc(stepDone: () => void): void {
    const count = this.#chance.below(8) === 0 ? BULK_COUNT : 1;
    const lengths = Array.from({ length: count }, () => this.#someLength());
    const { allocator } = this;
    const blocks = count > 1 ? allocator.allocBulk(lengths) : [allocator.alloc(lengths[0]!)];
    const ids = blocks.map((block) => {
      const id = this.#nextId++;
      this.#hold(id, block, new Uint8Array(block.length));
      assertHolds(`the new block ${id}`, block, new Uint8Array(block.length));
      return id;
    });
    stepDone();
    for (const id of ids) this.#write(id, stepDone);
  }

  #realloc(stepDone: () => void): void {
    const id = this.#someId();
    const { bytes } = this.#held.get(id)!;
    const length = this.#someLength();
    const expected = new Uint8Array(length);
    expected.set(bytes.subarray(0, length));
    try {
      this.#hold(id, this.allocator.realloc(this.#block(id), length), expected);
    } catch (error) {
      if (error instanceof StorageError && error.code === 'UNSUPPORTED_OPERATION') return;
      throw error;
    }
    assertHolds(`block ${id}, resized`, this.#block(id), expected);
    stepDone();
    if (this.#chance.below(2) === 0) this.#write(id, stepDone);
  }

  #dealloc(stepDone: () => void): void {
    const count = this.#chance.below(8) === 0 ? BULK_COUNT : 1;
    const ids = new Set(Array.from({ length: count }, () => this.#someId()));
    const blocks = [...ids].map((id) => this.#block(id));
    for (const id of ids) assertHolds(`block ${id}`, this.#block(id), this.#held.get(id)!.bytes);
    if (blocks.length > 1) this.allocator.deallocBulk(blocks);
    else this.allocator.dealloc(blocks[0]!);
    for (const id of ids) this.#held.delete(id);
    stepDone();
  }

  #write(id: number, stepDone: () => void): void {
    const block = this.#block(id);
    const bytes = this.#someBytes(block.length);
    block.write(bytes);
    this.#hold(id, block, bytes);
    stepDone();
  }

  #hold(id: number, block: BStackBlock, bytes: Uint8Array): void {
    this.#held.set(id, { start: block.start, length: block.length, bytes });
    this.#blocks.set(id, block);
  }

  #block(id: number): BStackBlock {
    return this.#blocks.get(id)!;
  }

  #someId(): number {
    return this.#chance.pick([...this.#held.keys()]);
  }

  #someLength(): number {
    return 1 + this.#chance.below(LENGTH_MAX);
  }

  #someBytes(length: number): Uint8Array {
    const { stack } = this.allocator;
    if (this.#chance.below(4) === 0 && stack.length > length) {
      const start = this.#chance.below(stack.length - length);
      return stack.get(start, start + length);
    }
    const first = this.#chance.below(256);
    return Uint8Array.from({ length }, (_, index) => first + (index % 8) * 31);
  }
}

function assertHolds(what: string, block: BStackBlock, expected: Uint8Array): void {
  const found = block.read();
  if (equalBytes(found, expected)) return;
  throw new Error(`${what} at ${block.start} holds ${found.join()} in place of ${expected.join()}`);
}

function assertApart(held: readonly Held[], length: number): void {
  let end = 0;
  for (const each of held.filter((one) => one.length > 0).sort((a, b) => a.start - b.start)) {
    if (each.start < end) throw new Error(`the block at ${each.start} begins before ${end}`);
    end = each.start + each.length;
  }
  if (end > length) throw new Error(`a block ends at ${end}, beyond the stack's ${length}`);
}
