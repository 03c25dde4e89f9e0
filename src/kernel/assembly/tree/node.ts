/**
 * A node in the workspace: where its keys, values and children lie. Nothing is copied or moved when
 * a node is edited; entries only change places in these lists, and a save puts the stream together
 * anew (`save.ts`).
 *
 * An *element* is a key or a value as it is stored, with its length in front if it has one: where
 * it begins and how many bytes it has, in one word of 64 bits.
 *
 * The stream of a node in memory:
 *
 *     OFFSET  SIZE         FIELD
 *          0     4         "BTN" and layout version 2
 *          4     1         kind: 0 leaf, 1 internal
 *          5     2         number of entries n
 *          7     8         address of the first overflow page; 0 = none
 *         15     8 * (n+1) child addresses (internal nodes only)
 *                ...       n keys: length (u32, unless keys have a fixed size), bytes
 *                ...       n values: length (u32, always), bytes
 *
 * Source: `src/lib/btree-map/node-layout.ts` and `node-view.ts`.
 */
import { PREFIXED } from './open-map';
import { map } from './plan';

export const DEGREE: u32 = 6;
export const CAPACITY: u32 = 11;

export const NODE_MAGIC: u32 = 0x02_4e_54_42;
export const KIND_OFFSET: usize = 4;
export const ENTRY_COUNT_OFFSET: usize = 5;
export const OVERFLOW_OFFSET: usize = 7;
export const NODE_HEADER_SIZE: usize = 15;
export const ADDRESS_SIZE: usize = 8;

/** Bytes of the length in front of a value, and of a key where keys differ in size. */
export const PREFIX_SIZE: u32 = 4;

/** Where an element begins (low half) and how many bytes it has (high half). */
export type Element = u64;

/** No element: every one that is has at least its length, or is a key. */
export const NONE: Element = 0;

const ELEMENT_SIZE: usize = 8;

@unmanaged
export class Node {
  address: u64;
  /** The node that was read or made before this one in the same operation; 0 = none. */
  previous: usize;
  entryCount: u32;
  isLeaf: bool;
  /** Whether the whole stream has been read, with the overflow pages. */
  isComplete: bool;
  /** Whether all elements and children are in the lists, so that the node can be edited. */
  isUnpacked: bool;
  /** The stream as far as it was read. */
  stream: usize;
  streamSize: usize;
  /** Where the values begin in the stream. */
  valuesAt: usize;
  /** Where the child addresses lie: in the stream, or once unpacked in the node's own list. */
  children: usize;
  /** The addresses of the overflow pages, 8 bytes each. */
  overflowPages: usize;
  overflowCount: u32;
}

const KEYS: usize = offsetof<Node>();
const VALUES: usize = KEYS + <usize>CAPACITY * ELEMENT_SIZE;
const CHILDREN: usize = VALUES + <usize>CAPACITY * ELEMENT_SIZE;
/** Bytes of a node with its lists. */
export const NODE_SIZE: usize = CHILDREN + (<usize>CAPACITY + 1) * ADDRESS_SIZE;

export function elementOf(start: usize, size: usize): Element {
  return ((<u64>size) << 32) | (<u64>start);
}

export function startOf(element: Element): usize {
  return <usize>(element & 0xffff_ffff);
}

export function sizeOf(element: Element): usize {
  return <usize>(element >> 32);
}

/** The list of keys; elements one behind another. */
export function keysOf(node: Node): usize {
  return changetype<usize>(node) + KEYS;
}

export function valuesOf(node: Node): usize {
  return changetype<usize>(node) + VALUES;
}

/** The node's own list of children. */
export function childrenOf(node: Node): usize {
  return changetype<usize>(node) + CHILDREN;
}

/** The place of an element in a list. */
export function placeAt(list: usize, index: u32): usize {
  return list + <usize>index * ELEMENT_SIZE;
}

export function keyAt(node: Node, index: u32): Element {
  return load<u64>(placeAt(keysOf(node), index));
}

export function valueAt(node: Node, index: u32): Element {
  return load<u64>(placeAt(valuesOf(node), index));
}

export function childAt(node: Node, index: u32): u64 {
  return load<u64>(node.children + <usize>index * ADDRESS_SIZE);
}

export function isFull(node: Node): bool {
  return node.entryCount >= CAPACITY;
}

/** Rich nodes can give an entry away and still have the minimum. */
export function isRich(node: Node): bool {
  return node.entryCount >= DEGREE;
}

/** Bytes of the length in front of a key. */
export function keyPrefixSize(): u32 {
  return map.keySize == PREFIXED ? PREFIX_SIZE : 0;
}
