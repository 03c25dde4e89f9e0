/** The kernel's Candid against the codec in TypeScript: the same, or nothing at all. */
import { IDL } from '@dfinity/candid';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { headOf } from '../../../src/lib/candid/type-table.js';
import { describeTypes } from '../../../src/lib/candid/type.js';
import { typedValues } from '../../support/candid-types.js';
import { fromHex, toHex } from '../../support/hex.js';
import { KernelCandid } from '../../support/kernel-candid.js';
import { COMPILE_TIMEOUT_MS } from '../../support/kernel-host.js';
import { checkProperty } from '../../support/property.js';

let candid: KernelCandid;

beforeAll(async () => {
  candid = await KernelCandid.create();
}, COMPILE_TIMEOUT_MS);

/** What the codec in TypeScript answers; `undefined` where it refuses. */
function reference<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The kernel may leave anything to TypeScript, and must not differ in what it does. */
function expectSameOrNothing(found: unknown, expected: unknown): void {
  if (found !== undefined) expect(found).toEqual(expected);
}

describe('values of all types', () => {
  test('are encoded and decoded as the codec in TypeScript does', () => {
    let known = 0;
    checkProperty(
      fc.property(typedValues, ({ types, values }) => {
        const codec = candid.codecIfKnown(types);
        if (codec === undefined) return;
        known++;
        const typescript = compileArguments(types);
        const message = typescript.encode(values);
        expect(toHex(codec.encode(values)!)).toBe(toHex(message));
        expect(codec.decode(message)).toEqual(typescript.decode(message));
      }),
      { numRuns: 200 },
    );
    expect(known).toBeGreaterThan(100);
  });

  test('that their types do not have are left to TypeScript', () => {
    let refused = 0;
    checkProperty(
      fc.property(typedValues, typedValues, ({ types }, { values }) => {
        const codec = candid.codecIfKnown(types);
        if (codec === undefined || values.length !== types.length) return;
        const expected = reference(() => toHex(compileArguments(types).encode(values)));
        const found = codec.encode(values);
        expectSameOrNothing(found && toHex(found), expected);
        if (expected === undefined) refused++;
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(10);
  });

  test('of other numbers than there are types are left to TypeScript', () => {
    expect(candid.codecFor(IDL.Reserved).encode([])).toBeUndefined();
    expect(candid.codecFor(IDL.Text).encode(['a', 'b'])).toBeUndefined();
  });
});

describe('bytes that are no message', () => {
  test('are refused or read as TypeScript does, however they were damaged', () => {
    const damage = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    checkProperty(
      fc.property(typedValues, damage, ({ types, values }, [place, change]) => {
        const codec = candid.codecIfKnown(types);
        if (codec === undefined) return;
        const typescript = compileArguments(types);
        const message = typescript.encode(values);
        message[place % message.length]! ^= change;
        expectSameOrNothing(
          codec.decode(message),
          reference(() => typescript.decode(message)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('are refused wherever they are cut, and where one is too many', () => {
    checkProperty(
      fc.property(typedValues, ({ types, values }) => {
        const codec = candid.codecIfKnown(types);
        if (codec === undefined) return;
        const message = compileArguments(types).encode(values);
        for (let length = 0; length < message.length; length++) {
          expect(codec.decode(message.slice(0, length))).toBeUndefined();
        }
        expect(codec.decode(Uint8Array.of(...message, 0))).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['2^32 nulls', IDL.Vec(IDL.Null), '80808080 10'],
    ['lists of nulls, each as long as the message', IDL.Vec(IDL.Vec(IDL.Null)), '04 0c0c0c0c'],
    ['a list of 2^64 - 1', IDL.Vec(IDL.Nat16), 'ffffffff ffffffff ff01'],
    ['a list that is too long in bytes', IDL.Vec(IDL.Nat64), '80808080 80808080 20'],
    ['a count that could be shorter', IDL.Vec(IDL.Bool), '8000'],
    ['a natural that could be shorter', IDL.Nat, '8000'],
    ['an integer that could be shorter', IDL.Int, 'ff7f'],
    ['a bool of 2', IDL.Bool, '02'],
    ['an opt of 2', IDL.Opt(IDL.Null), '02'],
    ['a case that the variant does not have', IDL.Variant({ a: IDL.Null }), '01'],
    ['half a character', IDL.Text, '02 41c3'],
    ['a surrogate', IDL.Text, '03 eda080'],
    ['an opaque principal', IDL.Principal, '00'],
    ['a principal of 30 bytes', IDL.Principal, `01 1e ${'00'.repeat(30)}`],
  ])('%s is left to TypeScript', (_name, type, value) => {
    const message = Uint8Array.of(...headOf(describeTypes([type])), ...fromHex(value));
    expect(candid.codecFor(type).decode(message)).toBeUndefined();
  });

  test('in an array of another class are left to TypeScript', () => {
    const codec = candid.codecFor(IDL.Text);
    expect(codec.decode(Buffer.from(codec.encode(['a'])!))).toBeUndefined();
  });
});

describe('a call', () => {
  const types = [IDL.Record({ name: IDL.Text, age: IDL.Nat8 }), IDL.Vec(IDL.Nat8)];
  const values = [{ name: 'Ada', age: 36 }, Uint8Array.of(1, 2, 3)];

  test('has its argument decoded where it is, and is replied to without an array', () => {
    const codec = candid.codecFor(...types);
    const { host } = candid;
    host.argument = compileArguments(types).encode(values);
    expect(codec.decodeArgument()).toEqual(values);
    expect(codec.reply(values)).toBe(true);
    expect(host.replies.map(toHex)).toEqual([toHex(host.argument)]);
  });

  test('with other types, or with values of other types, is not touched', () => {
    const codec = candid.codecFor(IDL.Text);
    const { host } = candid;
    const replyCount = host.replies.length;
    host.argument = compileArguments(types).encode(values);
    expect(codec.decodeArgument()).toBeUndefined();
    expect(codec.reply([1n])).toBe(false);
    expect(host.replies.length).toBe(replyCount);
  });
});
