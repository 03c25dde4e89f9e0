/**
 * The program: the types of a method's arguments as the kernel reads them. JavaScript flattens them
 * once, keeps the bytes alive, and from then on names them by their address. All words are u32,
 * places are counted from the program's start, and the arguments are one record.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  place of the node of the arguments, which are one record
 *          4     4  place of the head
 *          8     4  length of the head
 *         12        nodes, then the head: what messages of these types begin with
 *
 *     KIND            THE NODE'S FURTHER WORDS
 *     opt, vec        place of the node within
 *     record          number of fields; for each the place of its node
 *     variant         number of cases; for each the place of its node
 *     packed          size of an element: a vec of fixed-size integers, handed over as bytes
 *     others          none
 *
 * Kinds have Candid's own codes of types, as the one byte that they are in a message.
 *
 * Source: the Candid specification, "Types"; the other side is `src/lib/candid/kernel-program.ts`.
 */

export const NULL: u32 = 0x7f;
export const BOOL: u32 = 0x7e;
export const NAT: u32 = 0x7d;
export const INT: u32 = 0x7c;
export const NAT8: u32 = 0x7b;
export const NAT16: u32 = 0x7a;
export const NAT32: u32 = 0x79;
export const NAT64: u32 = 0x78;
export const INT8: u32 = 0x77;
export const INT16: u32 = 0x76;
export const INT32: u32 = 0x75;
export const INT64: u32 = 0x74;
export const FLOAT32: u32 = 0x73;
export const FLOAT64: u32 = 0x72;
export const TEXT: u32 = 0x71;
export const RESERVED: u32 = 0x70;
export const EMPTY: u32 = 0x6f;
export const OPT: u32 = 0x6e;
export const VEC: u32 = 0x6d;
export const RECORD: u32 = 0x6c;
export const VARIANT: u32 = 0x6b;
export const PRINCIPAL: u32 = 0x68;
/** No code of Candid's. */
export const PACKED: u32 = 1;

const ROOT_OFFSET: usize = 0;
const HEAD_OFFSET: usize = ROOT_OFFSET + 4;
const HEAD_LENGTH_OFFSET: usize = HEAD_OFFSET + 4;

const KIND_SIZE: usize = 4;
const WORD_SIZE_LOG2: usize = 2;

/** The node of the arguments. */
export function rootOf(program: usize): usize {
  return program + load<u32>(program, ROOT_OFFSET);
}

export function headOf(program: usize): usize {
  return program + load<u32>(program, HEAD_OFFSET);
}

export function headLengthOf(program: usize): usize {
  return load<u32>(program, HEAD_LENGTH_OFFSET);
}

export function kindOf(node: usize): u32 {
  return load<u32>(node);
}

/** The node's first word after its kind: a number, or the place of the node within. */
export function countOf(node: usize): u32 {
  return load<u32>(node, KIND_SIZE);
}

/** The node within an opt or a vec. */
export function withinOf(program: usize, node: usize): usize {
  return program + load<u32>(node, KIND_SIZE);
}

/** The node of a record's field or of a variant's case. */
export function memberOf(program: usize, node: usize, index: usize): usize {
  return program + load<u32>(node + 2 * KIND_SIZE + (index << WORD_SIZE_LOG2));
}
