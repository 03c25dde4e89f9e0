/**
 * What the maps hold: four kinds of keys and values, each made of a number. The keys of one kind
 * are all different and in no order. The canisters make theirs with this file, and so does the
 * script that fills the maps beforehand.
 */
import { Principal } from '@dfinity/principal';
import { numberAt } from '../../bench/random.js';

/** How the entries of a kind are made of the numbers from 0 on. */
export interface Kind<K, V> {
  key(index: number): K;
  value(index: number): V;
}

/** A record of four fields. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly age: number;
  readonly active: boolean;
}

/** All numbers follow from it. */
const SEED = 1;

/** Of principals that are hashes of public keys, which are those of users. */
const SELF_AUTHENTICATING = 2;
const USER_PRINCIPAL_SIZE = 29;

const U64_TO_U64: Kind<bigint, bigint> = {
  key: number,
  value: (index) => number(index) ^ 1n,
};

const TEXT_TO_RECORD: Kind<string, Person> = {
  key: (index) => `user${number(index).toString(16).padStart(16, '0')}`,
  value: (index) => ({
    name: `Person ${index}`,
    email: `person${index}@example.org`,
    age: index % 100,
    active: index % 2 === 0,
  }),
};

const BLOB_TO_BLOB: Kind<Uint8Array, Uint8Array> = {
  key: (index) => bytesOf(index, 32),
  value: (index) => bytesOf(index + 1, 128),
};

const PRINCIPAL_TO_U64: Kind<Principal, bigint> = {
  key(index) {
    const bytes = bytesOf(index, USER_PRINCIPAL_SIZE);
    bytes[USER_PRINCIPAL_SIZE - 1] = SELF_AUTHENTICATING;
    return Principal.fromUint8Array(bytes);
  },
  value: number,
};

export const KINDS = {
  'u64->u64': U64_TO_U64,
  'text->record': TEXT_TO_RECORD,
  'blob->blob': BLOB_TO_BLOB,
  'principal->u64': PRINCIPAL_TO_U64,
} as const;

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/** Something of every kind; the second argument is the number of the virtual memory of its map. */
export function ofEachKind<T>(
  make: (kind: KindName, memoryId: number) => T,
): Readonly<Record<KindName, T>> {
  const made = KIND_NAMES.map((kind, memoryId) => [kind, make(kind, memoryId)]);
  return Object.fromEntries(made) as Record<KindName, T>;
}

/** A kind of which only the name is known. */
export function kindOf(name: KindName): Kind<unknown, unknown> {
  return KINDS[name];
}

function number(index: number): bigint {
  return numberAt(SEED, index);
}

/** The number of 8 bytes, again and again, each time turned by another amount. */
function bytesOf(index: number, size: number): Uint8Array {
  const words = new BigUint64Array(Math.ceil(size / 8));
  const first = number(index);
  for (let word = 0; word < words.length; word++) words[word] = first ^ BigInt(word);
  return new Uint8Array(words.buffer, 0, size);
}
