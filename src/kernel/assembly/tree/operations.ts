/**
 * What the kernel does on B-tree maps, each operation whole: from the key in the staging area to
 * the value there. None needs a door, and an argument names map and sizes:
 *
 *     BITS    FIELD
 *      0-17   length of the key, which lies at the start of the staging area
 *     18-35   length of the value, which lies behind the key
 *     36-43   handle of the map
 *
 *     CODE  OPERATION   DOOR   RESULT
 *       12  open map    bytes  the new handle, or -1; the bytes are a description
 *       13  extend map  bytes  0, or -1; the bytes are what it has got: `place.ts`
 *       14  close map   none   0
 *       15  get         none   length of the value, which is in the staging area
 *       16  contains    none   0
 *       17  insert      none   length of the old value, which is in the staging area
 *       18  remove      none   the same
 *       19  pop first   none   lengths of value and key as in an argument; the key lies first
 *       20  pop last    none   the same
 *       21  aim map     none   0; instead of lengths the argument has where the header block of a
 *                              map in a heap lies, in units of 8: from here on this map is meant
 *
 * Other results of operations from 15 to 20:
 *
 *       -1  there is no such key, and nothing has changed
 *       -2  to be done in JavaScript: nothing has changed
 *       -3  there was no such key, and the tree has changed: by an insert, or on the way to a place
 *           where nothing was to be removed
 *     -3-n  the memory needs n pages: nothing has changed; grow it and ask again
 *
 * Description of a map (all u32, little-endian):
 *
 *     OFFSET  FIELD
 *          0  page size of a node
 *          4  size of every key; 0xFFFFFFFF = they differ
 *          8  length n of the order
 *         12  bucket size in pages; 0 = stable memory itself
 *         16  page of bucket 0
 *         20  1 + handle of the heap that it lies in; 0 = it has a memory of its own
 *         24  the order, n bytes: see `order.ts`
 *
 * Source: `src/lib/btree-map/kernel-tree.ts` is the other side.
 */
import { stagingLength, stagingStart } from '../frame';
import { openHeapOf } from '../heap/open-heap';
import { extendPlace } from '../place';
import { allocate } from '../workspace';
import { giveBackHeapChunks } from './heap-chunks';
import { insertEntry } from './insert';
import {
  Element,
  elementOf,
  keyPrefixSize,
  NONE,
  PREFIX_SIZE,
  sizeOf,
  startOf,
  valueAt,
} from './node';
import { closeMap, describeMap, OpenMap, openMapOf, putIntoHeap, takeHandle } from './open-map';
import { begin, commit, fail, hasChanges, hasFailed, map, pagesNeeded, planHeaders } from './plan';
import { beginNodes, locateValues } from './read';
import { removeFirst, removeKey, removeLast, takenKey } from './remove';
import { findKey, foundIndex, lookFor } from './search';

const OPEN_MAP: u32 = 12;
const EXTEND_MAP: u32 = 13;
const CLOSE_MAP: u32 = 14;
const GET: u32 = 15;
const CONTAINS: u32 = 16;
const INSERT: u32 = 17;
const REMOVE: u32 = 18;
const POP_FIRST: u32 = 19;
const POP_LAST: u32 = 20;
const AIM_MAP: u32 = 21;

const LENGTH_BITS: u64 = 18;
const LENGTH_MASK: u64 = (1 << LENGTH_BITS) - 1;
const HANDLE_BITS: u64 = 8;
const HANDLE_MASK: u64 = (1 << HANDLE_BITS) - 1;

const ADDRESS_MASK: u64 = (1 << (2 * LENGTH_BITS)) - 1;
/** Blocks lie at multiples of this. */
const BLOCK_ALIGNMENT: u64 = 8;

const HEAP_OFFSET: usize = 20;
const DESCRIPTION_SIZE: usize = HEAP_OFFSET + 4;

const ABSENT: f64 = -1;
const FALL_BACK: f64 = -2;
const ABSENT_AND_CHANGED: f64 = -3;

/** Whether an operation is one of these. */
export function isOnMap(operation: u32): bool {
  return operation >= OPEN_MAP && operation <= AIM_MAP;
}

/** Carries out an operation on the bytes of a typed array; returns its result. */
export function performOnMapWith(operation: u32, argument: u64, bytes: usize, length: usize): f64 {
  switch (operation) {
    case OPEN_MAP:
      return open(bytes, length);
    case EXTEND_MAP:
      return extendPlace(openMapOf(handleOf(argument)), bytes, length) ? 0 : -1;
    default:
      return unreachable();
  }
}

/** Carries out any other operation on a map; returns its result. */
export function performOnMap(operation: u32, argument: u64): f64 {
  const openMap = openMapOf(handleOf(argument));
  if (operation == AIM_MAP) return aim(openMap, argument & ADDRESS_MASK);
  const keyLength = <usize>(argument & LENGTH_MASK);
  const valueLength = <usize>((argument >> LENGTH_BITS) & LENGTH_MASK);
  if (keyLength + valueLength > stagingLength()) unreachable();
  if (operation == CLOSE_MAP) {
    closeMap(openMap);
    return 0;
  }
  if (!begin(openMap) || !beginNodes()) return FALL_BACK;
  lookFor(stagingStart(), keyLength);
  switch (operation) {
    case GET:
      return get();
    case CONTAINS:
      return contains();
    case INSERT:
      return insert(keyLength, valueLength);
    case REMOVE:
      return finish(removeKey(), NONE);
    case POP_FIRST:
      return pop(removeFirst());
    case POP_LAST:
      return pop(removeLast());
    default:
      return unreachable();
  }
}

export function handleOf(argument: u64): u32 {
  return <u32>((argument >> (2 * LENGTH_BITS)) & HANDLE_MASK);
}

function open(description: usize, length: usize): f64 {
  const orderLength = length < DESCRIPTION_SIZE ? 0 : <usize>load<u32>(description, 8);
  if (orderLength == 0 || length != DESCRIPTION_SIZE + orderLength) unreachable();
  const handle = takeHandle();
  if (handle < 0) return -1;
  const isDescribed = describeMap(
    handle,
    load<u32>(description),
    load<u32>(description, 4),
    load<u32>(description, 12),
    load<u32>(description, 16),
    description + DESCRIPTION_SIZE,
    orderLength,
  );
  if (!isDescribed) return -1;
  const heap = load<u32>(description, HEAP_OFFSET);
  if (heap != 0) putIntoHeap(handle, openHeapOf(heap - 1));
  return handle;
}

function aim(openMap: OpenMap, words: u64): f64 {
  openMap.header = words * BLOCK_ALIGNMENT;
  return 0;
}

function get(): f64 {
  const node = findKey();
  if (hasFailed) return FALL_BACK;
  if (node == null) return ABSENT;
  if (!locateValues(node)) return FALL_BACK;
  const value = valueAt(node, foundIndex);
  if (!canReply(NONE, value)) return FALL_BACK;
  return replyWithValue(value);
}

function contains(): f64 {
  const node = findKey();
  if (hasFailed) return FALL_BACK;
  return node == null ? ABSENT : 0;
}

function insert(keyLength: usize, valueLength: usize): f64 {
  const start = stagingStart();
  if (keyPrefixSize() == 0 && <u32>keyLength != map.keySize) return FALL_BACK;
  const key = elementFrom(start, keyLength, keyPrefixSize());
  const value = elementFrom(start + keyLength, valueLength, PREFIX_SIZE);
  return finish(insertEntry(key, value), NONE);
}

function pop(value: Element): f64 {
  return finish(value, value == NONE ? NONE : takenKey);
}

/** The bytes as they are stored, with their length in front, if it belongs there. */
export function elementFrom(start: usize, length: usize, prefixSize: usize): Element {
  if (prefixSize == 0) return elementOf(start, length);
  const stored = allocate(prefixSize + length);
  if (stored == 0) {
    fail();
    return NONE;
  }
  store<u32>(stored, <u32>length);
  memory.copy(stored + prefixSize, start, length);
  return elementOf(stored, prefixSize + length);
}

/** Does what is planned, if it can be, and replies with an old value and the key before it. */
function finish(value: Element, key: Element): f64 {
  planHeaders();
  if (hasFailed || !canReply(key, value)) return giveUp();
  const pages = pagesNeeded();
  if (pages != 0) return ABSENT_AND_CHANGED - <f64>pages;
  const isChanged = hasChanges();
  commit();
  if (value == NONE) return isChanged ? ABSENT_AND_CHANGED : ABSENT;
  return key == NONE ? replyWithValue(value) : replyWithEntry(key, value);
}

/** Answers that it is to be done in JavaScript, and that nothing has happened. */
export function giveUp(): f64 {
  if (map.heap != 0) giveBackHeapChunks();
  return FALL_BACK;
}

function canReply(key: Element, value: Element): bool {
  return sizeOf(key) + sizeOf(value) <= stagingLength();
}

/** Puts a key and its value into the staging area, without the lengths in front of them. */
function replyWithEntry(key: Element, value: Element): f64 {
  const prefixSize = keyPrefixSize();
  const keyLength = sizeOf(key) - prefixSize;
  const valueLength = sizeOf(value) - PREFIX_SIZE;
  const target = stagingStart();
  memory.copy(target, startOf(key) + prefixSize, keyLength);
  memory.copy(target + keyLength, startOf(value) + PREFIX_SIZE, valueLength);
  return <f64>(((<u64>valueLength) << LENGTH_BITS) | (<u64>keyLength));
}

/** Puts a value into the staging area. */
function replyWithValue(value: Element): f64 {
  const length = sizeOf(value) - PREFIX_SIZE;
  memory.copy(stagingStart(), startOf(value) + PREFIX_SIZE, length);
  return <f64>length;
}
