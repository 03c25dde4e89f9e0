/**
 * What can be asked of a certified map: its entries, its root hash and its witnesses. Nothing here
 * writes, so a query call may do all of it.
 *
 * Source: `../s-certified-btree-map.ts`, which has the layout.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { compareBytes, readU16, readU32, readU64 } from '../bytes.js';
import { byteRangeOf } from '../btree-map/byte-range.js';
import { FALL_BACK } from '../btree-map/kernel-tree.js';
import { decodeHashTree } from '../certification/decode-hash-tree.js';
import { encodeHashTree } from '../certification/encode-hash-tree.js';
import { emptyHash, type HashTree } from '../certification/hash-tree.js';
import { encodeChecked, type Codec } from '../codec.js';
import { StorageError } from '../errors.js';
import type { KeyRange } from '../multi-map/key-range.js';
import {
  FIELDS_OFFSET,
  StableStructure,
  STRUCTURE_LAYOUT,
  type StructureShape,
} from '../ownership/stable-structure.js';
import { HASH_SIZE } from '../sha256.js';
import { readValue, type Entry } from './entry-block.js';
import { KernelMap } from './kernel-map.js';
import { entryAt, RadixTree } from './radix-tree.js';
import { EntryWalk, type WalkRange } from './walk.js';
import { witnessOfKey, witnessOfRange } from './witness.js';

export const LENGTH_OFFSET = FIELDS_OFFSET;
export const ROOT_OFFSET = LENGTH_OFFSET + 8;
export const ROOT_HASH_OFFSET = ROOT_OFFSET + 8;
export const STALE_OFFSET = ROOT_HASH_OFFSET + HASH_SIZE;
export const HEADER_SIZE = STALE_OFFSET + 4;

/** Where each field lies, for the test that compares the table above with the code. */
export const S_CERTIFIED_BTREE_MAP_LAYOUT = {
  length: LENGTH_OFFSET,
  root: ROOT_OFFSET,
  rootHash: ROOT_HASH_OFFSET,
  stale: STALE_OFFSET,
} as const;

/** The codecs of a map, and what its handles share besides. */
export interface CertifiedMapType<K, V> {
  readonly shape: StructureShape;
  readonly keys: Codec<K>;
  readonly values: Codec<V>;
}

/** A certified map, as far as it can be read. */
export abstract class CertifiedQueries<K, V> extends StableStructure implements Iterable<[K, V]> {
  protected readonly keyCodec: Codec<K>;
  protected readonly valueCodec: Codec<V>;
  #line: KernelMap<K, V> | undefined;

  protected constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    type: CertifiedMapType<K, V>,
  ) {
    super(allocator, ptr, type.shape);
    this.keyCodec = type.keys;
    this.valueCodec = type.values;
  }

  /** Number of entries. O(1). */
  get length(): number {
    this.sync();
    return readU64(this.header, LENGTH_OFFSET);
  }

  /** Whether there is no entry. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Whether the root hash is that of the contents. O(1). */
  get isCommitted(): boolean {
    this.sync();
    return readU32(this.header, STALE_OFFSET) === 0;
  }

  /** The root hash, 32 bytes. Throws `UNCOMMITTED` where the map was changed since. O(1). */
  get rootHash(): Uint8Array {
    this.#assertCommitted();
    return this.storedHash();
  }

  /** The value of a key, or `undefined`. O(depth). Throws `CORRUPTED`, as everything here does. */
  get(key: K): V | undefined {
    const { line } = this;
    const value = line === undefined ? FALL_BACK : line.get(key);
    if (value !== FALL_BACK) return value;
    const entry = this.#find(key);
    return entry && this.decodeValue(entry);
  }

  /** Whether there is an entry with this key. O(depth). */
  containsKey(key: K): boolean {
    const found = this.line?.containsKey(key) ?? FALL_BACK;
    return found === FALL_BACK ? this.#find(key) !== undefined : found;
  }

  /** The entry with the smallest key, by bytes. O(depth). */
  first(): [K, V] | undefined {
    return this.#end(false);
  }

  /** The entry with the largest key, by bytes. O(depth). */
  last(): [K, V] | undefined {
    return this.#end(true);
  }

  /**
   * What proves the value of a key, or that there is none; for `encodeHashTree`. O(depth). Throws
   * `UNCOMMITTED`.
   */
  witness(key: K): HashTree {
    const encoded = this.line?.witness(key) ?? FALL_BACK;
    return encoded === FALL_BACK ? this.#witness(key) : decodeHashTree(encoded);
  }

  /**
   * The witness of a key in CBOR, as `encodeHashTree` makes it of what {@link witness} returns. In
   * a canister it costs a fraction of that. Throws as {@link witness} does.
   */
  encodedWitness(key: K): Uint8Array {
    const encoded = this.line?.witness(key) ?? FALL_BACK;
    return encoded === FALL_BACK ? encodeHashTree(this.#witness(key)) : encoded;
  }

  /**
   * What proves all entries in a range, and that there are no others: it shows the labels on either
   * side of the range, too, or the edge of the tree. Without `values` it shows the keys alone.
   * O(depth + entries). Throws `UNCOMMITTED`, and `RangeError` where the range ends before it
   * begins.
   */
  witnessOfRange(
    range: Omit<KeyRange<K>, 'reverse'>,
    { values = true }: { readonly values?: boolean } = {},
  ): HashTree {
    const edges = this.#edges(range);
    assertForward(edges);
    this.#assertCommitted();
    return witnessOfRange(this.tree(), edges, values);
  }

  /** The entries in a range, lazily; all of them unless told. Keys come in the order of bytes. */
  entries(range: KeyRange<K> = {}): Generator<[K, V], void> {
    return this.#walk(range, (entry) => this.#decodeEntry(entry));
  }

  /** The keys in a range, lazily. */
  keys(range: KeyRange<K> = {}): Generator<K, void> {
    return this.#walk(range, ({ key }) => this.keyCodec.decode(key));
  }

  /** The values in a range, lazily, in the order of their keys. */
  values(range: KeyRange<K> = {}): Generator<V, void> {
    return this.#walk(range, (entry) => this.decodeValue(entry));
  }

  /** All entries. */
  [Symbol.iterator](): Generator<[K, V], void> {
    return this.entries();
  }

  /** The line to the kernel, where there is one and this handle is good for something. */
  protected get line(): KernelMap<K, V> | undefined {
    if (this.ownership === 'consumed' || !this.allocator.isUsable) return undefined;
    return (this.#line ??= this.#openLine());
  }

  #openLine(): KernelMap<K, V> | undefined {
    const { kernelHeap } = this.allocator;
    if (kernelHeap === undefined) return undefined;
    this.sync();
    const { serial } = STRUCTURE_LAYOUT;
    const high = readU16(this.header, serial + 4);
    const number = readU32(this.header, serial) + high * 2 ** 32;
    const { allocator, ptr, keyCodec, valueCodec } = this;
    return new KernelMap(allocator, kernelHeap, ptr, number, keyCodec, valueCodec);
  }

  /** The tree as the header has it. */
  protected tree(): RadixTree {
    this.sync();
    const { header } = this;
    return new RadixTree(
      this.allocator,
      readU64(header, ROOT_OFFSET),
      readU64(header, LENGTH_OFFSET),
    );
  }

  protected storedHash(): Uint8Array {
    if (this.isEmpty) return emptyHash();
    return this.header.slice(ROOT_HASH_OFFSET, ROOT_HASH_OFFSET + HASH_SIZE);
  }

  #assertCommitted(): void {
    if (this.isCommitted) return;
    throw new StorageError(
      'UNCOMMITTED',
      `the ${this.shape.name} was changed and not committed. ` +
        'Call commit, and put what it returns into the certified data.',
    );
  }

  #find(key: K): Entry | undefined {
    const label = encodeChecked(this.keyCodec, key);
    return entryAt(this.tree().locate(label));
  }

  #end(isLast: boolean): [K, V] | undefined {
    const entry = new EntryWalk(this.tree(), {}, isLast).next();
    return entry && this.#decodeEntry(entry);
  }

  #decodeEntry(entry: Entry): [K, V] {
    return [this.keyCodec.decode(entry.key), this.decodeValue(entry)];
  }

  protected decodeValue(entry: Entry): V {
    return this.valueCodec.decode(readValue(this.allocator, entry));
  }

  #witness(key: K): HashTree {
    const label = encodeChecked(this.keyCodec, key);
    this.#assertCommitted();
    return witnessOfKey(this.tree(), label);
  }

  #edges(range: Omit<KeyRange<K>, 'reverse'>): WalkRange {
    const { gte, gt, lte, lt } = range;
    return byteRangeOf({ ...this.keyCodec, order: compareBytes }, { gte, gt, lte, lt })!;
  }

  #walk<T>(range: KeyRange<K>, read: (entry: Entry) => T): Generator<T, void> {
    const walk = new EntryWalk(this.tree(), this.#edges(range), range.reverse ?? false);
    return this.#steps(walk, this.revision, read);
  }

  *#steps<T>(walk: EntryWalk, revision: number, read: (entry: Entry) => T): Generator<T, void> {
    while (true) {
      this.assertUnchanged(revision);
      const entry = walk.next();
      if (entry === undefined) return;
      yield read(entry);
    }
  }
}

/** A range that ends before it begins has no edges that could be shown. */
function assertForward({ lower, upper }: WalkRange): void {
  if (lower === undefined || upper === undefined) return;
  const order = compareBytes(lower.key, 0, lower.key.length, upper.key, 0, upper.key.length);
  if (order > 0)
    throw new RangeError('range: expected a beginning before its end, got the reverse');
}
