/**
 * What a Candid type is, as plain data. The types that a user writes are objects of their own
 * `IDL`, be it Azle's, an agent's or `@dfinity/candid`'s. They are read once, by the visitor that
 * each of them accepts, and the rest of this folder sees only these descriptions. So the library
 * needs no Candid, and several versions of it may be in use side by side.
 *
 * INVARIANT: the same object of an `IDL` has one description, and only a `rec` makes cycles.
 *
 * Source: the Candid specification, "Types"; class `Visitor` of `@dfinity/candid`.
 */
import { wrongType } from '../codecs/refusals.js';
import { labelId } from './label.js';
import { principalMaker, type MakePrincipal } from './principal-maker.js';

/** A type of an `IDL`, as far as it is needed. `T` is what its values are. */
export interface IdlType<T = unknown> {
  readonly name: string;
  accept(visitor: never, data: never): unknown;
  decodeValue(pipe: never, type: never): T;
}

/** The types that need no definition in a message. */
export type PrimitiveKind =
  | 'null'
  | 'bool'
  | 'nat'
  | 'int'
  | 'nat8'
  | 'nat16'
  | 'nat32'
  | 'nat64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'text'
  | 'reserved'
  | 'empty';

export interface PrimitiveNode {
  readonly kind: PrimitiveKind;
  readonly name: string;
}

export interface PrincipalNode {
  readonly kind: 'principal';
  readonly name: string;
  /** Makes a value of the class that the user's own `IDL` makes. */
  readonly make: MakePrincipal;
}

export interface ElementNode {
  readonly kind: 'opt' | 'vec';
  readonly name: string;
  readonly element: TypeNode;
}

export interface Field {
  readonly name: string;
  readonly id: number;
  readonly type: TypeNode;
}

/** Its fields ascend by their numbers; those of a `tuple` are numbered from 0, and an array. */
export interface FieldsNode {
  readonly kind: 'record' | 'tuple' | 'variant';
  readonly name: string;
  readonly fields: readonly Field[];
}

/** A type that refers to itself, wherever it stands. */
export interface RecNode {
  readonly kind: 'rec';
  readonly name: string;
  readonly type: TypeNode;
}

export interface FuncNode {
  readonly kind: 'func';
  readonly name: string;
  readonly args: readonly TypeNode[];
  readonly results: readonly TypeNode[];
  readonly annotations: readonly string[];
  readonly make: MakePrincipal;
}

export interface Method {
  readonly name: string;
  readonly type: TypeNode;
}

/** Its methods ascend by their names. */
export interface ServiceNode {
  readonly kind: 'service';
  readonly name: string;
  readonly methods: readonly Method[];
  readonly make: MakePrincipal;
}

export type TypeNode =
  PrimitiveNode | PrincipalNode | ElementNode | FieldsNode | RecNode | FuncNode | ServiceNode;

/**
 * The descriptions of types. O(their size). Throws `TypeError` for what is no type of an `IDL`,
 * for a recursive one that was not filled, and for `IDL.Unknown`, which no message can have.
 */
export function describeTypes(types: readonly IdlType[]): TypeNode[] {
  const describer = new Describer();
  return types.map((type) => describer.node(type));
}

type IdlFields = readonly (readonly [string, IdlType])[];

interface IdlFunc extends IdlType {
  readonly argTypes: readonly IdlType[];
  readonly retTypes: readonly IdlType[];
  readonly annotations: readonly string[];
}

interface IdlService extends IdlType {
  readonly _fields: IdlFields;
}

/** The visitor that the types of an `IDL` accept: each calls the method of its own kind. */
class Describer {
  readonly #nodes = new Map<IdlType, TypeNode>();

  node(type: IdlType): TypeNode {
    const known = this.#nodes.get(type);
    if (known !== undefined) return known;
    if (typeof type?.accept !== 'function' || typeof type.decodeValue !== 'function') {
      throw wrongType('candid', 'a type of an IDL', type);
    }
    if (isUnfilled(type)) throw new TypeError(`candid: expected ${type.name} to be filled`);
    const node = type.accept(this as never, undefined as never) as TypeNode;
    this.#nodes.set(type, node);
    return node;
  }

  /** What the methods below do not know. */
  visitType({ name }: IdlType): never {
    throw new TypeError(`candid: expected a type that messages can have, got ${name}`);
  }

  /** The name of such a type is its kind: `nat8`, `text`. */
  visitPrimitive({ name }: IdlType): PrimitiveNode {
    return { kind: name as PrimitiveKind, name };
  }

  visitEmpty = this.visitPrimitive;
  visitBool = this.visitPrimitive;
  visitNull = this.visitPrimitive;
  visitReserved = this.visitPrimitive;
  visitText = this.visitPrimitive;
  visitInt = this.visitPrimitive;
  visitNat = this.visitPrimitive;
  visitFloat = this.visitPrimitive;
  visitFixedInt = this.visitPrimitive;
  visitFixedNat = this.visitPrimitive;

  visitPrincipal(type: IdlType): PrincipalNode {
    return { kind: 'principal', name: type.name, make: principalMaker(type, 'principal') };
  }

  visitOpt({ name }: IdlType, element: IdlType): ElementNode {
    return { kind: 'opt', name, element: this.node(element) };
  }

  visitVec({ name }: IdlType, element: IdlType): ElementNode {
    return { kind: 'vec', name, element: this.node(element) };
  }

  visitRecord({ name }: IdlType, fields: IdlFields): FieldsNode {
    return { kind: 'record', name, fields: this.#fields(fields) };
  }

  visitTuple({ name }: IdlType, elements: readonly IdlType[]): FieldsNode {
    const fields = elements.map((type, index) => [`_${index}_`, type] as const);
    return { kind: 'tuple', name, fields: this.#fields(fields) };
  }

  visitVariant({ name }: IdlType, fields: IdlFields): FieldsNode {
    return { kind: 'variant', name, fields: this.#fields(fields) };
  }

  /** It is known before what it stands for, which may lead back to it. */
  visitRec(rec: IdlType, type: IdlType): RecNode {
    const node = { kind: 'rec' as const, name: rec.name, type: undefined as never as TypeNode };
    this.#nodes.set(rec, node);
    node.type = this.node(type);
    assertLeadsOut(node);
    return node;
  }

  visitFunc(type: IdlFunc): FuncNode {
    return {
      kind: 'func',
      name: type.name,
      args: type.argTypes.map((each) => this.node(each)),
      results: type.retTypes.map((each) => this.node(each)),
      annotations: type.annotations,
      make: principalMaker(type, 'func'),
    };
  }

  visitService(type: IdlService): ServiceNode {
    return {
      kind: 'service',
      name: type.name,
      methods: type._fields.map(([name, method]) => ({ name, type: this.node(method) })),
      make: principalMaker(type, 'service'),
    };
  }

  #fields(fields: IdlFields): Field[] {
    const all = fields.map(([name, type]) => ({ name, id: labelId(name), type: this.node(type) }));
    const twin = all.find(({ id }, index) => all[index - 1]?.id === id);
    if (twin !== undefined) {
      throw new TypeError(`candid: expected labels of different numbers, got ${twin.name} again`);
    }
    return all;
  }
}

/** A recursive type knows what it stands for only after its `fill`. */
function isUnfilled(type: IdlType & { getType?(): unknown }): boolean {
  return typeof type.getType === 'function' && type.getType() === undefined;
}

/** A recursive type that stands for nothing but itself has no values and no definition. */
function assertLeadsOut(rec: RecNode): void {
  let type: TypeNode | undefined = rec.type;
  while (type?.kind === 'rec' && type !== rec) type = type.type;
  if (type === rec) throw new TypeError(`candid: expected ${rec.name} to stand for another type`);
}
