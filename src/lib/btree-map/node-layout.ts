/**
 * A node of the tree: up to 11 entries in ascending order and, if it is internal, one child more
 * than it has entries. In memory it is a stream of bytes, cut into pages by the node store:
 *
 *     OFFSET  SIZE         FIELD
 *          0     3         magic "BTN"
 *          3     1         layout version = 2
 *          4     1         kind: 0 leaf, 1 internal
 *          5     2         number of entries n
 *          7     8         address of the first overflow page; 0 = none
 *         15     8 * (n+1) child addresses (internal nodes only)
 *                ...       n keys: length (u32, unless keys have a fixed size), bytes
 *                ...       n values: length (u32, always), bytes
 *
 * INVARIANT: a node other than the root has at least 5 entries; all leaves are equally deep.
 *
 * Nodes of layout V1, see `node-v1.ts`, are turned into this stream when they are read.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.4 and 3.6; crate `btreemap/node/v2.rs`.
 */
import { readU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { MAGIC_SIZE } from '../magic.js';

/** Minimum degree of the tree. */
export const DEGREE = 6;
/** A node is full with this many entries. */
export const CAPACITY = 2 * DEGREE - 1;
/** A node other than the root never has fewer. */
export const ENTRY_COUNT_MIN = DEGREE - 1;

/** The letters that both layouts of a node start with. */
export const NODE_MAGIC = 'BTN';
export const NODE_VERSION = 2;
export const KIND_OFFSET = MAGIC_SIZE;
export const ENTRY_COUNT_OFFSET = KIND_OFFSET + 1;
export const OVERFLOW_OFFSET = ENTRY_COUNT_OFFSET + 2;
export const ADDRESS_SIZE = 8;
/** Where the children begin, and in a leaf the keys. */
export const NODE_HEADER_SIZE = OVERFLOW_OFFSET + ADDRESS_SIZE;

export const LEAF = 0;
export const INTERNAL = 1;

/** Where each field lies, for the test that compares the table above with the code. */
export const NODE_LAYOUT = {
  magic: 0,
  kind: KIND_OFFSET,
  entryCount: ENTRY_COUNT_OFFSET,
  overflow: OVERFLOW_OFFSET,
  children: NODE_HEADER_SIZE,
} as const;

/** A key size that says: keys differ in size, so each has its length in front. */
export const PREFIXED = -1;

/** The address of the overflow page that continues the page of a node at `base`; 0 = none. */
export function overflowOf(page: Uint8Array, base: number): number {
  return readU64(page, base + OVERFLOW_OFFSET);
}

/** Whether it is a leaf. Throws `CORRUPTED` for a kind that does not exist. */
export function decodeKind(kind: number): boolean {
  if (kind !== LEAF && kind !== INTERNAL) throw corrupted('kind of node', '0 or 1', kind);
  return kind === LEAF;
}

/** Throws `CORRUPTED` for a count that no node has. */
export function decodeEntryCount(count: number): number {
  if (count < 1 || count > CAPACITY)
    throw corrupted('entries in a node', `1 to ${CAPACITY}`, count);
  return count;
}
