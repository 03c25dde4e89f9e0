/**
 * The bytes of ghost trees, for tests that look at them or damage them.
 */
import type { BStack } from '../../src/lib/bstack.js';
import {
  GHOST_TREE_HEADER_LAYOUT,
  GRAIN,
} from '../../src/lib/bstack-allocators/ghost-tree/header.js';
import { GHOST_TREE_NODE_LAYOUT } from '../../src/lib/bstack-allocators/ghost-tree/node.js';
import { findFreeBlocks } from '../../src/lib/bstack-allocators/ghost-tree/walk.js';
import { readU64, writeBigU64, writeU64 } from '../../src/lib/bytes.js';

/** All words of 8 bytes of the payload that are not zero, by their offsets. */
export function wordsOf(stack: BStack): Record<number, number> {
  const bytes = stack.get(0, stack.length);
  const words: Record<number, number> = {};
  for (let offset = 0; offset + 8 <= bytes.length; offset += 8) {
    const word = readU64(bytes, offset);
    if (word !== 0) words[offset] = word;
  }
  return words;
}

/** What a node says. */
export interface NodeFields {
  readonly size: number | bigint;
  readonly balance?: number;
  readonly height?: number;
  readonly left?: number;
  readonly right?: number;
}

/** Writes a node, a leaf unless told. */
export function putNode(stack: BStack, address: number, fields: NodeFields): void {
  const { size, balance = 0, height = 1, left = 0, right = 0 } = fields;
  const layout = GHOST_TREE_NODE_LAYOUT;
  const bytes = new Uint8Array(GRAIN);
  writeBigU64(bytes, layout.size, BigInt(size));
  bytes[layout.balance] = balance;
  bytes[layout.height] = height;
  writeU64(bytes, layout.left, left);
  writeU64(bytes, layout.right, right);
  stack.set(address, bytes);
}

/** Writes the address of the root. */
export function putRoot(stack: BStack, address: number): void {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, address);
  stack.set(GHOST_TREE_HEADER_LAYOUT.root, bytes);
}

/** The free blocks by address: address and size. */
export function freeBlocksOf(stack: BStack): [number, number][] {
  return findFreeBlocks(stack)
    .blocks.map(({ address, size }): [number, number] => [address, size])
    .sort(([left], [right]) => left - right);
}

/** Bytes of the arena that are neither free nor in these blocks. */
export function lostBytes(stack: BStack, live: readonly { readonly length: number }[]): number {
  let lost = stack.length - GHOST_TREE_HEADER_LAYOUT.arena;
  for (const [, size] of freeBlocksOf(stack)) lost -= size;
  for (const { length } of live) lost -= Math.ceil(length / GRAIN) * GRAIN;
  return lost;
}
