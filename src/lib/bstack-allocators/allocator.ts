/**
 * What every allocator on a `BStack` promises, and the part of it that is the same for all: blocks
 * and whether they are alive, refusals, closing, bulk calls.
 *
 *     alloc      n bytes, all zero, durable when the call returns; n may be 0
 *     realloc    the same bytes up to the shorter length, zeros behind them; may move
 *     dealloc    takes a block back
 *
 * An allocator is written as a subclass that does the work on plain ranges: `allocate`,
 * `reallocate`, `release`, `assertPlausible`, and better bulk calls where it has them. Each says
 * in a table what its operations ask of the stack and what a crash between two calls leaves.
 *
 * INVARIANT: a call that throws has changed nothing that anybody can see, and its block is alive as
 * before; or, where calls of the stack had been made and could not be taken back, the allocator
 * refuses everything with `PREVIOUS_FAILURE` until it is opened again, which repairs it. A stack
 * that failed half-way refuses likewise.
 *
 * Limits: blocks are checked to be alive and of this very allocator, made-up ranges are only
 * checked as far as the bytes tell. Who writes to the stack behind the allocator's back can break
 * it. Two allocators on one stack do.
 *
 * Source: `specs/bstack.md` sections 2.1 to 2.6 and 6.1.
 */
import type { BStack } from '../bstack.js';
import { BStackRange } from '../bstack/range.js';
import { StorageError } from '../errors.js';
import { assertSize, kind } from '../guards.js';
import { blockConsumed, BStackBlock, notAllocated, type BlockGiver } from './block.js';

/** Where bytes of an earlier session lie, such as a `BStackRange` or a block of it. */
export interface SavedRange {
  readonly start: number;
  readonly length: number;
}

/**
 * The contract of all allocators on a `BStack`, and the base of ours.
 *
 * Every method throws `HANDLE_CLOSED` after {@link BStackAllocator.intoStack}, `PREVIOUS_FAILURE`
 * after an operation that failed half-way, and passes on what the stack throws: `GROW_FAILED` where
 * there is no room, `IO_FAILED`.
 */
export abstract class BStackAllocator implements BlockGiver {
  readonly #stack: BStack | undefined;
  #state: 'usable' | 'failed' | 'closed' = 'usable';
  #alive = new WeakSet<BStackBlock>();
  /** Blocks that were given since opening, so that a dead one is told from a foreign one. */
  readonly #given = new WeakSet<BStackBlock>();

  /** `stack` is missing only where the allocator has none, and then throws in its `stack`. */
  protected constructor(stack: BStack | undefined) {
    this.#stack = stack;
  }

  /** The stack that the blocks lie on. Writing to it directly can break the allocator. O(1). */
  get stack(): BStack {
    this.assertUsable();
    return this.#stack!;
  }

  /** Bytes of the whole payload: the allocator's header, blocks, and what is free. O(1). */
  get length(): number {
    return this.stack.length;
  }

  /** Whether the payload has no bytes at all, not even a header. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** A block of `length` bytes, all of them zero. */
  alloc(length: number): BStackBlock {
    this.assertUsable();
    assertSize('length', length);
    return this.#give(this.allocate(length), length);
  }

  /**
   * The block with another length: its bytes up to the shorter length, zeros behind them. `block`
   * is consumed, also where nothing has moved.
   *
   * Throws `VALUE_CONSUMED` for a dead block, `NOT_ALLOCATED` for one of another allocator, or that
   * was freed through a second handle; `UNSUPPORTED_OPERATION` where the allocator cannot. `block`
   * then stays alive.
   */
  realloc(block: BStackBlock, length: number): BStackBlock {
    this.#assertMine(block);
    assertSize('length', length);
    const start = this.reallocate(block.range, length);
    this.#alive.delete(block);
    return this.#give(start, length);
  }

  /** Takes a block back and consumes it. Throws as {@link BStackAllocator.realloc} does. */
  dealloc(block: BStackBlock): void {
    this.#assertMine(block);
    this.release(block.range);
    this.#alive.delete(block);
  }

  /** Blocks of these lengths, in their order. Where it throws, there is none of them. */
  allocBulk(lengths: readonly number[]): BStackBlock[] {
    this.assertUsable();
    assertArray('lengths', lengths).forEach((each, index) => assertSize(`lengths[${index}]`, each));
    assertSize('the sum of lengths', sumOf(lengths));
    const starts = lengths.length === 0 ? [] : this.allocateAll(lengths);
    return starts.map((start, index) => this.#give(start, lengths[index]!));
  }

  /** Takes blocks back, in any order. Where it throws, all of them are alive as before. */
  deallocBulk(blocks: readonly BStackBlock[]): void {
    this.assertUsable();
    assertArray('blocks', blocks).forEach((block) => this.#assertMine(block));
    if (new Set(blocks).size < blocks.length) {
      const twice = blocks.find((each, index) => blocks.indexOf(each) < index)!;
      throw notAllocated(twice.range, 'it is given twice');
    }
    if (blocks.length > 0) this.releaseAll(blocks.map(({ range }) => range));
    for (const block of blocks) this.#alive.delete(block);
  }

  /**
   * A handle for a block of an earlier session: 16 bytes of `toBytes`, or start and length. They
   * must be exactly what `alloc` or `realloc` gave last. Two handles of one block are two chances
   * to free it twice; keep one.
   *
   * Throws `NOT_ALLOCATED` where the bytes of the stack show that there is no such block.
   */
  restore(saved: Uint8Array | SavedRange): BStackBlock {
    this.assertUsable();
    const range = rangeOf(saved);
    this.assertPlausible(range);
    return this.#give(range.start, range.length);
  }

  /** Gives the stack back and closes the allocator: all its blocks are dead. O(1). */
  intoStack(): BStack {
    if (this.#state === 'closed') this.assertUsable();
    const stack = this.#stack ?? this.stack;
    this.#state = 'closed';
    this.#alive = new WeakSet();
    return stack;
  }

  /** Whether a block came from here and was not consumed since. For blocks. O(1). */
  isAlive(block: BStackBlock): boolean {
    return this.#alive.has(block);
  }

  /** The first rule of the allocator's layout that is broken, or `undefined`. For tests. */
  abstract checkInvariants(): string | undefined;

  /** Finds room for `length` zero bytes; gives where they start. */
  protected abstract allocate(length: number): number;

  /** Moves or resizes a block; gives where it starts now. */
  protected abstract reallocate(range: BStackRange, length: number): number;

  /** Takes a block back. */
  protected abstract release(range: BStackRange): void;

  /** Throws `NOT_ALLOCATED` where a range is seen not to be a block of this allocator. */
  protected abstract assertPlausible(range: BStackRange): void;

  /** As {@link allocate} for each of at least one length, or for none. One by one unless told. */
  protected allocateAll(lengths: readonly number[]): number[] {
    const done: BStackRange[] = [];
    try {
      for (const length of lengths) done.push(new BStackRange(this.allocate(length), length));
    } catch (error) {
      if (done.length > 0) this.change(() => done.reverse().forEach((each) => this.release(each)));
      throw error;
    }
    return done.map(({ start }) => start);
  }

  /** As {@link release} for each of at least one range, or for none. One by one unless told. */
  protected releaseAll(ranges: readonly BStackRange[]): void {
    const [first, ...others] = ranges;
    this.release(first!);
    this.change(() => others.forEach((each) => this.release(each)));
  }

  /**
   * Runs calls of the stack that belong together and of which a part is no whole. Where they throw,
   * the allocator refuses everything from then on: opening it again repairs it.
   */
  protected change<R>(calls: () => R): R {
    this.assertUsable();
    try {
      return calls();
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }

  /**
   * Lengthens the stack by `count` zeros and goes on with `use`, which gets the offset of the
   * first. Where that throws, the stack is cut again; where that fails as well, what it was
   * lengthened by is lost until the allocator is opened, or for good where that repairs nothing.
   */
  protected growFor<R>(count: number, use: (start: number) => R): R {
    const start = this.stack.extend(count);
    try {
      return use(start);
    } catch (error) {
      this.#cutTo(start);
      throw error;
    }
  }

  /** Throws unless the allocator is open and its last operation did not fail half-way. */
  protected assertUsable(): void {
    if (this.#state === 'usable') return;
    const allocator = this.constructor.name;
    if (this.#state === 'closed') {
      throw new StorageError(
        'HANDLE_CLOSED',
        `this ${allocator} has given its stack back. Open another one on the stack.`,
        { allocator },
      );
    }
    throw new StorageError(
      'PREVIOUS_FAILURE',
      `an earlier operation of this ${allocator} failed half-way. ` +
        'Close the stack, and open both again.',
      { allocator },
    );
  }

  #give(start: number, length: number): BStackBlock {
    const block = new BStackBlock(this, new BStackRange(start, length));
    this.#alive.add(block);
    this.#given.add(block);
    return block;
  }

  #assertMine(block: BStackBlock): void {
    this.assertUsable();
    if (this.#alive.has(block)) return;
    if (!(block instanceof BStackBlock)) {
      throw new TypeError(`block: expected a BStackBlock, got ${kind(block)}`);
    }
    if (this.#given.has(block)) throw blockConsumed(block.range);
    throw notAllocated(
      block.range,
      'it came from another allocator, or from before this one was opened',
    );
  }

  /** Cuts off what a failed operation has added. It already has an error to tell of. */
  #cutTo(length: number): void {
    try {
      this.stack.discard(this.stack.length - length);
    } catch {
      // The stack refuses from now on, or the zeros stay: `growFor` says what becomes of them.
    }
  }
}

function assertArray<T>(label: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`${label}: expected an array, got ${kind(value)}`);
}

function rangeOf(saved: Uint8Array | SavedRange): BStackRange {
  if (saved instanceof Uint8Array) return BStackRange.fromBytes(saved);
  if (typeof saved === 'object' && saved !== null)
    return new BStackRange(saved.start, saved.length);
  throw new TypeError(`saved: expected bytes, or start and length, got ${kind(saved)}`);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
