import { IDL } from '@dfinity/candid';
import { Principal as TheirPrincipal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import type { IdlType } from '../../../src/lib/candid/type.js';
import { StorageError } from '../../../src/lib/errors.js';
import { relatedTypes, typedValues } from '../../support/candid-types.js';
import { toHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

/** The values, or that there are none. */
function outcomeOf(read: () => unknown[]): { values: unknown[] } | 'refused' {
  try {
    return { values: read() };
  } catch {
    return 'refused';
  }
}

/** As {@link outcomeOf}, where a refusal is one of ours. */
function ourOutcome(read: () => unknown[]): { values: unknown[] } | 'refused' {
  try {
    return { values: read() };
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError);
    expect((error as StorageError).code).toBe('INVALID_MESSAGE');
    return 'refused';
  }
}

describe('the arguments of a method', () => {
  test('are encoded as an IDL does, byte for byte, and decoded again', () => {
    checkProperty(
      fc.property(typedValues, ({ types, values }) => {
        const codec = compileArguments(types);
        const bytes = codec.encode(values);
        const byIdl = IDL.encode(types, values);
        expect(toHex(bytes)).toBe(toHex(byIdl));
        expect(codec.decode(bytes)).toEqual(IDL.decode(types, byIdl));
      }),
      { numRuns: 150 },
    );
  });

  test('of other types are read as an IDL reads them, or refused as it does', () => {
    const outcomes = new Set<boolean>();
    checkProperty(
      fc.property(relatedTypes, ({ types, values, expected }) => {
        const message = IDL.encode(types, values);
        const ours = ourOutcome(() => compileArguments(expected).decode(message));
        expect(ours).toEqual(outcomeOf(() => IDL.decode(expected, message)));
        outcomes.add(ours === 'refused');
      }),
      { numRuns: 300 },
    );
    expect(outcomes.size).toBe(2);
  });

  test('are encoded into an array where there is room', () => {
    checkProperty(
      fc.property(typedValues, fc.nat(40), fc.nat(9), ({ types, values }, size, offset) => {
        const codec = compileArguments(types);
        const bytes = codec.encode(values);
        const target = new Uint8Array(offset + size).fill(0xaa);
        const end = codec.encodeInto(values, target, offset);
        expect(end).toBe(bytes.length <= size ? offset + bytes.length : -1);
        if (end !== -1) expect(toHex(target.subarray(offset, end))).toBe(toHex(bytes));
        expect(target.subarray(0, offset)).toEqual(new Uint8Array(offset).fill(0xaa));
      }),
    );
  });

  test('have principals of the class that the IDL makes', () => {
    const codec = compileArguments([IDL.Principal]);
    const [principal] = codec.decode(codec.encode([TheirPrincipal.anonymous()]));
    expect(principal).toBeInstanceOf(TheirPrincipal);
  });

  test('larger than the array that all share are encoded as well', () => {
    const codec = compileArguments([IDL.Text, IDL.Vec(IDL.Nat)]);
    const values = ['a'.repeat(5000), Array.from({ length: 3000 }, (_, index) => BigInt(index))];
    const bytes = codec.encode(values);
    expect(toHex(bytes)).toBe(toHex(IDL.encode([IDL.Text, IDL.Vec(IDL.Nat)], values)));
    expect(codec.decode(bytes)).toEqual(values);
  });

  test('may be encoded while others are', () => {
    const codec = compileArguments([IDL.Record({ a: IDL.Text, b: IDL.Text })]);
    const value = {
      a: 'outside',
      get b() {
        return toHex(codec.encode([{ a: 'inside', b: '' }]));
      },
    };
    expect(codec.decode(codec.encode([value]))).toEqual([{ a: 'outside', b: value.b }]);
  });

  test('that a newer sender has added are passed over', () => {
    const bytes = IDL.encode([IDL.Nat, IDL.Vec(IDL.Text)], [1n, ['new']]);
    expect(compileArguments([IDL.Nat]).decode(bytes)).toEqual([1n]);
  });

  test.each([
    [[IDL.Text], []],
    [[IDL.Text], ['a', 'b']],
    [[], [1n]],
  ])('of %p are as many values as types: %p is refused', (types, values) => {
    expect(() => compileArguments(types).encode(values)).toThrow(/^INVALID_VALUE/);
  });

  test('are of types, and of nothing else', () => {
    expect(() => compileArguments(['text' as unknown as IdlType])).toThrow(TypeError);
  });

  test('are decoded of bytes, and of nothing else', () => {
    expect(() => compileArguments([]).decode('DIDL' as unknown as Uint8Array)).toThrow(TypeError);
  });
});
