/**
 * Hash trees out of CBOR, see `encode-hash-tree.ts` for the form. The message has each node before
 * what lies below it; so it is read into a list of nodes, and the tree is built from the list's
 * end, where what lies below a node is there before the node. Nothing calls itself, however deep a
 * tree claims to be, and no more is made than the message has bytes for.
 *
 * Source: RFC 8949, sections 3.1 and 3.4.6; IC interface specification, "Encoding of certificates".
 */
import { copyRange, readU16BigEndian, readU32BigEndian } from '../bytes.js';
import { StorageError } from '../errors.js';
import { assertBytes } from '../guards.js';
import { EMPTY, FORK, LABELED, LEAF, PRUNED, type HashTree } from './hash-tree.js';

const SELF_DESCRIBED = [0xd9, 0xd9, 0xf7];
const ARRAY = 0x80;
/** Parts of the array of a node, by the node's kind. */
const PART_COUNTS = [1, 3, 3, 2, 2];

const BYTE_STRING = 0x40;
const SHORT_LENGTH_MAX = 23;
/** How many bytes the length takes that follows the head of a byte string. */
const IN_ONE_BYTE = 24;
const IN_TWO_BYTES = 25;
const IN_FOUR_BYTES = 26;

const HASH_SIZE = 32;

/** A node without what lies below it: its kind, and its label, value or hash. */
interface FlatNode {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/**
 * The tree of a message that {@link encodeHashTree} or any replica has made. O(size).
 *
 * Throws `INVALID_MESSAGE` for bytes that are none; `TypeError` for what is no bytes.
 *
 * @example
 * const witness = decodeHashTree(answer.witness);
 * equalBytes(reconstruct(witness), certifiedData); // whether to believe it
 */
export function decodeHashTree(encoded: Uint8Array): HashTree {
  const nodes = nodesOf(assertBytes('encoded', encoded));
  const trees: HashTree[] = [];
  for (let index = nodes.length - 1; index >= 0; index--) {
    trees.push(treeOf(nodes[index]!, trees));
  }
  if (trees.length !== 1) throw noTree('one tree', `${trees.length}`);
  return trees[0]!;
}

function nodesOf(encoded: Uint8Array): FlatNode[] {
  SELF_DESCRIBED.forEach((byte, index) => {
    if (encoded[index] !== byte) throw noTree('the tag of CBOR in front', 'other bytes');
  });
  const nodes: FlatNode[] = [];
  for (let at = SELF_DESCRIBED.length; at < encoded.length;) {
    const kind = encoded[at + 1]!;
    if (encoded[at] !== ARRAY + (PART_COUNTS[kind] ?? NaN)) throw noTree('a node', `byte ${at}`);
    const start = at + 2;
    const [from, end] = hasBytes(kind) ? byteStringAt(encoded, start) : [start, start];
    if (kind === PRUNED && end - from !== HASH_SIZE) throw noTree('32 bytes', `${end - from}`);
    nodes.push({ kind, bytes: copyRange(encoded, from, end) });
    at = end;
  }
  return nodes;
}

function hasBytes(kind: number): boolean {
  return kind === LABELED || kind === LEAF || kind === PRUNED;
}

/** Where the bytes lie of the byte string at an offset. */
function byteStringAt(encoded: Uint8Array, at: number): readonly [start: number, end: number] {
  const form = encoded[at]! - BYTE_STRING;
  const start = at + 1 + sizeOfLength(form);
  if (!(start <= encoded.length)) throw noTree('a byte string', `byte ${at}`);
  const end = start + lengthAt(encoded, at + 1, form);
  if (end > encoded.length) throw noTree(`at most ${encoded.length} bytes`, `${end}`);
  return [start, end];
}

function sizeOfLength(form: number): number {
  if (form >= 0 && form <= SHORT_LENGTH_MAX) return 0;
  if (form === IN_ONE_BYTE) return 1;
  if (form === IN_TWO_BYTES) return 2;
  return form === IN_FOUR_BYTES ? 4 : NaN;
}

function lengthAt(encoded: Uint8Array, at: number, form: number): number {
  if (form <= SHORT_LENGTH_MAX) return form;
  if (form === IN_ONE_BYTE) return encoded[at]!;
  return form === IN_TWO_BYTES ? readU16BigEndian(encoded, at) : readU32BigEndian(encoded, at);
}

/** A node with what lies below it, which is taken from the end of `trees`. */
function treeOf({ kind, bytes }: FlatNode, trees: HashTree[]): HashTree {
  switch (kind) {
    case EMPTY:
      return [EMPTY];
    case FORK:
      return [FORK, below(trees), below(trees)];
    case LABELED:
      return [LABELED, bytes, below(trees)];
    case LEAF:
      return [LEAF, bytes];
    default:
      return [PRUNED, bytes];
  }
}

function below(trees: HashTree[]): HashTree {
  const tree = trees.pop();
  if (tree === undefined) throw noTree('what lies below a node', 'the end');
  return tree;
}

function noTree(expected: string, found: string): StorageError {
  return new StorageError(
    'INVALID_MESSAGE',
    `hash tree: expected ${expected}, found ${found}. Ask for the witness again, and pass it on ` +
      'as it comes.',
    { expected, found },
  );
}
