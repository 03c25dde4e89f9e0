import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { DEPTH_MAX } from '../../../src/lib/candid/writers.js';
import { samples } from '../../support/candid-types.js';
import { toHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

/** The message, or that there is none; every refusal of ours is `INVALID_VALUE`. */
function encoded(type: IDL.Type, value: unknown): string {
  try {
    return toHex(compileArguments([type]).encode([value]));
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_VALUE' });
    return 'refused';
  }
}

function encodedByIdl(type: IDL.Type, value: unknown): string {
  try {
    return toHex(IDL.encode([type], [value]));
  } catch {
    return 'refused';
  }
}

/** What may be given by mistake. */
const STRANGE: readonly unknown[] = [
  ...[undefined, null, true, 0, -0, 1, -1, 1.5, NaN, Infinity, 255, 256, -129, 2 ** 32, 1e300],
  ...[0n, -1n, 255n, 256n, 2n ** 32n, 2n ** 63n, 2n ** 64n, 2n ** 64n - 1n, -(2n ** 63n) - 1n],
  ...['', 'a', '\ud800', [], [1], [1, 2], ['a', 'b', 'c'], [null], [[]], [undefined], [1n]],
  ...[{}, { a: 1 }, { name: 'Ada' }, { name: 'Ada', age: 1n }, { name: undefined }, new Map()],
  ...[Uint8Array.of(1, 2), Int8Array.of(-1), Uint16Array.of(1), Float32Array.of(1.5)],
  ...[new BigUint64Array(1), Float64Array.of(2), new ArrayBuffer(2), new Uint8ClampedArray(1)],
  ...[Object(1), Object('a'), Principal.anonymous(), [Principal.anonymous(), 'get'], () => 1],
  ...[{ toUint8Array: () => Uint8Array.of(1) }, [1, 'get'], [Principal.anonymous(), 1]],
];

const vec = (type: IDL.Type): IDL.Type => IDL.Vec(type);

const TYPES: readonly IDL.Type[] = [
  ...[IDL.Null, IDL.Bool, IDL.Nat, IDL.Int, IDL.Text, IDL.Reserved, IDL.Empty, IDL.Principal],
  ...[IDL.Nat8, IDL.Nat16, IDL.Nat32, IDL.Nat64, IDL.Int8, IDL.Int16, IDL.Int32, IDL.Int64],
  ...[IDL.Float32, IDL.Float64, IDL.Opt(IDL.Nat), IDL.Opt(IDL.Null), IDL.Opt(IDL.Reserved)],
  ...[IDL.Nat8, IDL.Int8, IDL.Nat16, IDL.Nat32, IDL.Int32, IDL.Nat64, IDL.Int64].map(vec),
  ...[IDL.Text, IDL.Null, IDL.Float32, IDL.Float64, IDL.Nat, IDL.Empty].map(vec),
  ...[IDL.Record({}), IDL.Record({ a: IDL.Nat }), IDL.Record({ name: IDL.Text, age: IDL.Nat })],
  ...[IDL.Record({ name: IDL.Reserved }), IDL.Tuple(), IDL.Tuple(IDL.Nat8), IDL.Variant({})],
  ...[IDL.Tuple(IDL.Text, IDL.Text), IDL.Variant({ a: IDL.Nat, name: IDL.Text })],
  ...[IDL.Func([], []), IDL.Service({})],
];

describe('a value is written, or refused, as an IDL does it', () => {
  test.each(TYPES.map((type) => [type.name, type] as const))('%s', (_name, type) => {
    for (const value of STRANGE) {
      expect([value, encoded(type, value)]).toEqual([value, encodedByIdl(type, value)]);
    }
  });

  test('also values of another type', () => {
    const other = samples.chain(({ values }) => values);
    checkProperty(
      fc.property(samples, other, ({ type }, value) => {
        expect(encoded(type, value)).toBe(encodedByIdl(type, value));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a value is written where an IDL refuses it', () => {
  const type = IDL.Record({ a: IDL.Nat });

  test('as a record without a prototype', () => {
    expect(encoded(type, Object.assign(Object.create(null), { a: 1n }))).toBe(
      encoded(type, { a: 1n }),
    );
  });

  test('as a record whose class has its fields', () => {
    class One {
      get a(): bigint {
        return 1n;
      }
    }
    expect(encoded(type, new One())).toBe(encoded(type, { a: 1n }));
  });
});

describe('a value is refused that an IDL writes', () => {
  test('with a hole in it', () => {
    const holes: unknown[] = [];
    holes[1] = true;
    expect(encoded(IDL.Vec(IDL.Bool), holes)).toBe('refused');
  });
});

describe('a value of a recursive type', () => {
  const list = IDL.Rec();
  list.fill(IDL.Opt(list));

  function nested(depth: number): unknown[] {
    let value: unknown[] = [];
    for (let index = 1; index < depth; index++) value = [value];
    return value;
  }

  test('is written as deep as it may be', () => {
    expect(encoded(list, nested(DEPTH_MAX))).toBe(encodedByIdl(list, nested(DEPTH_MAX)));
    expect(encoded(list, nested(DEPTH_MAX + 1))).toBe('refused');
  });

  test('that contains itself is refused', () => {
    const value: unknown[] = [];
    value.push(value);
    expect(encoded(list, value)).toBe('refused');
  });
});
