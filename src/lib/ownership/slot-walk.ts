/**
 * Walks over elements in slots, either way, some KiB read ahead of what is asked for.
 *
 * Source: house style rule 14; `specs/ic-stable-memory.md` sections 5.1 and 5.2.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { walkIndices, type IndexRange, type Walked } from '../index-range.js';
import { pieceLength, readSlots, type SlotRun } from './slots.js';

/** Where the elements of a structure are. */
export interface SlotSource {
  readonly allocator: StableMemoryAllocator;
  readonly slotSize: number;
  /** How many elements there are. */
  readonly length: number;
  readonly walked: Walked;
  /** The run that an element lies in. */
  runOf(index: number): SlotRun;
}

/**
 * The elements of a range, lazily, as `read` has them from their slots. Throws `RangeError` for
 * bounds that are no indices; a step throws `CHANGED_WHILE_ITERATING`.
 */
export function walkSlots<R>(
  source: SlotSource,
  range: IndexRange,
  read: (slots: Uint8Array, offset: number) => R,
): Generator<R, void> {
  const window = new SlotWindow(source, range);
  return walkIndices(source.walked, range, source.length, (index) =>
    read(window.slotsAround(index), window.offsetOf(index)),
  );
}

/** What a walk has read ahead: a piece of a run around the element that it asked for last. */
class SlotWindow {
  #slots: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  constructor(
    readonly source: SlotSource,
    /** The walk stays within these indices. */
    readonly range: IndexRange,
  ) {}

  /** Some slots, that of an element among them. */
  slotsAround(index: number): Uint8Array {
    if (index < this.#start || index >= this.#end) this.#moveTo(index);
    return this.#slots;
  }

  /** Where the slot of an element lies among them. */
  offsetOf(index: number): number {
    return (index - this.#start) * this.source.slotSize;
  }

  #moveTo(index: number): void {
    const { allocator, slotSize, length } = this.source;
    const { from = 0, to = length, reverse = false } = this.range;
    const run = this.source.runOf(index);
    const count = pieceLength(slotSize);
    this.#start = Math.max(reverse ? index + 1 - count : index, run.first, from);
    this.#end = Math.min(reverse ? index + 1 : index + count, run.end, to, length);
    this.#slots = readSlots(allocator, slotSize, run, this.#start, this.#end);
  }
}
