/**
 * Messages that are made to be expensive: a few bytes that stand for any amount of work, types that
 * lie in one another without an end, numbers as long as the message. An `IDL` takes minutes for some
 * of them, and memory for others; here each must be read or refused at once.
 */
import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { typedValues } from '../../support/candid-types.js';
import { fromHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

const message = (hex: string) => fromHex(`4449444c${hex}`);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
const filled = (size: number, byte: number) => new Uint8Array(size).fill(byte);

/** A whole number in LEB128; below zero one byte is enough here. */
function leb(value: number): string {
  if (value < 0) return (value + 128).toString(16).padStart(2, '0');
  const groups: number[] = [];
  for (let left = value; groups.length === 0 || left > 0; left = Math.floor(left / 128)) {
    groups.push((left % 128) + 128);
  }
  groups.push(groups.pop()! - 128);
  if ((groups.at(-1)! & 0x40) !== 0) groups.push(groups.pop()! + 128, 0);
  return groups.map((group) => group.toString(16).padStart(2, '0')).join('');
}

const List = IDL.Rec();
List.fill(IDL.Opt(List));
const Tree = IDL.Rec();
Tree.fill(IDL.Variant({ _0_: IDL.Null, _1_: IDL.Vec(Tree) }));

const TYPES: readonly IDL.Type[] = [
  ...[IDL.Reserved, IDL.Text, IDL.Opt(IDL.Text), IDL.Vec(IDL.Null), IDL.Opt(IDL.Vec(IDL.Nat8))],
  ...[IDL.Vec(IDL.Record({})), IDL.Record({}), IDL.Opt(IDL.Record({ x: IDL.Opt(IDL.Null) }))],
  ...[List, Tree, IDL.Opt(List), IDL.Vec(IDL.Opt(IDL.Nat)), IDL.Nat, IDL.Int, IDL.Vec(IDL.Empty)],
];

/** Tries to read a message by many types; returns by which it was read. */
function readBy(bytes: Uint8Array): string[] {
  return TYPES.filter((type) => {
    try {
      compileArguments([type]).decode(bytes);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'INVALID_MESSAGE' });
      return false;
    }
  }).map(({ name }) => name);
}

const doubling = (levels: number, last: string) =>
  Array.from({ length: levels }, (_, level) => {
    const inner = level === levels - 1 ? last : leb(level + 1);
    return `6c0200${inner}01${inner}`;
  }).join('');

const chain = (levels: number, constructor: string, last: string) =>
  Array.from({ length: levels }, (_, level) =>
    constructor.concat(level === levels - 1 ? last : leb(level + 1)),
  ).join('');

describe('a message is refused at once', () => {
  test.each<[string, Uint8Array]>([
    ['with any number of nulls', message('01 6d7f 01 00 ffffffff7f')],
    ['with any number of reserved values', message('01 6d70 01 00 ffffff7f')],
    ['with any number of empty records', message('02 6d01 6c00 01 00 ffffff7f')],
    [
      'with lists of so many nulls',
      joined(message('02 6d01 6d7f 01 00 14'), ...Array(20).fill(fromHex('a08d06'))),
    ],
    ['with more bytes than there are', message('01 6d7b 01 00 ffffffff7f')],
    ['with more numbers than there are', message('01 6d78 01 00 ffffffffffff7f')],
    ['with a record that doubles 40 times', message(`${leb(40)} ${doubling(40, '7f')} 01 00`)],
    ['with lists of such records', message(`${leb(40)} ${doubling(39, leb(39))} 6d00 01 27 01`)],
    ['with a record that contains itself', message('01 6c010000 01 00')],
    ['with two that contain each other', message('02 6c010001 6c010000 01 00')],
    ['with options that end nowhere', joined(message('01 6e00 01 00'), filled(1_000_000, 1))],
    ['with options too deep', joined(message('01 6e00 01 00'), filled(1_000_000, 1), filled(1, 0))],
    ['with variants too deep', joined(message('01 6b01 0100 01 00'), filled(1_000_000, 0))],
    ['with lists too deep', joined(message('01 6d00 01 00'), filled(1_000_000, 1), filled(1, 0))],
    [
      'with types too deep',
      joined(message(`${leb(50_000)} ${chain(50_000, '6e', '7f')} 01 00`), filled(50_000, 1)),
    ],
    ['with records too deep', message(`${leb(50_000)} ${chain(50_000, '6c0100', '71')} 01 00 00`)],
    ['with a number that does not end', joined(message('00 01 7d'), filled(1_000_000, 0xff))],
    ['with a table that does not end', message('ffffffff7f 6e7f')],
    ['with fields that do not end', message('01 6c ffffffff7f 00 7f')],
  ])('%s', (_label, bytes) => {
    expect(readBy(bytes)).toEqual([]);
  });
});

describe('a message is read as it should be, and in time', () => {
  test('with a number as long as the message', () => {
    const bytes = joined(message('00 01 7d'), filled(250_000, 0xff), filled(1, 1));
    expect(readBy(bytes)).toEqual(expect.arrayContaining(['reserved', 'opt text', 'nat']));
  });

  test('with very many options that another type was expected in', () => {
    const bytes = joined(message(`02 6d01 6e7e 01 00 ${leb(100_000)}`), filled(200_000, 1));
    const [values] = compileArguments([IDL.Vec(IDL.Opt(IDL.Nat))]).decode(bytes) as [unknown[]];
    expect(values).toHaveLength(100_000);
    expect(values.every((value) => Array.isArray(value) && value.length === 0)).toBe(true);
  });

  test('with a table of very many types', () => {
    const bytes = message(`${leb(20_000)} ${'6c01007f'.repeat(20_000)} 01 00`);
    expect(compileArguments([IDL.Record({})]).decode(bytes)).toEqual([{}]);
  });

  test('with options of each other that all fail at their end', () => {
    const type = IDL.Rec();
    type.fill(IDL.Opt(IDL.Record({ _0_: type, _1_: IDL.Variant({ a: IDL.Null }) })));
    const table = '03 6e01 6c0200000102 6b0200 7f 01 7f 01 00';
    const bytes = joined(message(table), filled(100, 1), filled(1, 0), filled(100, 1));
    expect(compileArguments([type]).decode(bytes)).toEqual([[]]);
  });
});

describe('a damaged message', () => {
  const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });

  test('is refused, or read as an IDL reads it', () => {
    checkProperty(
      fc.property(typedValues, damages, ({ types, values }, changes) => {
        const bytes = IDL.encode(types, values);
        for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
        let found: unknown[];
        try {
          found = compileArguments(types).decode(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_MESSAGE' });
          return;
        }
        expect(found).toEqual(IDL.decode(types, bytes));
      }),
      { numRuns: 150 },
    );
  });

  test('is refused wherever it was cut off', () => {
    checkProperty(
      fc.property(typedValues, fc.nat(), ({ types, values }, cut) => {
        const bytes = IDL.encode(types, values);
        const codec = compileArguments(types);
        expect(() => codec.decode(bytes.subarray(0, cut % bytes.length))).toThrow(
          /^INVALID_MESSAGE/,
        );
      }),
    );
  });

  test('is refused with bytes behind its end', () => {
    checkProperty(
      fc.property(typedValues, ({ types, values }) => {
        const bytes = joined(IDL.encode(types, values), filled(1, 0));
        expect(() => compileArguments(types).decode(bytes)).toThrow(/^INVALID_MESSAGE/);
      }),
    );
  });
});
