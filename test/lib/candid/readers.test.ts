import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { fromHex } from '../../support/hex.js';

const message = (hex: string) => fromHex(`4449444c${hex}`);

function read(type: IDL.Type, hex: string): unknown {
  return compileArguments([type]).decode(message(hex))[0];
}

const point = IDL.Record({ x: IDL.Nat8, y: IDL.Opt(IDL.Nat8) });

describe('a value of another type is read', () => {
  test.each<[string, IDL.Type, string, unknown]>([
    ['an opt of nothing, where there is null', IDL.Opt(IDL.Text), '00 01 7f', []],
    ['an opt of nothing, where there is reserved', IDL.Opt(IDL.Text), '00 01 70', []],
    ['an opt, where its content is', IDL.Opt(IDL.Text), '00 01 71 0161', ['a']],
    ['an opt of nothing, where another content is', IDL.Opt(IDL.Text), '00 01 7d 05', []],
    [
      'an opt of nothing, of an opt of another content',
      IDL.Opt(IDL.Text),
      '01 6e7d 01 00 01 05',
      [],
    ],
    ['reserved, of anything', IDL.Reserved, '00 01 71 0161', null],
    [
      'a record with fewer fields',
      IDL.Record({ _1_: IDL.Text }),
      '01 6c020071 0171 01 00 0161 0162',
      { _1_: 'b' },
    ],
    [
      'a record with another opt field',
      IDL.Record({ _0_: IDL.Text, _1_: IDL.Opt(IDL.Nat) }),
      '01 6c010071 01 00 0161',
      { _0_: 'a', _1_: [] },
    ],
    ['a tuple with fewer elements', IDL.Tuple(IDL.Text), '01 6c020071 0171 01 00 0161 0162', ['a']],
    ['an empty list of other elements', IDL.Vec(IDL.Text), '01 6d7d 01 00 00', []],
    ['an empty list of numbers', IDL.Vec(IDL.Nat8), '01 6d6f 01 00 00', new Uint8Array(0)],
    [
      'a list of another size of numbers, if empty',
      IDL.Vec(IDL.Nat64),
      '01 6d7b 01 00 00',
      new BigUint64Array(0),
    ],
  ])('%s', (_label, type, hex, value) => {
    expect(read(type, hex)).toEqual(value);
    expect(IDL.decode([type], message(hex))).toEqual([value]);
  });
});

describe('a value of another type is refused', () => {
  test.each<[string, IDL.Type, string]>([
    ['a text for a nat', IDL.Nat, '00 01 71 0161'],
    ['a nat for an int, as an IDL refuses it', IDL.Int, '00 01 7d 05'],
    ['a record without a field that must be', point, '01 6c00 01 00'],
    [
      'a record for a tuple, if its fields are named',
      IDL.Tuple(IDL.Text),
      '01 6c010571 01 00 0161',
    ],
    [
      'a tuple with too few elements',
      IDL.Tuple(IDL.Text, IDL.Opt(IDL.Text)),
      '01 6c010071 01 00 0161',
    ],
    ['a case that is not known', IDL.Variant({ a: IDL.Null }), '01 6b01057f 01 00 00'],
    ['a list of other elements', IDL.Vec(IDL.Text), '01 6d7d 01 00 01 05'],
    ['too few values', IDL.Text, '00 00'],
    ['a value of the type empty', IDL.Empty, '00 01 6f'],
  ])('%s', (_label, type, hex) => {
    expect(() => read(type, hex)).toThrow(/^INVALID_MESSAGE/);
    expect(() => IDL.decode([type], message(hex))).toThrow();
  });
});

describe('what an IDL reads wrongly is refused', () => {
  test.each<[string, IDL.Type, string]>([
    ['bytes that are not all there', IDL.Vec(IDL.Nat8), '01 6d7b 01 00 03 0102'],
    ['a list of bytes that is one of bools', IDL.Vec(IDL.Nat8), '01 6d7e 01 00 02 0001'],
    ['a list of signed numbers for unsigned ones', IDL.Vec(IDL.Nat16), '01 6d76 01 00 01 ffff'],
  ])('%s', (_label, type, hex) => {
    expect(() => read(type, hex)).toThrow(/^INVALID_MESSAGE/);
    expect(IDL.decode([type], message(hex))).toHaveLength(1);
  });

  test('and a text keeps the mark that it begins with', () => {
    expect(read(IDL.Text, '00 01 71 04efbbbf61')).toBe('\ufeffa');
    expect(IDL.decode([IDL.Text], message('00 01 71 04efbbbf61'))).toEqual(['a']);
  });
});
