import { expect, test } from '@jest/globals';
import { BStack } from '../../../src/lib/bstack.js';
import { BStackReader } from '../../../src/lib/bstack/reader.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { codeOf } from '../../support/memories.js';
import { decode, encode, TestPayload } from '../../support/stack-payload.js';

test('a reader reads on where it ended, and sees what is pushed in between', () => {
  const stack = new TestPayload('hello');
  const reader = new BStackReader(stack);
  const target = encode('...');
  expect([reader.read(target), decode(target)]).toEqual([3, 'hel']);
  expect([reader.read(target), decode(target)]).toEqual([2, 'lol']);
  expect([reader.read(target), reader.position]).toEqual([0, 5]);
  stack.storage.write(5, encode('!'));
  expect([reader.remaining, reader.read(target), decode(target)]).toEqual([1, 1, '!ol']);
  expect(reader.read(new Uint8Array(0))).toBe(0);
});

test('a reader that has come further than the stack is long reads nothing', () => {
  const stack = new TestPayload('hello');
  const reader = new BStackReader(stack, 4);
  stack.storage.setLength(3);
  expect([reader.read(encode('.')), reader.remaining, reader.position]).toEqual([0, 0, 4]);
});

test('a reader is put anywhere but before the start', () => {
  const reader = new BStackReader(new TestPayload('hello'));
  expect(reader.seek(3)).toBe(3);
  expect(reader.seek(-1, 'current')).toBe(2);
  expect(reader.seek(2, 'end')).toBe(7);
  expect(reader.read(encode('.'))).toBe(0);
  expect(reader.seek(-5, 'end')).toBe(0);
  for (const [offset, origin] of [
    [-1, 'start'],
    [-1, 'current'],
    [-6, 'end'],
    [Number.MAX_SAFE_INTEGER, 'end'],
    [0.5, 'start'],
    [0, 'middle' as never],
  ] as const) {
    expect(() => reader.seek(offset, origin)).toThrow(RangeError);
  }
  expect(reader.position).toBe(0);
  expect(() => new BStackReader(new TestPayload(''), -1)).toThrow(RangeError);
});

test('readers are equal at one place of one stack', () => {
  const stack = new TestPayload('hello');
  const reader = new BStackReader(stack, 2);
  expect(reader.equals(new BStackReader(stack, 2))).toBe(true);
  expect(reader.equals(new BStackReader(stack, 3))).toBe(false);
  expect(reader.equals(new BStackReader(new TestPayload('hello'), 2))).toBe(false);
});

test('a stack gives readers and slices of itself', () => {
  const stack = BStack.open(new HeapStorage());
  stack.push(encode('hello world'));
  const reader = stack.reader(6);
  const target = encode('.....');
  expect([reader.read(target), decode(target)]).toEqual([5, 'world']);
  expect(reader.equals(stack.reader(11))).toBe(true);
  stack.slice(6, 11).write(encode('W'));
  stack.slice(0, 5).slice(1, 3).zero();
  expect(decode(stack.get(0, 11))).toBe('h__lo World');
  stack.push(encode('!'));
  expect([reader.read(target), decode(target)]).toEqual([1, '!orld']);
  expect(codeOf(() => stack.slice(6, 13))).toBe('OUT_OF_BOUNDS');
  const slice = stack.slice(6, 12);
  stack.close();
  for (const use of [
    () => slice.read(),
    () => slice.zero(),
    () => slice.slice(0, 1),
    () => reader.read(target),
    () => stack.reader().remaining,
    () => stack.slice(0, 1),
  ]) {
    expect(codeOf(use)).toBe('HANDLE_CLOSED');
  }
});
