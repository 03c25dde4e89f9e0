import { describe, expect, test } from '@jest/globals';
import { BStackRange } from '../../../src/lib/bstack/range.js';
import { BStackSlice } from '../../../src/lib/bstack/slice.js';
import { codeOf } from '../../support/memories.js';
import { decode, encode, TestPayload } from '../../support/stack-payload.js';
import { WRONG_BYTES, WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

function sliceOf(text: string, start: number, end: number) {
  const stack = new TestPayload(text);
  return { stack, slice: new BStackSlice(stack, start, end) };
}

describe('a range', () => {
  test('is written down in 16 bytes', () => {
    const bytes = new BStackRange(0x1_0000_0002, 0x203).toBytes();
    expect([...bytes]).toEqual([2, 0, 0, 0, 1, 0, 0, 0, 3, 2, 0, 0, 0, 0, 0, 0]);
    const { start, length, end, isEmpty } = BStackRange.fromBytes(bytes);
    expect([start, length, end, isEmpty]).toEqual([0x1_0000_0002, 0x203, 0x1_0000_0205, false]);
    expect(new BStackRange(7, 0).isEmpty).toBe(true);
  });

  test('reaches as far as a number does', () => {
    const { MAX_SAFE_INTEGER } = Number;
    const last = new BStackRange(1, MAX_SAFE_INTEGER - 1);
    expect(BStackRange.fromBytes(last.toBytes()).end).toBe(MAX_SAFE_INTEGER);
    expect(() => new BStackRange(2, MAX_SAFE_INTEGER - 1)).toThrow(RangeError);
    const tooFar = last.toBytes();
    tooFar[0] = 2;
    expect(codeOf(() => BStackRange.fromBytes(tooFar))).toBe('CORRUPTED');
    expect(codeOf(() => BStackRange.fromBytes(new Uint8Array(16).fill(255)))).toBe('CORRUPTED');
  });

  test('is ordered by its start, then by its length', () => {
    const ranges = [new BStackRange(2, 1), new BStackRange(1, 9), new BStackRange(1, 2)];
    const sorted = [...ranges].sort((left, right) => left.compare(right));
    expect(sorted.map(({ start, length }) => [start, length])).toEqual([
      [1, 2],
      [1, 9],
      [2, 1],
    ]);
    expect(ranges[0]!.equals(BStackRange.between(2, 3))).toBe(true);
    expect(ranges[0]!.equals(ranges[1]!)).toBe(false);
    expect(ranges[1]!.equals(ranges[2]!)).toBe(false);
  });

  test.each(WRONG_BYTES)('refuses %s in place of bytes', (_, value) => {
    expect(() => BStackRange.fromBytes(value as Uint8Array)).toThrow(TypeError);
  });

  test('refuses other than 16 bytes, and an end before the start', () => {
    expect(() => BStackRange.fromBytes(new Uint8Array(15))).toThrow(RangeError);
    expect(() => BStackRange.fromBytes(new Uint8Array(17))).toThrow(RangeError);
    expect(() => BStackRange.between(3, 2)).toThrow(RangeError);
  });
});

describe('a slice', () => {
  test('reads its part of the stack', () => {
    const { slice } = sliceOf('hello world', 6, 11);
    expect([slice.start, slice.end, slice.length, slice.isEmpty]).toEqual([6, 11, 5, false]);
    expect(decode(slice.read())).toBe('world');
    const target = encode('......');
    slice.readInto(1, target.subarray(1, 4));
    expect(decode(target)).toBe('.orl..');
  });

  test('writes over its part of the stack', () => {
    const { stack, slice } = sliceOf('hello world', 6, 11);
    slice.write(encode('W'));
    slice.write(encode('LD'), 3);
    expect(String(stack)).toBe('hello WorLD');
    slice.zero(3);
    expect(String(stack)).toBe('hello Wor__');
    slice.zero(0, 1);
    expect(String(stack)).toBe('hello _or__');
    slice.zero();
    expect(String(stack)).toBe('hello _____');
  });

  test('is cut into slices that count from their own start', () => {
    const { stack, slice } = sliceOf('hello world', 2, 9);
    const inner = slice.slice(4, 7);
    expect([inner.start, inner.end]).toEqual([6, 9]);
    inner.write(encode('W'));
    expect(String(stack)).toBe('hello World');
    expect(inner.equals(new BStackSlice(stack, 6, 9))).toBe(true);
    expect(inner.equals(slice)).toBe(false);
    expect(inner.equals(sliceOf('hello world', 6, 9).slice)).toBe(false);
    expect(slice.slice(7, 7).isEmpty).toBe(true);
  });

  test('defect: refuses what reaches beyond it instead of cutting it off', () => {
    const { stack, slice } = sliceOf('hello world', 2, 5);
    const target = encode('....');
    for (const use of [
      () => slice.write(encode('LLOW')),
      () => slice.write(encode('OW'), 2),
      () => slice.write(encode(''), 4),
      () => slice.zero(1, 3),
      () => slice.zero(4),
      () => slice.readInto(0, target),
      () => slice.readInto(3, target.subarray(3)),
      () => slice.slice(0, 4),
      () => slice.slice(4, 4),
    ]) {
      expect(codeOf(use)).toBe('OUT_OF_BOUNDS');
    }
    expect(String(stack)).toBe('hello world');
    expect(decode(target)).toBe('....');
  });

  test('is refused beyond the stack, and with an end before its start', () => {
    expect(codeOf(() => sliceOf('hello', 3, 6))).toBe('OUT_OF_BOUNDS');
    expect(() => sliceOf('hello', 3, 2)).toThrow(RangeError);
    expect(() => sliceOf('hello', 0, 5).slice.slice(3, 2)).toThrow(RangeError);
    expect(sliceOf('hello', 5, 5).slice.read()).toHaveLength(0);
  });

  test('of a stack that was cut is out of bounds', () => {
    const { stack, slice } = sliceOf('hello', 2, 5);
    stack.storage.setLength(4);
    expect(codeOf(() => slice.read())).toBe('OUT_OF_BOUNDS');
    expect(codeOf(() => slice.write(encode('abc')))).toBe('OUT_OF_BOUNDS');
    expect(String(stack)).toBe('hell');
  });

  test.each(WRONG_NUMBERS)('refuses %s in place of an offset', (_, value) => {
    const { stack, slice } = sliceOf('hello', 1, 4);
    const wrong = value as number;
    expect(() => new BStackSlice(stack, wrong, 4)).toThrow(TypeError);
    expect(() => slice.slice(0, wrong)).toThrow(TypeError);
    expect(() => slice.readInto(wrong, new Uint8Array(1))).toThrow(TypeError);
    expect(() => slice.reader().seek(wrong)).toThrow(TypeError);
    if (value === undefined) return;
    expect(() => slice.write(encode('a'), wrong)).toThrow(TypeError);
    expect(() => slice.zero(wrong, 1)).toThrow(TypeError);
    expect(() => slice.zero(0, wrong)).toThrow(TypeError);
    expect(() => slice.reader(wrong)).toThrow(TypeError);
  });

  test.each(WRONG_SIZES)('refuses %s as an offset', (_, value) => {
    const { slice } = sliceOf('hello', 1, 4);
    const wrong = value as number;
    expect(() => slice.slice(wrong, 4)).toThrow(RangeError);
    expect(() => slice.readInto(wrong, new Uint8Array(1))).toThrow(RangeError);
    expect(() => slice.write(encode('a'), wrong)).toThrow(RangeError);
    expect(() => slice.zero(0, wrong)).toThrow(RangeError);
    expect(() => slice.writer(wrong)).toThrow(RangeError);
  });

  test.each(WRONG_BYTES)('refuses %s in place of bytes', (_, value) => {
    const { slice } = sliceOf('hello', 1, 4);
    const wrong = value as Uint8Array;
    expect(() => slice.write(wrong)).toThrow(TypeError);
    expect(() => slice.readInto(0, wrong)).toThrow(TypeError);
    expect(() => slice.reader().read(wrong)).toThrow(TypeError);
    expect(() => slice.writer().write(wrong)).toThrow(TypeError);
  });
});

describe('the reader and the writer of a slice', () => {
  test('stop at its end, though the stack goes on', () => {
    const { stack, slice } = sliceOf('hello world', 2, 7);
    const target = encode('...');
    const reader = slice.reader();
    expect([reader.read(target), decode(target)]).toEqual([3, 'llo']);
    expect([reader.read(target), decode(target)]).toEqual([2, ' wo']);
    expect([reader.read(target), reader.remaining, reader.position]).toEqual([0, 0, 5]);
    const writer = slice.writer(1);
    expect(writer.write(encode('LO'))).toBe(2);
    expect(writer.write(encode('WORLD'))).toBe(2);
    expect(writer.write(encode('D'))).toBe(0);
    expect(String(stack)).toBe('helLOWOorld');
  });

  test('begin where they are told, also beyond the end', () => {
    const { stack, slice } = sliceOf('hello world', 2, 7);
    const target = encode('.');
    expect([slice.reader(3).read(target), decode(target)]).toEqual([1, ' ']);
    expect(slice.reader(6).read(target)).toBe(0);
    expect(slice.writer(6).write(target)).toBe(0);
    expect(String(stack)).toBe('hello world');
  });

  test('are equal at one place of one slice', () => {
    const { stack, slice } = sliceOf('hello', 1, 4);
    expect(slice.reader(1).equals(slice.reader(1))).toBe(true);
    expect(slice.reader(1).equals(slice.reader(2))).toBe(false);
    expect(slice.reader(1).equals(new BStackSlice(stack, 1, 3).reader(1))).toBe(false);
    expect(slice.reader(1).equals(new BStackSlice(stack, 2, 5).reader(1))).toBe(false);
    expect(slice.reader(1).equals(sliceOf('hello', 1, 4).slice.reader(1))).toBe(false);
  });

  test('stay where they are when the stack refuses', () => {
    const { stack, slice } = sliceOf('hello', 1, 4);
    stack.storage.setLength(2);
    const [reader, writer] = [slice.reader(1), slice.writer(1)];
    expect(codeOf(() => reader.read(encode('..')))).toBe('OUT_OF_BOUNDS');
    expect(codeOf(() => writer.write(encode('..')))).toBe('OUT_OF_BOUNDS');
    expect([reader.position, writer.position]).toEqual([1, 1]);
  });
});
