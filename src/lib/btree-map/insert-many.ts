/**
 * Many entries inserted as a whole or not at all, by either engine.
 *
 * This is for what the kernel cannot plan in one go, see `kernel-tree.ts`, because it is too much.
 *
 * The TypeScript engine plans all of it before it writes: each node is read and written once. The
 * kernel inserts one entry after the other, which costs a tenth of that in an interpreter. Where it
 * cannot go on, because the memory refuses to grow or a node is damaged, the entries are taken
 * back, the last first. Then the map has the entries that it had, if not in the same nodes. A
 * memory that is full to the last chunk may have no room even for that. There is a kernel only in
 * canisters, so what is thrown then is no `StorageError`, which somebody might answer, but an error
 * that traps; the trap undoes the message.
 *
 * Source: `specs/ic-stable-structures.md` section 3.12; house style rule 11.
 */
import { insertEntry } from './insert.js';
import { FALL_BACK, type KernelTree } from './kernel-tree.js';
import type { Entry } from './node-view.js';
import { removeKey } from './remove.js';
import type { Tree } from './tree.js';

/** Inserts or overwrites all entries, in their order. What it throws has changed no entry. */
export function insertAll<K, V>(
  tree: Tree,
  kernelTree: KernelTree<K, V> | undefined,
  entries: readonly Entry[],
): void {
  if (kernelTree === undefined) insertAtOnce(tree, entries);
  else insertInTurn(tree, kernelTree, entries);
}

function insertAtOnce(tree: Tree, entries: readonly Entry[]): void {
  tree.change(() => {
    for (const { key, value } of entries) {
      insertEntry(tree, key, () => value);
      tree.store.recycle();
    }
  });
}

function insertInTurn<K, V>(
  tree: Tree,
  kernelTree: KernelTree<K, V>,
  entries: readonly Entry[],
): void {
  /** The values that were overwritten; `undefined` where the key was new. */
  const olds: (Uint8Array | undefined)[] = [];
  try {
    for (const entry of entries) olds.push(insertOne(tree, kernelTree, entry));
  } catch (error) {
    if (olds.length > 0) takeBack(tree, entries, olds);
    throw error;
  }
}

function insertOne<K, V>(
  tree: Tree,
  kernelTree: KernelTree<K, V>,
  { key, value }: Entry,
): Uint8Array | undefined {
  const old = kernelTree.insertEncoded(key, value);
  if (old !== FALL_BACK) return old;
  return tree.change(() => insertEntry(tree, key, () => value));
}

/** One by one, for each frees room that the next may need. */
function takeBack(
  tree: Tree,
  entries: readonly Entry[],
  olds: readonly (Uint8Array | undefined)[],
): void {
  try {
    for (let index = olds.length - 1; index >= 0; index--) {
      undo(tree, entries[index]!.key, olds[index]);
    }
  } catch (error) {
    tree.tenure.change(() => {
      throw new Error('insertMany: there is no room to take back what was inserted. Let it trap.', {
        cause: error,
      });
    });
  }
}

function undo(tree: Tree, key: Uint8Array, old: Uint8Array | undefined): void {
  tree.change(() => (old === undefined ? removeKey(tree, key) : insertEntry(tree, key, () => old)));
}
