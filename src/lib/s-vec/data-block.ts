/**
 * The data block of a vector: its slots, as bytes. What the slots mean is the vector's business;
 * here they are read, written, moved along, and given more room or less.
 *
 * Every change ends with the vector's header, which makes it real. A new capacity counts only once
 * there is a block for it.
 *
 * Source: `specs/ic-stable-memory.md` section 5.1; defect 7 (the capacity was doubled first).
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { TAG_SIZE, type StablePtr } from '../allocator/free-block.js';
import { OutOfMemoryError } from '../allocator/out-of-memory.js';
import { WASM_PAGE_SIZE } from '../memory.js';
import { readSlots, writeSlots, type SlotRun } from '../ownership/slots.js';
import { NO_FIELDS, type VecFields } from './fields.js';

const FIRST_CAPACITY = 4;

/** No block is larger: of this many bytes and their tags every address is a number. */
const DATA_SIZE_MAX = Number.MAX_SAFE_INTEGER - WASM_PAGE_SIZE;

export class DataBlock {
  /** What the vector's header says. */
  fields: VecFields = NO_FIELDS;

  constructor(
    readonly allocator: StableMemoryAllocator,
    readonly slotSize: number,
    /** Writes the fields to the vector's header. */
    readonly publish: (fields: VecFields) => void,
  ) {}

  /** How many slots there are, in use or not; any number of those that take no bytes. */
  get capacity(): number {
    return this.slotSize === 0 ? Number.MAX_SAFE_INTEGER : this.fields.capacity;
  }

  /** Makes other fields real. */
  change(fields: VecFields): void {
    this.publish(fields);
    this.fields = fields;
  }

  /** Makes sure that there are slots for so many elements more. Throws `OUT_OF_MEMORY`. */
  makeRoom(count: number): void {
    const { length, capacity } = this.fields;
    const needed = length + count;
    if (needed <= this.capacity) return;
    const wanted = Math.max(needed, capacity === 0 ? FIRST_CAPACITY : 2 * capacity);
    try {
      this.resize(wanted);
    } catch (error) {
      if (wanted === needed || !(error instanceof OutOfMemoryError)) throw error;
      this.resize(needed);
    }
  }

  /**
   * Gives the block another capacity. Throws `OUT_OF_MEMORY`; nothing has changed then.
   *
   * PRECONDITION: the capacity is not 0, and the elements fit it.
   */
  resize(capacity: number): void {
    const { allocator } = this;
    const { data, length } = this.fields;
    // Slots of no bytes come here only where their number would be none any more.
    const size = capacity * Math.max(1, this.slotSize);
    if (size > DATA_SIZE_MAX) throw new OutOfMemoryError(size, allocator.freeSize);
    const slice =
      data === 0 ? allocator.allocate(size) : allocator.reallocate(allocator.blockAt(data), size);
    this.change({ data: slice.ptr, length, capacity });
  }

  /** Gives back the slots that are not in use. */
  shrinkToFit(): void {
    const { data, length, capacity } = this.fields;
    if (data === 0 || length === capacity) return;
    if (length > 0) return this.resize(length);
    this.change(NO_FIELDS);
    this.allocator.deallocate(this.allocator.blockAt(data));
  }

  /** The slot with this index. */
  read(index: number): Uint8Array {
    return readSlots(this.allocator, this.slotSize, this.run(0, index), index, index + 1);
  }

  /** Puts slots before the one with this index. PRECONDITION: there is room for them. */
  putIn(index: number, slots: Uint8Array, count: number): void {
    const { data, length, capacity } = this.fields;
    this.#move(index, index + count);
    this.#write(index, slots);
    this.change({ data, length: length + count, capacity });
  }

  /** Removes the slot with this index. */
  cutOut(index: number): void {
    const { data, length, capacity } = this.fields;
    this.#move(index + 1, index);
    this.change({ data, length: length - 1, capacity });
  }

  overwrite(index: number, slot: Uint8Array): void {
    this.#write(index, slot);
    this.change(this.fields);
  }

  swap(left: number, right: number): void {
    const slot = this.read(left);
    this.#write(left, this.read(right));
    this.overwrite(right, slot);
  }

  /** The slots from an index on up to before another. */
  run(first: number, end: number): SlotRun {
    return { first, end, address: this.#addressOf(first) };
  }

  #write(index: number, slots: Uint8Array): void {
    writeSlots(this.allocator, this.slotSize, this.run(0, index), index, slots);
  }

  /** Moves all slots from an index on, so that they begin at another one. */
  #move(from: number, to: number): void {
    const size = (this.fields.length - from) * this.slotSize;
    if (size > 0) this.allocator.moveBytes(this.#addressOf(from), this.#addressOf(to), size);
  }

  #addressOf(index: number): StablePtr {
    return this.fields.data + TAG_SIZE + index * this.slotSize;
  }
}
