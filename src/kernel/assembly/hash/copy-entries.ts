/**
 * Fills a new table with the entries of an old one, from front to back, both in pieces. Entries for
 * which the end of the new table has no slot come round to its front, and are placed one by one.
 *
 * Source: `src/lib/s-hash-map/copy-entries.ts`, which it mirrors.
 */
import { OpenHeap } from '../heap/open-heap';
import { readColumn, writeColumn } from './column';
import {
  capacity,
  EMPTY,
  entries,
  entrySize,
  find,
  firstInOrder,
  foundSlot,
  hasFailed,
  heap,
  homeIn,
  NO_KEY,
  place,
  preparePlacing,
  roomFor,
  TAG_SIZE,
  tags,
  useTable,
} from './table';

/** Bytes of a piece, tags included; one slot at the least. */
const PIECE_SIZE: u64 = 262_144;

/** The old table. */
let source: OpenHeap = changetype<OpenHeap>(0);
let width: u64 = 0;
let oldCapacity: u64 = 0;
let oldTags: u64 = 0;
let oldEntries: u64 = 0;

/** Slots of a piece, and where a piece of the old table lies in RAM. */
let pieceLength: u64 = 0;
let readTags: usize = 0;
let readEntries: usize = 0;

/** The new table, a piece of it, where that begins, and the slot behind its last entry. */
let newAddress: u64 = 0;
let newCapacity: u64 = 0;
let newTags: usize = 0;
let newEntries: usize = 0;
let start: u64 = 0;
let nextSlot: u64 = 0;

/** Entries that come round, one behind another. */
let lateTags: usize = 0;
let lateEntries: usize = 0;
let lateCount: u64 = 0;

/** Copies the table in use to an address, as one of so many slots. False where it cannot. */
export function copyTable(address: u64, slots: u64): bool {
  source = heap;
  width = entrySize;
  oldCapacity = capacity;
  oldTags = tags;
  oldEntries = entries;
  newAddress = address;
  newCapacity = slots;
  const first = firstInOrder();
  if (hasFailed || !takeRoom()) return false;
  for (let passed: u64 = 0; passed < oldCapacity; passed += pieceLength) {
    const count = min(pieceLength, oldCapacity - passed);
    if (!readPiece((first + passed) % oldCapacity, count) || !putPiece(count)) return false;
  }
  while (start < newCapacity) writePiece();
  return placeLate();
}

function takeRoom(): bool {
  pieceLength = max(1, PIECE_SIZE / (TAG_SIZE + width));
  readTags = roomFor(pieceLength, TAG_SIZE);
  readEntries = roomFor(pieceLength, width);
  newTags = roomFor(pieceLength, TAG_SIZE);
  newEntries = roomFor(pieceLength, width);
  lateTags = roomFor(pieceLength, TAG_SIZE);
  lateEntries = roomFor(pieceLength, width);
  if (readTags == 0 || readEntries == 0 || newTags == 0 || newEntries == 0) return false;
  if (lateTags == 0 || lateEntries == 0) return false;
  start = 0;
  nextSlot = 0;
  lateCount = 0;
  emptyPiece();
  return true;
}

function readPiece(slot: u64, count: u64): bool {
  return (
    readColumn(source, oldTags, TAG_SIZE, oldCapacity, slot, count, readTags) &&
    readColumn(source, oldEntries, width, oldCapacity, slot, count, readEntries)
  );
}

function putPiece(count: u64): bool {
  for (let index: u64 = 0; index < count; index++) {
    const tag = load<u32>(readTags + <usize>(index * TAG_SIZE));
    if (tag != EMPTY && !put(tag, readEntries + <usize>(index * width))) return false;
  }
  return true;
}

/** Adds an entry. False where too many come round. */
function put(tag: u32, entry: usize): bool {
  const slot = max(nextSlot, homeIn(tag, newCapacity));
  if (slot >= newCapacity) return keepLate(tag, entry);
  while (slot >= start + pieceLength) writePiece();
  const index = slot - start;
  store<u32>(newTags + <usize>(index * TAG_SIZE), tag);
  memory.copy(newEntries + <usize>(index * width), entry, <usize>width);
  nextSlot = slot + 1;
  return true;
}

function writePiece(): void {
  const count = min(pieceLength, newCapacity - start);
  const entryColumn = newAddress + newCapacity * TAG_SIZE;
  writeColumn(source, entryColumn, width, newCapacity, start, count, newEntries);
  writeColumn(source, newAddress, TAG_SIZE, newCapacity, start, count, newTags);
  start += count;
  emptyPiece();
}

function emptyPiece(): void {
  memory.fill(newTags, 0, <usize>(pieceLength * TAG_SIZE));
  memory.fill(newEntries, 0, <usize>(pieceLength * width));
}

function keepLate(tag: u32, entry: usize): bool {
  if (lateCount == pieceLength) return false;
  store<u32>(lateTags + <usize>(lateCount * TAG_SIZE), tag);
  memory.copy(lateEntries + <usize>(lateCount * width), entry, <usize>width);
  lateCount += 1;
  return true;
}

function placeLate(): bool {
  if (!useTable(source, newAddress, newCapacity, width)) return false;
  for (let index: u64 = 0; index < lateCount; index++) {
    const tag = load<u32>(lateTags + <usize>(index * TAG_SIZE));
    find(tag, 0, NO_KEY, false);
    if (hasFailed || !preparePlacing(foundSlot)) return false;
    place(tag, lateEntries + <usize>(index * width));
  }
  return true;
}
