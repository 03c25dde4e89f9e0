/**
 * The sectors of a log: blocks of elements that never move. Each knows the one before it:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  the sector before; 0 for the first one
 *          8     8  index of the first element
 *         16     8  capacity: how many slots there are
 *         24        slot 0, slot 1, ...
 *
 * The first one has four slots, and each has four more than all before it together: 4, 8, 16, ...
 * So n elements take about log2(n) sectors. Where such a one finds no room half as many slots will
 * do, down to a single one. What comes next follows from how many slots there are, never from what
 * was tried: nothing is inflated by failure, and once there is room again the sectors are large.
 *
 * INVARIANT: all sectors are full but the last, which has an element; where one begins the one
 * before ends. So a chain of pointers that goes round is found out.
 *
 * Slots of no bytes need no sectors.
 *
 * Source: `specs/ic-stable-memory.md` section 5.2 and vector 10; defect 8.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { TAG_SIZE, type StablePtr } from '../allocator/free-block.js';
import { readU64, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import type { SlotRun } from '../ownership/slots.js';

const PREVIOUS_OFFSET = 0;
const FIRST_OFFSET = PREVIOUS_OFFSET + 8;
const CAPACITY_OFFSET = FIRST_OFFSET + 8;
const SLOTS_OFFSET = CAPACITY_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const SECTOR_LAYOUT = {
  previous: PREVIOUS_OFFSET,
  first: FIRST_OFFSET,
  capacity: CAPACITY_OFFSET,
  slots: SLOTS_OFFSET,
} as const;

const FIRST_CAPACITY = 4;

/** A sector, as the run of slots that it has. */
export interface Sector extends SlotRun {
  readonly ptr: StablePtr;
  readonly previous: StablePtr;
}

/** The sectors of a log, the last one first. Those before it are read when they are needed. */
export class Sectors {
  #known: Sector[] = [];

  constructor(
    readonly allocator: StableMemoryAllocator,
    readonly slotSize: number,
  ) {}

  /** The last sector; 0 where there is none. */
  get last(): StablePtr {
    return this.#known[0]?.ptr ?? 0;
  }

  /** How many slots there are. */
  get capacity(): number {
    return this.#known[0]?.end ?? 0;
  }

  /** Begins anew, with what a header says. Throws `CORRUPTED`. O(1). */
  reset(last: StablePtr, length: number): void {
    const hasNone = length === 0 || this.slotSize === 0;
    if (hasNone && last !== 0) throw corrupted('last sector of a log', 0, last);
    this.#known = hasNone ? [] : [this.#read(last)];
    const [sector] = this.#known;
    if (sector === undefined || (length > sector.first && length <= sector.end)) return;
    throw corrupted('length of a log', `one within ${sector.first} to ${sector.end}`, length);
  }

  /** The sector that an element lies in. Throws `CORRUPTED`. O(sectors behind it). */
  runOf(index: number): SlotRun {
    if (this.slotSize === 0) return { first: index, end: Infinity, address: 0 };
    for (let number = 0; ; number++) {
      const sector = this.#sectorAt(number);
      if (index >= sector.first) return sector;
    }
  }

  /** All sectors, the last one first. Throws `CORRUPTED`. */
  all(): readonly Sector[] {
    for (let number = 0; this.#known.at(-1)?.previous;) this.#sectorAt(++number);
    return this.#known;
  }

  /**
   * Takes new sectors until there are slots for so many elements, and returns them. They count as
   * the log's own once its header names the last one. Throws `OUT_OF_MEMORY`; none is taken then.
   */
  extend(length: number): readonly Sector[] {
    const before = this.#known;
    const added: Sector[] = [];
    try {
      while (this.slotSize > 0 && this.capacity < length) {
        added.push(this.#allocate(length - this.capacity));
        this.#known = [added.at(-1)!, ...this.#known];
      }
    } catch (error) {
      this.#known = before;
      if (this.allocator.isUsable) this.free(added);
      throw error;
    }
    return added;
  }

  /** Forgets sectors that {@link extend} has taken, and gives them back. */
  retract(added: readonly Sector[]): void {
    this.#known = this.#known.slice(added.length);
    this.free(added);
  }

  /** Forgets the last sector if no element is left in it, and returns it. */
  leave(length: number): readonly Sector[] {
    const [last] = this.#known;
    if (last === undefined || length > last.first) return [];
    if (last.previous !== 0) this.#sectorAt(1);
    this.#known = this.#known.slice(1);
    return [last];
  }

  /** Forgets all sectors. */
  leaveAll(): void {
    this.#known = [];
  }

  /** Gives sectors back. */
  free(sectors: readonly Sector[]): void {
    for (const { ptr } of sectors) this.allocator.deallocate(this.allocator.blockAt(ptr));
  }

  #sectorAt(number: number): Sector {
    const known = this.#known[number];
    if (known !== undefined) return known;
    const next = this.#known[number - 1]!;
    const sector = this.#read(next.previous);
    if (sector.end !== next.first) throw corrupted('end of a sector', next.first, sector.end);
    this.#known.push(sector);
    return sector;
  }

  #allocate(wanted: number): Sector {
    const { allocator, capacity: first, last: previous } = this;
    let capacity = Math.max(wanted, first + FIRST_CAPACITY);
    while (capacity > 1 && !allocator.makeSureCanAllocate(this.#sizeOf(capacity))) {
      capacity = Math.floor(capacity / 2);
    }
    const slice = allocator.allocate(this.#sizeOf(capacity));
    const bytes = new Uint8Array(SLOTS_OFFSET);
    writeU64(bytes, PREVIOUS_OFFSET, previous);
    writeU64(bytes, FIRST_OFFSET, first);
    writeU64(bytes, CAPACITY_OFFSET, capacity);
    allocator.writeBytes(slice.offset(0, bytes.length), bytes);
    return sectorOf(slice.ptr, previous, first, capacity);
  }

  #sizeOf(capacity: number): number {
    return SLOTS_OFFSET + capacity * this.slotSize;
  }

  #read(ptr: StablePtr): Sector {
    const { allocator } = this;
    const slice = allocator.blockAt(ptr);
    const bytes = new Uint8Array(SLOTS_OFFSET);
    allocator.readBlock(ptr, bytes);
    const previous = readU64(bytes, PREVIOUS_OFFSET);
    const first = readU64(bytes, FIRST_OFFSET);
    const capacity = readU64(bytes, CAPACITY_OFFSET);
    const capacityMax = Math.floor((slice.size - SLOTS_OFFSET) / this.slotSize);
    if (capacity === 0 || capacity > capacityMax) {
      throw corrupted('capacity of a sector', `1 to ${capacityMax}`, capacity);
    }
    if ((previous === 0) !== (first === 0)) {
      throw corrupted('first element of a sector', previous === 0 ? 0 : 'more than 0', first);
    }
    return sectorOf(ptr, previous, first, capacity);
  }
}

function sectorOf(ptr: StablePtr, previous: StablePtr, first: number, capacity: number): Sector {
  return { ptr, previous, first, end: first + capacity, address: ptr + TAG_SIZE + SLOTS_OFFSET };
}
