/**
 * The table of a hash map: finds an entry, places one, takes one out. The bytes are the same as if
 * TypeScript had done it.
 *
 * An operation reads all that it needs first; where that is not there, or does not fit the scratch
 * region, it says so before anything is written.
 *
 * Source: `src/lib/s-hash-map/table.ts` and `table-layout.ts`, which it mirrors.
 */
import { compareBytes } from '../compare';
import { blockSize } from '../heap/blocks';
import { OpenHeap, readHeap, writeHeap } from '../heap/open-heap';
import { TAG_SIZE as BLOCK_TAG_SIZE } from '../heap/tags';
import { allocate, release } from '../workspace';
import { readColumn, writeColumn } from './column';

export const EMPTY: u32 = 0;
export const TAG_SIZE: u64 = 4;
const TAG_COUNT: f64 = 4_294_967_296;

/** So many tags are read at once. */
const RUN_LENGTH: u64 = 16;

/** More than the scratch region has. */
const ROOM_MAX: u64 = 1 << 23;

/** The length of a key that no entry has: what is looked for is a place. */
export const NO_KEY: usize = usize.MAX_VALUE;

/** What stands before a key in a block of its own. */
export const BOX_LENGTH_SIZE: usize = 4;

/** The table that is worked on. */
export let heap: OpenHeap = changetype<OpenHeap>(0);
export let capacity: u64 = 0;
export let entrySize: u64 = 0;
export let tags: u64 = 0;
export let entries: u64 = 0;

/** The key that is looked for: where it lies, and how it is stored. */
let key: usize = 0;
let keyLength: usize = 0;
let areKeysBoxed: bool = false;

/** Where a run of tags is read to, and an entry. */
let run: usize = 0;
let entry: usize = 0;

/** What {@link find} has found: the slot, and where in RAM the entry lies; 0 where none does. */
export let foundSlot: u64 = 0;
export let foundEntry: usize = 0;

/** Something cannot be done here. Nothing has been written then. */
export let hasFailed: bool = false;

/** Takes a table to work on. False without room for what is read. */
export function useTable(target: OpenHeap, address: u64, slots: u64, size: u64): bool {
  heap = target;
  capacity = slots;
  entrySize = size;
  tags = address;
  entries = address + slots * TAG_SIZE;
  hasFailed = false;
  run = roomFor(RUN_LENGTH, TAG_SIZE);
  entry = roomFor(1, size);
  return run != 0 && entry != 0;
}

/** The tag of a key with this hash. */
export function tagOf(hash: u32): u32 {
  return hash == EMPTY ? 1 : hash;
}

/** The slot in which an entry would lie alone; computed as TypeScript does, in floating point. */
export function homeIn(tag: u32, slots: u64): u64 {
  return <u64>Math.floor((<f64>tag * <f64>slots) / TAG_COUNT);
}

function distanceOf(tag: u32, slot: u64): u64 {
  const home = homeIn(tag, capacity);
  return slot < home ? slot + capacity - home : slot - home;
}

/** So many entries make a table full. */
export function countMax(): u64 {
  return (capacity / 4) * 3;
}

/** Looks for the entry of a key, and for the place of a new one. */
export function find(tag: u32, wanted: usize, wantedLength: usize, areBoxed: bool): void {
  key = wanted;
  keyLength = wantedLength;
  areKeysBoxed = areBoxed;
  foundEntry = 0;
  let slot = homeIn(tag, capacity);
  for (let passed: u64 = 0; passed < capacity; passed++) {
    const other = tagAt(slot, passed);
    if (hasFailed || isBehind(other, slot, tag, passed)) {
      foundSlot = slot;
      return;
    }
    if (other == tag && wantedLength != NO_KEY && isEntryOfKey(slot)) {
      foundSlot = slot;
      foundEntry = entry;
      return;
    }
    slot = next(slot);
  }
  hasFailed = true;
}

/** Whether an entry with `tag`, so far from its home, would lie before what is in a slot. */
function isBehind(other: u32, slot: u64, tag: u32, distance: u64): bool {
  if (other == EMPTY) return true;
  const otherDistance = distanceOf(other, slot);
  return otherDistance == distance ? other > tag : otherDistance < distance;
}

/** The entries that are to move, where to, and room for the one that comes in front of them. */
let movedSlot: u64 = 0;
let movedCount: u64 = 0;
let movedTags: usize = 0;
let movedEntries: usize = 0;

/** Reads what {@link place} needs, for a place that was found. False where it cannot be done. */
export function preparePlacing(slot: u64): bool {
  return readMoved(slot, slot, countUntil(slot, false), 1);
}

/** Puts an entry at the place of {@link preparePlacing}, in front of those that lie there. */
export function place(tag: u32, bytes: usize): void {
  store<u32>(movedTags, tag);
  memory.copy(movedEntries, bytes, <usize>entrySize);
  writeBoth(movedSlot, movedCount + 1, movedCount + 1);
}

/** Reads what {@link takeOut} needs. False where it cannot be done here. */
export function prepareTakingOut(slot: u64): bool {
  if (!readMoved(next(slot), slot, countUntil(next(slot), true), 0)) return false;
  store<u32>(movedTags + <usize>(movedCount * TAG_SIZE), EMPTY);
  return true;
}

/** Takes out the entry of which {@link prepareTakingOut} was told. */
export function takeOut(): void {
  writeBoth(movedSlot, movedCount + 1, movedCount);
}

/** Reads so many entries that are to move, behind room for `front` others. */
function readMoved(from: u64, to: u64, count: u64, front: u64): bool {
  movedSlot = to;
  movedCount = count;
  movedTags = roomFor(count + 1, TAG_SIZE);
  movedEntries = roomFor(count + 1, entrySize);
  if (hasFailed || movedTags == 0 || movedEntries == 0) return false;
  const firstTag = movedTags + <usize>(front * TAG_SIZE);
  const firstEntry = movedEntries + <usize>(front * entrySize);
  return readTags(from, count, firstTag) && readEntries(from, count, firstEntry);
}

/** Overwrites a part of the entry in a slot. */
export function writeInEntry(slot: u64, offset: u64, bytes: usize, length: usize): void {
  writeHeap(heap, entries + slot * entrySize + offset, bytes, length);
}

/** Room in the scratch region, or 0; the sum may be more than an address can be. */
export function roomFor(count: u64, width: u64): usize {
  return width != 0 && count > ROOM_MAX / width ? 0 : allocate(<usize>(count * width));
}

/** The slot at which the smallest tags begin: those before it have come round from the end. */
export function firstInOrder(): u64 {
  let slot: u64 = 0;
  for (; slot < capacity; slot++) {
    const tag = tagAt(slot, slot);
    if (hasFailed || tag == EMPTY || homeIn(tag, capacity) <= slot) return slot;
  }
  hasFailed = true;
  return 0;
}

function next(slot: u64): u64 {
  return slot + 1 == capacity ? 0 : slot + 1;
}

/** The slots from `slot` on up to the first empty one; or also to the first that is at home. */
function countUntil(slot: u64, stopsAtHome: bool): u64 {
  let at = slot;
  for (let passed: u64 = 0; passed < capacity; passed++) {
    const tag = tagAt(at, passed);
    if (hasFailed || tag == EMPTY || (stopsAtHome && distanceOf(tag, at) == 0)) return passed;
    at = next(at);
  }
  hasFailed = true;
  return 0;
}

/** The tag of the slot that a walk comes to after so many others. */
function tagAt(slot: u64, passed: u64): u32 {
  const index = passed % RUN_LENGTH;
  if (index == 0 && !readTags(slot, min(RUN_LENGTH, capacity - passed), run)) hasFailed = true;
  return load<u32>(run + <usize>(index * TAG_SIZE));
}

/** Reads the entry of a slot; whether its key is the one that is looked for. */
function isEntryOfKey(slot: u64): bool {
  if (!readEntries(slot, 1, entry)) hasFailed = true;
  if (hasFailed) return false;
  if (areKeysBoxed) return isBoxOfKey(load<u64>(entry));
  return compareBytes(entry, keyLength, key, keyLength) == 0;
}

function isBoxOfKey(box: u64): bool {
  const size = blockSize(heap, box);
  const length = BOX_LENGTH_SIZE + keyLength;
  const bytes = allocate(length);
  const readable = min(<u64>length, size);
  if (size == 0 || bytes == 0 || !readHeap(heap, box + BLOCK_TAG_SIZE, bytes, <usize>readable)) {
    hasFailed = true;
    return false;
  }
  const boxed = load<u32>(bytes);
  if (<u64>boxed > size - <u64>BOX_LENGTH_SIZE) hasFailed = true;
  const isSame = !hasFailed && <usize>boxed == keyLength;
  release(bytes);
  return isSame && compareBytes(bytes + BOX_LENGTH_SIZE, keyLength, key, keyLength) == 0;
}

function readTags(slot: u64, count: u64, target: usize): bool {
  return readColumn(heap, tags, TAG_SIZE, capacity, slot, count, target);
}

function readEntries(slot: u64, count: u64, target: usize): bool {
  return readColumn(heap, entries, entrySize, capacity, slot, count, target);
}

function writeBoth(slot: u64, tagCount: u64, entryCount: u64): void {
  writeColumn(heap, entries, entrySize, capacity, slot, entryCount, movedEntries);
  writeColumn(heap, tags, TAG_SIZE, capacity, slot, tagCount, movedTags);
}
