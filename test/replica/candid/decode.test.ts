/** What comes from outside is decoded as the library does it, or refused in no time. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { decodeCandid } from '../../../src/replica/candid/decode.js';
import { EFFORT_MAX } from '../../../src/replica/candid/effort.js';
import { DEPTH_MAX, NUMBER_BYTES_MAX } from '../../../src/replica/candid/values.js';
import { checkProperty } from '../../support/property.js';
import {
  BOOL,
  EMPTY,
  FUNC,
  INT,
  leb,
  message,
  NAT,
  NAT64,
  NAT8,
  NULL,
  OPT,
  PRINCIPAL,
  RECORD,
  RESERVED,
  SERVICE,
  TEXT,
  VARIANT,
  VEC,
  whole,
} from './messages.js';

const ANY = [IDL.Reserved];
const TOO_MUCH_WORK = { invalid: 'expected a message that is less work to decode' };

const Everything = IDL.Record({
  nothing: IDL.Null,
  flag: IDL.Bool,
  nat: IDL.Nat,
  int: IDL.Int,
  sizes: IDL.Vec(IDL.Nat64),
  small: IDL.Int16,
  real: IDL.Float64,
  text: IDL.Text,
  bytes: IDL.Vec(IDL.Nat8),
  maybe: IDL.Opt(IDL.Text),
  choice: IDL.Variant({ one: IDL.Null, two: IDL.Tuple(IDL.Text, IDL.Nat) }),
  who: IDL.Principal,
  method: IDL.Func([IDL.Text], [IDL.Nat, IDL.Nat8], ['query']),
  service: IDL.Service({ greet: IDL.Func([], [], []) }),
});

const WHO = Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai');

const EVERYTHING = {
  nothing: null,
  flag: true,
  nat: 2n ** 128n,
  int: -(2n ** 70n),
  sizes: BigUint64Array.of(1n, 2n ** 64n - 1n),
  small: -7,
  real: 1.5,
  text: 'ü',
  bytes: Uint8Array.of(1, 2, 3),
  maybe: ['x'],
  choice: { two: ['y', 3n] },
  who: WHO,
  method: [WHO, 'greet'],
  service: WHO,
};

function encoded(): Uint8Array {
  return new Uint8Array(IDL.encode([Everything, IDL.Text], [EVERYTHING, 'rest']));
}

describe('what is right', () => {
  test('is decoded, of every type', () => {
    expect(decodeCandid([Everything, IDL.Text], encoded())).toEqual({
      values: [EVERYTHING, 'rest'],
    });
  });

  test('and what nobody asked for is passed over', () => {
    expect(decodeCandid([IDL.Record({ small: IDL.Int16 })], encoded())).toEqual({
      values: [{ small: -7 }],
    });
  });

  test('may be a view into a larger buffer', () => {
    const bytes = encoded();
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 7);
    const view = larger.subarray(7, 7 + bytes.length);
    expect(decodeCandid([Everything], view)).toEqual({ values: [EVERYTHING] });
  });

  test('may have a few values without a size', () => {
    const bytes = message([[VEC, NULL]], leb(3));
    expect(decodeCandid([IDL.Vec(IDL.Null)], bytes)).toEqual({ values: [[null, null, null]] });
  });

  test('does not change with its bytes', () => {
    const bytes = new Uint8Array(IDL.encode([IDL.Vec(IDL.Nat8)], [Uint8Array.of(1, 2)]));
    const decoded = decodeCandid([IDL.Vec(IDL.Nat8)], bytes);
    bytes.fill(0);
    expect(decoded).toEqual({ values: [Uint8Array.of(1, 2)] });
  });
});

describe('a few bytes that stand for a lot of work are refused:', () => {
  // Each record is two of the next: 2^40 values in no bytes.
  const doubling = Array.from({ length: 40 }, (_, index) => {
    const next = index === 39 ? NULL : index + 1;
    return [RECORD, 2, 0, next, 1, next];
  });

  test.each<[string, Uint8Array]>([
    ['a vector of nulls', message([[VEC, NULL]], leb(2 ** 31))],
    ['a vector of reserved values', message([[VEC, RESERVED]], leb(2 ** 31))],
    [
      'a vector of empty records',
      message(
        [
          [VEC, 1],
          [RECORD, 0],
        ],
        leb(2 ** 31),
      ),
    ],
    [
      'vectors of vectors of nulls',
      message(
        [
          [VEC, 1],
          [VEC, NULL],
        ],
        [2, ...leb(2 ** 30)],
      ),
    ],
    ['a record that doubles', message(doubling, [])],
    ['more values than a message may have', message([[VEC, BOOL]], bits(EFFORT_MAX))],
    [
      'integers, for each of which the decoder copies the rest',
      message([[VEC, INT]], bits(80_000)),
    ],
    ['a table, for each of whose types it does', manyTypes(20_000)],
  ])('%s', (_name, bytes) => {
    expect(decodeCandid(ANY, bytes)).toEqual(TOO_MUCH_WORK);
  });

  test('the decoder alone makes the nulls', () => {
    const bytes = message([[VEC, NULL]], leb(2 ** 20));
    expect(IDL.decode([IDL.Vec(IDL.Null)], bytes)[0]).toHaveLength(2 ** 20);
  });

  test('almost as many values are decoded: the types take their part', () => {
    const count = EFFORT_MAX - 1000;
    const decoded = decodeCandid([IDL.Vec(IDL.Bool)], message([[VEC, BOOL]], bits(count)));
    expect(decoded).toMatchObject({ values: [{ length: count }] });
  });
});

describe('what is wrong is refused:', () => {
  const nested = Array.from({ length: DEPTH_MAX + 1 }, (_, index) => [OPT, ...far(index + 1)]);
  const chain = (depth: number): Uint8Array =>
    message([...nested.slice(0, depth - 1), [OPT, NULL]], ones(depth));
  const long = (size: number): number[] => [...Array<number>(size - 1).fill(0x80), 0];

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'Message length smaller than magic number'],
    ['another magic', Uint8Array.of(68, 73, 68, 75, 0, 0), 'Wrong magic number'],
    ['no table', Uint8Array.of(68, 73, 68, 76), 'unexpected end of buffer'],
    ['a table longer than the message', Uint8Array.of(68, 73, 68, 76, 100), 'expected 100 bytes'],
    ['no such constructor', message([[0x67]], []), 'expected the constructor of a type, found -25'],
    ['a type of the future', message([[OPT, 0x67]], [0]), 'expected one of 1 types, found -25'],
    ['a type beyond the table', message([[OPT, 1]], [0]), 'expected one of 1 types, found 1'],
    ['a value beyond the table', whole([], [0], []), 'expected one of 0 types, found 0'],
    ['the number of a type too long', message([[OPT, ...long(6)]], [0]), 'in at most 5 bytes'],
    ['a hash too long', message([[RECORD, 1, ...long(6), NULL]], []), 'expected a 32-bit number'],
    ['a name that is no text', message([[SERVICE, 1, 1, 0xff, NULL]], []), 'expected a name'],
    ['a record that is its own field', message([[RECORD, 1, 0, 0]], []), 'at most 100 deep'],
    ['options nested too deep', chain(DEPTH_MAX + 1), 'at most 100 deep'],
    [
      'a natural number too long',
      whole([], [NAT], long(NUMBER_BYTES_MAX + 1)),
      'at most 128 bytes',
    ],
    ['an integer too long', whole([], [INT], long(NUMBER_BYTES_MAX + 1)), 'at most 128 bytes'],
    ['bytes that are not there', message([[VEC, NAT8]], [4, 1, 2, 3]), 'expected 4 bytes'],
    ['numbers that are not there', message([[VEC, NAT64]], [2, ...long(15)]), 'expected 16 bytes'],
    ['a text that is not there', whole([], [TEXT], [2, 65]), 'expected 2 bytes'],
    ['a value that cannot be', whole([], [EMPTY], []), 'found a value of the type -17'],
    ['no such variant', message([[VARIANT, 1, 0, NULL]], [1]), 'expected one of 1 variants'],
    ['an option neither here nor there', message([[OPT, NULL]], [2]), 'expected a tag of 0 or 1'],
    ['an opaque principal', whole([], [PRINCIPAL], [0]), 'found a reference that is opaque'],
    ['an opaque function', message([[FUNC, 0, 0, 0]], [0]), 'found a reference that is opaque'],
    ['a byte too many', whole([], [NULL], [0]), 'Left-over bytes'],
  ])('%s', (_name, bytes, reason) => {
    expect(decodeCandid(ANY, bytes)).toEqual({ invalid: expect.stringContaining(reason) });
  });

  test('another type', () => {
    const bytes = new Uint8Array(IDL.encode([IDL.Text], ['']));
    expect(decodeCandid([IDL.Nat], bytes)).toEqual({ invalid: expect.stringContaining('text') });
  });

  test('not what is at the limit', () => {
    expect(decodeCandid(ANY, chain(DEPTH_MAX))).toHaveProperty('values');
    expect(decodeCandid(ANY, whole([], [NAT], long(NUMBER_BYTES_MAX)))).toHaveProperty('values');
  });
});

test('bytes that are a little wrong are decoded or refused, and nothing else', () => {
  const right = encoded();
  const change = fc.record({
    at: fc.nat(right.length - 1),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  const changes = fc.array(change, { minLength: 1, maxLength: 4 });
  checkProperty(
    fc.property(changes, (changed) => {
      const bytes = right.slice();
      for (const { at, byte } of changed) bytes[at] = byte;
      const decoded = decodeCandid([Everything, IDL.Text], bytes);
      expect('values' in decoded || decoded.invalid.length > 0).toBe(true);
    }),
  );
});

/** The number of a type in the table, in two bytes. */
function far(type: number): number[] {
  return [(type % 128) + 128, Math.floor(type / 128)];
}

/** A count and so many bytes of 1. */
function bits(count: number): number[] {
  return [...leb(count), ...ones(count)];
}

function ones(count: number): number[] {
  return Array<number>(count).fill(1);
}

/** A table of so many options. */
function manyTypes(count: number): Uint8Array {
  const definitions = Array.from({ length: count }, () => [OPT, NULL]);
  return message(definitions, [0, ...Array<number>(500_000).fill(0)]);
}
