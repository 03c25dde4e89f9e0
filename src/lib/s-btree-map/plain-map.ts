/**
 * The engine of a map whose values own nothing: all of `BTreeMap` but its memory. A value of any
 * size lies in the node, so there is no block to follow to it.
 *
 * Source: `specs/ic-stable-memory.md` section 5.4.
 */
import { TAGS_SIZE, type StablePtr } from '../allocator/free-block.js';
import { rejecting } from '../allocator/out-of-memory.js';
import type { EntryTable } from '../btree-map/entry-table.js';
import { insertAll } from '../btree-map/insert-many.js';
import { FALL_BACK } from '../btree-map/kernel-tree.js';
import { MapChanges } from '../btree-map/map-changes.js';
import { releaseTree, traceTree } from './heap-tree.js';
import type { HeapWindow } from './heap-window.js';
import type { MapEngine } from './map-engine.js';

/** A node that is split has room for some more; so many entries come to each new node at least. */
const NEW_ENTRIES_OF_NODE = 4;
/** And as many nodes may be split as there are levels. */
const NODES_OF_PATH = 24;

export class PlainMap<K, V> extends MapChanges<K, V> implements MapEngine<K, V, V> {
  override insert(key: K, value: V): V | undefined {
    return rejecting(value, () => super.insert(key, value));
  }

  override insertMany(entries: Iterable<readonly [K, V]>): number {
    return rejecting(entries, () => super.insertMany(entries));
  }

  /**
   * In two descents: `next` may have another handle of this map, whose changes the first descent
   * would not see.
   */
  override update(key: K, next: (old: V | undefined) => V): V {
    const old = this.get(key);
    const { revision } = this.tree.tenure;
    const value = next(old);
    this.tree.tenure.assertUnchanged(revision);
    this.insert(key, value);
    return value;
  }

  /**
   * The kernel cannot make the heap larger; with room made for it, it may do it after all. Where
   * there is no such room the entries are planned as a whole: what is refused has taken nothing.
   */
  protected override insertTable(table: EntryTable): void {
    const { kernelTree } = this;
    const hasRoom = kernelTree !== undefined && this.#hasRoomFor(table);
    if (hasRoom && kernelTree.insertMany(table) !== FALL_BACK) return;
    insertAll(this.tree, hasRoom ? kernelTree : undefined, table.entries());
  }

  /** Whether there is, or can be, room for as many chunks as these entries may need. */
  #hasRoomFor({ length, bytes }: EntryTable): boolean {
    const { pageSize, memory } = this.tree.store;
    const nodeCount = Math.ceil(length / NEW_ENTRIES_OF_NODE) + NODES_OF_PATH;
    const size = nodeCount * (pageSize + TAGS_SIZE) + bytes.length;
    return (memory as HeapWindow).allocator.makeSureCanAllocate(size);
  }

  delete(key: K): boolean {
    const oldLength = this.length;
    this.remove(key);
    return this.tree.length < oldLength;
  }

  /** A plain value is not attached to anything. */
  detach(key: K): V | undefined {
    return this.remove(key);
  }

  attach(key: K, value: V): void {
    this.insert(key, value);
  }

  toPlain(): Map<K, V> {
    return new Map(this.entries());
  }

  release(): void {
    releaseTree(this.tree);
  }

  trace(visit: (ptr: StablePtr) => void): void {
    traceTree(this.tree, visit);
  }
}
