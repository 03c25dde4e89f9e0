/**
 * A ghost tree as the original had it before its fixes: every node is written by itself, so that a
 * crash finds half of a change, and opening builds the tree anew of whatever it finds. With this
 * the crash trial shows that it would have caught what was wrong.
 *
 *     tornEdits      each `set` and `zero` of an edit is one call of the stack, at once
 *     mountAsBefore  the rebuild of commit 860aa14; `dedups` puts the fix of 0.2.1 back
 *
 * Source: `specs/bstack.md` section 3.3, the table of crash windows.
 */
import type { BStack } from '../../src/lib/bstack.js';
import type { StackEdit } from '../../src/lib/bstack/stack-edit.js';
import {
  encodeHeader,
  encodeRoot,
  readRoot,
} from '../../src/lib/bstack-allocators/ghost-tree/header.js';
import {
  compareBlocks,
  DEPTH_MAX,
  encodeNode,
  NO_TREE,
  NODE_SIZE,
  readStoredNode,
  subtreeOf,
  type FreeBlock,
  type Subtree,
} from '../../src/lib/bstack-allocators/ghost-tree/node.js';

/** Makes the edits of a stack what a run of single calls is. Gives the stack. */
export function tornEdits(stack: BStack): BStack {
  const edit: StackEdit = {
    get length() {
      return stack.length;
    },
    get: (start, end) => stack.get(start, end),
    getInto: (offset, target) => stack.getInto(offset, target),
    set: (offset, bytes) => stack.set(offset, bytes),
    zero: (offset, count) => stack.zero(offset, count),
  };
  return Object.assign(stack, { edit: <R>(change: (edit: StackEdit) => R): R => change(edit) });
}

/** Makes the header, or merges neighbours and builds the tree anew, node by node. */
export function mountAsBefore(stack: BStack, { dedups }: { readonly dedups: boolean }): void {
  if (stack.isEmpty) {
    stack.push(encodeHeader());
    return;
  }
  const found = [...inOrder(stack, readRoot(stack), 0)].sort((a, b) => a.address - b.address);
  const blocks = dedups
    ? found.filter(({ address }, index) => address !== found[index - 1]?.address)
    : found;
  const merged: FreeBlock[] = [];
  for (const block of blocks) {
    const last = merged.at(-1);
    if (last !== undefined && last.address + last.size === block.address) {
      merged[merged.length - 1] = { address: last.address, size: last.size + block.size };
      stack.zero(block.address, NODE_SIZE);
    } else merged.push(block);
  }
  const root = encodeRoot(build(stack, merged.sort(compareBlocks)).address);
  stack.set(root.offset, root.bytes);
}

function* inOrder(stack: BStack, address: number, depth: number): Generator<FreeBlock> {
  if (address === 0) return;
  if (depth > DEPTH_MAX) throw new Error('endless recursion');
  const { size, left, right } = readStoredNode(stack, address);
  yield* inOrder(stack, left, depth + 1);
  yield { address, size };
  yield* inOrder(stack, right, depth + 1);
}

/** Writes the children before their parents. */
function build(stack: BStack, ordered: readonly FreeBlock[]): Subtree {
  const middle = ordered.length >> 1;
  const block = ordered[middle];
  if (block === undefined) return NO_TREE;
  const left = build(stack, ordered.slice(0, middle));
  const right = build(stack, ordered.slice(middle + 1));
  const node = { ...block, left, right };
  stack.set(block.address, encodeNode(node));
  return subtreeOf(node);
}
