/**
 * Passing over values that nobody wants: fields that the expected type does not have, and options
 * whose content it cannot take. They are checked as if they were read.
 *
 * Source: the Candid specification, "Binary format", "Memory".
 */
import type { Message } from './message.js';
import type { WireFacts } from './wire-facts.js';
import type { WireField, WireType } from './wire-type.js';
import { INTEGER_SIZES } from './writers.js';

/** Passes over a value. */
export type Skip = (message: Message) => void;

/** Makes the functions that pass over values; of each type of a message one. */
export class Skippers {
  readonly #skippers = new Map<WireType, Skip>();

  constructor(readonly facts: WireFacts) {}

  of(type: WireType): Skip {
    const known = this.#skippers.get(type);
    if (known !== undefined) return known;
    const isDeep = this.facts.isDeep(type);
    const skip = isDeep ? this.#deep(type) : this.#make(type);
    this.#skippers.set(type, skip);
    return skip;
  }

  /** As {@link of}, of a value that comes with at least `sizeMin` bytes. */
  paid(type: WireType, sizeMin: number): Skip {
    const skip = this.of(type);
    const price = this.facts.price(type, sizeMin);
    if (price === 0) return skip;
    return (message) => {
      message.pay(price);
      skip(message);
    };
  }

  /** It is made when the first value is passed over, since its type may contain itself. */
  #deep(type: WireType): Skip {
    let skip: Skip | undefined;
    return (message) => {
      message.enter();
      skip ??= this.#make(type);
      skip(message);
      message.depth--;
    };
  }

  #make(type: WireType): Skip {
    switch (type.kind) {
      case 'opt':
        return this.#optional(type.element);
      case 'vec':
        return this.#vector(type.element);
      case 'record':
        return this.#record(type.fields);
      case 'variant':
        return this.#variant(type.fields);
      case 'func':
        return skipFunction;
      case 'service':
        return skipReference;
      default:
        return PRIMITIVES[type.kind];
    }
  }

  #optional(element: WireType): Skip {
    const skip = this.paid(element, 1);
    return (message) => {
      if (isPresent(message)) skip(message);
    };
  }

  #vector(element: WireType): Skip {
    const { sizeMin } = this.facts.extent(element);
    const size = INTEGER_SIZES[element.kind];
    if (size !== undefined) return (message) => void message.skip(message.length(size) * size);
    const skip = this.of(element);
    const price = this.facts.price(element, sizeMin);
    return (message) => {
      const length = message.length(sizeMin);
      if (price > 0) message.pay(length * price);
      for (let index = 0; index < length; index++) skip(message);
    };
  }

  #record(fields: readonly WireField[]): Skip {
    const skippers = fields.map(({ type }) => this.of(type));
    return (message) => {
      for (const skip of skippers) skip(message);
    };
  }

  #variant(fields: readonly WireField[]): Skip {
    const skippers = fields.map(({ type }) => this.paid(type, 1));
    return (message) => skippers[choice(message, fields)]!(message);
  }
}

/** The byte before an option's content. */
export function isPresent(message: Message): boolean {
  const tag = message.byte();
  if (tag > 1) throw message.invalid('an option with the tag 0 or 1', String(tag));
  return tag === 1;
}

/** The index of a variant's case. */
export function choice(message: Message, fields: readonly WireField[]): number {
  const index = message.count();
  if (index < fields.length) return index;
  throw message.invalid(`one of ${fields.length} cases of a variant`, String(index));
}

function skipReference(message: Message): void {
  message.transparent();
  message.skip(message.count());
}

function skipFunction(message: Message): void {
  message.transparent();
  skipReference(message);
  message.text();
}

const skipNothing: Skip = () => undefined;
const skipNumber: Skip = (message) => void message.skipNumber();
const skipBytes =
  (count: number): Skip =>
  (message) =>
    void message.skip(count);

const PRIMITIVES = {
  null: skipNothing,
  reserved: skipNothing,
  empty: (message) => {
    throw message.invalid('a value', 'the type empty, which has none');
  },
  bool: (message) => void message.bool(),
  nat: skipNumber,
  int: skipNumber,
  nat8: skipBytes(1),
  nat16: skipBytes(2),
  nat32: skipBytes(4),
  nat64: skipBytes(8),
  int8: skipBytes(1),
  int16: skipBytes(2),
  int32: skipBytes(4),
  int64: skipBytes(8),
  float32: skipBytes(4),
  float64: skipBytes(8),
  text: (message) => void message.text(),
  principal: skipReference,
} satisfies Record<string, Skip>;
