/**
 * What is done to a table of a hash map: find, place and take out an entry, by open addressing with
 * linear probing. An entry lies at its home or, where others are in the way, some slots behind it:
 *
 *     home of   a         b c   d              (b, c and d have one home)
 *     slots   │ a │   │   │ b │ c │ d │ e │   │
 *
 * Those that are in each other's way lie in order, by their homes and then by their tags: "Robin
 * Hood" hashing. So a search also ends at the first entry that would come behind the one it looks
 * for. Where an entry is placed, those behind it move on by one, up to the next empty slot; where
 * one is taken out, those behind it move back by one, up to the first that is at home. Nothing
 * stays in a slot that was left, so tables do not wear out.
 *
 * INVARIANT: between the home of an entry and its slot no slot is empty; behind each other, entries
 * have rising homes and, where they share one, tags that do not fall; one slot at least is empty.
 *
 * Limits: of a table without an empty slot, which only damage makes, a search ends after one turn,
 * with `CORRUPTED`.
 *
 * Source: P. Celis, "Robin Hood Hashing", 1986; section 5.3 of `specs/ic-stable-memory.md`.
 */
import { concatBytes, readU32, writeU32 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { Column, type AddressedBytes } from './column.js';
import { distanceOf, EMPTY, entriesOffset, homeOf, TAG_SIZE } from './table-layout.js';

/** So many tags are read at once. At the fullest, a search passes five on average. */
const RUN_LENGTH = 16;

/** So many slots are emptied by one write. */
const CLEARED_AT_ONCE = 4096;

/** Where an entry lies, or where it would have to. */
export interface Found {
  readonly slot: number;
  /** The slots of key and value; `undefined` where there is no such entry. */
  readonly entry: Uint8Array | undefined;
}

/** A table of `capacity` slots, more than none, which lies at `address`. */
export class Table {
  readonly tags: Column;
  readonly entries: Column;

  constructor(
    bytes: AddressedBytes,
    address: number,
    readonly capacity: number,
    readonly entrySize: number,
  ) {
    this.tags = new Column(bytes, address, TAG_SIZE, capacity);
    this.entries = new Column(bytes, address + entriesOffset(capacity), entrySize, capacity);
  }

  /**
   * Looks for an entry with this tag of which `isIt` says yes, and for the place of a new one where
   * there is none. O(1) on average.
   */
  find(tag: number, isIt: (entry: Uint8Array) => boolean): Found {
    let distance = -1;
    let entry: Uint8Array | undefined;
    const slot = this.#walkTags(homeOf(tag, this.capacity), (other, at) => {
      distance += 1;
      const ahead = distanceOf(other, at, this.capacity) - distance;
      if (ahead !== 0) return ahead < 0;
      if (other !== tag) return other > tag;
      entry = this.entries.read(at, 1);
      if (isIt(entry)) return true;
      entry = undefined;
      return false;
    });
    return { slot, entry };
  }

  /** Puts a new entry at a place that {@link find} has found. O(1) on average. */
  place(slot: number, tag: number, entry: Uint8Array): void {
    const end = this.#walkTags(slot, () => false);
    const count = this.#count(slot, end);
    const first = new Uint8Array(TAG_SIZE);
    writeU32(first, 0, tag);
    this.#write(
      slot,
      concatBytes(first, this.tags.read(slot, count)),
      concatBytes(entry, this.entries.read(slot, count)),
    );
  }

  /** Takes out the entry in a slot. O(1) on average. */
  takeOut(slot: number): void {
    const next = this.#behind(slot);
    const end = this.#walkTags(next, (tag, at) => distanceOf(tag, at, this.capacity) === 0);
    const count = this.#count(next, end);
    this.#write(
      slot,
      concatBytes(this.tags.read(next, count), new Uint8Array(TAG_SIZE)),
      this.entries.read(next, count),
    );
  }

  /** Makes every slot empty. O(capacity). */
  clear(): void {
    const piece = new Uint8Array(Math.min(CLEARED_AT_ONCE, this.capacity) * TAG_SIZE);
    for (let slot = 0; slot < this.capacity; slot += CLEARED_AT_ONCE) {
      this.tags.write(slot, piece.subarray(0, (this.capacity - slot) * TAG_SIZE));
    }
  }

  /** The slot at which the smallest tags begin: those before it have come round from the end. */
  firstInOrder(): number {
    return this.#walkTags(0, (tag, slot) => homeOf(tag, this.capacity) <= slot);
  }

  /** The first empty slot. */
  firstEmpty(): number {
    return this.#walkTags(0, () => false);
  }

  /** The first rule of a table with `length` entries that does not hold, in words. O(capacity). */
  checkInvariants(length: number): string | undefined {
    const { capacity } = this;
    const tags = this.tags.read(0, capacity);
    let count = 0;
    let before = readU32(tags, (capacity - 1) * TAG_SIZE);
    for (let slot = 0; slot < capacity; slot++) {
      const tag = readU32(tags, slot * TAG_SIZE);
      if (tag !== EMPTY) {
        if (!mayFollow(before, tag, slot, capacity))
          return `slot ${slot} holds no entry of its own`;
        count += 1;
      }
      before = tag;
    }
    if (count === capacity) return 'a table has no empty slot';
    return count === length ? undefined : `a table of ${count} entries is said to have ${length}`;
  }

  /**
   * The first slot from `slot` on that is empty, or at whose tag `isEnd` says so. Throws
   * `CORRUPTED` where there is none.
   */
  #walkTags(slot: number, isEnd: (tag: number, slot: number) => boolean): number {
    const { capacity } = this;
    let at = slot;
    for (let passed = 0; passed < capacity; passed += RUN_LENGTH) {
      const count = Math.min(RUN_LENGTH, capacity - passed);
      const run = this.tags.read(at, count);
      for (let index = 0; index < count; index++) {
        const tag = readU32(run, index * TAG_SIZE);
        if (tag === EMPTY || isEnd(tag, at)) return at;
        at = this.#behind(at);
      }
    }
    throw corrupted('a table of a hash map', 'an empty slot', 'none');
  }

  #behind(slot: number): number {
    return slot + 1 === this.capacity ? 0 : slot + 1;
  }

  /** The number of slots from `start` up to before `end`. */
  #count(start: number, end: number): number {
    return end < start ? end - start + this.capacity : end - start;
  }

  #write(slot: number, tags: Uint8Array, entries: Uint8Array): void {
    this.entries.write(slot, entries);
    this.tags.write(slot, tags);
  }
}

/** Whether an entry may lie in a slot, with `before` for the tag of the slot in front of it. */
function mayFollow(before: number, tag: number, slot: number, capacity: number): boolean {
  const distance = distanceOf(tag, slot, capacity);
  if (distance === 0) return true;
  if (before === EMPTY) return false;
  const ahead = distanceOf(before, slot === 0 ? capacity - 1 : slot - 1, capacity) + 1 - distance;
  return ahead === 0 ? before <= tag : ahead > 0;
}
