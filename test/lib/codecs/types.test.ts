/**
 * What the compiler infers. These tests fail in `npm run check:types`; Jest, which strips types,
 * only runs them.
 */
import { IDL } from '@dfinity/candid';
import { Principal as OfficialPrincipal } from '@dfinity/principal';
import { expect, test } from '@jest/globals';
import type { Codec, KeyCodec, ValueOf } from '../../../src/lib/codec.js';
import {
  blob,
  bool,
  candid,
  descending,
  enumeration,
  list,
  optional,
  principal,
  principalOf,
  record,
  reserved,
  text,
  tuple,
  u64,
  u8,
  unit,
  type OptionalCodec,
  type OptionalKeyCodec,
} from '../../../src/lib/codecs/index.js';
import type { Principal } from '../../../src/lib/principal.js';

/** `true` where both types are the same, `false` where one is merely assignable. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function assertType<Holds extends true>(holds?: Holds): void {
  expect(holds).toBeUndefined();
}

test('a record infers required and optional properties', () => {
  const user = record({ name: text, joined: u64, bio: optional(text) });
  assertType<Same<ValueOf<typeof user>, { name: string; joined: bigint; bio?: string }>>();
  user.encode({ name: 'Ada', joined: 1n });
  // @ts-expect-error A required field is missing.
  expect(() => user.encode({ name: 'Ada' })).toThrow(TypeError);
  // @ts-expect-error A missing field is left out, not set to undefined.
  user.encode({ name: 'Ada', joined: 1n, bio: undefined });
  // @ts-expect-error A u64 is a bigint.
  expect(() => user.encode({ name: 'Ada', joined: 1 })).toThrow(TypeError);
});

test('a reserved field is no property', () => {
  const user = record({ name: text, nickname: reserved, bio: optional(text) });
  assertType<Same<ValueOf<typeof user>, { name: string; bio?: string }>>();
  // @ts-expect-error The field was removed.
  expect(user.encode({ name: 'Ada', nickname: 'A' })).toEqual(user.encode({ name: 'Ada' }));
});

test('records nest', () => {
  const inner = record({ tags: tuple(text, text), owner: optional(principal) });
  const outer = record({ inner, other: optional(inner) });
  type Inner = { tags: readonly [string, string]; owner?: Principal };
  assertType<Same<ValueOf<typeof outer>, { inner: Inner; other?: Inner }>>();
  expect(outer.name).toBe('record(inner, other)');
});

test('a tuple of keys is a key, and a tuple with a value is a value', () => {
  const pair = tuple(u64, principal);
  assertType<Same<typeof pair, KeyCodec<readonly [bigint, Principal]>>>();
  expect(pair.name).toBe('tuple(u64, principal)');
  const triple = tuple(bool, blob(3), unit);
  assertType<Same<typeof triple, KeyCodec<readonly [boolean, Uint8Array, undefined]>>>();
  expect(triple.name).toBe('tuple(bool, blob(3), unit)');
  const value = tuple(u8, record({ a: u8 }));
  assertType<Same<typeof value, Codec<readonly [number, { a: number }]>>>();
  expect(value.name).toBe('tuple(u8, record(a))');
});

test('a tuple has any number of parts', () => {
  const one = tuple(text);
  assertType<Same<typeof one, KeyCodec<readonly [string]>>>();
  expect(one.name).toBe('tuple(text)');
  const four = tuple(u64, text, optional(u8), descending(principal));
  type Four = readonly [bigint, string, number | undefined, Principal];
  assertType<Same<typeof four, KeyCodec<Four>>>();
  expect(four.name).toBe('tuple(u64, text, optional(u8), descending(principal))');
  const five = tuple(u8, u8, u8, u8, record({ a: u8 }));
  type Five = readonly [number, number, number, number, { a: number }];
  assertType<Same<typeof five, Codec<Five>>>();
  expect(five.name).toBe('tuple(u8, u8, u8, u8, record(a))');
  // @ts-expect-error A tuple has one part at least.
  expect(() => tuple()).toThrow(RangeError);
  // @ts-expect-error The fourth part is missing.
  expect(() => four.encode([1n, 'a', 1])).toThrow(/^INVALID_VALUE/);
});

test('a list of keys is a key, and a list of values is a value', () => {
  const keys = list(u64);
  assertType<Same<typeof keys, KeyCodec<readonly bigint[]>>>();
  expect(keys.name).toBe('list(u64)');
  const values = list(record({ a: u8 }));
  assertType<Same<typeof values, Codec<readonly { a: number }[]>>>();
  expect(values.name).toBe('list(record(a))');
});

test('a Candid type says which values it has, or the user does', () => {
  const texts = candid(IDL, IDL.Vec(IDL.Text));
  assertType<Same<typeof texts, Codec<string[]>>>();
  expect(texts.name).toBe('candid(vec text)');
  const user = candid<{ name: string }>(IDL, IDL.Record({ name: IDL.Text }));
  assertType<Same<typeof user, Codec<{ name: string }>>>();
  // @ts-expect-error The name is missing.
  expect(() => user.encode({})).toThrow(/^INVALID_VALUE/);
});

test('an enumeration is a union of its names', () => {
  const status = enumeration('open', 'closed');
  assertType<Same<typeof status, KeyCodec<'open' | 'closed'>>>();
  // @ts-expect-error Another name.
  expect(() => status.encode('lost')).toThrow(/^INVALID_VALUE/);
});

test('an optional key is a key, and an optional value is a value', () => {
  const key = optional(text);
  assertType<Same<typeof key, OptionalKeyCodec<string>>>();
  assertType<Same<ValueOf<typeof key>, string | undefined>>();
  expect(key.name).toBe('optional(text)');
  const value = optional(record({ a: u8 }));
  assertType<Same<typeof value, OptionalCodec<{ a: number }>>>();
  expect(value.name).toBe('optional(record(a))');
});

test('principals are any class with their methods, or exactly the one that was asked for', () => {
  const official = OfficialPrincipal.anonymous();
  principal.encode(official);
  assertType<Same<ValueOf<typeof principal>, Principal>>();
  const codec = principalOf(OfficialPrincipal);
  assertType<Same<ValueOf<typeof codec>, OfficialPrincipal>>();
  expect(codec.name).toBe('principal');
});
