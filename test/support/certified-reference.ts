/**
 * Certified maps from first principles: the hash tree of some entries, made from their bits as
 * texts of 0 and 1, and what the client's own code finds in a witness.
 *
 * Source: IC interface specification, "Certificate"; `src/lib/s-certified-btree-map/key-bits.ts`.
 */
import {
  lookup_path,
  LookupPathStatus,
  lookupResultToBuffer,
  reconstruct as clientReconstruct,
  Cbor,
  type HashTree as ClientTree,
} from '@dfinity/agent';
import { encodeHashTree } from '../../src/lib/certification/encode-hash-tree.js';
import { reconstruct, type HashTree } from '../../src/lib/certification/hash-tree.js';
import { decodeCbor } from '../../src/replica/certification/cbor.js';
import { lookup, TreeBuilder } from '../../src/replica/certification/hash-tree.js';
import { decodeTree } from '../../src/replica/certification/tree-encoding.js';
import { nodeHost } from '../../src/replica/index.js';
import { toHex } from './hex.js';

export type EncodedEntry = readonly [key: Uint8Array, value: Uint8Array];

/** The whole tree of these entries, in any order. */
export function treeOf(entries: readonly EncodedEntry[]): HashTree {
  if (entries.length === 0) return [0];
  return branch(entries.map(([key, value]) => ({ bits: bitsOf(key), leaf: [2, key, [3, value]] })));
}

/** The root hash of these entries, in hexadecimal. */
export function rootHashOf(entries: readonly EncodedEntry[]): string {
  return toHex(reconstruct(treeOf(entries)));
}

interface Labeled {
  readonly bits: string;
  readonly leaf: HashTree;
}

function branch(labels: readonly Labeled[]): HashTree {
  if (labels.length === 1) return labels[0]!.leaf;
  let position = 0;
  while (new Set(labels.map(({ bits }) => bits[position])).size === 1) position += 1;
  const side = (bit: string) => branch(labels.filter(({ bits }) => bits[position] === bit));
  return [1, side('0'), side('1')];
}

/** Nine bits for each byte, the first a 1, and a 0 behind the last. */
function bitsOf(key: Uint8Array): string {
  const bytes = Array.from(key, (byte) => `1${byte.toString(2).padStart(8, '0')}`);
  return `${bytes.join('')}0`;
}

/** A witness as a client has it: through its encoding, and with its root hash checked. */
export async function received(witness: HashTree, rootHash: Uint8Array): Promise<ClientTree> {
  const tree = Cbor.decode<ClientTree>(encodeHashTree(witness));
  const found = toHex(await clientReconstruct(tree));
  if (found !== toHex(rootHash)) throw new Error(`root hash ${toHex(rootHash)}, found ${found}`);
  return tree;
}

/** What the client makes of a key: its value, that it is absent, or that nobody knows. */
export function lookUp(tree: ClientTree, key: Uint8Array): Uint8Array | 'Absent' | 'Unknown' {
  const result = lookup_path([key], tree);
  if (result.status === LookupPathStatus.Found) return lookupResultToBuffer(result)!;
  if (result.status === LookupPathStatus.Error) throw new Error('the client refuses the tree');
  return result.status;
}

/**
 * The same by the letter of the specification. The agents on npm take a label for the greater one
 * where *any* of its bytes is greater, and for the smaller one where it goes on behind the other's
 * end: so of labels of several bytes they may say `Unknown` where absence is proved.
 */
export function judged(tree: HashTree, key: Uint8Array): Uint8Array | 'Absent' | 'Unknown' {
  const decoded = decodeTree(builder, decodeCbor(encodeHashTree(tree)));
  const result = lookup(decoded, [key]);
  if (result.kind !== 'found') return result.kind === 'absent' ? 'Absent' : 'Unknown';
  return result.tree.kind === 'leaf' ? result.tree.value : 'Unknown';
}

const builder = new TreeBuilder(nodeHost);

/** The labels that a tree shows, in order. */
export function labelsOf(tree: HashTree): Uint8Array[] {
  if (tree[0] === 1) return [...labelsOf(tree[1]), ...labelsOf(tree[2])];
  return tree[0] === 2 ? [tree[1]] : [];
}

/** The number of hashes in place of what was pruned. */
export function prunedCount(tree: HashTree): number {
  if (tree[0] === 1) return prunedCount(tree[1]) + prunedCount(tree[2]);
  if (tree[0] === 2) return prunedCount(tree[2]);
  return tree[0] === 4 ? 1 : 0;
}
