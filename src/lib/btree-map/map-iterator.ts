/**
 * The iterators of a map: from either end, or from both until they meet.
 *
 *     const newest = map.keys({ reverse: true }); // one end
 *     const ends = map.entries();                 // both: ends.next(), ends.nextBack(), ...
 *
 * From one end, where the kernel can, entries come in batches; else, and from both ends, a cursor
 * goes from one to the next. Either way an element is decoded when it is its turn.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11; crate `btreemap/iter.rs`.
 */
import type { ReadElement } from './batch-columns.js';
import { Cursor, keyEdge, type KeyRange } from './cursor.js';
import type { Node } from './node.js';
import type { Tree } from './tree.js';

/** What an iterator makes of an entry where it lies. */
export type ReadEntry<T> = (node: Node, index: number) => T;

/** A walk by batches, see `batch-walk.ts`. */
export interface Batches<T> {
  /** The batch at hand, of which `index` is the entry to give next. */
  readonly batch: { index: number; readonly count: number };
  readonly read: ReadElement<T>;
  readonly hasEnded: boolean;
  readonly givenCount: number;
  readonly lastKey: Uint8Array | undefined;
  load(): boolean;
  end(): void;
}

/** What to walk, and what to make of it. */
export interface Walk<T> {
  /** Asked for once a cursor is needed. */
  range(): KeyRange;
  readonly isReverse: boolean;
  readonly read: ReadEntry<T>;
  /** Whether what `read` returns keeps the node. */
  readonly keepsNodes: boolean;
  /** The same by batches, where the kernel can. */
  readonly batches: Batches<T> | undefined;
}

/**
 * Walks a range lazily. Each step throws `CHANGED_WHILE_ITERATING` where the map has changed since
 * the iterator was made. O(log n) to start, amortised O(1) a step.
 *
 * @example
 * const ends = map.keys();
 * ends.next().value; // the smallest key
 * ends.nextBack().value; // the largest
 */
export class MapIterator<T> implements IterableIterator<T, undefined> {
  readonly #tree: Tree;
  readonly #walk: Walk<T>;
  readonly #read: ReadEntry<T>;
  readonly #step: number;
  /** The range, and what of it the two ends have left; made once a cursor is needed. */
  #asked: KeyRange | undefined;
  #left: KeyRange | undefined;
  readonly #revision: number;
  #batches: Batches<T> | undefined;
  #front: Cursor | undefined;
  #back: Cursor | undefined;
  #hasEnded = false;
  /** The run of the front: it has given the entry at `index`, and may give those up to `last`. */
  #node: Node | undefined;
  #index = 0;
  #last = 0;

  /** Made by the map's own methods. */
  constructor(tree: Tree, walk: Walk<T>) {
    tree.tenure.assertUsable();
    this.#tree = tree;
    this.#walk = walk;
    this.#read = walk.read;
    this.#step = walk.isReverse ? -1 : 1;
    this.#revision = tree.tenure.revision;
    this.#batches = walk.batches;
  }

  /** The next element from the end at which the range begins. */
  next(): IteratorResult<T, undefined> {
    if (this.#index !== this.#last && this.#tree.tenure.revision === this.#revision) {
      this.#index += this.#step;
      return { done: false, value: this.#read(this.#node!, this.#index) };
    }
    const batches = this.#readyBatches();
    if (batches !== undefined) return { done: false, value: batches.read(batches.batch.index++) };
    return this.#takeFront();
  }

  /** The next element from the other end. What one end has given the other will not give. */
  nextBack(): IteratorResult<T, undefined> {
    if (this.#hasEnded) return this.return();
    const cursor = (this.#back ??= this.#cursorFromTheOtherEnd());
    if (!cursor.advance()) return this.return();
    const { node, index } = cursor;
    this.#narrow(node.keyAt(index), false);
    return { done: false, value: this.#read(node, index) };
  }

  /** Ends the iteration, as leaving a `for` loop does. */
  return(): IteratorResult<T, undefined> {
    this.#hasEnded = true;
    this.#leaveRun();
    this.#batches?.end();
    this.#batches = undefined;
    return { done: true, value: undefined };
  }

  /** The elements that are left. */
  [Symbol.iterator](): IterableIterator<T, undefined> {
    return this.#batches === undefined ? this : this.#batchByBatch(this.#batches);
  }

  /**
   * A generator, since the interpreters of canisters, where batches come from, go from one `yield`
   * to the next without the object that {@link next} has to make for each.
   */
  *#batchByBatch(walk: Batches<T>): Generator<T, undefined> {
    const { tenure } = this.#tree;
    const revision = this.#revision;
    try {
      while (this.#readyBatches() !== undefined) {
        const { batch, read } = walk;
        while (batch.index < batch.count && walk === this.#batches) {
          if (tenure.revision !== revision) tenure.assertUnchanged(revision);
          yield read(batch.index++);
        }
      }
      for (let step = this.next(); step.done !== true; step = this.next()) yield step.value;
    } finally {
      this.return();
    }
  }

  /** The batches, with an entry to give; `undefined` where a cursor walks, or none is left. */
  #readyBatches(): Batches<T> | undefined {
    const batches = this.#batches;
    if (batches === undefined) return undefined;
    this.#tree.tenure.assertUnchanged(this.#revision);
    if (batches.batch.index < batches.batch.count || batches.load()) return batches;
    if (batches.hasEnded) this.return();
    else this.#replaceBatches(batches);
    return undefined;
  }

  /**
   * From here on a cursor walks. It begins where the batches have begun, since in a damaged tree a
   * search for the last key could lead elsewhere than their steps did.
   */
  #replaceBatches(batches: Batches<T>): void {
    this.#front = this.#cursor(this.#walk.isReverse);
    for (let count = batches.givenCount; count > 0; count--) this.#front.advance();
    batches.end();
    this.#batches = undefined;
  }

  #takeFront(): IteratorResult<T, undefined> {
    if (this.#hasEnded) return this.return();
    const cursor = (this.#front ??= this.#cursor(this.#walk.isReverse));
    if (!cursor.advance()) return this.return();
    const { node, index } = cursor;
    if (this.#back === undefined) this.#enterRun(cursor);
    else this.#narrow(node.keyAt(index), true);
    return { done: false, value: this.#read(node, index) };
  }

  /** As long as one end walks alone, nobody narrows the range: what lies in a leaf is one run. */
  #enterRun(cursor: Cursor): void {
    this.#node = cursor.node;
    this.#index = cursor.index;
    this.#last = cursor.advanceToEndOfRun();
  }

  #leaveRun(): void {
    this.#last = this.#index;
  }

  /** From now on a key that one end has given bounds the other; and a new cursor at either. */
  #narrow(key: Uint8Array, isFront: boolean): void {
    const edge = keyEdge(this.#tree.order, key, false);
    const left = this.#rangeLeft();
    const { lower, upper } = this.#asked!;
    if (isFront === this.#walk.isReverse) left.upper = [...upper, edge];
    else left.lower = [...lower, edge];
  }

  #rangeLeft(): KeyRange {
    this.#asked ??= this.#walk.range();
    return (this.#left ??= { ...this.#asked });
  }

  /** The front may have given entries already: they bound the range of both. */
  #cursorFromTheOtherEnd(): Cursor {
    const lastKey = this.#batches?.lastKey;
    if (lastKey !== undefined) this.#narrow(lastKey, true);
    this.#batches?.end();
    this.#batches = undefined;
    if (this.#node !== undefined) this.#narrow(this.#node.keyAt(this.#index), true);
    this.#leaveRun();
    this.#front = undefined;
    return this.#cursor(!this.#walk.isReverse);
  }

  #cursor(isReverse: boolean): Cursor {
    const { keepsNodes } = this.#walk;
    return new Cursor(this.#tree, this.#rangeLeft(), isReverse, this.#revision, keepsNodes);
  }
}
