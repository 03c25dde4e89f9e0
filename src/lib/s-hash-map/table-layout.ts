/**
 * The table of a hash map: how many slots there are, which one is whose, and where its bytes lie.
 *
 * A table of `c` slots for entries of `w` bytes is one block. The *tag* of a slot is 0 where it is
 * empty, else 32 bits of the hash of its key, so that most of a search never sees a key:
 *
 *     OFFSET  SIZE  FIELD
 *          0   4 c  tags, u32
 *        4 c   w c  entries: the slot of a key, behind it that of its value
 *
 * Tables have 6 * 2^n + 1 slots: 7, 13, 25, 49, 97 and so on. One is full at three quarters, more
 * exactly at three entries for every four slots: at 3, 9, 18, 36, 72. So there is always an empty
 * slot, where every search ends.
 *
 * The *home* of an entry is the slot in which it would lie if there were no other one: the first
 * for the smallest tags, the last for the largest. A home that grows with the tag, where others
 * take a remainder, keeps the table nearly in order, and so a larger one is filled from front to
 * back, in one go, when a table has become too small.
 *
 * Source: section 5.3 of `specs/ic-stable-memory.md` has capacities and thresholds.
 */

/** The tag of an empty slot. */
export const EMPTY = 0;

/** Bytes of a tag. */
export const TAG_SIZE = 4;

/** Slots of the smallest table. */
export const CAPACITY_MIN = 7;

const TAG_COUNT = 0x1_0000_0000;

/** More slots than there are tags would be of no use. */
const CAPACITY_MAX = TAG_COUNT;

/** The tag of a key with this hash. No key has that of an empty slot. */
export function tagOf(hash: number): number {
  return hash === EMPTY ? 1 : hash;
}

/**
 * The slot in which an entry lies if no other one is in its way. A product above 2^53 is rounded,
 * on all machines alike and never past a neighbour's, so it is a home as good as any.
 */
export function homeOf(tag: number, capacity: number): number {
  return Math.floor((tag * capacity) / TAG_COUNT);
}

/** By how many slots an entry lies behind its home, where the last slot is followed by slot 0. */
export function distanceOf(tag: number, slot: number, capacity: number): number {
  const distance = slot - homeOf(tag, capacity);
  return distance < 0 ? distance + capacity : distance;
}

/** The number of slots of the table that follows on this one; of the first, behind 0. */
export function nextCapacity(capacity: number): number {
  return capacity === 0 ? CAPACITY_MIN : 2 * capacity - 1;
}

/** So many entries make a table full. */
export function countMax(capacity: number): number {
  return Math.floor(capacity / 4) * 3;
}

/** The number of slots of the smallest table that is not over-full with so many entries. */
export function capacityFor(count: number): number {
  let capacity = count === 0 ? 0 : CAPACITY_MIN;
  while (countMax(capacity) < count) capacity = nextCapacity(capacity);
  return capacity;
}

/** Whether tables can have so many slots; 0 stands for no table. */
export function isCapacity(capacity: number): boolean {
  let known = 0;
  while (known < capacity && known < CAPACITY_MAX) known = nextCapacity(known);
  return known === capacity && known < CAPACITY_MAX;
}

/** Bytes of a table. */
export function tableSize(capacity: number, entrySize: number): number {
  return entriesOffset(capacity) + capacity * entrySize;
}

/** Where in a table its entries begin. */
export function entriesOffset(capacity: number): number {
  return capacity * TAG_SIZE;
}
