import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Codec } from '../../../src/lib/codec.js';
import { blob, fixedBytes } from '../../../src/lib/codecs/bytes.js';
import { bool } from '../../../src/lib/codecs/bool.js';
import { i64 } from '../../../src/lib/codecs/signed.js';
import { date } from '../../../src/lib/codecs/date.js';
import { f64 } from '../../../src/lib/codecs/floats.js';
import { list } from '../../../src/lib/codecs/list.js';
import { optional } from '../../../src/lib/codecs/optional.js';
import { principal } from '../../../src/lib/codecs/principal.js';
import { record } from '../../../src/lib/codecs/record.js';
import { isKeyCodec } from '../../../src/lib/codecs/refusals.js';
import { reserved } from '../../../src/lib/codecs/reserved.js';
import { text } from '../../../src/lib/codecs/text.js';
import { tuple } from '../../../src/lib/codecs/tuple.js';
import { unit } from '../../../src/lib/codecs/unit.js';
import { u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import { anyBytes, anyPrincipal, anyText, anyU64 } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { toHex } from '../../support/hex.js';
import { WRONG_CODECS, WRONG_OBJECTS } from '../../support/wrong-inputs.js';

const user = record({ name: text, joined: u64, bio: optional(text) });
const ADA = { name: 'Ada', joined: 1815n };

describeCodecLaws({
  codec: user,
  values: fc.record(
    { name: anyText(300), joined: anyU64(), bio: anyText() },
    { requiredKeys: ['name', 'joined'] },
  ),
  wrongTypes: WRONG_OBJECTS,
  wrongValues: [['a field that its codec refuses', { name: 'Ada', joined: -1n }]],
});

describeCodecLaws({
  codec: record({
    nothing: unit,
    yes: bool,
    id: fixedBytes(16),
    hash: fixedBytes(5),
    owner: optional(principal),
    place: optional(tuple(i64, u8)),
    picture: blob(6),
    friend: optional(record({ name: text })),
  }),
  values: fc.record(
    {
      nothing: fc.constant(undefined),
      yes: fc.boolean(),
      id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      hash: fc.uint8Array({ minLength: 5, maxLength: 5 }),
      owner: anyPrincipal(),
      place: fc.tuple(fc.bigInt({ min: -9n, max: 9n }), fc.nat({ max: 255 })),
      picture: anyBytes(6),
      friend: fc.record({ name: anyText() }),
    },
    { requiredKeys: ['nothing', 'yes', 'id', 'hash', 'picture'] },
  ),
  wrongTypes: WRONG_OBJECTS,
});

describe('a record', () => {
  test('is stored as its version and its fields by number', () => {
    const bytes = user.encode({ ...ADA, bio: 'Poet' });
    expect(toHex(bytes)).toBe(
      ['01', '01c603', '416461', '0281', '0000000000000717', '03c604', '506f6574'].join(''),
    );
  });

  test('leaves a missing field out, in its bytes and in the value', () => {
    const bytes = user.encode(ADA);
    expect(bytes).toHaveLength(user.encode({ ...ADA, bio: '' }).length - 3);
    expect(Object.keys(user.decode(bytes))).toEqual(['name', 'joined']);
  });

  test('is a value only, and unbounded, so that a field can be added', () => {
    expect(isKeyCodec(user)).toBe(false);
    expect(record({ a: u8 }).bound).toBe('unbounded');
  });

  test('can be empty', () => {
    expect(record({}).decode(record({}).encode({}))).toEqual({});
  });

  test('ignores what has no field', () => {
    const value = { ...ADA, password: 'secret' };
    expect(user.decode(user.encode(value))).toEqual(ADA);
  });

  test('names the field that was refused', () => {
    const refused = { name: 'Ada', joined: 5 } as unknown as typeof ADA;
    expect(() => user.encode(refused)).toThrow('field joined: u64: expected a bigint');
    expect(() => record({ tag: blob(1) }).encode({ tag: new Uint8Array(2) })).toThrow(
      /^field tag: VALUE_TOO_LARGE/,
    );
  });

  test('refuses a required field that was left out, and null for a missing one', () => {
    expect(() => user.encode({ name: 'Ada' } as typeof ADA)).toThrow(TypeError);
    const withNull = { ...ADA, bio: null } as unknown as typeof ADA;
    expect(() => user.encode(withNull)).toThrow(TypeError);
  });
});

describe('a record that grew', () => {
  const stored = user.encode({ ...ADA, bio: 'Poet' });

  test('reads an added optional field as missing', () => {
    const grown = record({ name: text, joined: u64, bio: optional(text), age: optional(u8) });
    expect(grown.decode(stored)).toEqual({ ...ADA, bio: 'Poet' });
  });

  test('skips removed fields', () => {
    expect(record({ name: text }).decode(stored)).toEqual({ name: 'Ada' });
  });

  test('skips a reserved field, whatever its type was, and keeps the number of the next', () => {
    const shrunk = record({ name: text, joined: reserved, bio: optional(text) });
    expect(shrunk.decode(stored)).toEqual({ name: 'Ada', bio: 'Poet' });
    const value = { name: 'Ada', bio: 'Poet', joined: 1815n };
    expect(toHex(shrunk.encode(value))).toBe('0101c60341646103c604506f6574');
  });

  test('refuses the next field in the place of a removed one', () => {
    const moved = record({ name: text, bio: optional(text) });
    expect(() => moved.decode(stored)).toThrow(/^INCOMPATIBLE_TYPE: record: field bio \(number 2/);
  });

  test('is read by the release before, which skips what was added', () => {
    const grown = record({
      name: text,
      joined: u64,
      bio: optional(text),
      tags: optional(list(u8)),
    });
    const bytes = grown.encode({ ...ADA, tags: [1, 2] });
    expect(user.decode(bytes)).toEqual(ADA);
  });

  test('reads fields under new names', () => {
    const renamed = record({ title: text, since: u64, bio: optional(text) });
    expect(renamed.decode(stored)).toEqual({ title: 'Ada', since: 1815n, bio: 'Poet' });
  });

  test('reads a field that became optional', () => {
    const loose = record({ name: optional(text), joined: u64, bio: optional(text) });
    expect(loose.decode(stored)).toEqual({ ...ADA, bio: 'Poet' });
  });

  test.each([
    ['another kind of the same size', record({ name: text, joined: i64 })],
    ['another size of the same kind', record({ name: text, joined: u8 })],
    ['bytes for text', record({ name: blob(9), joined: u64 })],
    ['a date for a number', record({ name: text, joined: date })],
    ['a float for a number', record({ name: text, joined: f64 })],
    ['a list for a number', record({ name: text, joined: list(u64) })],
    ['a required field more', record({ name: text, joined: u64, bio: text, age: u8 })],
  ])('refuses %s', (_label, changed: Codec<unknown>) => {
    expect(() => changed.decode(stored)).toThrow(/^INCOMPATIBLE_TYPE/);
  });
});

describe('the declaration of a record', () => {
  test.each(WRONG_CODECS)('refuses %s for a codec', (_label, codec) => {
    expect(() => record({ field: codec as Codec<unknown> })).toThrow(TypeError);
  });

  test.each(WRONG_OBJECTS)('refuses %s for its fields', (_label, fields) => {
    expect(() => record(fields as Record<string, Codec<unknown>>)).toThrow(TypeError);
  });

  /** JavaScript sorts `7` before `a`, and setting `__proto__` sets no property. */
  test.each(['0', '7', '4294967294', '__proto__'])('refuses the name %s', (name) => {
    expect(() => record({ [name]: u8 })).toThrow(RangeError);
  });

  test('allows 255 fields and no more', () => {
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, u8]));
    const values = Object.fromEntries(
      Array.from({ length: 255 }, (_, index) => [`f${index}`, index]),
    );
    const largest = record(fields(255));
    expect(largest.decode(largest.encode(values))).toEqual(values);
    expect(() => record(fields(256))).toThrow(RangeError);
  });
});
