/**
 * The class of a user's principals. Candid types do not say which one it is, but they make values
 * of it. So the first principal that is read is made by the type itself, from a message of no
 * bytes, and tells its class; all the others come from that class directly.
 *
 * Source: the Candid specification, "References"; the reader of `@dfinity/candid`.
 */
import { Principal } from '../principal.js';

/** Makes a principal of its bytes, which are its own from then on. */
export type MakePrincipal = (bytes: Uint8Array) => unknown;

/** The value of a type whose principal has no bytes: a reference that is not opaque, of size 0. */
const EMPTY_REFERENCES = {
  principal: [1, 0],
  service: [1, 0],
  func: [1, 1, 0, 0],
} as const;

interface PrincipalClass {
  fromUint8Array(bytes: Uint8Array): unknown;
}

interface Decoder {
  decodeValue(pipe: never, type: never): unknown;
}

/**
 * A maker of the principals that `type` has. O(1) for each. Where a type does not tell its class,
 * they are this library's {@link Principal}, which Candid takes as well.
 */
export function principalMaker(type: Decoder, kind: keyof typeof EMPTY_REFERENCES): MakePrincipal {
  let learned: PrincipalClass | undefined;
  return (bytes) => {
    learned ??= classOf(type, EMPTY_REFERENCES[kind]);
    return learned.fromUint8Array(bytes);
  };
}

function classOf(type: Decoder, reference: readonly number[]): PrincipalClass {
  const sample = firstOf(type, reference);
  const found = (sample as object | undefined)?.constructor as Partial<PrincipalClass> | undefined;
  return typeof found?.fromUint8Array === 'function' ? (found as PrincipalClass) : Principal;
}

function firstOf(type: Decoder, reference: readonly number[]): unknown {
  try {
    const value = type.decodeValue(new Pipe(reference) as never, type as never);
    return Array.isArray(value) ? value[0] : value;
  } catch {
    return undefined;
  }
}

/** As much of the reader of an `IDL` as its types use. */
class Pipe {
  #offset = 0;

  constructor(readonly bytes: readonly number[]) {}

  get byteLength(): number {
    return this.bytes.length - this.#offset;
  }

  readUint8(): number | undefined {
    return this.bytes[this.#offset++];
  }

  read(count: number): Uint8Array {
    const start = this.#offset;
    this.#offset += count;
    return Uint8Array.from(this.bytes.slice(start, this.#offset));
  }
}
