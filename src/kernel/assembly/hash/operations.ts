/**
 * What the kernel does on hash maps and sets, each operation whole: it hashes the key, walks the
 * table, compares keys, moves entries, and writes table and header. None needs a door. The argument
 * has the address of the map's header block in its low 40 bits, of which the lowest is 1 where keys
 * lie in blocks of their own, and above it the handle of the heap.
 *
 *     CODE  OPERATION  STAGED BEFORE           STAGED AFTER   OPERAND 2       3
 *       90  find       key                     slot of value
 *       91  insert     key, slot of new value  slot of old value
 *       92  remove     key                     slot of value
 *       93  copy                                              new table    slots of it
 *
 *     RESULT  MEANING
 *          0  there is such an entry, and it was found, overwritten or removed; or all was copied
 *         -1  there is none; an insertion has added it
 *         -2  to be done in JavaScript: nothing has changed
 *         -3  there is none, and no room for it in the table: nothing has changed
 *
 * Operand 0 is the serial number of the map: a handle whose map is gone must not get another one.
 * Operand 1 is the length of a key in a block. Of what the slot of a value leads to the kernel
 * knows nothing: JavaScript stores it before, and frees it behind.
 *
 * Source: `src/lib/s-hash-map/kernel-table.ts` is the other side.
 */
import { operandOf, stagingLength, stagingStart } from '../frame';
import { allocate as allocateBlock, deallocate } from '../heap/blocks';
import { OpenHeap, openHeapOf, writeHeap } from '../heap/open-heap';
import { TAG_SIZE as BLOCK_TAG_SIZE } from '../heap/tags';
import { copyTable } from './copy-entries';
import { hasTable, isFull, keySize, openMap, publish, tagOfKey, valueSize } from './open-map';
import {
  BOX_LENGTH_SIZE,
  find,
  foundEntry,
  foundSlot,
  hasFailed,
  place,
  preparePlacing,
  prepareTakingOut,
  roomFor,
  takeOut,
  writeInEntry,
} from './table';

const FIND: u32 = 90;
const INSERT: u32 = 91;
const REMOVE: u32 = 92;
const COPY: u32 = 93;

const NUMBER_BITS: u64 = 40;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;

const SERIAL: u32 = 0;
const KEY_LENGTH: u32 = 1;
const NEW_TABLE: u32 = 2;
const NEW_CAPACITY: u32 = 3;

const DONE: f64 = 0;
const ABSENT: f64 = -1;
const FALL_BACK: f64 = -2;
const ABSENT_AND_FULL: f64 = -3;

/** Bytes of a pointer to the block of a key. */
const POINTER_SIZE: u64 = 8;

let heap: OpenHeap = changetype<OpenHeap>(0);
let areBoxed: bool = false;
let key: usize = 0;
let keyLength: usize = 0;

/** Whether an operation is one of these. */
export function isOnHash(operation: u32): bool {
  return operation >= FIND && operation <= COPY;
}

/** Carries out an operation; returns its result. */
export function performOnHash(operation: u32, argument: u64): f64 {
  const number = argument & NUMBER_MASK;
  heap = openHeapOf(<u32>(argument >> NUMBER_BITS));
  areBoxed = (number & 1) != 0;
  if (!openMap(heap, number & ~1, <u64>operandOf(SERIAL))) return FALL_BACK;
  if (operation == COPY) return copy();
  key = stagingStart();
  keyLength = areBoxed ? <usize>operandOf(KEY_LENGTH) : <usize>keySize;
  if (!isKeyStaged()) return FALL_BACK;
  const tag = tagOfKey(key, keyLength);
  if (hasTable) find(tag, key, keyLength, areBoxed);
  if (hasTable && hasFailed) return FALL_BACK;
  const isThere = hasTable && foundEntry != 0;
  switch (operation) {
    case FIND:
      return isThere ? replyWithValue() : absent();
    case INSERT:
      return isThere ? overwrite() : add(tag);
    case REMOVE:
      return isThere ? remove() : ABSENT;
    default:
      return unreachable();
  }
}

/** Whether key and value have room where they are said to be, and sizes that they can have. */
function isKeyStaged(): bool {
  if (<u64>keyLength + valueSize > <u64>stagingLength()) return false;
  return !hasTable || !areBoxed || keySize == POINTER_SIZE;
}

function absent(): f64 {
  return isFull ? ABSENT_AND_FULL : ABSENT;
}

/** Stages the value's slot of the entry that was found. */
function replyWithValue(): f64 {
  memory.copy(stagingStart(), foundEntry + <usize>keySize, <usize>valueSize);
  return DONE;
}

/** A value without any bytes, as an element of a set has, is there already. */
function overwrite(): f64 {
  if (valueSize == 0) return DONE;
  writeInEntry(foundSlot, keySize, key + keyLength, <usize>valueSize);
  publish(0);
  return replyWithValue();
}

function add(tag: u32): f64 {
  if (isFull) return ABSENT_AND_FULL;
  const slot = foundSlot;
  const entry = roomFor(1, keySize + valueSize);
  if (entry == 0 || !preparePlacing(slot)) return FALL_BACK;
  if (!storeKey(entry)) return FALL_BACK;
  memory.copy(entry + <usize>keySize, key + keyLength, <usize>valueSize);
  place(tag, entry);
  publish(1);
  return ABSENT;
}

/** Puts the key into an entry, or into a block to which the entry points. */
function storeKey(entry: usize): bool {
  if (!areBoxed) {
    memory.copy(entry, key, keyLength);
    return true;
  }
  const size = BOX_LENGTH_SIZE + keyLength;
  const bytes = roomFor(1, size);
  const box = bytes == 0 ? 0 : allocateBlock(heap, size);
  if (box == 0) return false;
  store<u32>(bytes, <u32>keyLength);
  memory.copy(bytes + BOX_LENGTH_SIZE, key, keyLength);
  writeHeap(heap, box + BLOCK_TAG_SIZE, bytes, size);
  store<u64>(entry, box);
  return true;
}

/** Nothing is written before the last step that may be refused: giving back the key's block. */
function remove(): f64 {
  const entry = foundEntry;
  if (!prepareTakingOut(foundSlot)) return FALL_BACK;
  if (areBoxed && !deallocate(heap, load<u64>(entry))) return FALL_BACK;
  takeOut();
  publish(-1);
  return replyWithValue();
}

function copy(): f64 {
  if (!hasTable) return FALL_BACK;
  return copyTable(<u64>operandOf(NEW_TABLE), <u64>operandOf(NEW_CAPACITY)) ? DONE : FALL_BACK;
}
