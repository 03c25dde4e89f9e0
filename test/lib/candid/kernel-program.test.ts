import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import { PROGRAM_LAYOUT, programOf } from '../../../src/lib/candid/kernel-program.js';
import { headOf } from '../../../src/lib/candid/type-table.js';
import { describeTypes } from '../../../src/lib/candid/type.js';
import { toHex } from '../../support/hex.js';

/** The program's words up to its head, and the head. */
function partsOf(...types: IDL.Type[]): { words: number[]; head: string } {
  const program = programOf(describeTypes(types))!;
  const [, headStart] = new Uint32Array(program.buffer, 0, 2);
  return {
    words: [...new Uint32Array(program.buffer, 0, headStart! / 4)],
    head: toHex(program.slice(headStart)),
  };
}

describe('the program', () => {
  test('has its layout', () => {
    expect(PROGRAM_LAYOUT).toEqual({ root: 0, head: 4, headLength: 8, nodes: 12 });
    const { words, head } = partsOf(IDL.Text, IDL.Opt(IDL.Vec(IDL.Nat16)));
    expect(words.map((word) => word.toString(16))).toEqual([
      ...['c', '30', 'c'],
      ...['6c', '2', '1c', '20'],
      '71',
      ...['6e', '28'],
      ...['1', '2'],
    ]);
    const types = describeTypes([IDL.Text, IDL.Opt(IDL.Vec(IDL.Nat16))]);
    expect(head).toBe(toHex(headOf(types)));
  });

  test('has one node for each type, also where it refers to itself', () => {
    const list = IDL.Rec();
    const record = IDL.Record({ next: list });
    list.fill(IDL.Opt(record));
    const { words } = partsOf(list, record, list);
    const [opt, again, once] = [words[5], words[6], words[7]];
    expect(once).toBe(opt);
    expect(words[opt! / 4 + 1]).toBe(again);
    expect(words[again! / 4 + 2]).toBe(opt);
  });

  test.each([
    ['functions', IDL.Func([], [], [])],
    ['services', IDL.Service({})],
    ['parts of them', IDL.Vec(IDL.Opt(IDL.Service({})))],
  ])('is not made for %s', (_name, type) => {
    expect(programOf(describeTypes([type]))).toBeUndefined();
  });
});
