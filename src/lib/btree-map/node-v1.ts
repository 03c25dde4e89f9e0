/**
 * Nodes of layout V1, which the crate wrote up to 0.6. Every entry has a slot of the largest size,
 * so a node is never larger than its page:
 *
 *     OFFSET  SIZE         FIELD
 *          0     3         magic "BTN"
 *          3     1         layout version = 1
 *          4     1         kind: 0 leaf, 1 internal
 *          5     2         number of entries n
 *          7     n slots   key length (u32), key slot, value length (u32), value slot
 *                8 * (n+1) child addresses (internal nodes only), right behind the last slot
 *
 * They are read as if they were of layout V2, and written back as V1 for as long as they live.
 * Only the used part of a slot is ever written; what lies behind it stays.
 *
 * In a map that was made with larger bounds than now asked for, an entry may come that no slot
 * holds. The crate then writes over the slots behind it; here the node becomes one of layout V2.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.5, 3.7 and 3.8; crate `btreemap/node/v1.rs`.
 */
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { hasMagic, MAGIC_SIZE, versionAt, writeMagic } from '../magic.js';
import type { Node } from './node.js';
import {
  CAPACITY,
  decodeEntryCount,
  decodeKind,
  ENTRY_COUNT_OFFSET,
  INTERNAL,
  KIND_OFFSET,
  LEAF,
  NODE_MAGIC,
  PREFIXED,
} from './node-layout.js';

const LAYOUT_VERSION = 1;
const LENGTH_SIZE = 4;
const ADDRESS_SIZE = 8;
const SLOTS_OFFSET = ENTRY_COUNT_OFFSET + 2;

/** Where each field lies, for the test that compares the table above with the code. */
export const NODE_V1_LAYOUT = {
  magic: 0,
  kind: MAGIC_SIZE,
  entryCount: ENTRY_COUNT_OFFSET,
  slots: SLOTS_OFFSET,
} as const;

/** The bounds that the map was made with, in bytes: the sizes of the slots. */
export interface SlotSizes {
  readonly maxKeySize: number;
  readonly maxValueSize: number;
}

/** The bytes of the largest node, which is the page size of a map made as V1. */
export function nodeSizeMax(sizes: SlotSizes): number {
  return slotOffset(sizes, CAPACITY) + (CAPACITY + 1) * ADDRESS_SIZE;
}

/** Whether a page holds a node of layout V1. */
export function isV1(bytes: Uint8Array, base: number): boolean {
  return hasMagic(bytes, NODE_MAGIC, base) && versionAt(bytes, base) === LAYOUT_VERSION;
}

/** Makes `node` the one that lies in `page`. Throws `CORRUPTED`. O(bytes). */
export function openV1(node: Node, address: number, page: Uint8Array, sizes: SlotSizes): void {
  const isLeaf = decodeKind(page[KIND_OFFSET]!);
  const count = decodeEntryCount(readU16(page, ENTRY_COUNT_OFFSET));
  node.begin(address, isLeaf);
  for (let index = 0; index < count; index++) {
    const keyAt = slotOffset(sizes, index);
    const valueAt = keyAt + LENGTH_SIZE + sizes.maxKeySize;
    const key = readSlot(page, keyAt, sizes.maxKeySize);
    if (node.keySize !== PREFIXED && key.length !== node.keySize) {
      throw corrupted('size of a key', node.keySize, key.length);
    }
    node.insertEntry(index, { key, value: readSlot(page, valueAt, sizes.maxValueSize) });
  }
  const childrenAt = slotOffset(sizes, count);
  for (let index = 0; !isLeaf && index <= count; index++) {
    node.insertChild(index, readU64(page, childrenAt + index * ADDRESS_SIZE));
  }
  node.imageV1 = page;
}

/** Whether every entry of the node fits its slot. */
export function fitsV1(node: Node, { maxKeySize, maxValueSize }: SlotSizes): boolean {
  for (let index = 0; index < node.entryCount; index++) {
    if (node.keyEnd(index) - node.keyStart(index) > maxKeySize) return false;
    if (node.valueEnd(index) - node.valueStart(index) > maxValueSize) return false;
  }
  return true;
}

/** Writes the node over its old page. PRECONDITION: it fits. O(bytes). */
export function renderV1(node: Node, page: Uint8Array, sizes: SlotSizes): void {
  writeMagic(page, NODE_MAGIC, LAYOUT_VERSION);
  page[KIND_OFFSET] = node.isLeaf ? LEAF : INTERNAL;
  writeU16(page, ENTRY_COUNT_OFFSET, node.entryCount);
  for (let index = 0; index < node.entryCount; index++) {
    const keyAt = slotOffset(sizes, index);
    writeSlot(page, keyAt, node.keyAt(index));
    writeSlot(page, keyAt + LENGTH_SIZE + sizes.maxKeySize, node.valueAt(index));
  }
  const childrenAt = slotOffset(sizes, node.entryCount);
  for (let index = 0; !node.isLeaf && index <= node.entryCount; index++) {
    writeU64(page, childrenAt + index * ADDRESS_SIZE, node.childAt(index));
  }
}

function slotOffset({ maxKeySize, maxValueSize }: SlotSizes, index: number): number {
  return SLOTS_OFFSET + index * (2 * LENGTH_SIZE + maxKeySize + maxValueSize);
}

function readSlot(page: Uint8Array, offset: number, maxSize: number): Uint8Array {
  const size = readU32(page, offset);
  if (size > maxSize) throw corrupted('size of a key or value', `at most ${maxSize}`, size);
  return page.subarray(offset + LENGTH_SIZE, offset + LENGTH_SIZE + size);
}

function writeSlot(page: Uint8Array, offset: number, content: Uint8Array): void {
  writeU32(page, offset, content.length);
  page.set(content, offset + LENGTH_SIZE);
}
