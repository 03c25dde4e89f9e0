/**
 * Witnesses: the tree of a map, pruned to what is to be shown.
 *
 * A key that is there is shown with its value. For a key that is not, its neighbours are shown as
 * labels: side by side, so that nothing can be between them. A range is the same with more between
 * the two. Where there is no neighbour, the edge of the tree shows: nothing is pruned on that side.
 * The neighbours belong to the witness on *both* sides, or somebody could leave out the first or
 * the last entry of a range unnoticed.
 *
 * NOTE: `lookup_path` of the agents on npm (3.4.3 of `@dfinity/agent`, 6.1.0 of `@icp-sdk/core`)
 * takes a label for the greater one where any of its bytes is greater, not the first that differs.
 * Values it always finds; of an absence that is proved it may say `Unknown`.
 *
 * Source: IC interface specification, "Certificate", lookup; `specs/ic-stable-memory.md` defect 12.
 */
import type { StablePtr } from '../allocator/free-block.js';
import {
  EMPTY,
  FORK,
  LABELED,
  LEAF,
  leafHash,
  PRUNED,
  type HashTree,
} from '../certification/hash-tree.js';
import type { EncodedEdge } from '../codec.js';
import { corrupted } from '../errors.js';
import {
  blockOf,
  Fork,
  isEntry,
  NOTHING,
  readEntry,
  readValue,
  type Entry,
  type Reference,
} from './entry-block.js';
import { LEFT, otherSide, RIGHT, type Side } from './key-bits.js';
import { entryAt, type RadixTree } from './radix-tree.js';
import { EntryWalk, type WalkRange } from './walk.js';

/** The witness of a key: its value, or its absence. PRECONDITION: no hash is stale. O(depth). */
export function witnessOfKey(tree: RadixTree, key: Uint8Array): HashTree {
  const place = tree.locate(key);
  const entry = entryAt(place);
  if (entry === undefined) {
    const edge = { key, isInclusive: true };
    return witnessOfRange(tree, { lower: edge, upper: edge }, true);
  }
  let shown = showEntry(tree, entry, true);
  for (const { fork, side } of place.path.reverse()) {
    const pruned: HashTree = [PRUNED, fork.hash(otherSide(side))];
    shown = side === LEFT ? [FORK, shown, pruned] : [FORK, pruned, shown];
  }
  return shown;
}

/**
 * The witness of all entries in a range, with their values or without them. PRECONDITION: no hash
 * is stale, and the range does not end before it begins. O(depth + entries).
 */
export function witnessOfRange(tree: RadixTree, range: WalkRange, hasValues: boolean): HashTree {
  if (tree.root === NOTHING) return [EMPTY];
  const { lower, upper } = range;
  const before = lower && neighbour(tree, { upper: turnedOver(lower) }, true);
  const behind = upper && neighbour(tree, { lower: turnedOver(upper) }, false);
  const left = turnsTo(tree, before);
  const right = turnsTo(tree, behind);
  const parts: (HashTree | undefined)[] = [];
  const waiting: (Waiting | HashTree)[] = [{ reference: tree.root, above: -1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!('reference' in next)) {
      parts.push(next);
    } else if (isEntry(next.reference)) {
      const entry = readEntry(tree.allocator, blockOf(next.reference));
      const isEdge = entry.ptr === before?.ptr || entry.ptr === behind?.ptr;
      parts.push(showEntry(tree, entry, hasValues && !isEdge));
    } else {
      const fork = Fork.read(tree.allocator, next.reference, next.above);
      parts.push(undefined);
      waiting.push(sideOf(fork, RIGHT, right), sideOf(fork, LEFT, left));
    }
    if (parts.length > 2 * tree.length) throw corrupted('number of entries', tree.length, 'more');
  }
  return joinParts(parts);
}

/** A place that is to be shown. */
interface Waiting {
  readonly reference: Reference;
  readonly above: number;
}

/** The sides that the way to an entry takes, by the blocks of their forks. */
type Turns = ReadonlyMap<StablePtr, Side>;

/** What lies on the outer side of a neighbour's path is pruned. */
function sideOf(fork: Fork, side: Side, turns: Turns): Waiting | HashTree {
  if (turns.get(fork.ptr) === otherSide(side)) return [PRUNED, fork.hash(side)];
  return { reference: fork.side(side), above: fork.position };
}

function turnsTo(tree: RadixTree, entry: Entry | undefined): Turns {
  if (entry === undefined) return new Map();
  return new Map(tree.locate(entry.key).path.map(({ fork, side }) => [fork.ptr, side]));
}

function neighbour(tree: RadixTree, range: WalkRange, isBefore: boolean): Entry | undefined {
  return new EntryWalk(tree, range, isBefore).next();
}

/** The same edge, seen from its other side. */
function turnedOver({ key, isInclusive }: EncodedEdge): EncodedEdge {
  return { key, isInclusive: !isInclusive };
}

function showEntry(tree: RadixTree, entry: Entry, hasValue: boolean): HashTree {
  const value = readValue(tree.allocator, entry);
  return [LABELED, entry.key, hasValue ? [LEAF, value] : [PRUNED, leafHash(value)]];
}

/** A tree of its parts, each before what lies below it; a fork is `undefined`. */
function joinParts(parts: readonly (HashTree | undefined)[]): HashTree {
  const joined: HashTree[] = [];
  for (let index = parts.length - 1; index >= 0; index--) {
    joined.push(parts[index] ?? [FORK, joined.pop()!, joined.pop()!]);
  }
  return joined.pop()!;
}
