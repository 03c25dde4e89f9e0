import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { StorageError } from '../../../src/lib/errors.js';

function errorOf(types: IDL.Type[], values: unknown[]): StorageError {
  try {
    compileArguments(types).encode(values);
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error('was encoded');
}

const USER = IDL.Record({ name: IDL.Text, tags: IDL.Vec(IDL.Variant({ id: IDL.Nat8 })) });
const LIST = IDL.Rec();
LIST.fill(IDL.Opt(IDL.Tuple(IDL.Nat8, LIST)));

describe('the error of a wrong value', () => {
  test.each<[string, IDL.Type, unknown]>([
    ['argument 0', IDL.Text, 5],
    ['argument 0', USER, { name: 'Ada' }],
    ['argument 0', USER, undefined],
    ['argument 0.name', USER, { name: 5, tags: [] }],
    ['argument 0.tags', USER, { name: '', tags: 'all' }],
    ['argument 0.tags[1]', USER, { name: '', tags: [{ id: 1 }, { other: 1 }] }],
    ['argument 0.tags[1].id', USER, { name: '', tags: [{ id: 1 }, { id: 256 }] }],
    ['argument 0[0][1][0][0]', LIST, [[1, [['2', []]]]]],
    ['argument 0[2]', IDL.Vec(IDL.Nat8), [1, 2, 256]],
  ])('names the place: %s', (path, type, value) => {
    const error = errorOf([type], [value]);
    expect(error.code).toBe('INVALID_VALUE');
    expect(error.details['path']).toBe(path);
  });

  test('names the argument, the type and what was found', () => {
    expect(errorOf([IDL.Nat, IDL.Nat8], [1n, 256])).toMatchObject({
      message: expect.stringContaining('argument 1: expected a value of the Candid type nat8'),
      details: { path: 'argument 1', expected: 'nat8', found: 'number 256' },
    });
  });

  test('is short, however long the value is', () => {
    expect(errorOf([IDL.Nat], ['a'.repeat(1000)]).message.length).toBeLessThan(300);
  });

  test('is not made of errors that come from elsewhere', () => {
    const value = {
      get a(): never {
        throw new RangeError('mine');
      },
    };
    const type = IDL.Record({ a: IDL.Nat });
    expect(() => compileArguments([type]).encode([value])).toThrow(new RangeError('mine'));
  });
});
