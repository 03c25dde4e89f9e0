import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ALLOWANCE, DEPTH_MAX, Message } from '../../../src/lib/candid/message.js';
import { anyBigint } from '../../support/arbitraries.js';
import { fromHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

const HEAD_SIZE = 7;
const message = (hex: string) => new Message(fromHex(hex));

function encoded(type: IDL.Type, value: unknown): Message {
  const read = new Message(IDL.encode([type], [value]));
  read.offset = HEAD_SIZE;
  return read;
}

describe('a message', () => {
  test('has integers of any size', () => {
    checkProperty(
      fc.property(anyBigint(-(2n ** 200n), 2n ** 200n), (value) => {
        expect(encoded(IDL.Int, value).int()).toBe(value);
        const magnitude = value < 0n ? -value : value;
        expect(encoded(IDL.Nat, magnitude).nat()).toBe(magnitude);
      }),
    );
  });

  test.each([
    ['8080808000', 0n],
    ['ff808000', 127n],
    ['80'.repeat(200) + '01', 1n << 1400n],
  ])('has integers with zeros in front of them: %s', (hex, value) => {
    expect(message(hex).nat()).toBe(value);
  });

  test.each([
    ['ff7f', -1n],
    ['ffffffffffffffffffff7f', -1n],
    ['80808080808080808040', -(1n << 69n)],
  ])('has negative integers: %s', (hex, value) => {
    expect(message(hex).int()).toBe(value);
  });

  test('with a large integer is read in time that grows with its length', () => {
    const bytes = new Uint8Array(140_000).fill(0xff);
    bytes[bytes.length - 1] = 1;
    expect(new Message(bytes).nat().toString(16)).toMatch(/^f+$|^[137]f+$/);
  });

  test.each(['', '80', 'ffff'])('%p ends within a number', (hex) => {
    expect(() => message(hex).nat()).toThrow(/^INVALID_MESSAGE/);
    expect(() => message(hex).int()).toThrow(/^INVALID_MESSAGE/);
    expect(() => message(hex).count()).toThrow(/^INVALID_MESSAGE/);
    expect(() => message(hex).reference()).toThrow(/^INVALID_MESSAGE/);
  });

  test('has counts of at most seven bytes', () => {
    expect(message('80808080808000').count()).toBe(0);
    expect(() => message('8080808080808000').count()).toThrow(/^INVALID_MESSAGE/);
    expect(message('ffffffffffff7f').reference()).toBe(-1);
    expect(() => message('ffffffffffffff7f').reference()).toThrow(/^INVALID_MESSAGE/);
  });

  test('has no more elements than it has bytes for', () => {
    expect(message('020000').length(1)).toBe(2);
    expect(() => message('030000').length(1)).toThrow(/^INVALID_MESSAGE/);
    expect(() => message('020000').length(2)).toThrow(/^INVALID_MESSAGE/);
  });

  test('has texts in UTF-8, with all that they begin with', () => {
    expect(message('04efbbbf61').text()).toBe('\ufeffa');
    expect(() => message('01ff').text()).toThrow(/^INVALID_MESSAGE/);
    expect(() => message('0261').text()).toThrow(/^INVALID_MESSAGE/);
  });

  test('has bools of 0 and 1, and references that can be read', () => {
    expect(message('01').bool()).toBe(true);
    expect(() => message('02').bool()).toThrow(/^INVALID_MESSAGE/);
    expect(() => message('00').transparent()).toThrow(/^INVALID_MESSAGE/);
  });

  test('pays for values without bytes as long as it can', () => {
    const read = message('0000');
    read.pay(ALLOWANCE + 2);
    expect(() => read.pay(1)).toThrow(/^INVALID_MESSAGE/);
  });

  test('has values that lie in one another, but not any number of them', () => {
    const read = message('');
    for (let depth = 0; depth < DEPTH_MAX; depth++) read.enter();
    expect(() => read.enter()).toThrow(/^INVALID_MESSAGE/);
  });
});
