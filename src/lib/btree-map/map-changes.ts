/**
 * Everything that changes a map of plain values. `BTreeMap` adds to it how a map is opened and
 * closed. Each operation goes to the kernel first, where there is one for this map, and to the
 * TypeScript engine where the kernel leaves it to us.
 *
 * Promise: an operation that throws has changed nothing, also where there is no room.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.9 and 3.11.
 */
import { encodeChecked } from '../codec.js';
import { appendSorted } from './append.js';
import { EntryTable } from './entry-table.js';
import { insertEntry } from './insert.js';
import { insertAll } from './insert-many.js';
import { FALL_BACK } from './kernel-tree.js';
import { MapQueries } from './map-queries.js';
import type { Entry } from './node-view.js';
import { removeFirst, removeKey, removeKeys, removeLast } from './remove.js';

export abstract class MapChanges<K, V> extends MapQueries<K, V> {
  /**
   * Inserts an entry or overwrites its value. Returns the old value, or `undefined` if the key is
   * new. O(log n).
   *
   * Throws `VALUE_TOO_LARGE` for a key or value above its bound, `INVALID_VALUE` for one that the
   * codec cannot encode, `GROW_FAILED` without room; the map is then as it was.
   */
  insert(key: K, value: V): V | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.insert(key, value);
    if (found !== FALL_BACK) return found;
    const entry = this.#encode(key, value);
    const old = this.tree.change(() => insertEntry(this.tree, entry.key, () => entry.value));
    return old === undefined ? undefined : this.valueCodec.decode(old);
  }

  /**
   * Inserts or overwrites many entries, all or none, and returns how many keys were new. The map
   * ends up with the bytes of inserting them one by one, but each node is read and written once,
   * so that sorted batches cost least; in a canister the kernel inserts them. O(m log n).
   *
   * Throws as {@link MapChanges.insert} does; the map then has the entries that it had. (In a
   * canister whose memory is full it may throw an `Error` in place of `GROW_FAILED`: let that
   * trap.)
   */
  insertMany(entries: Iterable<readonly [K, V]>): number {
    const kernel = this.kernelTree?.kernel;
    const table = EntryTable.of(this.keyCodec, this.valueCodec, entries, kernel);
    if (this.kernelTree !== undefined) {
      const newCount = this.kernelTree.insertMany(table);
      if (newCount !== FALL_BACK) return newCount;
    }
    const oldLength = this.length;
    this.insertTable(table);
    return this.length - oldLength;
  }

  /** Not for users: inserts what is encoded and checked, where the kernel cannot do it at once. */
  protected insertTable(table: EntryTable): void {
    insertAll(this.tree, this.kernelTree, table.entries());
  }

  /**
   * Puts entries behind all others, all or none: they come in ascending order, and the first of
   * them behind the last one that is there. It fills every node, so that the map takes about half
   * the memory of one that grew by insertion, and costs O(m), not O(m log n).
   *
   * Throws `INVALID_VALUE` for a key out of order, and as {@link MapChanges.insert} does; the map
   * is then as it was.
   *
   * @example
   * const map = BTreeMap.create(memory.get(0), u32, text);
   * map.loadSorted([[1, 'one'], [2, 'two'], [3, 'three']]);
   */
  loadSorted(entries: Iterable<readonly [K, V]>): void {
    this.tree.change(() => {
      appendSorted(this.tree, this.#encodeAll(entries));
    });
  }

  /**
   * Gives a key a value that depends on the one it has, in one descent, and returns it. The bytes
   * are those of inserting it. Where `next` throws, the map is as it was. `next` must not use the
   * map: that throws `CHANGED_WHILE_ITERATING`. O(log n). Otherwise as {@link MapChanges.insert}.
   *
   * @example
   * visits.update('ada', (count = 0) => count + 1);
   */
  update(key: K, next: (old: V | undefined) => V): V {
    const old = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.get(key);
    if (old === FALL_BACK) return this.#updateInOneDescent(key, next);
    // A key that is there is of a right size; another one is refused before `next` is called.
    if (old === undefined) encodeChecked(this.keyCodec, key);
    const value = this.#whileInUse(() => next(old));
    if (this.kernelTree!.insert(key, value, false) === FALL_BACK) this.insert(key, value);
    return value;
  }

  #updateInOneDescent(key: K, next: (old: V | undefined) => V): V {
    const encodedKey = encodeChecked(this.keyCodec, key);
    let value!: V;
    const encodeNext = (old: Uint8Array | undefined): Uint8Array => {
      value = next(old === undefined ? undefined : this.valueCodec.decode(old));
      return encodeChecked(this.valueCodec, value);
    };
    this.tree.change(() => insertEntry(this.tree, encodedKey, encodeNext));
    return value;
  }

  /** Runs a function of the user's for the kernel's engine; it must not use the map either. */
  #whileInUse<T>(run: () => T): T {
    const { kernelTree } = this;
    this.kernelTree = undefined;
    try {
      return this.tree.store.whileInUse(run);
    } finally {
      this.kernelTree = kernelTree;
    }
  }

  /** The value of a key; where it has none, the one that `make` returns, which it then has. */
  getOrInsert(key: K, make: () => V): V {
    if (this.kernelTree !== undefined) {
      if (this.containsKey(key)) return this.get(key) as V;
    } else {
      const slot = this.tree.find(this.keyCodec.encode(key));
      if (slot !== undefined) return slot.node.decodeValue(this.valueCodec, slot.index);
    }
    const value = make();
    this.insert(key, value);
    return value;
  }

  /** Removes an entry and returns its value, or `undefined` if there is none. O(log n). */
  remove(key: K): V | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.remove(key);
    if (found !== FALL_BACK) return found;
    const encoded = this.keyCodec.encode(key);
    const old = this.tree.change(() => removeKey(this.tree, encoded));
    return old === undefined ? undefined : this.valueCodec.decode(old);
  }

  /**
   * Removes many entries, all or none, and returns how many there were. In a canister the kernel
   * removes them, unless they are too much for one plan of its own. O(m log n).
   */
  removeMany(keys: Iterable<K>): number {
    const encoded = Array.from(keys, (key) => this.keyCodec.encode(key));
    const removedCount = this.kernelTree?.removeMany(encoded) ?? FALL_BACK;
    return removedCount === FALL_BACK ? removeKeys(this.tree, encoded) : removedCount;
  }

  /** Removes the entry with the smallest key and returns it, or `undefined`. O(log n). */
  popFirst(): [K, V] | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.popFirst();
    if (found !== FALL_BACK) return found;
    return this.#decode(this.tree.change(() => removeFirst(this.tree)));
  }

  /** Removes the entry with the largest key and returns it, or `undefined`. O(log n). */
  popLast(): [K, V] | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.popLast();
    if (found !== FALL_BACK) return found;
    return this.#decode(this.tree.change(() => removeLast(this.tree)));
  }

  /**
   * Removes the entries that `keep` says no to, all or none, and returns how many. `keep` sees
   * each entry once, by ascending key. O(n + removed * log n).
   */
  retain(keep: (key: K, value: V) => boolean): number {
    const unwanted: K[] = [];
    for (const [key, value] of this) {
      if (!keep(key, value)) unwanted.push(key);
    }
    return this.removeMany(unwanted);
  }

  /** Removes every entry. The memory keeps its size. O(1). */
  clear(): void {
    this.tree.change(() => this.tree.clear());
  }

  /** Both are checked before anything changes. */
  #encode(key: K, value: V): Entry {
    return { key: encodeChecked(this.keyCodec, key), value: encodeChecked(this.valueCodec, value) };
  }

  *#encodeAll(entries: Iterable<readonly [K, V]>): Generator<Entry, void> {
    for (const [key, value] of entries) yield this.#encode(key, value);
  }

  #decode(entry: Entry | undefined): [K, V] | undefined {
    if (entry === undefined) return undefined;
    return [this.keyCodec.decode(entry.key), this.valueCodec.decode(entry.value)];
  }
}
