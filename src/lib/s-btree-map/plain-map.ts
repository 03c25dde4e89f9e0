/**
 * The engine of a map whose values own nothing: all of `BTreeMap` but its memory. A value of any
 * size lies in the node, so there is no block to follow to it.
 *
 * Source: `specs/ic-stable-memory.md` section 5.4.
 */
import type { StablePtr } from '../allocator/free-block.js';
import { rejecting } from '../allocator/out-of-memory.js';
import { MapChanges } from '../btree-map/map-changes.js';
import { removeKey } from '../btree-map/remove.js';
import { releaseTree, traceTree } from './heap-tree.js';
import type { MapEngine } from './map-engine.js';

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

  delete(key: K): boolean {
    const encoded = this.keyCodec.encode(key);
    return this.tree.change(() => removeKey(this.tree, encoded)) !== undefined;
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
