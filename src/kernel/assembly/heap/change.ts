/**
 * One change of a heap, which happens as a whole or not at all. All that an allocator writes are
 * words, tags and links, and writing one first notes down what was there:
 *
 *     beginChange(heap)   reads what the header says
 *     readWord, writeWord the words of the heap, as they are by now
 *     fail()              something is not as expected: the rest of the change does nothing
 *     endChange()         writes the header, or after a failure puts back every word
 *
 * A failure is never the last word: JavaScript does the operation over again, from the same memory,
 * and finds the words for what is wrong. Code between `fail` and `endChange` must come to its end:
 * each read answers 0 then.
 *
 * Header of the memory, see `src/lib/allocator/header.ts`:
 *
 *     OFFSET  SIZE  FIELD
 *         32     8  end of the heap: where the next page would begin
 *         40     8  free bytes, tags included
 *         48     8  root of the free tree; 0 = there is no free block
 *         56     8  serial number for the next structure
 *
 * Source: `src/lib/allocator/heap.ts`, whose latch is not needed here: a trap undoes everything.
 */
import { readPlace, writePlace } from '../place';
import { takePages } from '../workspace';
import { HEAP_OFFSET, isWithinHeap, OpenHeap, readHeap, writeHeap } from './open-heap';

const STATE_OFFSET: u64 = 32;
const STATE_SIZE: usize = 32;
const FREE_SIZE_IN_STATE: usize = 8;
const FREE_ROOT_IN_STATE: usize = 16;
const NEXT_SERIAL_IN_STATE: usize = 24;

/** One page: what the header says, a word, a piece of bytes to be moved, and the old words. */
const PAGE_SIZE: usize = 65_536;
const WORD_OFFSET: usize = STATE_SIZE;
const PIECE_OFFSET: usize = WORD_OFFSET + 8;
const NOTES_OFFSET: usize = 4096;
export const PIECE_SIZE: usize = NOTES_OFFSET - PIECE_OFFSET;

/** A note: address of a word, and what was there. */
const NOTE_SIZE: usize = 16;
const NOTED_WORD: usize = 8;

/** The largest number that JavaScript counts to. */
const SERIAL_MAX: u64 = 0x1f_ffff_ffff_ffff;

export const WASM_PAGE_SIZE: u64 = 65_536;

/** The heap that is being changed, and what its header is to say. */
export let heap: OpenHeap = changetype<OpenHeap>(0);
export let end: u64 = 0;
export let freeSize: u64 = 0;
export let freeRoot: u64 = 0;
/** Whether something was not as expected. */
export let hasFailed: bool = false;

let page: usize = 0;
/** Where the next note goes. */
let notesTop: usize = 0;

/** Begins a change. False where it cannot be done here. */
export function beginChange(target: OpenHeap): bool {
  return readState(target) && end + HEAP_OFFSET == target.end;
}

/** Begins the change that takes up new pages at the end of the memory. */
export function beginGrowth(target: OpenHeap): bool {
  return readState(target) && end + HEAP_OFFSET < target.end;
}

/** Something is not as expected: nothing of this change will remain. */
export function fail(): void {
  hasFailed = true;
}

/** Ends a change. False where it has failed: then all words are as they were. */
export function endChange(): bool {
  if (hasFailed) {
    putBack();
    return false;
  }
  store<u64>(page, end);
  store<u64>(page, freeSize, FREE_SIZE_IN_STATE);
  store<u64>(page, freeRoot, FREE_ROOT_IN_STATE);
  writePlace(heap, STATE_OFFSET, page, STATE_SIZE);
  return true;
}

/** A change of its own: the next serial number; 0 where there is none left. */
export function takeSerial(): u64 {
  const serial = load<u64>(page, NEXT_SERIAL_IN_STATE);
  if (serial >= SERIAL_MAX) return 0;
  store<u64>(page, serial + 1, NEXT_SERIAL_IN_STATE);
  return endChange() ? serial : 0;
}

export function setFreeRoot(ptr: u64): void {
  freeRoot = ptr;
}

/** The heap has become longer. */
export function setEnd(address: u64): void {
  end = address;
}

/** Counts free bytes up or down. */
export function addToFreeSize(difference: i64): void {
  freeSize += difference;
}

/** The word at an address; fails beyond the heap's end. */
export function readWord(address: u64): u64 {
  const word = page + WORD_OFFSET;
  if (!hasFailed && readHeap(heap, address, word, 8)) return load<u64>(word);
  fail();
  return 0;
}

/** Changes the word at an address; fails beyond the heap's end. */
export function writeWord(address: u64, value: u64): void {
  const note = notesTop;
  if (note == page + PAGE_SIZE || !isWithinHeap(heap, address, 8)) return fail();
  if (hasFailed || readWord(address) == value) return;
  store<u64>(note, address);
  store<u64>(note, load<u64>(page, WORD_OFFSET), NOTED_WORD);
  notesTop = note + NOTE_SIZE;
  store<u64>(page, value, WORD_OFFSET);
  writeHeap(heap, address, page + WORD_OFFSET, 8);
}

/**
 * Copies bytes to where nobody needs what was there: it is not put back. PRECONDITION: they lie
 * within the heap, and do not overlap.
 */
export function copyBytes(source: u64, target: u64, length: u64): void {
  const piece = page + PIECE_OFFSET;
  for (let at: u64 = 0; at < length && !hasFailed;) {
    const size = <usize>min(<u64>PIECE_SIZE, length - at);
    if (!readHeap(heap, source + at, piece, size)) return fail();
    writeHeap(heap, target + at, piece, size);
    at += size;
  }
}

/** Reads what the header says of a heap. False where it cannot be. */
function readState(target: OpenHeap): bool {
  if (page == 0) page = takePages(1);
  if (page == 0 || !readPlace(target, STATE_OFFSET, page, STATE_SIZE)) return false;
  heap = target;
  hasFailed = false;
  notesTop = page + NOTES_OFFSET;
  end = load<u64>(page);
  freeSize = load<u64>(page, FREE_SIZE_IN_STATE);
  freeRoot = load<u64>(page, FREE_ROOT_IN_STATE);
  return end % WASM_PAGE_SIZE == 0 && freeSize <= end && end < target.end;
}

function putBack(): void {
  for (let note = notesTop; note > page + NOTES_OFFSET;) {
    note -= NOTE_SIZE;
    writeHeap(heap, load<u64>(note), note + NOTED_WORD, 8);
  }
}
