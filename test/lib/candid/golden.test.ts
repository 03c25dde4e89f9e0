/**
 * Messages by hand, as the test suite of the Candid specification has them: what each has to be
 * read as, in both directions where it is how we write the value.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { fromHex, toHex } from '../../support/hex.js';

const hexOf = (hex: string) => `4449444c${hex}`.replaceAll(' ', '');
const record = IDL.Record({ _1_: IDL.Int, _2_: IDL.Bool });
const list = IDL.Rec();
list.fill(IDL.Opt(IDL.Tuple(IDL.Nat, list)));
const owner = Principal.fromText('w7x7r-cok77-xa');

describe('a message by hand', () => {
  test.each<[IDL.Type, string, unknown]>([
    [IDL.Null, '00 01 7f', null],
    [IDL.Bool, '00 01 7e 01', true],
    [IDL.Nat, '00 01 7d 00', 0n],
    [IDL.Nat, '00 01 7d 7f', 127n],
    [IDL.Nat, '00 01 7d ff7f', 16383n],
    [IDL.Nat, '00 01 7d 80808080808080808002', 2n ** 64n],
    [IDL.Int, '00 01 7c 40', -64n],
    [IDL.Int, '00 01 7c 807f', -128n],
    [IDL.Int, '00 01 7c 8001', 128n],
    [IDL.Nat8, '00 01 7b ff', 255],
    [IDL.Nat16, '00 01 7a 0001', 256],
    [IDL.Nat32, '00 01 79 ffffffff', 4294967295],
    [IDL.Nat64, '00 01 78 ffffffffffffffff', 18446744073709551615n],
    [IDL.Int8, '00 01 77 80', -128],
    [IDL.Int16, '00 01 76 ff7f', 32767],
    [IDL.Int32, '00 01 75 00000080', -2147483648],
    [IDL.Int64, '00 01 74 0000000000000080', -9223372036854775808n],
    [IDL.Float32, '00 01 73 00004040', 3],
    [IDL.Float64, '00 01 72 000000000000f0bf', -1],
    [IDL.Text, '00 01 71 06 4d6f746f6b6f', 'Motoko'],
    [IDL.Text, '00 01 71 03 e29883', '☃'],
    [IDL.Reserved, '00 01 70', null],
    [IDL.Principal, '00 01 68 01 03 caffee', owner],
    [IDL.Opt(IDL.Int), '01 6e7c 01 00 00', []],
    [IDL.Opt(IDL.Int), '01 6e7c 01 00 01 2a', [42n]],
    [IDL.Vec(IDL.Int), '01 6d7c 01 00 02 0102', [1n, 2n]],
    [IDL.Vec(IDL.Nat8), '01 6d7b 01 00 02 0102', Uint8Array.of(1, 2)],
    [IDL.Record({}), '01 6c00 01 00', {}],
    [record, '01 6c02017c027e 01 00 2a 01', { _1_: 42n, _2_: true }],
    [IDL.Tuple(IDL.Int, IDL.Bool), '01 6c02007c017e 01 00 2a 01', [42n, true]],
    [IDL.Variant({ _0_: IDL.Int, _1_: IDL.Bool }), '01 6b02007c017e 01 00 01 00', { _1_: false }],
    [list, '02 6e01 6c02007d0100 01 00 01 05 00', [[5n, []]]],
    [IDL.Func([IDL.Text], [IDL.Nat]), '01 6a0171017d00 01 00 01 01 03 caffee 01 61', [owner, 'a']],
    [IDL.Service({}), '01 6900 01 00 01 03 caffee', owner],
  ])('of %p is %s', (type, hex, value) => {
    const codec = compileArguments([type]);
    const [found] = codec.decode(fromHex(hexOf(hex)));
    expect(found).toEqual(value);
    expect(toHex(codec.encode([found]))).toBe(hexOf(hex));
  });

  test.each<[IDL.Type, string, unknown]>([
    [IDL.Nat, '00 01 7d 8000', 0n],
    [IDL.Nat, '00 01 7d ff00', 127n],
    [IDL.Int, '00 01 7c ff00', 127n],
    [IDL.Int, '00 01 7c ff7f', -1n],
    [IDL.Text, '00 01 71 8600 4d6f746f6b6f', 'Motoko'],
    [IDL.Text, '00 01 f17f 00', ''],
    [IDL.Text, '01 6e7f 01 71 00', ''],
  ])('of %p may also be %s', (type, hex, value) => {
    expect(compileArguments([type]).decode(fromHex(hexOf(hex)))).toEqual([value]);
  });

  test.each<[IDL.Type, string]>([
    [IDL.Bool, '00 01 7e 02'],
    [IDL.Nat, '00 01 7d 80'],
    [IDL.Int, '00 01 7c ffff'],
    [IDL.Text, '00 01 71 03 e228a1'],
    [IDL.Text, '00 01 71 05 4d6f746f'],
    [IDL.Principal, '00 01 68 00 caffee'],
    [IDL.Opt(IDL.Int), '01 6e7c 01 00 02 2a'],
    [IDL.Vec(IDL.Int), '01 6d7c 01 00 02 01'],
    [IDL.Vec(IDL.Int), '01 6d 01 00 00'],
    [IDL.Null, '00 01 7f 00'],
    [IDL.Null, '00 02 7f'],
    [IDL.Variant({ _0_: IDL.Null }), '01 6b01007f 01 00 01'],
    [IDL.Func([IDL.Text], [IDL.Nat]), '01 6a017d017d00 01 00 01 01 03 caffee 01 61'],
  ])('of %p is not %s', (type, hex) => {
    expect(() => compileArguments([type]).decode(fromHex(hexOf(hex)))).toThrow(/^INVALID_MESSAGE/);
  });
});
