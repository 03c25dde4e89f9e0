/**
 * The iterators of a map: from either end, or from both until they meet.
 *
 *     const newest = map.keys({ reverse: true }); // one end
 *     const ends = map.entries();                 // both: ends.next(), ends.nextBack(), ...
 *
 * Source: `specs/ic-stable-structures.md` section 3.11; crate `btreemap/iter.rs`.
 */
import { Cursor, keyEdge, type KeyRange } from './cursor.js';
import type { Node } from './node.js';
import type { Tree } from './tree.js';

/** What an iterator makes of an entry where it lies. */
export type ReadEntry<T> = (node: Node, index: number) => T;

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
  /** The range that was asked for, and what of it the two ends have left. */
  readonly #asked: KeyRange;
  readonly #range: KeyRange;
  readonly #isReverse: boolean;
  readonly #revision: number;
  readonly #read: ReadEntry<T>;
  readonly #keepsNodes: boolean;
  readonly #front: Cursor;
  #back: Cursor | undefined;
  #hasEnded = false;

  /** Made by the map's own methods. `keepsNodes` where what `read` returns keeps the node. */
  constructor(
    tree: Tree,
    range: KeyRange,
    isReverse: boolean,
    read: ReadEntry<T>,
    keepsNodes: boolean,
  ) {
    this.#tree = tree;
    this.#asked = range;
    this.#range = { ...range };
    this.#isReverse = isReverse;
    this.#revision = tree.lease.revision;
    this.#read = read;
    this.#keepsNodes = keepsNodes;
    this.#front = this.#cursor(isReverse);
  }

  /** The next element from the end at which the range begins. */
  next(): IteratorResult<T, undefined> {
    return this.#take(this.#front);
  }

  /** The next element from the other end. What one end has given the other will not give. */
  nextBack(): IteratorResult<T, undefined> {
    this.#back ??= this.#cursorFromTheOtherEnd();
    return this.#take(this.#back);
  }

  /** Ends the iteration, as leaving a `for` loop does. */
  return(): IteratorResult<T, undefined> {
    this.#hasEnded = true;
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }

  #take(cursor: Cursor): IteratorResult<T, undefined> {
    if (this.#hasEnded || !cursor.advance()) return this.return();
    if (this.#back !== undefined) this.#narrow(cursor);
    return { done: false, value: this.#read(cursor.node, cursor.index) };
  }

  /** From now on the entry that `cursor` stands on bounds the other one. */
  #narrow(cursor: Cursor): void {
    const edge = keyEdge(this.#tree.order, cursor.node.keyAt(cursor.index), false);
    const { lower, upper } = this.#asked;
    if ((cursor === this.#front) === this.#isReverse) this.#range.upper = [...upper, edge];
    else this.#range.lower = [...lower, edge];
  }

  #cursor(isReverse: boolean): Cursor {
    return new Cursor(this.#tree, this.#range, isReverse, this.#revision, this.#keepsNodes);
  }

  /** The front may have given entries already: they bound the range of both. */
  #cursorFromTheOtherEnd(): Cursor {
    if (this.#front.hasEntry) this.#narrow(this.#front);
    return this.#cursor(!this.#isReverse);
  }
}
