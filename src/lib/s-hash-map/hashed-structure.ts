/**
 * What hash maps and hash sets have in common: a header, a table, and entries of a key and a value
 * (of a set the value is nothing). What is done to the slots of a table is in `table.ts`; here is
 * what keeps header, table and the blocks of entries in step.
 *
 *     find ──► make room in the table ──► store key and value ──► table ──► header ──► free the old
 *
 * So what finds no room has changed nothing that can be seen, and nothing is freed that somebody
 * still points to.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import type { Placing } from '../placing.js';
import { corrupted, firstViolation } from '../errors.js';
import { assertSize } from '../guards.js';
import { StableStructure, type StructureShape } from '../ownership/stable-structure.js';
import type { StableType } from '../ownership/stable-type.js';
import { copyEntries } from './copy-entries.js';
import { hasherOf } from './hasher.js';
import { readHashHeader, writeHashHeader, type HashHeader, type SlotSizes } from './header.js';
import { FALL_BACK, KernelTable } from './kernel-table.js';
import type { KeySlots } from './key-slots.js';
import { capacityFor, countMax, nextCapacity, tableSize, tagOf } from './table-layout.js';
import { Table, type Found } from './table.js';
import { Walk, type WalkDirection } from './walk.js';

/** Stands for a line that there is not. */
const NO_LINE = null;

/** What a structure's entries are made of. */
export interface EntryTypes<K, V, H> {
  readonly shape: StructureShape;
  readonly keys: KeySlots<K>;
  readonly values: StableType<V, H>;
  /** The codec of values that are their slots, where there is one. */
  readonly valueCodec: Placing<V> | undefined;
}

/** Where an entry is, or where it would have to go. */
export interface Place extends Found {
  readonly encodedKey: Uint8Array;
  readonly tag: number;
}

/** A map or a set in a table. */
export abstract class HashedStructure<K, V, H> extends StableStructure {
  protected readonly keySlots: KeySlots<K>;
  protected readonly valueType: StableType<V, H>;
  readonly #valueCodec: Placing<V> | undefined;
  readonly #sizes: SlotSizes;
  /** What the header says; good for {@link #revisionRead}. */
  #state: HashHeader = { table: 0, capacity: 0, length: 0 };
  #revisionRead = -1;
  #table: Table | undefined;
  #line: KernelTable<K, V, H> | typeof NO_LINE | undefined;

  constructor(allocator: StableMemoryAllocator, ptr: StablePtr, types: EntryTypes<K, V, H>) {
    super(allocator, ptr, types.shape);
    this.keySlots = types.keys;
    this.valueType = types.values;
    this.#valueCodec = types.valueCodec;
    this.#sizes = { keySize: types.keys.size, valueSize: types.values.size };
  }

  /** As the base has it; the kernel is then not asked any more. */
  override consume(): void {
    super.consume();
    this.#line = NO_LINE;
  }

  /** Number of entries. O(1). */
  get length(): number {
    this.sync();
    return this.#state.length;
  }

  /** Whether there is no entry. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /**
   * Number of slots of the table, of which three in four may be in use; 0 before the first entry.
   * O(1).
   */
  get capacity(): number {
    this.sync();
    return this.#state.capacity;
  }

  /**
   * Makes room for `count` entries in all, at once: no growing up to there. O(capacity).
   *
   * Throws `OUT_OF_MEMORY` (nothing has changed), `RangeError` for what is no count.
   */
  reserve(count: number): void {
    assertSize('count', count);
    this.sync();
    if (count > countMax(this.#state.capacity)) this.#rebuild(capacityFor(count));
  }

  /** Removes and frees every entry, and the table. O(capacity), and what the entries own. */
  clear(): void {
    this.sync();
    const { table, length } = this.#state;
    if (table === 0) return;
    const old = this.#table!;
    this.#publish({ table: 0, capacity: 0, length: 0 });
    this.#release(old, table, length);
  }

  override checkInvariants(): string | undefined {
    return firstViolation(() => {
      this.sync();
      return this.#table?.checkInvariants(this.#state.length) ?? this.#firstStranger();
    });
  }

  /** The line to the kernel, in a canister. */
  protected get line(): KernelTable<K, V, H> | undefined {
    if (this.#line === undefined) this.#line = this.#connect() ?? NO_LINE;
    return this.#line === NO_LINE ? undefined : this.#line;
  }

  /** As the base has it; the fields of the header are then checked, too. */
  protected override sync(): void {
    super.sync();
    if (this.#revisionRead !== this.revision) this.#readState();
  }

  /** Whether there is such a key. Throws what its codec throws, `CORRUPTED`. */
  protected hasKey(key: K): boolean {
    const served = this.line?.containsKey(key) ?? FALL_BACK;
    if (served !== FALL_BACK) return served;
    return this.locate(this.keySlots.encode(key)).entry !== undefined;
  }

  /** A copy of the slot of a key's value. Throws as {@link hasKey} does. */
  protected findValue(key: K): Uint8Array | undefined {
    const { keySlots, line } = this;
    const served = line === undefined ? FALL_BACK : line.find(key);
    return served === FALL_BACK
      ? this.locate(keySlots.encode(key)).entry?.slice(keySlots.size)
      : served;
  }

  /** Takes a key out and frees it. Returns the slot of its value, of which nothing is freed. */
  protected unlinkKey(key: K): Uint8Array | undefined {
    const { allocator, keySlots, line } = this;
    const served = line === undefined ? FALL_BACK : line.unlink(key);
    if (served !== FALL_BACK) return served;
    const place = this.locate(keySlots.encode(key));
    if (place.entry === undefined) return undefined;
    this.unlink(place);
    keySlots.drop(allocator, place.entry, 0);
    return place.entry.slice(keySlots.size);
  }

  /** Where an encoded key is, or would have to go. O(1) on average. */
  protected locate(encodedKey: Uint8Array): Place {
    this.sync();
    const { allocator, keySlots } = this;
    const tag = tagOf(hasherOf(allocator).hash32(encodedKey));
    const found = this.#table?.find(tag, (entry) => keySlots.isOf(allocator, entry, encodedKey));
    return { encodedKey, tag, slot: found?.slot ?? 0, entry: found?.entry };
  }

  /**
   * Gives the entry at a place a value, which `fill` puts into its slot; where there is none, adds
   * one. Throws `OUT_OF_MEMORY`, and what `fill` throws: nothing has changed then, but that the
   * table may have grown.
   */
  protected put(place: Place, fill: (slot: Uint8Array, offset: number) => void): void {
    if (place.entry === undefined) this.#add(place, fill);
    else this.#replace(place.slot, place.entry, fill);
  }

  /** Takes the entry out of the table, and frees nothing. */
  protected unlink({ slot }: Place): void {
    const { table, capacity, length } = this.#state;
    this.#table!.takeOut(slot);
    this.#publish({ table, capacity, length: length - 1 });
  }

  /** Frees what the entry at an offset owns. */
  protected dropEntry(bytes: Uint8Array, offset: number): void {
    this.keySlots.drop(this.allocator, bytes, offset);
    this.valueType.drop(this.allocator, bytes, offset + this.keySlots.size);
  }

  /** What `read` gives of each entry, slot by slot. Throws `CHANGED_WHILE_ITERATING`. */
  protected walk<T>(
    { reverse = false }: WalkDirection,
    read: (bytes: Uint8Array, offset: number) => T,
  ): Generator<T, void> {
    this.sync();
    return this.#walkFrom(this.revision, reverse, read);
  }

  /**
   * Removes and frees the entries of which `keep` says no. It is asked of all before the first one
   * goes; where it throws, or changes the structure, nothing has changed.
   */
  protected retainEntries(keep: (bytes: Uint8Array, offset: number) => boolean): void {
    this.sync();
    const { revision } = this;
    const table = this.#table;
    if (table === undefined) return;
    const dropped: { readonly slot: number; readonly entry: Uint8Array }[] = [];
    const { entrySize } = table;
    const walk = new Walk(table, { from: table.firstEmpty(), reverse: true });
    while (walk.next()) {
      const { bytes, offset, slot } = walk;
      const isKept = keep(bytes, offset);
      this.assertUnchanged(revision);
      if (!isKept) dropped.push({ slot, entry: bytes.slice(offset, offset + entrySize) });
    }
    if (dropped.length === 0) return;
    // Each one moves only entries that lie behind it, and no empty slot was passed on the way.
    for (const { slot } of dropped) table.takeOut(slot);
    const { length } = this.#state;
    this.#publish({ ...this.#state, length: length - dropped.length });
    for (const { entry } of dropped) this.dropEntry(entry, 0);
  }

  protected override releaseContents(): void {
    const { table, length } = this.#state;
    if (table !== 0) this.#release(this.#table!, table, length);
  }

  protected override traceContents(visit: (ptr: StablePtr) => void): void {
    const { allocator, keySlots, valueType } = this;
    if (this.#table === undefined) return;
    visit(this.#state.table);
    const walk = new Walk(this.#table);
    while (walk.next()) {
      keySlots.trace(allocator, walk.bytes, walk.offset, visit);
      valueType.trace(allocator, walk.bytes, walk.offset + keySlots.size, visit);
    }
  }

  #connect(): KernelTable<K, V, H> | undefined {
    this.sync();
    return KernelTable.open({
      allocator: this.allocator,
      ptr: this.ptr,
      serial: this.serial,
      keySlots: this.keySlots,
      valueType: this.valueType,
      valueCodec: this.#valueCodec,
      grow: () => this.#growIfFull(),
    });
  }

  #growIfFull(): void {
    this.sync();
    const { capacity, length } = this.#state;
    if (length === countMax(capacity)) this.#rebuild(nextCapacity(capacity));
  }

  get #entrySize(): number {
    return this.#sizes.keySize + this.#sizes.valueSize;
  }

  *#walkFrom<T>(
    revision: number,
    reverse: boolean,
    read: (bytes: Uint8Array, offset: number) => T,
  ): Generator<T, void> {
    this.assertUnchanged(revision);
    if (this.#table === undefined) return;
    const walk = new Walk(this.#table, { reverse });
    while (walk.next()) {
      yield read(walk.bytes, walk.offset);
      this.assertUnchanged(revision);
    }
  }

  #replace(slot: number, old: Uint8Array, fill: (slot: Uint8Array, offset: number) => void): void {
    const { allocator, revision, valueType } = this;
    const { keySize } = this.#sizes;
    const entry = old.slice();
    fill(entry, keySize);
    this.#assertUndisturbed(revision, () => valueType.drop(allocator, entry, keySize));
    if (entry.length === keySize) return;
    this.#table!.entries.write(slot, entry);
    this.#publish(this.#state);
    valueType.drop(allocator, old, keySize);
  }

  #add(place: Place, fill: (slot: Uint8Array, offset: number) => void): void {
    if (this.#state.length === countMax(this.#state.capacity)) {
      this.#growIfFull();
      return this.#add(this.locate(place.encodedKey), fill);
    }
    const { revision } = this;
    const entry = this.#newEntry(place.encodedKey, fill);
    this.#assertUndisturbed(revision, () => this.dropEntry(entry, 0));
    this.#table!.place(place.slot, place.tag, entry);
    this.#publish({ ...this.#state, length: this.#state.length + 1 });
  }

  /** Stores key and value; where either finds no room, nothing stays allocated. */
  #newEntry(encodedKey: Uint8Array, fill: (slot: Uint8Array, offset: number) => void): Uint8Array {
    const { allocator, keySlots } = this;
    const entry = new Uint8Array(this.#entrySize);
    keySlots.store(allocator, encodedKey, entry);
    try {
      fill(entry, keySlots.size);
    } catch (error) {
      if (allocator.isUsable) keySlots.drop(allocator, entry, 0);
      throw error;
    }
    return entry;
  }

  /** A codec is a user's code: while it encoded a value it may have changed this very structure. */
  #assertUndisturbed(revision: number, undo: () => void): void {
    try {
      this.assertUnchanged(revision);
    } catch (error) {
      if (this.allocator.isUsable) undo();
      throw error;
    }
  }

  /** Moves everything into a new table. Throws `OUT_OF_MEMORY`: the old one is as it was. */
  #rebuild(capacity: number): void {
    const { allocator } = this;
    const { table: oldPtr, length } = this.#state;
    const old = this.#table;
    const size = tableSize(capacity, this.#entrySize);
    const slice = allocator.allocate(size);
    const table = new Table(allocator, slice.offset(0, size), capacity, this.#entrySize);
    try {
      if (old === undefined) table.clear();
      else if (this.line?.copyInto(slice.offset(0, size), capacity) !== true) {
        copyEntries(old, table);
      }
    } catch (error) {
      if (allocator.isUsable) allocator.deallocate(slice);
      throw error;
    }
    this.#publish({ table: slice.ptr, capacity, length });
    if (old !== undefined) allocator.deallocate(allocator.blockAt(oldPtr));
  }

  /** Frees the entries of a table and its block. */
  #release(table: Table, ptr: StablePtr, length: number): void {
    const { allocator, keySlots, valueType } = this;
    const walk = new Walk(table);
    if (length > 0 && (keySlots.areBoxed || valueType.ownsBlocks)) {
      while (walk.next()) this.dropEntry(walk.bytes, walk.offset);
    }
    allocator.deallocate(allocator.blockAt(ptr));
  }

  #publish(state: HashHeader): void {
    writeHashHeader(this.header, state, this.#sizes);
    this.publish();
    this.#readState();
  }

  /** Throws `CORRUPTED` and `INCOMPATIBLE_TYPE` for what this map's header cannot be. */
  #readState(): void {
    const { table, capacity } = this.#state;
    const state = readHashHeader(this.header, this.shape.name, this.#sizes);
    if (state.table !== table || state.capacity !== capacity) this.#table = this.#openTable(state);
    this.#state = state;
    this.#revisionRead = this.revision;
  }

  #openTable({ table, capacity }: HashHeader): Table | undefined {
    const { allocator } = this;
    if (capacity === 0) return undefined;
    const slice = allocator.blockAt(table);
    const size = tableSize(capacity, this.#entrySize);
    if (size > slice.size) {
      throw corrupted(`block of the table of the ${this.shape.name}`, `${size} bytes`, slice.size);
    }
    return new Table(allocator, slice.offset(0, size), capacity, this.#entrySize);
  }

  /** The first entry whose tag is not that of its key, in words. */
  #firstStranger(): string | undefined {
    if (this.#table === undefined) return undefined;
    const { allocator, keySlots } = this;
    const walk = new Walk(this.#table);
    while (walk.next()) {
      const encoded = keySlots.encode(keySlots.load(allocator, walk.bytes, walk.offset));
      const tag = tagOf(hasherOf(allocator).hash32(encoded));
      if (tag !== walk.tag) return `slot ${walk.slot} has a tag that is not that of its key`;
    }
    return undefined;
  }
}
