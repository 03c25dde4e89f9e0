/**
 * Whether every function or service of one type can stand for another type. References carry no
 * values that could be checked one by one, so their types must agree as a whole.
 *
 * A pair of types that is being compared counts as true, which makes recursive types end. Each pair
 * is looked at once.
 *
 * Source: the Candid specification, "Subtyping"; function `subtype` of `@dfinity/candid`, whose
 * answers these are.
 */
import type { ElementNode, FieldsNode, Field, Method, TypeNode } from './type.js';
import type { WireElement, WireFields, WireType } from './wire-type.js';

/** Both sides: a function's arguments are compared the other way round. */
export type AnyType = TypeNode | WireType;

type Of<Kind> = Extract<AnyType, { readonly kind: Kind }>;
type AnyElement = ElementNode | WireElement;
type AnyFields = FieldsNode | WireFields;
type Labelled = Pick<Field, 'id'> & { readonly type: AnyType };

const DEPTH_MAX = 500;

/** Whether `type` is a subtype of `other`. O(product of their sizes). */
export function isSubtype(type: AnyType, other: AnyType): boolean {
  return new Comparison().holds(type, other, 0);
}

class Comparison {
  readonly #assumed = new Map<AnyType, Set<AnyType>>();

  holds(type: AnyType, other: AnyType, depth: number): boolean {
    if (type === other || !this.#assume(type, other)) return true;
    if (depth > DEPTH_MAX) return false;
    if (other.kind === 'reserved' || other.kind === 'opt' || type.kind === 'empty') return true;
    if (type.kind === 'rec') return this.holds(type.type, other, depth);
    if (other.kind === 'rec') return this.holds(type, other.type, depth);
    const kind = kindOf(type);
    if (kind === 'nat' && other.kind === 'int') return true;
    return kind === kindOf(other) && this.#agree(kind, type, other, depth + 1);
  }

  /** Whether this pair is a new one. */
  #assume(type: AnyType, other: AnyType): boolean {
    const others = this.#assumed.get(type) ?? new Set();
    this.#assumed.set(type, others);
    if (others.has(other)) return false;
    others.add(other);
    return true;
  }

  #agree(kind: string, type: AnyType, other: AnyType, depth: number): boolean {
    switch (kind) {
      case 'vec':
        return this.holds((type as AnyElement).element, (other as AnyElement).element, depth);
      case 'record':
        return this.#records(type as AnyFields, other as AnyFields, depth);
      case 'variant':
        return this.#variants(type as AnyFields, other as AnyFields, depth);
      case 'func':
        return this.#functions(type as Of<'func'>, other as Of<'func'>, depth);
      case 'service':
        return this.#services(type as Of<'service'>, other as Of<'service'>, depth);
      default:
        return true;
    }
  }

  #records(type: AnyFields, other: AnyFields, depth: number): boolean {
    const fields = byLabel(type.fields);
    return other.fields.every((field) => {
      const found = fields.get(field.id);
      return found === undefined ? canBeOmitted(field.type) : this.holds(found, field.type, depth);
    });
  }

  #variants(type: AnyFields, other: AnyFields, depth: number): boolean {
    const cases = byLabel(other.fields);
    return type.fields.every((field) => {
      const found = cases.get(field.id);
      return found !== undefined && this.holds(field.type, found, depth);
    });
  }

  #functions(type: Of<'func'>, other: Of<'func'>, depth: number): boolean {
    const annotations = new Set(type.annotations);
    const others = new Set(other.annotations);
    if (annotations.size !== others.size) return false;
    if (![...annotations].every((each) => others.has(each))) return false;
    return (
      this.#lists(other.args, type.args, depth) && this.#lists(type.results, other.results, depth)
    );
  }

  /** What `others` has beyond `types` must be such that it can be absent. */
  #lists(types: readonly AnyType[], others: readonly AnyType[], depth: number): boolean {
    return others.every((other, index) => {
      const type = types[index];
      return type === undefined ? canBeOmitted(other) : this.holds(type, other, depth);
    });
  }

  #services(type: Of<'service'>, other: Of<'service'>, depth: number): boolean {
    const all: readonly (Pick<Method, 'name'> & { readonly type: AnyType })[] = type.methods;
    const methods = new Map(all.map((method) => [method.name, method.type]));
    return other.methods.every((method) => {
      const found = methods.get(method.name);
      return found !== undefined && this.holds(found, method.type, depth);
    });
  }
}

function byLabel(fields: readonly Labelled[]): ReadonlyMap<number, AnyType> {
  return new Map(fields.map(({ id, type }) => [id, type]));
}

function kindOf({ kind }: AnyType): string {
  return kind === 'tuple' ? 'record' : kind;
}

function canBeOmitted({ kind }: AnyType): boolean {
  return kind === 'opt' || kind === 'null' || kind === 'reserved';
}
