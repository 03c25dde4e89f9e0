/**
 * A walk over the entries of a tree, in the order of their keys' bytes or against it. It keeps what
 * is still to be visited on a stack: the entries and forks that lie ahead, the next one on top.
 *
 * Source: `radix-tree.ts`.
 */
import { compareBytes } from '../bytes.js';
import type { EncodedEdge, EncodedRange } from '../codec.js';
import { corrupted } from '../errors.js';
import {
  blockOf,
  Fork,
  isEntry,
  NOTHING,
  readEntry,
  type Entry,
  type Reference,
} from './entry-block.js';
import { bitOf, LEFT, otherSide, RIGHT, type Side } from './key-bits.js';
import { RadixTree, type Place } from './radix-tree.js';

/** A place that is to be visited, and the position of the fork above it. */
interface Ahead {
  readonly reference: Reference;
  readonly above: number;
}

/** Where a walk begins and ends, in the order of keys; an end that is absent is open. */
export type WalkRange = Partial<EncodedRange>;

/** The way of a walk through one tree. PRECONDITION: the tree is not changed while it is used. */
export class EntryWalk {
  readonly #ahead: Ahead[] = [];
  readonly #first: Side;
  readonly #end: EncodedEdge | undefined;
  #count = 0;

  constructor(
    private readonly tree: RadixTree,
    { lower, upper }: WalkRange,
    isReverse: boolean,
  ) {
    this.#first = isReverse ? RIGHT : LEFT;
    this.#end = isReverse ? lower : upper;
    const start = isReverse ? upper : lower;
    if (start !== undefined) this.#seek(start);
    else if (tree.root !== NOTHING) this.#ahead.push({ reference: tree.root, above: -1 });
  }

  /** The next entry, or `undefined` behind the last one. O(depth). Throws `CORRUPTED`. */
  next(): Entry | undefined {
    const { allocator } = this.tree;
    const place = this.#ahead.pop();
    if (place === undefined) return undefined;
    let { reference, above } = place;
    while (!isEntry(reference)) {
      const fork = Fork.read(allocator, reference, above);
      above = fork.position;
      this.#ahead.push({ reference: fork.side(otherSide(this.#first)), above });
      reference = fork.side(this.#first);
    }
    const entry = readEntry(allocator, blockOf(reference));
    if (!this.#isWithin(entry.key)) {
      this.#ahead.length = 0;
      return undefined;
    }
    this.#count += 1;
    if (this.#count <= this.tree.length) return entry;
    throw corrupted('number of entries', this.tree.length, 'more');
  }

  /** Puts ahead what lies at an edge or behind it. */
  #seek({ key, isInclusive }: EncodedEdge): void {
    const place = this.tree.locate(key);
    const { path, entry, position } = place;
    if (entry === undefined) return;
    const height = position < 0 ? path.length : RadixTree.heightOf(place);
    for (const { fork, side } of path.slice(0, height)) {
      if (side !== this.#first) continue;
      this.#ahead.push({ reference: fork.side(otherSide(side)), above: fork.position });
    }
    const isAhead = position < 0 ? isInclusive : bitOf(key, position) === this.#first;
    if (isAhead) this.#ahead.push(placeAt(this.tree, place, height));
  }

  #isWithin(key: Uint8Array): boolean {
    const end = this.#end;
    if (end === undefined) return true;
    const order = compareBytes(key, 0, key.length, end.key, 0, end.key.length);
    if (order === 0) return end.isInclusive;
    return order < 0 === (this.#first === LEFT);
  }
}

/** What lies on a path below so many of its forks. */
function placeAt({ root }: RadixTree, { path }: Place, height: number): Ahead {
  const last = path[height - 1];
  if (last === undefined) return { reference: root, above: -1 };
  return { reference: last.fork.side(last.side), above: last.fork.position };
}
