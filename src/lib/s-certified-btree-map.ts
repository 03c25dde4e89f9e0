/**
 * An ordered map whose contents can be proved: a canister puts the map's *root hash* into its
 * certified data, and from then on a query can answer with a *witness*, which a client checks
 * against the certificate of the subnet. So one node's answer is as good as the subnet's.
 *
 *     const balances = heap.root('balances', SCertifiedBTreeMap.of(text, u64));
 *     balances.insert('ada', 36n);
 *     setCertifiedData(balances.commit());           // in an update call, and after an upgrade
 *     encodeHashTree(balances.witness('ada'));       // in a query, beside dataCertificate()
 *
 * The name is that of the original, whose tree is a B+ tree with a hash in each node. This one's is
 * binary (`s-certified-btree-map/radix-tree.ts`), because hash trees are: with 15 children in a
 * node, a witness takes up to 15 hashes a level where one suffices. It also needs no balancing, and
 * the root hash depends on the contents alone, not on what was inserted and removed before.
 *
 * Keys are ordered by their encoded bytes, which hash trees prescribe. That is the order of all
 * numbers and texts; principals, for one, are ordered otherwise in other maps.
 *
 *     OFFSET  SIZE  FIELD
 *          0    16  as of every structure, see `ownership/stable-structure.ts`
 *         16     8  number of entries
 *         24     8  root of the tree, see `entry-block.ts`; 0 = there is none
 *         32    32  root hash, where it is known and there is a root
 *         64     4  1 while it is not known, 0 when it is
 *
 * Limits: values are those of codecs. The tree is as deep as keys share bits: log2(n) and 1.4 for
 * random keys; never more than 9 for each byte of a key, which those can reach who choose keys.
 *
 * Promise: an operation that throws has changed nothing.
 *
 * Source: crate `ic-stable-memory`, `SCertifiedBTreeMap`; `specs/ic-stable-memory.md` section 5.5.
 */
import type { StablePtr } from './allocator/free-block.js';
import { rejecting } from './allocator/out-of-memory.js';
import { FALL_BACK } from './btree-map/kernel-tree.js';
import { writeU32, writeU64 } from './bytes.js';
import { encodeChecked, type Codec } from './codec.js';
import { firstViolation } from './errors.js';
import { STRUCTURE_KIND } from './ownership/stable-structure.js';
import type { StableType } from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';
import { typeNameOf } from './ownership/type-name.js';
import {
  CertifiedQueries,
  HEADER_SIZE,
  LENGTH_OFFSET,
  ROOT_HASH_OFFSET,
  ROOT_OFFSET,
  STALE_OFFSET,
} from './s-certified-btree-map/certified-queries.js';
import { firstTreeViolation } from './s-certified-btree-map/check-tree.js';
import { blockSize, NOTHING } from './s-certified-btree-map/entry-block.js';
import { entryAt, RadixTree } from './s-certified-btree-map/radix-tree.js';
import { rehash } from './s-certified-btree-map/rehash.js';
import { EntryWalk } from './s-certified-btree-map/walk.js';

/**
 * A map from `K` to `V` with a root hash, in a heap.
 *
 * @example
 * const names = heap.root('names', SCertifiedBTreeMap.of(u64, text));
 * names.insertMany([[1n, 'ada'], [2n, 'bo']]);
 * names.commit(); // the root hash
 * reconstruct(names.witness(1n)); // the root hash as well
 */
export class SCertifiedBTreeMap<K, V> extends CertifiedQueries<K, V> {
  /**
   * The type of such maps. Its plain value is a `Map`; a new one is empty and committed.
   *
   * @example
   * heap.root('balances', SCertifiedBTreeMap.of(text, u64));
   */
  static of<K, V>(
    keys: Codec<K>,
    values: Codec<V>,
  ): StableType<ReadonlyMap<K, V>, SCertifiedBTreeMap<K, V>> {
    const name = `SCertifiedBTreeMap(${typeNameOf(keys)}, ${typeNameOf(values)})`;
    const shape = { kind: STRUCTURE_KIND.SCertifiedBTreeMap, name, headerSize: HEADER_SIZE };
    const type = { shape, keys, values };
    return structureType({
      shape,
      empty: () => new Map(),
      open: (allocator, ptr) => new SCertifiedBTreeMap(allocator, ptr, type),
      fill: (map, entries) => void map.insertMany(entries),
      toPlain: (map) => new Map(map),
    });
  }

  /**
   * Computes the hashes that changes have made stale, and returns the root hash: what belongs into
   * the certified data. Iterators that are under way end. O(changes * depth) at most.
   */
  commit(): Uint8Array {
    const hash = this.line?.commit() ?? FALL_BACK;
    return hash === FALL_BACK ? this.#commitHere() : hash;
  }

  #commitHere(): Uint8Array {
    const { root } = this.tree();
    if (!this.isCommitted) {
      if (root !== NOTHING) this.header.set(rehash(this.allocator, root), ROOT_HASH_OFFSET);
      writeU32(this.header, STALE_OFFSET, 0);
      this.publish();
    }
    return this.storedHash();
  }

  /**
   * Inserts or overwrites; returns the old value. O(depth). The map is not committed then.
   *
   * Throws `OUT_OF_MEMORY` without room, `VALUE_TOO_LARGE` and `INVALID_VALUE` as the codecs do:
   * the map is as it was.
   */
  insert(key: K, value: V): V | undefined {
    const { line } = this;
    const old = line === undefined ? FALL_BACK : line.insert(key, value, true);
    return old === FALL_BACK ? this.#insertHere(key, value) : old;
  }

  #insertHere(key: K, value: V): V | undefined {
    const [label, content] = this.#encode(key, value);
    const tree = this.tree();
    const place = tree.locate(label);
    const entry = entryAt(place);
    const old = entry && this.decodeValue(entry);
    rejecting([key, value], () => tree.put(place, label, content));
    this.#save(tree);
    return old;
  }

  /**
   * Inserts or overwrites all entries; returns how many keys were new. O(entries * depth). Throws
   * as {@link insert} does, and then none is inserted; it takes room for all of them at once.
   */
  insertMany(entries: Iterable<readonly [K, V]>): number {
    const all = Array.from(entries);
    const newCount = this.line?.insertMany(all) ?? FALL_BACK;
    return newCount === FALL_BACK ? this.#insertManyHere(all, entries) : newCount;
  }

  #insertManyHere(all: readonly (readonly [K, V])[], entries: unknown): number {
    const pairs = all.map(([key, value]) => this.#encode(key, value));
    const tree = this.tree();
    const before = tree.length;
    const blocks = rejecting(entries, () => this.#takeBlocks(pairs));
    pairs.forEach(([key, value], index) => tree.put(tree.locate(key), key, value, blocks[index]));
    if (pairs.length > 0) this.#save(tree);
    return tree.length - before;
  }

  /** {@link insert}, then {@link commit}. Returns the root hash. */
  insertAndCommit(key: K, value: V): Uint8Array {
    const { line } = this;
    const old = line === undefined ? FALL_BACK : line.insert(key, value, false);
    if (old === FALL_BACK) this.#insertHere(key, value);
    return this.commit();
  }

  /** Removes an entry and returns its value, or `undefined`. O(depth). */
  remove(key: K): V | undefined {
    const { line } = this;
    const old = line === undefined ? FALL_BACK : line.remove(key, true);
    return old === FALL_BACK ? this.#removeHere(key) : (old as V | undefined);
  }

  #removeHere(key: K): V | undefined {
    const tree = this.tree();
    const place = tree.locate(encodeChecked(this.keyCodec, key));
    const entry = entryAt(place);
    if (entry === undefined) return undefined;
    const old = this.decodeValue(entry);
    tree.remove(place);
    this.#save(tree);
    return old;
  }

  /** Removes an entry without reading its value; says whether there was one. O(depth). */
  delete(key: K): boolean {
    const { line } = this;
    const found = line === undefined ? FALL_BACK : line.remove(key, false);
    return found === FALL_BACK ? this.#removeManyHere([key]) > 0 : found !== undefined;
  }

  /** Removes the entries with these keys; returns how many there were. O(keys * depth). */
  removeMany(keys: Iterable<K>): number {
    const all = Array.from(keys);
    const count = this.line?.removeMany(all) ?? FALL_BACK;
    return count === FALL_BACK ? this.#removeManyHere(all) : count;
  }

  #removeManyHere(keys: readonly K[]): number {
    const labels = keys.map((key) => encodeChecked(this.keyCodec, key));
    const tree = this.tree();
    const before = tree.length;
    for (const label of labels) {
      const place = tree.locate(label);
      if (entryAt(place) !== undefined) tree.remove(place);
    }
    if (tree.length < before) this.#save(tree);
    return before - tree.length;
  }

  /** {@link remove}, then {@link commit}. Returns the root hash. */
  removeAndCommit(key: K): Uint8Array {
    this.delete(key);
    return this.commit();
  }

  /** Replaces a value by what `next` makes of it, and returns that. Throws as {@link insert}. */
  update(key: K, next: (old: V | undefined) => V): V {
    const value = next(this.get(key));
    this.insert(key, value);
    return value;
  }

  /** Removes every entry. O(n). */
  clear(): void {
    const blocks = this.#blocks();
    this.#save(new RadixTree(this.allocator, NOTHING, 0));
    for (const ptr of blocks) this.allocator.deallocate(this.allocator.blockAt(ptr));
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  override checkInvariants(): string | undefined {
    return firstViolation(() => {
      for (const [key] of this) this.keyCodec.encode(key);
      return firstTreeViolation(this.tree());
    });
  }

  protected override releaseContents(): void {
    const blocks = this.#blocks();
    for (const ptr of blocks) this.allocator.deallocate(this.allocator.blockAt(ptr));
  }

  protected override traceContents(visit: (ptr: StablePtr) => void): void {
    this.#blocks().forEach(visit);
  }

  /** The blocks of all entries. */
  #blocks(): StablePtr[] {
    const walk = new EntryWalk(this.tree(), {}, false);
    const blocks: StablePtr[] = [];
    for (let entry = walk.next(); entry !== undefined; entry = walk.next()) blocks.push(entry.ptr);
    return blocks;
  }

  /** Writes the header after a change. */
  #save({ root, length }: RadixTree): void {
    writeU64(this.header, LENGTH_OFFSET, length);
    writeU64(this.header, ROOT_OFFSET, root);
    writeU32(this.header, STALE_OFFSET, 1);
    this.publish();
  }

  #encode(key: K, value: V): [Uint8Array, Uint8Array] {
    return [encodeChecked(this.keyCodec, key), encodeChecked(this.valueCodec, value)];
  }

  /** A block for each pair. Throws `OUT_OF_MEMORY`, and then none is taken. */
  #takeBlocks(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): StablePtr[] {
    const { allocator } = this;
    const taken: StablePtr[] = [];
    try {
      for (const [key, value] of pairs) {
        taken.push(allocator.allocate(blockSize(key.length, value.length)).ptr);
      }
    } catch (error) {
      if (allocator.isUsable) {
        for (const ptr of taken) allocator.deallocate(allocator.blockAt(ptr));
      }
      throw error;
    }
    return taken;
  }
}
