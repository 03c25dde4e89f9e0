/**
 * The free blocks in an AVL tree, ordered by size and within a size by address, so that the first
 * block which is large enough is the best fit. The tree lies in the free blocks themselves, and is
 * changed there within one edit of the stack: all of a change is on disk, or nothing of it.
 *
 *     take      the best fit, or its end where it is larger than needed
 *     insert    a block whose bytes are zero
 *
 * Both go down one path, O(log n), change its end, and come up again: each node on the way is given
 * the tree that is below it now, and where one side has become two higher than the other, one or
 * two rotations even them out. The writes come in the order of the original, from the leaf to the
 * root; only in an edit nobody can see one without the others. What has not changed is not written:
 * a change that ends within 256 bytes costs one sync.
 *
 * Where a block keeps its place in the order when its end is taken, only its size is written.
 *
 * INVARIANT: the sides of a node differ in height by 1 at most; a node has its true height.
 *
 * Source: Adelson-Velsky and Landis, "An algorithm for the organization of information";
 * `specs/bstack.md` section 3.3.
 */
import { BStackRange } from '../../bstack/range.js';
import type { StackEdit } from '../../bstack/stack-edit.js';
import { equalBytes } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { notAllocated } from '../block.js';
import { assertFreeBlock, encodeRoot, readRoot } from './header.js';
import {
  balanceOf,
  DEPTH_MAX,
  encodeNode,
  isBefore,
  NO_TREE,
  NODE_SIZE,
  readStoredNode,
  subtreeOf,
  type FreeBlock,
  type FreeNode,
  type Subtree,
} from './node.js';

/** A node on a path down, and the side on which the path goes on. */
interface Step {
  readonly node: FreeNode;
  readonly isLeft: boolean;
}

/** The best fit, the path to it, and the last block in order that is too small. */
interface Fit {
  readonly node: FreeNode;
  readonly above: readonly Step[];
  readonly before: FreeNode | undefined;
}

/** The tree as an edit sees it. For the time of this edit. */
export class FreeTree {
  readonly #edit: StackEdit;

  constructor(edit: StackEdit) {
    this.#edit = edit;
  }

  /** Takes `size` zero bytes out; gives where they start, or `undefined` where no block fits. */
  take(size: number): number | undefined {
    const fit = this.#findFit(size);
    if (fit === undefined) return undefined;
    const { node, above, before } = fit;
    const rest = { address: node.address, size: node.size - size };
    if (rest.size > 0 && (before === undefined || isBefore(before, rest))) {
      this.#write({ ...node, size: rest.size });
    } else {
      this.#remove(node, above);
      if (rest.size > 0) this.insert(rest);
      else this.#edit.zero(node.address, NODE_SIZE);
    }
    return rest.address + rest.size;
  }

  /** Adds a block. Throws `NOT_ALLOCATED` where it is seen to be free already. */
  insert(block: FreeBlock): void {
    const above = this.#pathTo(block);
    const last = above.at(-1);
    if (last?.node.address === block.address) {
      throw notAllocated(new BStackRange(block.address, block.size), 'it is free already');
    }
    const leaf = { ...block, left: NO_TREE, right: NO_TREE };
    this.#write(leaf);
    this.#comeUp(above, subtreeOf(leaf));
  }

  /** Whether a search for this block meets a free one at its address. */
  has(block: FreeBlock): boolean {
    return this.#pathTo(block).at(-1)?.node.address === block.address;
  }

  /** The path to where a block belongs; it ends early at a node with the block's address. */
  #pathTo(block: FreeBlock): Step[] {
    const path: Step[] = [];
    let address = readRoot(this.#edit);
    while (address !== 0) {
      const node = this.#read(address, path.length);
      const isLeft = isBefore(block, node);
      path.push({ node, isLeft });
      if (address === block.address) break;
      address = isLeft ? node.left.address : node.right.address;
    }
    return path;
  }

  #findFit(size: number): Fit | undefined {
    const path: Step[] = [];
    let fitDepth = -1;
    let before: FreeNode | undefined;
    let address = readRoot(this.#edit);
    while (address !== 0) {
      const node = this.#read(address, path.length);
      const isLeft = node.size >= size;
      if (isLeft) fitDepth = path.length;
      else before = node;
      path.push({ node, isLeft });
      address = isLeft ? node.left.address : node.right.address;
    }
    if (fitDepth < 0) return undefined;
    return { node: path[fitDepth]!.node, above: path.slice(0, fitDepth), before };
  }

  /** Takes a node out of the tree; the path to it is `above`. Leaves its bytes as they are. */
  #remove(node: FreeNode, above: readonly Step[]): void {
    if (node.left.address === 0) return this.#comeUp(above, node.right);
    if (node.right.address === 0) return this.#comeUp(above, node.left);
    // The next block in order has no left child. It leaves its place and takes the node's.
    const below: Step[] = [];
    let heir = this.#read(node.right.address, above.length + 1);
    while (heir.left.address !== 0) {
      below.push({ node: heir, isLeft: true });
      heir = this.#read(heir.left.address, above.length + 1 + below.length);
    }
    const inPlace = { ...node, address: heir.address, size: heir.size };
    this.#comeUp([...above, { node: inPlace, isLeft: false }, ...below], heir.right);
  }

  /** Hangs a tree below the end of a path, and gives each node above what is below it now. */
  #comeUp(path: readonly Step[], below: Subtree): void {
    let tree = below;
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const { node, isLeft } = path[depth]!;
      const changed = isLeft ? { ...node, left: tree } : { ...node, right: tree };
      tree = subtreeOf(this.#writeBalanced(changed, depth));
    }
    const { offset, bytes } = encodeRoot(tree.address);
    this.#writeChanged(offset, bytes);
  }

  /** Writes a node whose sides differ by 2 at most, rotated if need be; gives what is on top. */
  #writeBalanced(node: FreeNode, depth: number): FreeNode {
    const balance = balanceOf(node);
    if (balance > 1) return this.#raiseRight(node, depth);
    if (balance < -1) return this.#raiseLeft(node, depth);
    this.#write(node);
    return node;
  }

  #raiseRight(node: FreeNode, depth: number): FreeNode {
    const right = this.#read(node.right.address, depth + 1);
    if (balanceOf(right) >= 0) return this.#rotateLeft(node, right);
    const inner = this.#rotateRight(right, this.#read(right.left.address, depth + 2));
    return this.#rotateLeft({ ...node, right: subtreeOf(inner) }, inner);
  }

  #raiseLeft(node: FreeNode, depth: number): FreeNode {
    const left = this.#read(node.left.address, depth + 1);
    if (balanceOf(left) <= 0) return this.#rotateRight(node, left);
    const inner = this.#rotateLeft(left, this.#read(left.right.address, depth + 2));
    return this.#rotateRight({ ...node, left: subtreeOf(inner) }, inner);
  }

  /** Puts the right child on top: the node becomes its left child. */
  #rotateLeft(node: FreeNode, right: FreeNode): FreeNode {
    const demoted = { ...node, right: right.left };
    this.#write(demoted);
    const raised = { ...right, left: subtreeOf(demoted) };
    this.#write(raised);
    return raised;
  }

  /** Puts the left child on top: the node becomes its right child. */
  #rotateRight(node: FreeNode, left: FreeNode): FreeNode {
    const demoted = { ...node, left: left.right };
    this.#write(demoted);
    const raised = { ...left, right: subtreeOf(demoted) };
    this.#write(raised);
    return raised;
  }

  /** Reads a node. Throws `CORRUPTED` for bytes that are none, and below the deepest tree. */
  #read(address: number, depth: number): FreeNode {
    if (depth >= DEPTH_MAX) throw corrupted('the depth of the free tree', DEPTH_MAX, 'more');
    const { size, balance, height, left, right } = readStoredNode(this.#edit, address);
    assertFreeBlock(address, size, this.#edit.length);
    const higher = height - 1;
    const lower = higher - Math.abs(balance);
    const leftHeight = balance > 0 ? lower : higher;
    const rightHeight = balance < 0 ? lower : higher;
    const isSound =
      Math.abs(balance) <= 1 &&
      lower >= 0 &&
      (left === 0) === (leftHeight === 0) &&
      (right === 0) === (rightHeight === 0);
    if (!isSound) {
      const found = `balance ${balance} at height ${height}`;
      throw corrupted(`the free block at ${address}`, 'a node of an AVL tree', found);
    }
    return {
      address,
      size,
      left: { address: left, height: leftHeight },
      right: { address: right, height: rightHeight },
    };
  }

  #write(node: FreeNode): void {
    this.#writeChanged(node.address, encodeNode(node));
  }

  #writeChanged(offset: number, bytes: Uint8Array): void {
    writeChanged(this.#edit, offset, bytes);
  }
}

/** Writes bytes unless they are there already, so that what has not changed costs no sync. */
export function writeChanged(edit: StackEdit, offset: number, bytes: Uint8Array): void {
  const old = new Uint8Array(bytes.length);
  edit.getInto(offset, old);
  if (!equalBytes(old, bytes)) edit.set(offset, bytes);
}
