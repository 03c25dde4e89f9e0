/**
 * The engine of a map whose values own something: structures of any depth. A node has the slot of a
 * value, and reading gives what the slot's type makes of it: a borrowed handle.
 *
 * A value is stored before the tree takes its slot up, and what the tree lets go of is freed when
 * the tree has done so. Where anything is refused, what was stored is freed again, and nothing has
 * changed.
 *
 * Source: `specs/ic-stable-memory.md` sections 4.6 and 5.4.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { rejecting } from '../allocator/out-of-memory.js';
import { Cursor } from '../btree-map/cursor.js';
import { insertEntry } from '../btree-map/insert.js';
import { FALL_BACK, type FallBack } from '../btree-map/kernel-tree.js';
import { MapQueries } from '../btree-map/map-queries.js';
import type { Entry } from '../btree-map/node-view.js';
import { removeFirst, removeKey, removeLast } from '../btree-map/remove.js';
import type { Tree } from '../btree-map/tree.js';
import { walkNodes } from '../btree-map/walk.js';
import { writeU64 } from '../bytes.js';
import { encodeChecked, type Codec, type KeyCodec } from '../codec.js';
import { StableStructure } from '../ownership/stable-structure.js';
import { storeInSlot, type StableType } from '../ownership/stable-type.js';
import { forEachSlot, releaseTree, traceTree } from './heap-tree.js';
import type { MapEngine } from './map-engine.js';

export class OwningMap<K, P, H> extends MapQueries<K, H> implements MapEngine<K, P, H> {
  readonly #allocator: StableMemoryAllocator;
  readonly #type: StableType<P, H>;

  constructor(
    allocator: StableMemoryAllocator,
    tree: Tree,
    keys: KeyCodec<K>,
    type: StableType<P, H>,
  ) {
    super(tree, keys, viewCodec(allocator, type));
    this.#allocator = allocator;
    this.#type = type;
  }

  insert(key: K, value: P): P | undefined {
    let old: P | undefined;
    this.#put(key, value, (slot) => {
      old = this.#load(slot);
    });
    return old;
  }

  insertMany(entries: Iterable<readonly [K, P]>): number {
    const { tree } = this;
    const oldLength = this.length;
    const stored: Entry[] = [];
    const replaced = this.#undoing(entries, stored, () => {
      for (const [key, value] of entries) stored.push(this.#store(key, value));
      return tree.change(() => stored.map((entry) => this.#plan(entry)));
    });
    for (const slot of replaced) if (slot !== undefined) this.#drop(slot);
    return tree.length - oldLength;
  }

  update(key: K, next: (old: P | undefined) => P): P {
    const encoded = encodeChecked(this.keyCodec, key);
    const found = this.tree.find(encoded);
    const old = found === undefined ? undefined : this.#load(found.node.valueAt(found.index));
    const { tenure } = this.tree;
    const { revision } = tenure;
    const value = next(old);
    tenure.assertUnchanged(revision);
    this.#put(key, value);
    return value;
  }

  getOrInsert(key: K, make: () => P): H {
    const found = this.get(key);
    if (found !== undefined) return found;
    this.#put(key, make());
    return this.get(key)!;
  }

  remove(key: K): P | undefined {
    const encoded = this.keyCodec.encode(key);
    const slot = this.#removeInKernel(encoded);
    if (slot === FALL_BACK) return this.#removeInTypeScript(encoded);
    if (slot === undefined) return undefined;
    const old = this.#load(slot);
    this.#drop(slot);
    return old;
  }

  #removeInTypeScript(encoded: Uint8Array): P | undefined {
    let old: P | undefined;
    const slot = this.tree.change(() => {
      const removed = removeKey(this.tree, encoded);
      if (removed !== undefined) old = this.#load(removed);
      return removed;
    });
    if (slot !== undefined) this.#drop(slot);
    return old;
  }

  removeMany(keys: Iterable<K>): number {
    const encoded = Array.from(keys, (key) => this.keyCodec.encode(key));
    const slots: Uint8Array[] = [];
    this.tree.change(() => {
      for (const key of encoded) {
        const slot = removeKey(this.tree, key);
        if (slot !== undefined) slots.push(slot);
        this.tree.store.recycle();
      }
    });
    for (const slot of slots) this.#drop(slot);
    return slots.length;
  }

  delete(key: K): boolean {
    const slot = this.#takeOut(key);
    if (slot !== undefined) this.#drop(slot);
    return slot !== undefined;
  }

  popFirst(): [K, P] | undefined {
    return this.#pop(removeFirst);
  }

  popLast(): [K, P] | undefined {
    return this.#pop(removeLast);
  }

  retain(keep: (key: K, value: H) => boolean): number {
    const unwanted: K[] = [];
    for (const [key, value] of this) {
      if (!keep(key, value)) unwanted.push(key);
    }
    return this.removeMany(unwanted);
  }

  clear(): void {
    const slots: Uint8Array[] = [];
    this.tree.change(() => {
      walkNodes(this.tree, (node) => forEachSlot(node, (slot) => slots.push(slot)));
      this.tree.clear();
    });
    for (const slot of slots) this.#drop(slot);
  }

  detach(key: K): H | undefined {
    const slot = this.#takeOut(key);
    return slot === undefined ? undefined : this.#type.take(this.#allocator, slot, 0);
  }

  attach(key: K, handle: H): void {
    if (!(handle instanceof StableStructure)) return this.#put(key, handle as unknown as P);
    const slot = new Uint8Array(this.#type.size);
    writeU64(slot, 0, handle.ptr);
    const entry = { key: encodeChecked(this.keyCodec, key), value: slot };
    const replaced = rejecting(handle, () =>
      this.tree.change(() => {
        const old = this.#plan(entry);
        // From here on nothing can be refused: only now the handle may lose what it owns.
        this.#type.move(this.#allocator, handle, slot, 0);
        return old;
      }),
    );
    if (replaced !== undefined) this.#drop(replaced);
  }

  toPlain(): Map<K, P> {
    const entries = new Map<K, P>();
    const cursor = new Cursor(this.tree, { lower: [], upper: [] }, false);
    while (cursor.advance()) {
      const { node, index } = cursor;
      entries.set(node.decodeKey(this.keyCodec, index), this.#load(node.valueAt(index)));
    }
    return entries;
  }

  release(): void {
    releaseTree(this.tree, (slot) => this.#drop(slot));
  }

  trace(visit: (ptr: StablePtr) => void): void {
    traceTree(this.tree, visit, (slot) => this.#type.trace(this.#allocator, slot, 0, visit));
  }

  /** Inserts or overwrites; `onReplaced` sees the slot that has gone before it is freed. */
  #put(key: K, value: P, onReplaced?: (slot: Uint8Array) => void): void {
    const stored: Entry[] = [];
    let isSeen = false;
    const see = (slot: Uint8Array): void => {
      onReplaced?.(slot);
      isSeen = true;
    };
    const replaced = this.#undoing(value, stored, () => {
      const entry = this.#store(key, value);
      stored.push(entry);
      const old = this.#insertInKernel(entry);
      return old === FALL_BACK ? this.tree.change(() => this.#plan(entry, see)) : old;
    });
    if (replaced === undefined) return;
    if (!isSeen) see(replaced);
    this.#drop(replaced);
  }

  /** Removes an entry; returns the slot of its value. */
  #takeOut(key: K): Uint8Array | undefined {
    const encoded = this.keyCodec.encode(key);
    const slot = this.#removeInKernel(encoded);
    return slot === FALL_BACK ? this.tree.change(() => removeKey(this.tree, encoded)) : slot;
  }

  #insertInKernel({ key, value }: Entry): Uint8Array | undefined | FallBack {
    return this.kernelTree === undefined ? FALL_BACK : this.kernelTree.insertEncoded(key, value);
  }

  #removeInKernel(encoded: Uint8Array): Uint8Array | undefined | FallBack {
    return this.kernelTree === undefined ? FALL_BACK : this.kernelTree.removeEncoded(encoded);
  }

  /** The key is checked first: then there is nothing to take back. */
  #store(key: K, value: P): Entry {
    const encoded = encodeChecked(this.keyCodec, key);
    return { key: encoded, value: storeInSlot(this.#allocator, this.#type, value) };
  }

  /** Plans an entry; returns the slot that it replaces. */
  #plan(entry: Entry, onReplaced?: (slot: Uint8Array) => void): Uint8Array | undefined {
    const replaced = insertEntry(this.tree, entry.key, (old) => {
      if (old !== undefined) onReplaced?.(old);
      return entry.value;
    });
    this.tree.store.recycle();
    return replaced;
  }

  /** Runs an action that stores `value`; where it throws, what is stored by then is freed again. */
  #undoing<R>(value: unknown, stored: readonly Entry[], action: () => R): R {
    try {
      return rejecting(value, action);
    } catch (error) {
      if (this.#allocator.isUsable) for (const entry of stored) this.#drop(entry.value);
      throw error;
    }
  }

  #pop(removeOne: (tree: Tree) => Entry | undefined): [K, P] | undefined {
    let entry: [K, P] | undefined;
    const removed = this.tree.change(() => {
      const found = removeOne(this.tree);
      if (found !== undefined) entry = [this.keyCodec.decode(found.key), this.#load(found.value)];
      return found;
    });
    if (removed !== undefined) this.#drop(removed.value);
    return entry;
  }

  #load(slot: Uint8Array): P {
    return this.#type.load(this.#allocator, slot, 0);
  }

  #drop(slot: Uint8Array): void {
    this.#type.drop(this.#allocator, slot, 0);
  }
}

/** What reading a slot gives, as a codec. It encodes nothing: slots are stored by their type. */
function viewCodec<P, H>(allocator: StableMemoryAllocator, type: StableType<P, H>): Codec<H> {
  const view = (slot: Uint8Array, offset: number): H => type.view(allocator, slot, offset);
  return {
    name: type.name,
    bound: slotBound(type),
    encode: () => new Uint8Array(type.size),
    decode: (slot) => view(slot, 0),
    decodeAt: (bytes, start) => view(bytes, start),
  };
}

/** The bound of a type's slots. */
export function slotBound({ size }: { readonly size: number }): Codec<unknown>['bound'] {
  return { maxSize: size, fixedSize: true };
}
