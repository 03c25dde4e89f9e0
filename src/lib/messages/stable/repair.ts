/**
 * What can be said of the slots of a stable message store by looking at every one of them: whether
 * they keep the rules of the layout, and, where a write was cut off, how to mend them.
 *
 * The slots' own states are the truth; the free list and the counts in the header are made from
 * them. A store that was cut off has left a live slot that is still in the free list, or bytes in
 * the slot at the high-water mark, which is then as if it had never been. A free that was cut off
 * has left a free slot that is in no list, and where its write broke off, a part of its message. A
 * live slot stays what it is, whatever the header says.
 *
 * Source: `specs/limen.md` sections 9.5 and 10.
 */
import { equalBytes } from '../../bytes.js';
import { corrupted, firstViolation } from '../../errors.js';
import { sizeInBytes } from '../../memory.js';
import { FREE, LIVE, SLOT_HEAD_SIZE, stateIn, writeNext } from './slot-area.js';
import { messageSizeIn, nextFree, type StableSlots } from './stable-slots.js';
import { isSame, NO_SLOT, readStoreHeader } from './store-header.js';

/** What a repair has mended. A store that nothing was wrong with has 0, 0 and `false`. */
export interface Repairs {
  /** Slots in which bytes lay that belong to no message. They are zero now. */
  readonly wiped: number;
  /** Free slots, where their list was broken: all of them are in a new one. */
  readonly relinked: number;
  /** Whether the counts in the header were others than those of the slots. */
  readonly recounted: boolean;
}

/** How many slots below the high-water mark are in which state. */
interface Census {
  live: number;
  free: number;
  retired: number;
}

/** The first rule that does not hold, in words, or `undefined`. O(slots used). */
export function checkSlots<P>(table: StableSlots<P>): string | undefined {
  const { counts } = table;
  return firstViolation(() => {
    const stored = readStoreHeader(table.area.memory);
    if (stored.capacity !== table.capacity) return 'the header tells of another capacity';
    if (!isSame(stored.counts, counts)) return 'the header tells of other counts';
    const dirty: number[] = [];
    const census = takeCensus(table, (index, slot, state) => {
      if (!equalBytes(slot, cleaned(table, slot, state))) dirty.push(index);
      if (state === LIVE) table.look(index).readPayload();
    });
    if (dirty.length > 0) return `slot ${dirty[0]} has bytes that belong to no message`;
    if (census.live !== counts.live) return `${census.live} slots are live, not ${counts.live}`;
    if (census.retired !== counts.retired) return `${census.retired} slots are retired`;
    const listed = lengthOfFreeList(table);
    if (listed !== census.free) return `${listed} of ${census.free} free slots are in the list`;
    return isUntouched(table, counts.highWater) ? undefined : 'a slot never used is not zero';
  });
}

/**
 * Wipes, links and counts anew where that is needed. Throws `CORRUPTED` for a slot that no cut can
 * have left as it is; what was wiped before it stays so. O(slots used).
 */
export function repairSlots<P>(table: StableSlots<P>): Repairs {
  const { area, counts } = table;
  let wiped = 0;
  const census = takeCensus(table, (index, slot, state) => {
    const clean = cleaned(table, slot, state);
    if (equalBytes(slot, clean)) return;
    area.write(index, clean);
    wiped += 1;
  });
  if (!isUntouched(table, counts.highWater)) {
    area.write(counts.highWater, new Uint8Array(area.slotSize));
    wiped += 1;
  }
  const relinked = isListSound(table, census.free) ? 0 : relink(table);
  const recounted = census.live !== counts.live || census.retired !== counts.retired;
  counts.live = census.live;
  counts.retired = census.retired;
  if (recounted || relinked > 0) counts.write(area.memory);
  return { wiped, relinked, recounted };
}

/** Counts the slots by their states and shows each one, whole, to `visit`. */
function takeCensus<P>(
  { area, counts }: StableSlots<P>,
  visit: (index: number, slot: Uint8Array, state: number) => void,
): Census {
  const census = { live: 0, free: 0, retired: 0 };
  const slot = new Uint8Array(area.slotSize);
  for (let index = 0; index < counts.highWater; index++) {
    area.read(index, slot);
    const state = stateIn(index, slot);
    if (state === LIVE) census.live += 1;
    else if (state === FREE) census.free += 1;
    else census.retired += 1;
    visit(index, slot, state);
  }
  return census;
}

/** The slot without any bytes that belong to no message. */
function cleaned<P>({ messages }: StableSlots<P>, slot: Uint8Array, state: number): Uint8Array {
  const messageSize = state === LIVE ? messageSizeIn(slot, messages.payloadSizeMax) : 0;
  const clean = slot.slice();
  clean.fill(0, SLOT_HEAD_SIZE + messageSize);
  if (state !== FREE) writeNext(clean, 0);
  return clean;
}

/** Whether nothing was ever written into the slot. */
function isUntouched<P>({ area }: StableSlots<P>, index: number): boolean {
  if (area.addressOf(index + 1) > sizeInBytes(area.memory)) return true;
  const slot = new Uint8Array(area.slotSize);
  area.read(index, slot);
  return slot.every((byte) => byte === 0);
}

/** Throws `CORRUPTED` for a list that leads to other slots than free ones, or has no end. */
function lengthOfFreeList<P>({ area, counts }: StableSlots<P>): number {
  const head = new Uint8Array(SLOT_HEAD_SIZE);
  let length = 0;
  for (let index = counts.freeHead; index !== NO_SLOT; length++) {
    if (length === counts.highWater) throw corrupted('free list', 'an end', 'a loop');
    area.read(index, head);
    index = nextFree(index, head, counts.highWater);
  }
  return length;
}

/** A list that ends meets no slot twice, so one of this length has every free slot. */
function isListSound<P>(table: StableSlots<P>, free: number): boolean {
  const violation = firstViolation(() =>
    lengthOfFreeList(table) === free ? undefined : 'some are missing',
  );
  return violation === undefined;
}

/** Makes a new list, which the lowest free slot heads. Returns how many there are. */
function relink<P>({ area, counts }: StableSlots<P>): number {
  const head = new Uint8Array(SLOT_HEAD_SIZE);
  let relinked = 0;
  let next = NO_SLOT;
  for (let index = counts.highWater - 1; index >= 0; index--) {
    area.read(index, head);
    if (stateIn(index, head) !== FREE) continue;
    writeNext(head, next);
    area.write(index, head);
    next = index;
    relinked += 1;
  }
  counts.freeHead = next;
  return relinked;
}
