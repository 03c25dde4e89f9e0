/**
 * A hash map in a heap: values of any type, nested structures too, found by their keys in O(1).
 *
 *     const heap = StableMemoryAllocator.init(memory.get(5), { hashKey });
 *     const scores = heap.root('scores', SHashMap.of(principal, u64));
 *     scores.insert(player, 7n);
 *     scores.get(player); // 7n
 *
 * The table is one block, see `s-hash-map/table-layout.ts`, with open addressing and without
 * tombstones, see `s-hash-map/table.ts`. Keys are hashed by SipHash under the secret key of the
 * heap: who chooses keys cannot make them collide without knowing it. So give the heap a key from
 * the platform's randomness when it is made (in a canister that is `raw_rand`).
 *
 * The order of iteration is that of the slots. It depends on the secret key and means nothing; but
 * it is the same on every machine, and after every upgrade.
 *
 * Limits: a full table grows to twice its size, and for that moment both are allocated. All entries
 * are copied then, in one call: on the way to 1,000,000 entries of `u64` to `u64`, the last growth
 * reads 16 MB and writes 31 MB, and costs some 270 million instructions in a canister. Who knows
 * how many entries there will be calls `reserve` first; who has so many that one call must not
 * carry the cost takes an `SBTreeMap`, in which no insertion is ever dear.
 * Tables do not shrink, but `clear` frees them. A table has at most 3,221,225,473 slots.
 *
 * Promise: what is refused, also for lack of memory, has changed nothing but perhaps the capacity.
 * After a failed *write* outside a canister the heap latches, see `allocator/heap.ts`.
 *
 * Source: section 5.3 of `specs/ic-stable-memory.md`; crate `ic-stable-memory`, `SHashMap`.
 */
import { rejecting } from './allocator/out-of-memory.js';
import { placing } from './placing.js';
import type { Codec } from './codec.js';
import { STRUCTURE_KIND } from './ownership/stable-structure.js';
import { stableTypeOf, type Stable, type StableType } from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';
import { HASH_HEADER_SIZE } from './s-hash-map/header.js';
import { HashedStructure, type EntryTypes } from './s-hash-map/hashed-structure.js';
import { FALL_BACK } from './s-hash-map/kernel-table.js';
import { hasherOf } from './s-hash-map/hasher.js';
import { KeySlots } from './s-hash-map/key-slots.js';
import type { WalkDirection } from './s-hash-map/walk.js';

/**
 * A hash map from `K` to `V`. `H` is what reading a value gives: the plain value, or for a
 * structure a handle of it.
 *
 * @example
 * const posts = heap.root('posts', SHashMap.of(text, SHashMap.of(u64, text)));
 * posts.insert('ada', new Map([[1n, 'Notes']]));
 * posts.get('ada')?.insert(2n, 'On the engine');
 * posts.remove('ada'); // the plain map, and all of its memory is free
 */
export class SHashMap<K, V, H = V> extends HashedStructure<K, V, H> implements Iterable<[K, H]> {
  /**
   * The type of hash maps with such keys and values. Keys are plain values; values are plain ones,
   * or structures. O(1).
   */
  static of<K, V, H = V>(
    keys: Codec<K>,
    values: Stable<V, H>,
  ): StableType<ReadonlyMap<K, V>, SHashMap<K, V, H>> {
    const keySlots = new KeySlots(keys);
    const valueType = stableTypeOf(values);
    const name = `SHashMap(${keySlots.name}, ${valueType.name})`;
    const shape = { kind: STRUCTURE_KIND.SHashMap, name, headerSize: HASH_HEADER_SIZE };
    const isPlain = !('store' in values) && !valueType.ownsBlocks;
    const valueCodec = isPlain ? placing(values) : undefined;
    const types: EntryTypes<K, V, H> = { shape, keys: keySlots, values: valueType, valueCodec };
    return structureType<ReadonlyMap<K, V>, SHashMap<K, V, H>>({
      shape,
      empty: () => new Map(),
      open: (allocator, ptr) => new SHashMap(allocator, ptr, types),
      fill: (map, plain) => map.#fill(plain),
      toPlain: (map) => map.toPlain(),
    });
  }

  /**
   * The value of a key, of a structure a borrowed handle; `undefined` where there is none. O(1) on
   * average. Throws what the key's codec throws, `CORRUPTED`.
   */
  get(key: K): H | undefined {
    const { line } = this;
    const served = line === undefined ? FALL_BACK : line.get(key);
    if (served !== FALL_BACK) return served;
    const { allocator, keySlots, valueType } = this;
    const { entry } = this.locate(keySlots.encode(key));
    return entry && valueType.view(allocator, entry, keySlots.size);
  }

  /** Whether there is such a key. O(1) on average. */
  containsKey(key: K): boolean {
    return this.hasKey(key);
  }

  /**
   * Gives a key a value. Returns the old one, whose memory is free, or `undefined`. O(1) on
   * average, amortised; see above for what growth costs.
   *
   * Throws `OUT_OF_MEMORY` with the value for its `rejected`, and what the codecs throw; the map
   * has then the entries that it had.
   */
  insert(key: K, value: V): V | undefined {
    const { line } = this;
    const served = line === undefined ? FALL_BACK : line.insert(key, value);
    return served === FALL_BACK ? rejecting(value, () => this.#insert(key, value)) : served;
  }

  /**
   * Removes a key. Returns its plain value, whose memory is free, or `undefined`. O(1) on average,
   * and the size of the value.
   */
  remove(key: K): V | undefined {
    const { allocator, keySlots, line, valueType } = this;
    const served = line === undefined ? FALL_BACK : line.remove(key);
    if (served !== FALL_BACK) return served;
    const place = this.locate(keySlots.encode(key));
    if (place.entry === undefined) return undefined;
    const value = valueType.load(allocator, place.entry, keySlots.size);
    this.unlink(place);
    this.dropEntry(place.entry, 0);
    return value;
  }

  /** Removes a key without reading its value. Says whether there was one. O(1) on average. */
  delete(key: K): boolean {
    const slot = this.unlinkKey(key);
    if (slot !== undefined) this.valueType.drop(this.allocator, slot, 0);
    return slot !== undefined;
  }

  /**
   * Changes the value of a key: `next` gets the old plain value, or `undefined` where there is no
   * such key, and returns the new one, which this returns, too. Where it throws nothing has
   * changed.
   *
   * @example
   * visits.update('ada', (count = 0) => count + 1);
   */
  update(key: K, next: (old: V | undefined) => V): V {
    const slot = this.findValue(key);
    const value = next(slot && this.valueType.load(this.allocator, slot, 0));
    this.insert(key, value);
    return value;
  }

  /**
   * Removes a key and returns its value as it is: of a structure a handle that owns it, and nothing
   * is copied. `undefined` where there is no such key. O(1) on average.
   */
  detach(key: K): H | undefined {
    const slot = this.unlinkKey(key);
    return slot && this.valueType.take(this.allocator, slot, 0);
  }

  /**
   * Gives a key what an owned handle stands for; the handle is consumed. An old value of the key is
   * freed. O(1) on average, and the size of the old value.
   *
   * Throws `VALUE_CONSUMED` for a handle that owns nothing, `INCOMPATIBLE_TYPE` for one of another
   * type or heap, `OUT_OF_MEMORY`: the handle is then as it was.
   */
  attach(key: K, handle: H): void {
    const { allocator, keySlots, valueType } = this;
    rejecting(handle, () => {
      const place = this.locate(keySlots.encode(key));
      this.put(place, (slot, offset) => valueType.move(allocator, handle, slot, offset));
    });
  }

  /**
   * Keeps the entries of which `keep` says yes, and frees the others. It is asked of all of them
   * before the first one goes; where it throws nothing has changed. O(capacity).
   *
   * Throws `CHANGED_WHILE_ITERATING` where `keep` itself changes the map.
   */
  retain(keep: (key: K, value: H) => boolean): void {
    this.retainEntries((bytes, offset) => keep(...this.#entry(bytes, offset)));
  }

  /**
   * The entries, lazily, in the order of the slots, or with `reverse` against it. O(capacity) for
   * all. The iterator throws `CHANGED_WHILE_ITERATING` if the map is changed under it.
   */
  entries(direction: WalkDirection = {}): Generator<[K, H], void> {
    return this.walk(direction, (bytes, offset) => this.#entry(bytes, offset));
  }

  /** The keys, as {@link SHashMap.entries} gives them. Reads no value. */
  keys(direction: WalkDirection = {}): Generator<K, void> {
    return this.walk(direction, (bytes, offset) => this.#key(bytes, offset));
  }

  /** The values, as {@link SHashMap.entries} gives them. Reads no key. */
  values(direction: WalkDirection = {}): Generator<H, void> {
    return this.walk(direction, (bytes, offset) => this.#value(bytes, offset));
  }

  /** A plain copy of all that is in the map. O(size of everything in it). */
  toPlain(): Map<K, V> {
    return new Map(this.walk({}, (bytes, offset) => this.#plainEntry(bytes, offset)));
  }

  /** All entries. */
  [Symbol.iterator](): Generator<[K, H], void> {
    return this.entries();
  }

  /** A heap without a key is refused here, before there is anything in it that needs one. */
  #fill(plain: ReadonlyMap<K, V>): void {
    hasherOf(this.allocator);
    this.reserve(plain.size);
    for (const [key, value] of plain) this.insert(key, value);
  }

  #insert(key: K, value: V): V | undefined {
    const { allocator, keySlots, valueType } = this;
    const place = this.locate(keySlots.encode(key));
    const old = place.entry && valueType.load(allocator, place.entry, keySlots.size);
    this.put(place, (slot, offset) => valueType.store(allocator, value, slot, offset));
    return old;
  }

  #entry(bytes: Uint8Array, offset: number): [K, H] {
    return [this.#key(bytes, offset), this.#value(bytes, offset)];
  }

  #plainEntry(bytes: Uint8Array, offset: number): [K, V] {
    const value = this.valueType.load(this.allocator, bytes, offset + this.keySlots.size);
    return [this.#key(bytes, offset), value];
  }

  #key(bytes: Uint8Array, offset: number): K {
    return this.keySlots.load(this.allocator, bytes, offset);
  }

  #value(bytes: Uint8Array, offset: number): H {
    return this.valueType.view(this.allocator, bytes, offset + this.keySlots.size);
  }
}
