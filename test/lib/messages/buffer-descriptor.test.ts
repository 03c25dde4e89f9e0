import { describe, expect, test } from '@jest/globals';
import { list, text, u32, unit } from '../../../src/lib/codecs/index.js';
import { describeBytes, describedBy } from '../../../src/lib/messages/buffer-descriptor.js';
import { codeOf } from '../../support/memories.js';
import type { WrongInput } from '../../support/wrong-inputs.js';

describe('the size of a payload', () => {
  test.each([
    ['bytes', Uint8Array.of(1, 2, 3), 3],
    ['no bytes', new Uint8Array(0), 0],
    ['a part of an array', new Uint8Array(9).subarray(2, 6), 4],
    ['words', Uint16Array.of(1, 2), 4],
    ['a view', new DataView(new ArrayBuffer(5)), 5],
    ['an array buffer', new ArrayBuffer(6), 6],
    ['a shared array buffer', new SharedArrayBuffer(7), 7],
    ['nothing', undefined, 0],
  ])('shows where it is %s', (_, payload, byteLength) => {
    expect(describeBytes(payload).byteLength).toBe(byteLength);
  });

  test.each([
    ['null', null],
    ['a number', 7],
    ['a bigint', 7n],
    ['a text', 'seven'],
    ['an array', [1, 2]],
    ['an object', {}],
    ['an object whose size is no number', { byteLength: '7' }],
    ['a function', () => 7],
  ] as WrongInput[])('does not show of %s', (_, payload) => {
    expect(codeOf(() => describeBytes(payload))).toBe('INVALID_VALUE');
    expect(() => describeBytes(payload)).toThrow('describedBy(codec)');
  });

  test('is that of its encoding where a codec tells it', () => {
    expect(describedBy(u32)(7)).toEqual({ byteLength: 4 });
    expect(describedBy(text)('€')).toEqual({ byteLength: 3 });
    expect(describedBy(unit)(undefined)).toEqual({ byteLength: 0 });
    expect(describedBy(list(u32))([1, 2, 3]).byteLength).toBe(list(u32).encode([1, 2, 3]).length);
  });

  test('is refused as the codec refuses its payload', () => {
    expect(() => describedBy(u32)('7' as unknown as number)).toThrow(TypeError);
    expect(codeOf(() => describedBy(u32)(-1))).toBe('INVALID_VALUE');
  });
});
