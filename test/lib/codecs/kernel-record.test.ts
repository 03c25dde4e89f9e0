/** The kernel's records against the codec in TypeScript: the same, or nothing at all. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Codec } from '../../../src/lib/codec.js';
import { equalBytes } from '../../../src/lib/bytes.js';
import { blob, bytes, fixedBytes } from '../../../src/lib/codecs/bytes.js';
import { bool } from '../../../src/lib/codecs/bool.js';
import { date } from '../../../src/lib/codecs/date.js';
import { f64 } from '../../../src/lib/codecs/floats.js';
import { KernelRecord, LEFT } from '../../../src/lib/codecs/kernel-record.js';
import { optional } from '../../../src/lib/codecs/optional.js';
import { principal } from '../../../src/lib/codecs/principal.js';
import { fieldsOf } from '../../../src/lib/codecs/record-field.js';
import { record, type RecordFields } from '../../../src/lib/codecs/record.js';
import { reserved } from '../../../src/lib/codecs/reserved.js';
import { i16, i32, i64, i8 } from '../../../src/lib/codecs/signed.js';
import { text } from '../../../src/lib/codecs/text.js';
import { u128, u16, u32, u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import { Kernel } from '../../../src/lib/kernel-client.js';
import { anyBytes, anyPrincipal, anyText, anyU64 } from '../../support/arbitraries.js';
import { FakeAzle } from '../../support/fake-azle.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { checkProperty } from '../../support/property.js';

/** A request has room for a start and a length below this. */
const START_LIMIT = 2 ** 18;

/** Every kind of crossing, required and optional, and what crosses as bytes of its own codec. */
const ALL = {
  name: text,
  level: u8,
  port: u16,
  count: u32,
  joined: u64,
  cold: i8,
  height: i16,
  offset: i32,
  balance: i64,
  isPaid: bool,
  since: date,
  score: f64,
  owner: principal,
  hash: fixedBytes(32),
  id: fixedBytes(16),
  total: u128,
  was: reserved,
  bio: optional(text),
  age: optional(u8),
  debt: optional(i64),
  left: optional(date),
  wasPaid: optional(bool),
  picture: optional(bytes),
  friend: optional(record({ name: text, tag: blob(4), age: u8 })),
};
const WHOLE = 2n ** 63n;
const values = fc.record(
  {
    name: anyText(300),
    level: fc.nat({ max: 0xff }),
    port: fc.nat({ max: 0xffff }),
    count: fc.nat({ max: 0xffff_ffff }),
    joined: anyU64(),
    cold: fc.integer({ min: -128, max: 127 }),
    height: fc.integer({ min: -32_768, max: 32_767 }),
    offset: fc.integer(),
    balance: fc.bigInt({ min: -WHOLE, max: WHOLE - 1n }),
    isPaid: fc.boolean(),
    since: fc.date({ noInvalidDate: true }),
    score: fc.double(),
    owner: anyPrincipal(),
    hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    total: anyU64(),
    bio: anyText(300),
    age: fc.nat({ max: 0xff }),
    debt: fc.bigInt({ min: -WHOLE, max: WHOLE - 1n }),
    left: fc.date({ noInvalidDate: true }),
    wasPaid: fc.boolean(),
    picture: anyBytes(300),
    friend: fc.record({ name: anyText(), tag: anyBytes(4), age: fc.nat({ max: 0xff }) }),
  },
  {
    requiredKeys: [
      ...(['name', 'level', 'port', 'count', 'joined', 'cold', 'height', 'offset'] as const),
      ...(['balance', 'isPaid', 'since', 'score', 'owner', 'hash', 'id', 'total'] as const),
    ],
  },
);
const all = record(ALL) as Codec<object>;

let kernel: Kernel;
let azle: FakeAzle;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  azle = new FakeAzle();
  kernel = new Kernel(azle);
});

test('records of every kind of field are written and read as in TypeScript', () => {
  const ours = create(ALL);
  checkProperty(
    fc.property(values, fc.nat({ max: 9 }), (value, offset) => {
      const expected = all.encode(value);
      const end = ours.write(value, offset);
      expect(end).toBe(offset + expected.length);
      expect(Buffer.compare(kernel.staging.subarray(offset, end), expected)).toBe(0);
      const found = ours.read(offset, end)!;
      expect(found).toEqual(value);
      expect(Object.keys(found)).toEqual(Object.keys(all.decode(expected) as object));
    }),
  );
  expect(azle.host.calls).toEqual([]);
});

test.each([254, 255, 256])('a size of %i bytes has the field that it has in TypeScript', (size) => {
  const fields = { a: text, b: bytes, c: u8 };
  const value = { a: 'x'.repeat(size), b: new Uint8Array(size).fill(7), c: 5 };
  const ours = create(fields);
  const end = ours.write(value, 0);
  expect(Buffer.compare(kernel.staging.subarray(0, end), record(fields).encode(value))).toBe(0);
  expect(ours.read(0, end)).toEqual(value);
});

test('records of numbers alone cross without a text', () => {
  const ours = create({ a: u8, b: i64 });
  const end = ours.write({ a: 7, b: -1n }, 3);
  expect(end).toBe(3 + 1 + 3 + 10);
  expect(ours.read(3, end)).toEqual({ a: 7, b: -1n });
  expect(azle.msgMethodName()).toBe('greet');
});

describe('records elsewhere', () => {
  test('are written by way of the staging area and read where they lie, with the same bytes', () => {
    const ours = create(ALL);
    checkProperty(
      fc.property(values, fc.nat({ max: 9 }), (value, offset) => {
        const expected = all.encode(value);
        const elsewhere = new Uint8Array(offset + expected.length);
        expect(ours.writeTo(value, elsewhere, offset)).toBe(elsewhere.length);
        expect(Buffer.compare(elsewhere.subarray(offset), expected)).toBe(0);
        expect(ours.readFrom(elsewhere, offset, elsewhere.length)).toEqual(value);
        expect(kernel.isStagingTaken).toBe(false);
      }),
    );
  });

  test('are not written where one byte is missing', () => {
    const ours = create({ a: text });
    const elsewhere = new Uint8Array(9).fill(0xa5);
    expect(ours.writeTo({ a: '1234' }, elsewhere, 2)).toBe(-1);
    expect(elsewhere).toEqual(new Uint8Array(9).fill(0xa5));
    expect(ours.writeTo({ a: '1234' }, elsewhere, 1)).toBe(9);
  });

  test('are not written, but are read, while somebody needs the staging area', () => {
    const ours = create({ a: text });
    const elsewhere = new Uint8Array(8);
    ours.writeTo({ a: '1234' }, elsewhere, 0);
    kernel.staging.fill(0xa5);
    kernel.isStagingTaken = true;
    expect(ours.writeTo({ a: '1234' }, elsewhere, 0)).toBe(LEFT);
    expect(ours.readFrom(elsewhere, 0, 8)).toEqual({ a: '1234' });
    expect(kernel.staging.every((byte) => byte === 0xa5)).toBe(true);
    expect(kernel.isStagingTaken).toBe(true);
  });

  test('without any text are read too, and leave no reply behind', () => {
    const ours = create({ a: text, b: u8 });
    const encoded = record({ a: text, b: u8 }).encode({ a: '', b: 5 });
    expect(ours.readFrom(encoded, 0, encoded.length)).toEqual({ a: '', b: 5 });
    expect(kernel.takeText()).toBe('greet');
    expect(ours.readFrom(encoded, 0, encoded.length - 1)).toBeUndefined();
    expect(kernel.takeText()).toBe('greet');
  });

  test('are written only as long as the staging area, and read behind any offset', () => {
    const ours = create({ a: bytes });
    const longest = { a: new Uint8Array(kernel.staging.length - 7).fill(5) };
    const encoded = record({ a: bytes }).encode(longest);
    const elsewhere = new Uint8Array(2 * START_LIMIT);
    for (const start of [0, 100, START_LIMIT - 1, START_LIMIT, 2 * START_LIMIT - encoded.length]) {
      elsewhere.set(encoded, start);
      const found = ours.readFrom(elsewhere, start, start + encoded.length);
      expect(equalBytes(found!['a'] as Uint8Array, longest.a)).toBe(true);
    }
    const longer = { a: new Uint8Array(encoded.length) };
    expect(ours.writeTo(longer, elsewhere, 0)).toBe(LEFT);
    const tooLong = record({ a: bytes }).encode({ a: new Uint8Array(START_LIMIT) });
    expect(ours.readFrom(tooLong, 0, tooLong.length)).toBeUndefined();
  });
});

test('a record without fields is its version', () => {
  const ours = create({});
  expect(ours.write({}, 5)).toBe(6);
  expect(ours.read(5, 6)).toEqual({});
  expect(ours.read(5, 5)).toBeUndefined();
});

test('names are only names', () => {
  const name = 'a"];throw new Error();//\\\u2028${x}';
  const ours = create({ [name]: u8, constructor: u8 });
  const end = ours.write({ [name]: 1, constructor: 2 }, 0);
  expect(ours.read(0, end)).toEqual({ [name]: 1, constructor: 2 });
});

describe('damaged records', () => {
  const SOME = { name: text, age: u8, bio: optional(text), isPaid: bool, since: date };
  const some = record(SOME);
  const SOME_VALUES = fc.record(
    {
      name: anyText(9),
      age: fc.nat({ max: 0xff }),
      bio: anyText(9),
      isPaid: fc.boolean(),
      since: fc.date({ noInvalidDate: true }),
    },
    { requiredKeys: ['name', 'age', 'isPaid', 'since'] },
  );

  test('are read as in TypeScript, or left to it', () => {
    const ours = create(SOME);
    let left = 0;
    const damage = fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.integer({ min: -3, max: 3 }));
    checkProperty(
      fc.property(SOME_VALUES, damage, (value, [position, byte, more]) => {
        const end = ours.write(value, 1);
        kernel.staging[1 + (position % (end - 1))] = byte;
        const stored = kernel.staging.slice(1, end + more);
        const found = ours.read(1, end + more);
        if (found === undefined) left++;
        else expect(found).toEqual(some.decode(stored));
        expect(azle.msgMethodName()).toBe('greet');
      }),
      { numRuns: 500 },
    );
    expect(left).toBeGreaterThan(100);
  });

  test('of all lengths are left to TypeScript', () => {
    const ours = create(SOME);
    const end = ours.write({ name: 'é', age: 7, isPaid: true, since: new Date(0) }, 1);
    for (let cut = 1; cut < end; cut++) expect(ours.read(1, cut)).toBeUndefined();
    expect(ours.read(1, end)).toBeDefined();
  });
});

describe('what is not certain', () => {
  test.each<[string, RecordFields, object]>([
    ['a number for a text', { a: text }, { a: 5 }],
    ['half a surrogate pair', { a: text }, { a: '\ud83d' }],
    ['the halves of a pair in two texts', { a: text, b: text }, { a: '\ud83d', b: '\ude00' }],
    ['a number beyond its type', { a: u8 }, { a: 256 }],
    ['a negative number', { a: u32 }, { a: -1 }],
    ['a number that is not whole', { a: i16 }, { a: 0.5 }],
    ['no number', { a: u8 }, { a: NaN }],
    ['a bigint for a number', { a: u8 }, { a: 5n }],
    ['a number for a bigint', { a: u64 }, { a: 5 }],
    ['a bigint beyond its type', { a: u64 }, { a: 2n ** 64n }],
    ['a negative bigint', { a: u64 }, { a: -1n }],
    ['a bigint beyond the signed ones', { a: i64 }, { a: WHOLE }],
    ['a number for a boolean', { a: bool }, { a: 1 }],
    ['a number for a date', { a: date }, { a: 5 }],
    ['a date that is none', { a: date }, { a: new Date(NaN) }],
    ['a text for a float', { a: f64 }, { a: '5' }],
    ['bytes that their codec refuses', { a: fixedBytes(3) }, { a: new Uint8Array(4) }],
    ['bytes above their bound', { a: blob(3) }, { a: new Uint8Array(4) }],
    ['a field that is missing', { a: text, b: u8 }, { a: 'x' }],
    ['null for a missing value', { a: optional(text) }, { a: null }],
  ])('is left to TypeScript: %s', (_label, fields, value) => {
    expect(create(fields).write(value, 0)).toBe(LEFT);
    expect(() => record(fields).encode(value as never)).toThrow();
    azle.debugPrint('hello');
    expect(azle.host.calls).toEqual(['debug_print hello']);
  });

  test('is a record that has no room, whichever byte is missing', () => {
    const ours = create({ a: text, b: optional(bytes), c: u64, d: text });
    const value = { a: 'x'.repeat(300), b: new Uint8Array(3), c: 5n, d: 'é' };
    const size = ours.write(value, 0);
    const { length } = kernel.staging;
    expect(ours.write(value, length - size)).toBe(length);
    for (let short = 1; short <= size; short++) {
      expect(ours.write(value, length - size + short)).toBe(LEFT);
    }
    expect(ours.write(value, length + 1)).toBe(LEFT);
  });

  test('leaves what lies before it as it was', () => {
    const ours = create({ a: text, b: bytes });
    kernel.staging.fill(0xa5);
    ours.write({ a: 'x', b: new Uint8Array(9) }, 100);
    expect(kernel.staging.subarray(0, 100).every((byte) => byte === 0xa5)).toBe(true);
  });
});

test('a codec that uses records itself disturbs none', () => {
  const inner = create({ x: u64, y: text });
  const stranger: Codec<number> = {
    name: 'stranger',
    bound: 'unbounded',
    encode(value) {
      inner.write({ x: 99n, y: 'other' }, 1000);
      return Uint8Array.of(value);
    },
    decode(stored) {
      inner.read(1000, inner.write({ x: 77n, y: 'others' }, 1000));
      return stored[0]!;
    },
  };
  const ours = create({ a: text, b: stranger, c: u64, d: stranger });
  const value = { a: 'mine', b: 1, c: 2n, d: 3 };
  expect(ours.read(0, ours.write(value, 0))).toEqual(value);
});

test('a getter that uses records disturbs none', () => {
  const ours = create({ a: u8, b: u8 });
  const value = {
    a: 1,
    get b() {
      ours.write({ a: 9, b: 9 }, 50);
      return 2;
    },
  };
  expect(ours.read(0, ours.write(value, 0))).toEqual({ a: 1, b: 2 });
});

test('a record with more fields than there are slots is left to TypeScript', () => {
  const fields = Object.fromEntries(
    Array.from({ length: 255 }, (_, index) => [`f${index}`, optional(bytes)]),
  );
  expect(KernelRecord.create(kernel, fieldsOf(fields))).toBeUndefined();
});

test('there are so many plans, and then no more', () => {
  const fields = fieldsOf({ a: u8 });
  for (let count = 0; count < 1024; count++) {
    expect(kernel.askWithBytes(63 * 2 ** 46, new Uint8Array(4))).toBe(count);
  }
  expect(KernelRecord.create(kernel, fields)).toBeUndefined();
});

function create(fields: RecordFields): KernelRecord {
  return KernelRecord.create(kernel, fieldsOf(fields))!;
}
