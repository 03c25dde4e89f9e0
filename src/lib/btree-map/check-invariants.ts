/**
 * The whole-tree check that tests and tools call: complete and slow, O(entries). It names the
 * first rule that does not hold.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.2 and 3.4; house style rule 16.
 */
import { compareWhole } from '../codec.js';
import { StorageError } from '../errors.js';
import { Node } from './node.js';
import { ENTRY_COUNT_MIN } from './node-layout.js';
import type { Tree } from './tree.js';

/** The first violated invariant in words, or `undefined`. */
export function checkTree(tree: Tree): string | undefined {
  try {
    const survey = new Survey(tree);
    if (tree.root !== 0) survey.visitRoot();
    return survey.firstViolation();
  } catch (error) {
    if (error instanceof StorageError) return error.message;
    throw error;
  }
}

class Survey {
  readonly #tree: Tree;
  readonly #chunks = new Set<number>();
  #entryCount = 0;
  #leafDepth: number | undefined;
  #violation: string | undefined;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  visitRoot(): void {
    const { store, root } = this.#tree;
    const node = new Node(store.format.keySize);
    store.read(node, root);
    this.#visit(node, 0);
  }

  firstViolation(): string | undefined {
    const { store, length } = this.#tree;
    this.#expect(
      this.#entryCount === length,
      `length is ${length}, the nodes hold ${this.#entryCount} entries`,
    );
    return this.#violation ?? store.chunks.firstViolation(this.#chunks);
  }

  #visit(node: Node, depth: number, lower?: Uint8Array, upper?: Uint8Array): void {
    this.#claim(node.address);
    node.overflowPages.forEach((page) => this.#claim(page));
    this.#entryCount += node.entryCount;
    this.#expect(
      node.address === this.#tree.root ? node.entryCount > 0 : node.entryCount >= ENTRY_COUNT_MIN,
      `node at ${node.address} has only ${node.entryCount} entries`,
    );
    this.#checkOrder(node, lower, upper);
    if (node.isLeaf) {
      this.#leafDepth ??= depth;
      this.#expect(this.#leafDepth === depth, `leaf at ${node.address} is not as deep as others`);
      return;
    }
    for (let index = 0; index <= node.entryCount; index++) {
      const child = new Node(node.keySize);
      this.#tree.readChild(child, node, index, depth + 1);
      const from = index > 0 ? node.keyAt(index - 1) : lower;
      const to = index < node.entryCount ? node.keyAt(index) : upper;
      this.#visit(child, depth + 1, from, to);
    }
  }

  #checkOrder(node: Node, lower?: Uint8Array, upper?: Uint8Array): void {
    let previous = lower;
    for (let index = 0; index < node.entryCount; index++) {
      const key = node.keyAt(index);
      node.valueAt(index);
      this.#expect(
        this.#isBefore(previous, key),
        `node at ${node.address}: key ${index} is not in order`,
      );
      previous = key;
    }
    this.#expect(this.#isBefore(previous, upper), `node at ${node.address}: last key is too large`);
  }

  #isBefore(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
    if (left === undefined || right === undefined) return true;
    return compareWhole(this.#tree.order, left, right) < 0;
  }

  #claim(chunk: number): void {
    this.#expect(!this.#chunks.has(chunk), `chunk at ${chunk} is used twice`);
    this.#chunks.add(chunk);
  }

  #expect(holds: boolean, violation: string): void {
    if (!holds) this.#violation ??= violation;
  }
}
