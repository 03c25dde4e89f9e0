/**
 * Hash trees in CBOR, the form in which clients expect a witness: arrays that begin with the kind
 * of the node, byte strings, and nothing else, with the tag in front that says "this is CBOR".
 *
 *     d9 d9f7        tag 55799, self-described CBOR
 *     81 00          empty
 *     83 01 l r      fork
 *     83 02 b s      labeled: a byte string, then the subtree
 *     82 03 b        leaf
 *     82 04 b        pruned
 *
 * A byte string has its length in the shortest form. The nodes come each before what lies below it,
 * so encoding is one walk that only ever appends.
 *
 * Source: RFC 8949, sections 3.1 and 3.4.6; IC interface specification, "Encoding of certificates".
 */
import { concatAll, writeU16BigEndian, writeU32BigEndian } from '../bytes.js';
import { EMPTY, FORK, inPreorder, LABELED, LEAF, PRUNED, type HashTree } from './hash-tree.js';

const SELF_DESCRIBED = Uint8Array.of(0xd9, 0xd9, 0xf7);
const ARRAY = 0x80;
const BYTE_STRING = 0x40;

/** Lengths up to this stand in the first byte; from there on it says how many bytes follow. */
const SHORT_LENGTH_MAX = 23;
const IN_ONE_BYTE = 24;
const IN_TWO_BYTES = 25;
const IN_FOUR_BYTES = 26;

/**
 * A tree in CBOR, to be handed to a client beside the certificate. O(size).
 *
 * @example
 * return { certificate: dataCertificate(), witness: encodeHashTree(balances.witness('ada')) };
 */
export function encodeHashTree(tree: HashTree): Uint8Array {
  return concatAll([SELF_DESCRIBED, ...inPreorder(tree).flatMap(encodeNode)]);
}

/** A node without what lies below it, which comes next. */
function encodeNode(node: HashTree): Uint8Array[] {
  switch (node[0]) {
    case EMPTY:
      return [Uint8Array.of(ARRAY + 1, EMPTY)];
    case FORK:
      return [Uint8Array.of(ARRAY + 3, FORK)];
    case LABELED:
      return [Uint8Array.of(ARRAY + 3, LABELED), headOf(node[1]), node[1]];
    case LEAF:
    case PRUNED:
      return [Uint8Array.of(ARRAY + 2, node[0]), headOf(node[1]), node[1]];
  }
}

/** What stands before the bytes of a byte string. */
function headOf({ length }: Uint8Array): Uint8Array {
  if (length <= SHORT_LENGTH_MAX) return Uint8Array.of(BYTE_STRING + length);
  if (length <= 0xff) return Uint8Array.of(BYTE_STRING + IN_ONE_BYTE, length);
  const isShort = length <= 0xffff;
  const head = new Uint8Array(isShort ? 3 : 5);
  head[0] = BYTE_STRING + (isShort ? IN_TWO_BYTES : IN_FOUR_BYTES);
  if (isShort) writeU16BigEndian(head, 1, length);
  else writeU32BigEndian(head, 1, length);
  return head;
}
