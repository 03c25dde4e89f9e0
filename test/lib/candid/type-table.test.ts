import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { headOf } from '../../../src/lib/candid/type-table.js';
import { describeTypes } from '../../../src/lib/candid/type.js';
import { typedValues } from '../../support/candid-types.js';
import { toHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

const head = (...types: IDL.Type[]) => headOf(describeTypes(types));

/** The head of a message that `IDL` writes: values of absent options have one byte each. */
function headByIdl(types: IDL.Type[]): Uint8Array {
  const options = types.map((type) => IDL.Opt(type));
  const message = IDL.encode(
    options,
    options.map(() => []),
  );
  return message.subarray(0, message.length - options.length);
}

describe('the head of a message', () => {
  test('is the one of an IDL, byte for byte, for any types', () => {
    checkProperty(
      fc.property(typedValues, ({ types }) => {
        const options = types.map((type) => IDL.Opt(type));
        expect(toHex(head(...options))).toBe(toHex(headByIdl(types)));
      }),
      { numRuns: 100 },
    );
  });

  test('of types that need no definition is short', () => {
    expect(toHex(head())).toBe('4449444c0000');
    expect(toHex(head(IDL.Text, IDL.Nat8, IDL.Principal))).toBe('4449444c0003717b68');
  });

  test('defines a record once, its fields by their numbers', () => {
    const user = IDL.Record({ name: IDL.Text, age: IDL.Nat });
    expect(toHex(head(user, user))).toBe('4449444c016c02bfe9a7027dcbe4fdc70471020000');
  });

  test('needs a recursive type to be constructed', () => {
    const rec = IDL.Rec();
    rec.fill(IDL.Nat);
    expect(() => head(rec)).toThrow(TypeError);
  });

  test('needs the annotations that Candid has', () => {
    expect(() => head(IDL.Func([], [], ['later']))).toThrow(TypeError);
  });

  test('gives a recursive type its place before what it is made of', () => {
    const list = IDL.Rec();
    list.fill(IDL.Opt(IDL.Record({ head: IDL.Int, tail: list })));
    expect(toHex(head(list))).toBe('4449444c026e016c02a0d2aca8047c90eddae70400' + '0100');
  });
});
