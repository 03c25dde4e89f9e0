/**
 * The types of a method's arguments as the kernel reads them: one array of bytes, made once. All
 * words are u32, little-endian, and places are counted from the program's start.
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
 * Kinds have Candid's own codes of types, as the one byte that they are in a message; packed has 1.
 * References to functions and services are not for the kernel.
 *
 * Source: the Candid specification, "Types"; the other side is
 * `src/kernel/assembly/candid/program.ts`.
 */
import { CONSTRUCTOR_CODES, headOf, PRIMITIVE_CODES } from './type-table.js';
import type { TypeNode } from './type.js';

/** The offsets of the table above. */
export const PROGRAM_LAYOUT = { root: 0, head: 4, headLength: 8, nodes: 12 } as const;

/** A code of a type is one byte of signed LEB128: seven bits. */
const CODE_MASK = 0x7f;

/** The kind of a vec whose elements are all of one size, in place of Candid's. */
const PACKED = 1;

const WORD_SIZE = 4;

/** The sizes of the elements that a packed vec may have. */
const PACKED_SIZES: Partial<Record<TypeNode['kind'], number>> = {
  nat8: 1,
  int8: 1,
  nat16: 2,
  int16: 2,
  nat32: 4,
  int32: 4,
  nat64: 8,
  int64: 8,
};

/** The size of an element, for a vec that goes through the kernel as bytes; else `undefined`. */
export function packedSize(type: TypeNode): number | undefined {
  return type.kind === 'vec' ? PACKED_SIZES[type.element.kind] : undefined;
}

/** What stands for a recursive type: the type that it is. */
export function unfold(type: TypeNode): TypeNode {
  let unfolded = type;
  while (unfolded.kind === 'rec') unfolded = unfolded.type;
  return unfolded;
}

/** The program of these types, or `undefined` where one is not for the kernel. O(their size). */
export function programOf(types: readonly TypeNode[]): Uint8Array | undefined {
  const head = headOf(types);
  const nodes = new Nodes();
  const root = nodes.addFields('record', types);
  if (!nodes.areAllKnown) return undefined;
  const nodesEnd = nodes.words.length * WORD_SIZE;
  const program = new Uint8Array(nodesEnd + head.length);
  const words = Uint32Array.from(nodes.words);
  words.set([root, nodesEnd, head.length]);
  program.set(new Uint8Array(words.buffer));
  program.set(head, nodesEnd);
  return program;
}

class Nodes {
  readonly words = new Array<number>(PROGRAM_LAYOUT.nodes / WORD_SIZE).fill(0);
  areAllKnown = true;
  readonly #places = new Map<TypeNode, number>();

  /** Adds the node of this type, unless it is there, and returns its place. */
  add(folded: TypeNode): number {
    const type = unfold(folded);
    const known = this.#places.get(type);
    if (known !== undefined) return known;
    const place = this.#end();
    this.#places.set(type, place);
    this.#fill(type);
    return place;
  }

  addFields(kind: 'record' | 'variant' | 'tuple', types: readonly TypeNode[]): number {
    const place = this.#end();
    const first = this.words.push(codeOf(kind), types.length);
    this.words.push(...types.map(() => 0));
    types.forEach((type, index) => (this.words[first + index] = this.add(type)));
    return place;
  }

  #fill(type: TypeNode): void {
    const size = packedSize(type);
    if (size !== undefined) {
      this.words.push(PACKED, size);
    } else if (type.kind === 'opt' || type.kind === 'vec') {
      const within = this.words.push(codeOf(type.kind), 0) - 1;
      this.words[within] = this.add(type.element);
    } else if (type.kind === 'record' || type.kind === 'tuple' || type.kind === 'variant') {
      const fields = type.fields.map((field) => field.type);
      this.addFields(type.kind, fields);
    } else if (type.kind === 'func' || type.kind === 'service') {
      this.areAllKnown = false;
    } else {
      this.words.push(codeOf(type.kind as keyof typeof PRIMITIVE_CODES));
    }
  }

  #end(): number {
    return this.words.length * WORD_SIZE;
  }
}

type Code = keyof typeof PRIMITIVE_CODES | keyof typeof CONSTRUCTOR_CODES;

function codeOf(kind: Code): number {
  return { ...PRIMITIVE_CODES, ...CONSTRUCTOR_CODES }[kind] & CODE_MASK;
}
