/**
 * Slots one behind another: the elements of a vector or of a part of a log. Many of them are read
 * and written at once, some KiB at a time, because each request to a memory costs about as much as
 * its first thousand bytes.
 *
 * Source: `specs/ic-stable-memory.md` sections 4.2 and 5.1.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { StableStructure } from './stable-structure.js';
import type { StableType } from './stable-type.js';

/** Bounds what one read asks for, unless a single slot is larger. */
const PIECE_SIZE = 4_096;

/** Elements that lie one behind another, from index `first` up to before `end`. */
export interface SlotRun {
  readonly first: number;
  readonly end: number;
  /** Where the slot of element `first` lies. */
  readonly address: StablePtr;
}

/**
 * The slots of plain values. Where one of them is refused, or finds no room, those before it are
 * dropped. Throws as {@link StableType.store} does.
 */
export function storeAll<P, H>(
  allocator: StableMemoryAllocator,
  type: StableType<P, H>,
  values: readonly P[],
): Uint8Array {
  const slots = new Uint8Array(values.length * type.size);
  let stored = 0;
  try {
    for (; stored < values.length; stored++) {
      type.store(allocator, values[stored]!, slots, stored * type.size);
    }
  } catch (error) {
    if (allocator.isUsable) dropAll(allocator, type, slots.subarray(0, stored * type.size));
    throw error;
  }
  return slots;
}

/** Frees all that the values of some slots own. */
export function dropAll<P, H>(
  allocator: StableMemoryAllocator,
  type: StableType<P, H>,
  slots: Uint8Array,
): void {
  if (!type.ownsBlocks) return;
  for (let offset = 0; offset < slots.length; offset += type.size) {
    type.drop(allocator, slots, offset);
  }
}

/** Reads the slots from index `start` up to before `end`, all of which lie in a run. */
export function readSlots(
  allocator: StableMemoryAllocator,
  slotSize: number,
  { first, address }: SlotRun,
  start: number,
  end: number,
): Uint8Array {
  const slots = new Uint8Array((end - start) * slotSize);
  if (slots.length > 0) allocator.readBytes(address + (start - first) * slotSize, slots);
  return slots;
}

/** Writes slots from index `start` on, all of which lie in a run. */
export function writeSlots(
  allocator: StableMemoryAllocator,
  slotSize: number,
  { first, address }: SlotRun,
  start: number,
  slots: Uint8Array,
): void {
  if (slots.length > 0) allocator.writeBytes(address + (start - first) * slotSize, slots);
}

/** Frees all that the values of a run own. */
export function dropRun<P, H>(
  allocator: StableMemoryAllocator,
  type: StableType<P, H>,
  run: SlotRun,
): void {
  if (!type.ownsBlocks) return;
  for (const slots of piecesOf(allocator, type.size, run)) dropAll(allocator, type, slots);
}

/** Names every block that the values of a run own. */
export function traceRun<P, H>(
  allocator: StableMemoryAllocator,
  type: StableType<P, H>,
  run: SlotRun,
  visit: (ptr: StablePtr) => void,
): void {
  if (!type.ownsBlocks) return;
  for (const slots of piecesOf(allocator, type.size, run)) {
    for (let offset = 0; offset < slots.length; offset += type.size) {
      type.trace(allocator, slots, offset, visit);
    }
  }
}

/** The first rule that an element does not keep, in words. Throws `CORRUPTED`. */
export function firstElementViolation(elements: Iterable<unknown>): string | undefined {
  for (const element of elements) {
    const violation = element instanceof StableStructure ? element.checkInvariants() : undefined;
    if (violation !== undefined) return violation;
  }
  return undefined;
}

/** How many slots make a piece. */
export function pieceLength(slotSize: number): number {
  return Math.max(1, Math.floor(PIECE_SIZE / slotSize));
}

function* piecesOf(
  allocator: StableMemoryAllocator,
  slotSize: number,
  run: SlotRun,
): Generator<Uint8Array, void> {
  const length = pieceLength(slotSize);
  for (let start = run.first; start < run.end; start += length) {
    yield readSlots(allocator, slotSize, run, start, Math.min(start + length, run.end));
  }
}
