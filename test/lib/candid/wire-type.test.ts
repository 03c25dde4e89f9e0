import { describe, expect, test } from '@jest/globals';
import { Message } from '../../../src/lib/candid/message.js';
import { readHead, type WireType } from '../../../src/lib/candid/wire-type.js';
import { fromHex } from '../../support/hex.js';

const MAGIC = '4449444c';
const head = (hex: string): WireType[] => readHead(new Message(fromHex(MAGIC + hex)));

describe('the head of a message', () => {
  test('has the types of its values', () => {
    expect(head('00 02 71 7d')).toEqual([{ kind: 'text' }, { kind: 'nat' }]);
    expect(head('01 6c 02 00 71 01 7d 01 00')).toEqual([
      {
        kind: 'record',
        fields: [
          { id: 0, type: { kind: 'text' } },
          { id: 1, type: { kind: 'nat' } },
        ],
      },
    ]);
  });

  test('may define a type by a later one, and by itself', () => {
    const [list] = head('02 6e 01 6c 02 00 7d 01 00 01 00') as { element?: unknown }[];
    expect(list?.element).toEqual({
      kind: 'record',
      fields: [
        { id: 0, type: { kind: 'nat' } },
        { id: 1, type: list },
      ],
    });
  });

  test('has functions and services', () => {
    expect(head('02 6a 01 71 00 01 01 69 01 03 676574 00 01 01')).toEqual([
      {
        kind: 'service',
        methods: [
          {
            name: 'get',
            type: { kind: 'func', args: [{ kind: 'text' }], results: [], annotations: ['query'] },
          },
        ],
      },
    ]);
  });

  test.each([
    ['nothing', ''],
    ['no count of values', '00'],
    ['fewer definitions than it says', '02 6e 71'],
    ['a number of definitions that no message has', 'ffffffff0f'],
    ['fewer values than it says', '00 02 71'],
    ['a definition that needs none', '01 71 01 00'],
    ['a definition of a later Candid', '01 67 00 01 00'],
    ['a type of a later Candid', '00 01 67'],
    ['a reference to a constructor', '00 01 6e'],
    ['a reference behind the table', '01 6e 01 01 00'],
    ['labels that do not ascend', '01 6c 02 01 71 00 71 01 00'],
    ['the same label twice', '01 6c 02 01 71 01 71 01 00'],
    ['a label of more than 32 bits', '01 6c 01 8080808010 71 01 00'],
    ['an annotation that Candid does not have', '01 6a 00 00 01 04 01 00'],
    ['a method that is no function', '01 69 01 01 61 71 01 00'],
    ['a method of a type that is no function', '02 69 01 01 61 01 6e 71 01 00'],
    ['a method whose name is no text', '02 69 01 01 ff 01 6a 00 00 00 01 00'],
  ])('with %s is refused', (_label, hex) => {
    expect(() => head(hex)).toThrow(/^INVALID_MESSAGE/);
  });

  test.each(['', '44', '4449444d00', '6449444c0000'])('%p does not begin as it must', (hex) => {
    expect(() => readHead(new Message(fromHex(hex)))).toThrow(/^INVALID_MESSAGE/);
  });
});
