/**
 * A handle of a map or a set in a heap. It joins two things: the engine of `BTreeMap`, which keeps
 * a root, a length and some nodes in RAM, and the handle of a structure, which trusts nothing in
 * RAM that somebody else may have changed. What the engine asks of a lease it asks of the handle
 * here; so each of its operations begins with a look at the heap's revision, and ends with a new
 * header.
 *
 *     engine ──► assertUsable ──► the header is read anew if the heap has changed
 *            ──► change       ──► nodes are written, then the header is published
 *
 * Source: `specs/ic-stable-memory.md` sections 4.6 and 5.4.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { newHeader } from '../btree-map/header.js';
import type { Tree } from '../btree-map/tree.js';
import type { Codec, KeyCodec } from '../codec.js';
import { StableStructure, type StructureShape } from '../ownership/stable-structure.js';
import type { Stable } from '../ownership/stable-type.js';
import { HandleTenure } from './handle-tenure.js';
import { openHeapTree } from './heap-tree.js';
import type { MapEngine } from './map-engine.js';
import { beginMapHeader } from './map-header.js';
import { OwningMap, slotBound } from './owning-map.js';
import { PlainMap } from './plain-map.js';

/** What the entries of a map are. */
export interface EntryTypes<K, P, H> {
  readonly keys: KeyCodec<K>;
  readonly values: Stable<P, H>;
}

export abstract class TreeHandle<K, P, H> extends StableStructure {
  readonly #types: EntryTypes<K, P, H>;
  #tree: Tree | undefined;
  #engine: MapEngine<K, P, H> | undefined;

  constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    shape: StructureShape,
    types: EntryTypes<K, P, H>,
  ) {
    super(allocator, ptr, shape);
    this.#types = types;
  }

  /** Number of entries. O(1). */
  get length(): number {
    return this.engine.length;
  }

  /** Whether there is no entry. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Removes every entry and frees all that they owned. O(n). */
  clear(): void {
    this.engine.clear();
  }

  checkInvariants(): string | undefined {
    return this.engine.checkInvariants();
  }

  /** Not for users: what the operations are carried out by. Made when it is first needed. */
  protected get engine(): MapEngine<K, P, H> {
    return (this.#engine ??= this.#open());
  }

  /** Makes a header whose fields are zero that of an empty map. */
  protected beginEmpty(): void {
    const { keys, values } = this.#types;
    this.sync();
    beginMapHeader(this.header, newHeader(keys.bound, boundOf(values)).pageSize);
    this.publish();
  }

  protected override onChanged(): void {
    this.#tree?.changedElsewhere();
  }

  protected override releaseContents(): void {
    this.engine.release();
  }

  protected override traceContents(visit: (ptr: StablePtr) => void): void {
    this.engine.trace(visit);
  }

  #open(): MapEngine<K, P, H> {
    this.sync();
    const { allocator, ptr, header } = this;
    const { keys, values } = this.#types;
    const tenure = this.#tenure();
    const tree = openHeapTree({ allocator, ptr, header }, tenure, keys);
    tree.openSeat = (description) => tenure.takeSeat(description);
    this.#tree = tree;
    if ('store' in values) return new OwningMap(allocator, tree, keys, values);
    return new PlainMap(tree, keys, values) as unknown as MapEngine<K, P, H>;
  }

  #tenure(): HandleTenure {
    return new HandleTenure(this.allocator, this.ptr, {
      sync: () => this.sync(),
      revision: () => this.revision,
      assertUnchanged: (revision) => this.assertUnchanged(revision),
      publish: () => this.publish(),
      changedByKernel: (revision) => this.changedByKernel(revision),
    });
  }
}

/** How large values are where they lie. */
function boundOf<P, H>(values: Stable<P, H>): Codec<unknown>['bound'] {
  return 'store' in values ? slotBound(values) : values.bound;
}
