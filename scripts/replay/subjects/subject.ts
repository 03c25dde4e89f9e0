/**
 * What all structures under replay have in common. A subject takes one operation as it stands in a
 * sequence, does it through the public interface, and answers in the words of the sequence: keys
 * and values as the hexadecimal text of their encoding. They are decoded on the way in and encoded
 * on the way out, so that a replay also proves the codecs.
 */
import { encodeChecked, type Codec } from '../../../src/lib/codec.js';
import type { Memory } from '../../../src/lib/memory.js';

/** The first line of a sequence. */
export interface Header extends Types {
  readonly case: string;
  readonly bucketPages?: number;
  /** In a mix, what lies in each memory, by its id; otherwise words for people. */
  readonly memories?: string | Readonly<Record<string, string>>;
}

/** A structure and the types in it. */
export interface Types {
  readonly structure: string;
  readonly layout?: number | string;
  readonly key?: string;
  readonly value?: string;
  readonly item?: string;
  /** Of a cell, as the hexadecimal text of its encoding. */
  readonly default?: string;
}

/** Any further line: an operation, its arguments and, where it has one, the result. */
export interface Operation {
  readonly op: string;
  readonly k?: string;
  readonly v?: string;
  /** A value of `n` bytes that are all `fill`, instead of `v`. */
  readonly fill?: number;
  readonly n?: number;
  readonly i?: number;
  readonly limit?: number;
  readonly id?: number;
  readonly pages?: number;
  readonly offset?: number;
  /** In a mix, the id of the memory with the structure. */
  readonly m?: number;
  /** The result. */
  readonly r?: unknown;
  /** The result where it is a value of which only the size was written down. */
  readonly oldLen?: number;
}

/** An open structure. */
export interface Subject {
  /** Does an operation and returns its result, `undefined` where it has none. */
  apply(operation: Operation): unknown;

  /** Frees the memories. The next subject over them goes on where this one stopped. */
  close(): void;
}

/** Opens a structure in its memories, or creates it where they are empty. */
export type Opener = (memories: readonly Memory[]) => Subject;

/** The value of a hexadecimal text. */
export function read(codec: Codec<unknown>, hex: string): unknown {
  return codec.decode(fromHex(hex));
}

/** The hexadecimal text of a value. */
export function write(codec: Codec<unknown>, value: unknown): string {
  return Buffer.from(encodeChecked(codec, value)).toString('hex');
}

/** The same where there may be no value; a sequence says `null` then. */
export function writeIfAny(codec: Codec<unknown>, value: unknown): string | null {
  return value === undefined ? null : write(codec, value);
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

export function unknownOperation({ op }: Operation): Error {
  return new Error(`the replay has no operation ${op}`);
}
