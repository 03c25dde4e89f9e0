/**
 * The types that a message says it has, and what can be said of them before any value is read.
 *
 * Source: the Candid specification, "Binary format", "Types"; `type-table.ts` has the layout.
 */
import { type Message } from './message.js';
import { ANNOTATION_CODES, CONSTRUCTOR_CODES, MAGIC, PRIMITIVE_CODES } from './type-table.js';

export type WirePrimitiveKind = keyof typeof PRIMITIVE_CODES;

export interface WireField {
  readonly id: number;
  readonly type: WireType;
}

interface WireMethod {
  readonly name: string;
  readonly type: WireType;
}

export interface WireElement {
  readonly kind: 'opt' | 'vec';
  readonly element: WireType;
}

/** The fields of a record or the cases of a variant ascend by their numbers. */
export interface WireFields {
  readonly kind: 'record' | 'variant';
  readonly fields: readonly WireField[];
}

/** A type of a message. The kind of a tuple is `record`, and recursion is a cycle. */
export type WireType =
  | { readonly kind: WirePrimitiveKind }
  | WireElement
  | WireFields
  | {
      readonly kind: 'func';
      readonly args: readonly WireType[];
      readonly results: readonly WireType[];
      readonly annotations: readonly string[];
    }
  | { readonly kind: 'service'; readonly methods: readonly WireMethod[] };

const LABEL_LIMIT = 2 ** 32;

const PRIMITIVES = new Map<number, WireType>(
  Object.entries(PRIMITIVE_CODES).map(([kind, code]) => [
    code,
    { kind: kind as WirePrimitiveKind },
  ]),
);

const ANNOTATIONS = new Map(Object.entries(ANNOTATION_CODES).map(([name, code]) => [code, name]));

/** Reads the head of a message: the types of its values. O(size). Throws `INVALID_MESSAGE`. */
export function readHead(message: Message): WireType[] {
  for (const expected of MAGIC) {
    if (message.byte() !== expected) throw message.invalid('"DIDL" first', 'other bytes');
  }
  return new HeadReader(message).types();
}

/** Definitions may refer to later ones, so all of them are made first and filled one by one. */
class HeadReader {
  readonly #table: Record<string, unknown>[] = [];
  readonly #methodTypes: WireType[] = [];

  constructor(readonly message: Message) {}

  types(): WireType[] {
    const count = this.message.length(2);
    for (let index = 0; index < count; index++) this.#table.push({});
    for (const definition of this.#table) Object.assign(definition, this.#definition());
    for (const type of this.#methodTypes) {
      if (type.kind !== 'func') throw this.message.invalid('methods that are functions', type.kind);
    }
    return this.#references();
  }

  #definition(): WireType {
    const code = this.message.reference();
    switch (code) {
      case CONSTRUCTOR_CODES.opt:
        return { kind: 'opt', element: this.#reference() };
      case CONSTRUCTOR_CODES.vec:
        return { kind: 'vec', element: this.#reference() };
      case CONSTRUCTOR_CODES.record:
        return { kind: 'record', fields: this.#fields() };
      case CONSTRUCTOR_CODES.variant:
        return { kind: 'variant', fields: this.#fields() };
      case CONSTRUCTOR_CODES.func:
        return {
          kind: 'func',
          args: this.#references(),
          results: this.#references(),
          annotations: this.#annotations(),
        };
      case CONSTRUCTOR_CODES.service:
        return { kind: 'service', methods: this.#methods() };
      default:
        throw this.message.invalid('the constructor of a type', String(code));
    }
  }

  #fields(): WireField[] {
    let previous = -1;
    return this.#list(2, () => {
      const id = this.message.count();
      if (id <= previous) throw this.message.invalid('labels that ascend', String(id));
      if (id >= LABEL_LIMIT) throw this.message.invalid('a label of 32 bits', String(id));
      previous = id;
      return { id, type: this.#reference() };
    });
  }

  #annotations(): string[] {
    return this.#list(1, () => {
      const code = this.message.count();
      const name = ANNOTATIONS.get(code);
      if (name === undefined) throw this.message.invalid('an annotation', String(code));
      return name;
    });
  }

  #methods(): WireMethod[] {
    return this.#list(2, () => {
      const name = this.message.text();
      const type = this.#reference();
      this.#methodTypes.push(type);
      return { name, type };
    });
  }

  #references(): WireType[] {
    return this.#list(1, () => this.#reference());
  }

  #reference(): WireType {
    const code = this.message.reference();
    const type = code < 0 ? PRIMITIVES.get(code) : (this.#table[code] as WireType | undefined);
    if (type === undefined) throw this.message.invalid('a type of the table', String(code));
    return type;
  }

  #list<T>(sizeMin: number, read: () => T): T[] {
    const count = this.message.length(sizeMin);
    const all: T[] = [];
    for (let index = 0; index < count; index++) all.push(read());
    return all;
  }
}
