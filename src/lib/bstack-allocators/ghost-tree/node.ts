/**
 * A free block holds a node of the tree in its first bytes; all bytes behind the node are zero.
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  size of the block in bytes
 *          8     1  balance: height of the right subtree minus that of the left one, signed
 *          9     1  height of the tree from here down; 1 for a leaf
 *         10     6  reserved, zero; 0.4.2 of the original keeps heights in them
 *         16     8  address of the left child: smaller blocks, or as large and at lower addresses
 *         24     8  address of the right child; 0 = none
 *
 * Source: `specs/bstack.md` section 3.3.
 */
import type { StackReader } from '../../bstack/stack-edit.js';
import { readU64, writeU64 } from '../../bytes.js';
import { assertFreeAddress } from './header.js';

const SIZE_OFFSET = 0;
const BALANCE_OFFSET = SIZE_OFFSET + 8;
const HEIGHT_OFFSET = BALANCE_OFFSET + 1;
const RESERVED_OFFSET = HEIGHT_OFFSET + 1;
const LEFT_OFFSET = RESERVED_OFFSET + 6;
const RIGHT_OFFSET = LEFT_OFFSET + 8;

/** Bytes of a node. */
export const NODE_SIZE = RIGHT_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const GHOST_TREE_NODE_LAYOUT = {
  size: SIZE_OFFSET,
  balance: BALANCE_OFFSET,
  height: HEIGHT_OFFSET,
  reserved: RESERVED_OFFSET,
  left: LEFT_OFFSET,
  right: RIGHT_OFFSET,
} as const;

/**
 * The deepest tree. An AVL tree of this height has more than 2^88 nodes, so a longer path is a
 * circle or comes of one.
 */
export const DEPTH_MAX = 128;

/** A range of bytes in the arena that nobody owns. */
export interface FreeBlock {
  readonly address: number;
  readonly size: number;
}

/** A tree by its root, 0 for the empty one, and its height. */
export interface Subtree {
  readonly address: number;
  readonly height: number;
}

/** A free block and the two trees below it. */
export interface FreeNode extends FreeBlock {
  readonly left: Subtree;
  readonly right: Subtree;
}

/** A node as its bytes have it, before anybody believes them. */
export interface StoredNode extends FreeBlock {
  readonly balance: number;
  readonly height: number;
  readonly isReservedZero: boolean;
  readonly left: number;
  readonly right: number;
}

export const NO_TREE: Subtree = { address: 0, height: 0 };

/** How much higher the right side is. */
export function balanceOf({ left, right }: FreeNode): number {
  return right.height - left.height;
}

/** The tree from this node down. */
export function subtreeOf({ address, left, right }: FreeNode): Subtree {
  return { address, height: 1 + Math.max(left.height, right.height) };
}

/** The order of the tree: by size, and within a size by address. */
export function isBefore(left: FreeBlock, right: FreeBlock): boolean {
  return left.size < right.size || (left.size === right.size && left.address < right.address);
}

/** For `sort`: the order of the tree. */
export function compareBlocks(left: FreeBlock, right: FreeBlock): number {
  return left.size - right.size || left.address - right.address;
}

/** Reads a node. Throws `CORRUPTED` where none can lie at this address. */
export function readStoredNode(source: StackReader, address: number): StoredNode {
  assertFreeAddress(address, source.length);
  const bytes = new Uint8Array(NODE_SIZE);
  source.getInto(address, bytes);
  return {
    address,
    size: readU64(bytes, SIZE_OFFSET),
    balance: (bytes[BALANCE_OFFSET]! << 24) >> 24,
    height: bytes[HEIGHT_OFFSET]!,
    isReservedZero: bytes.subarray(RESERVED_OFFSET, LEFT_OFFSET).every((byte) => byte === 0),
    left: readU64(bytes, LEFT_OFFSET),
    right: readU64(bytes, RIGHT_OFFSET),
  };
}

/** The bytes of a node. */
export function encodeNode(node: FreeNode): Uint8Array {
  const bytes = new Uint8Array(NODE_SIZE);
  writeU64(bytes, SIZE_OFFSET, node.size);
  bytes[BALANCE_OFFSET] = balanceOf(node);
  bytes[HEIGHT_OFFSET] = subtreeOf(node).height;
  writeU64(bytes, LEFT_OFFSET, node.left.address);
  writeU64(bytes, RIGHT_OFFSET, node.right.address);
  return bytes;
}
