/**
 * The head of a message: the table of the types that it defines, and which types its values have.
 * It is the same for all messages of the same types, so it is written once for each list of types.
 *
 *     "DIDL"  count, definitions  count, references
 *
 *     opt, vec           constructor, reference
 *     record, variant    constructor, count of (number of the label, reference)
 *     func               constructor, count of references, twice; count of annotations
 *     service            constructor, count of (name, reference)
 *
 * Counts and numbers of labels are LEB128. A reference is a signed LEB128: the place of a
 * definition in the table, or below zero a type that needs none.
 *
 * Candid leaves the order of the table open. This is the order of `@dfinity/candid`, byte for byte:
 * a definition follows those that it needs; types of the same name share one; and a recursive type
 * takes its place first, into which its definition then moves.
 *
 * Source: the Candid specification, "Binary format", "Types"; class `TypeTable` of
 * `@dfinity/candid`.
 */
import { encodeUtf8 } from '../utf8.js';
import { pushSigned, pushUnsigned } from './leb128.js';
import type { Field, FuncNode, ServiceNode, TypeNode } from './type.js';

/** The first bytes of every message. */
export const MAGIC = [0x44, 0x49, 0x44, 0x4c] as const;

/** The numbers of the types that need no definition. */
export const PRIMITIVE_CODES = {
  null: -1,
  bool: -2,
  nat: -3,
  int: -4,
  nat8: -5,
  nat16: -6,
  nat32: -7,
  nat64: -8,
  int8: -9,
  int16: -10,
  int32: -11,
  int64: -12,
  float32: -13,
  float64: -14,
  text: -15,
  reserved: -16,
  empty: -17,
  principal: -24,
} as const;

/** What begins a definition. A tuple is a record. */
export const CONSTRUCTOR_CODES = {
  opt: -18,
  vec: -19,
  record: -20,
  tuple: -20,
  variant: -21,
  func: -22,
  service: -23,
} as const;

/** How a function is called, as one byte each. */
export const ANNOTATION_CODES: Readonly<Record<string, number>> = {
  query: 1,
  oneway: 2,
  composite_query: 3,
};

/** The head of the messages of these types, whole. O(size of the types). */
export function headOf(types: readonly TypeNode[]): Uint8Array {
  const table = new TypeTable();
  for (const type of types) table.define(type);
  return table.head(types);
}

type ConstructedNode = Exclude<TypeNode, { readonly kind: keyof typeof PRIMITIVE_CODES | 'rec' }>;

class TypeTable {
  readonly #definitions: number[][] = [];
  /** How many names lead to each definition; 0 for one that has moved away. */
  readonly #uses: number[] = [];
  readonly #places = new Map<string, number>();

  define(type: TypeNode): void {
    if (type.kind in PRIMITIVE_CODES || this.#places.has(type.name)) return;
    if (type.kind === 'rec') return this.#defineRecursive(type.name, type.type);
    for (const each of typesWithin(type as ConstructedNode)) this.define(each);
    this.#add(type.name, this.#definition(type as ConstructedNode));
  }

  head(types: readonly TypeNode[]): Uint8Array {
    const bytes: number[] = [...MAGIC];
    pushUnsigned(bytes, this.#definitions.length);
    for (const definition of this.#definitions) for (const byte of definition) bytes.push(byte);
    this.#pushReferences(bytes, types);
    return Uint8Array.from(bytes);
  }

  #defineRecursive(name: string, type: TypeNode): void {
    this.#add(name, []);
    this.define(type);
    const place = this.#places.get(name)!;
    const movedFrom = this.#places.get(type.name);
    if (movedFrom === undefined) {
      throw new TypeError(
        `candid: expected a recursive type that is constructed, got ${type.name}`,
      );
    }
    this.#definitions[place] = this.#definitions[movedFrom]!;
    this.#uses[place]! += this.#uses[movedFrom]!;
    this.#uses[movedFrom] = 0;
    this.#places.set(type.name, place);
    this.#dropUnusedFromEnd();
  }

  #add(name: string, definition: number[]): void {
    this.#places.set(name, this.#definitions.length);
    this.#uses.push(1);
    this.#definitions.push(definition);
  }

  #dropUnusedFromEnd(): void {
    while (this.#uses.at(-1) === 0) {
      this.#uses.pop();
      this.#definitions.pop();
    }
  }

  #definition(type: ConstructedNode): number[] {
    const bytes: number[] = [];
    pushSigned(bytes, CONSTRUCTOR_CODES[type.kind]);
    switch (type.kind) {
      case 'opt':
      case 'vec':
        this.#pushReference(bytes, type.element);
        break;
      case 'func':
        this.#pushFunc(bytes, type);
        break;
      case 'service':
        this.#pushMethods(bytes, type);
        break;
      default:
        this.#pushFields(bytes, type.fields);
    }
    return bytes;
  }

  #pushFields(bytes: number[], fields: readonly Field[]): void {
    pushUnsigned(bytes, fields.length);
    for (const { id, type } of fields) {
      pushUnsigned(bytes, id);
      this.#pushReference(bytes, type);
    }
  }

  #pushFunc(bytes: number[], { name, args, results, annotations }: FuncNode): void {
    this.#pushReferences(bytes, args);
    this.#pushReferences(bytes, results);
    pushUnsigned(bytes, annotations.length);
    for (const annotation of annotations) {
      const code = ANNOTATION_CODES[annotation];
      if (code === undefined) {
        throw new TypeError(`candid: expected an annotation of Candid, got that of ${name}`);
      }
      bytes.push(code);
    }
  }

  #pushMethods(bytes: number[], { methods }: ServiceNode): void {
    pushUnsigned(bytes, methods.length);
    for (const { name, type } of methods) {
      const utf8 = encodeUtf8(name);
      pushUnsigned(bytes, utf8.length);
      for (const byte of utf8) bytes.push(byte);
      this.#pushReference(bytes, type);
    }
  }

  #pushReferences(bytes: number[], types: readonly TypeNode[]): void {
    pushUnsigned(bytes, types.length);
    for (const type of types) this.#pushReference(bytes, type);
  }

  #pushReference(bytes: number[], type: TypeNode): void {
    const code = PRIMITIVE_CODES[type.kind as keyof typeof PRIMITIVE_CODES];
    pushSigned(bytes, code ?? this.#places.get(type.name)!);
  }
}

/** The types that a definition refers to, in the order in which it does. */
function typesWithin(type: ConstructedNode): readonly TypeNode[] {
  switch (type.kind) {
    case 'opt':
    case 'vec':
      return [type.element];
    case 'func':
      return [...type.args, ...type.results];
    case 'service':
      return type.methods.map((method) => method.type);
    default:
      return type.fields.map((field) => field.type);
  }
}
