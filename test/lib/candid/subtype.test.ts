import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isSubtype } from '../../../src/lib/candid/subtype.js';
import { describeTypes } from '../../../src/lib/candid/type.js';
import { relatedTypes, samples } from '../../support/candid-types.js';
import { checkProperty } from '../../support/property.js';

function holds(type: IDL.Type, other: IDL.Type): boolean {
  const [one, two] = describeTypes([type, other]);
  return isSubtype(one!, two!);
}

function holdsByIdl(type: IDL.Type, other: IDL.Type): boolean {
  IDL.resetSubtypeCache();
  return IDL.subtype(type, other);
}

describe('whether one type can stand for another', () => {
  test('is what an IDL says, of types that changed', () => {
    const answers = new Set<boolean>();
    checkProperty(
      fc.property(relatedTypes, ({ types, expected }) => {
        expected.forEach((other, index) => {
          const type = types[index]!;
          expect(holds(type, other)).toBe(holdsByIdl(type, other));
          expect(holds(other, type)).toBe(holdsByIdl(other, type));
          answers.add(holds(type, other));
        });
      }),
      { numRuns: 100 },
    );
    expect(answers.size).toBe(2);
  });

  test('holds of each type and itself', () => {
    checkProperty(
      fc.property(samples, ({ type }) => {
        expect(holds(type, type)).toBe(true);
      }),
    );
  });

  test('ends for recursive types that are the same in other words', () => {
    const list = () => {
      const rec = IDL.Rec();
      rec.fill(IDL.Opt(IDL.Tuple(IDL.Nat, rec)));
      return IDL.Vec(rec);
    };
    expect(holds(list(), list())).toBe(true);
  });

  const takes = (...types: IDL.Type[]) => new IDL.FuncClass(types as [IDL.Type], []);
  const gives = (...types: IDL.Type[]) => new IDL.FuncClass([], types as [IDL.Type]);
  test.each<[string, IDL.Type, IDL.Type, boolean]>([
    ['a nat for an int', IDL.Nat, IDL.Int, true],
    ['an int for a nat', IDL.Int, IDL.Nat, false],
    ['empty for anything', IDL.Empty, IDL.Text, true],
    ['anything for reserved', IDL.Text, IDL.Reserved, true],
    ['anything for an opt', IDL.Text, IDL.Opt(IDL.Nat), true],
    ['fewer cases', IDL.Variant({ a: IDL.Nat }), IDL.Variant({ a: IDL.Int, b: IDL.Null }), true],
    ['more cases', IDL.Variant({ a: IDL.Nat, b: IDL.Null }), IDL.Variant({ a: IDL.Nat }), false],
    ['more fields', IDL.Record({ a: IDL.Nat, b: IDL.Null }), IDL.Record({ a: IDL.Nat }), true],
    ['fewer fields', IDL.Record({}), IDL.Record({ a: IDL.Nat }), false],
    ['no opt field', IDL.Record({}), IDL.Record({ a: IDL.Opt(IDL.Nat) }), true],
    ['a function that takes more', takes(IDL.Int), takes(IDL.Nat), true],
    ['a function that takes less', takes(IDL.Nat), takes(IDL.Int), false],
    ['a function that gives less', gives(IDL.Nat), gives(IDL.Int), true],
    ['a function with another argument', takes(IDL.Int, IDL.Text), takes(IDL.Int), false],
    ['one with an opt argument', takes(IDL.Int, IDL.Opt(IDL.Text)), takes(IDL.Int), true],
    ['a query for an update', IDL.Func([], [], ['query']), IDL.Func([], []), false],
  ])('%s', (_label, type, other, expected) => {
    expect(holds(type, other)).toBe(expected);
  });
});
