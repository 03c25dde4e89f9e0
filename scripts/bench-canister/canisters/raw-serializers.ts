/**
 * Serializers for Azle's map as a careful user would write them, who knows what things cost in
 * Azle's JavaScript engine: fixed layouts in place of JSON, buffers that are used again, and no
 * `TextEncoder`, which in Azle is JavaScript too.
 *
 * NOTE: a buffer can be used again because Azle copies it before `toBytes` is called next. But an
 * insert serializes the key and then the value: so each of the two needs a serializer of its own.
 */
import { Principal } from '@dfinity/principal';
import type { KindName, Person } from './kinds.js';

/** Azle's interface of that which makes bytes of values, and values of bytes. */
export interface Serializer<T = unknown> {
  toBytes(value: T): Uint8Array;
  fromBytes(bytes: Uint8Array): T;
}

/** A serializer for the keys and one for the values, of every kind. */
export type Serializers = Readonly<Record<KindName, readonly [Serializer, Serializer]>>;

const NOT_ASCII = /[^\0-\x7f]/;

/** Big-endian, so that the order of the bytes is the order of the numbers. */
function u64Serializer(): Serializer<bigint> {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  return {
    toBytes(value) {
      view.setBigUint64(0, value);
      return bytes;
    },
    fromBytes(stored) {
      bytes.set(stored);
      return view.getBigUint64(0);
    },
  };
}

const textSerializer: Serializer<string> = {
  toBytes(value) {
    if (NOT_ASCII.test(value)) return new TextEncoder().encode(value);
    const bytes = new Uint8Array(value.length);
    for (let index = 0; index < value.length; index++) bytes[index] = value.charCodeAt(index);
    return bytes;
  },
  fromBytes: decodeText,
};

/** In ASCII every byte is a character. */
function decodeText(bytes: Uint8Array): string {
  const text: string = String.fromCharCode.apply(null, bytes as unknown as number[]);
  return NOT_ASCII.test(text) ? new TextDecoder().decode(bytes) : text;
}

const AGE_OFFSET = 0;
const ACTIVE_OFFSET = AGE_OFFSET + 4;
const NAME_SIZE_OFFSET = ACTIVE_OFFSET + 1;
const TEXTS_OFFSET = NAME_SIZE_OFFSET + 1;

/**
 * The age in 4 bytes, whether active in 1, the size of the name in 1 (its owner has limited names
 * to 255 bytes), the name, the address.
 */
const personSerializer: Serializer<Person> = {
  toBytes({ name, email, age, active }) {
    const texts = name + email;
    if (NOT_ASCII.test(texts)) throw new Error('names and addresses are ASCII here');
    const bytes = new Uint8Array(TEXTS_OFFSET + texts.length);
    for (let byte = 0; byte < 4; byte++) bytes[AGE_OFFSET + byte] = age >>> (8 * byte);
    bytes[ACTIVE_OFFSET] = active ? 1 : 0;
    bytes[NAME_SIZE_OFFSET] = name.length;
    for (let index = 0; index < texts.length; index++) {
      bytes[TEXTS_OFFSET + index] = texts.charCodeAt(index);
    }
    return bytes;
  },
  fromBytes(bytes) {
    const nameSize = bytes[NAME_SIZE_OFFSET]!;
    const texts = String.fromCharCode.apply(null, bytes as unknown as number[]);
    return {
      name: texts.substring(TEXTS_OFFSET, TEXTS_OFFSET + nameSize),
      email: texts.substring(TEXTS_OFFSET + nameSize),
      age: bytes[0]! + (bytes[1]! << 8) + (bytes[2]! << 16) + bytes[3]! * 2 ** 24,
      active: bytes[ACTIVE_OFFSET] === 1,
    };
  },
};

const blobSerializer: Serializer<Uint8Array> = {
  toBytes: (value) => value,
  fromBytes: (bytes) => bytes,
};

const principalSerializer: Serializer<Principal> = {
  toBytes: (value) => value.toUint8Array(),
  fromBytes: (bytes) => Principal.fromUint8Array(bytes),
};

export const RAW_SERIALIZERS: Serializers = {
  'u64->u64': [u64Serializer(), u64Serializer()],
  'text->record': [textSerializer, personSerializer],
  'blob->blob': [blobSerializer, blobSerializer],
  'principal->u64': [principalSerializer, u64Serializer()],
};
