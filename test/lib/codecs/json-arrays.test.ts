import { expect, test } from '@jest/globals';
import {
  arrayOfContent,
  bigintOfContent,
  contentOfArray,
} from '../../../src/lib/codecs/json-arrays.js';

const asIs = <T>(value: unknown): T => value as T;

test.each<[ArrayBufferView, string, unknown]>([
  [Uint8Array.of(1, 255), 'Uint8Array', '01ff'],
  [Uint8ClampedArray.of(1, 255), 'Uint8ClampedArray', [1, 255]],
  [Int8Array.of(-1), 'Int8Array', [-1]],
  [Int16Array.of(-1), 'Int16Array', [-1]],
  [Uint16Array.of(65_535), 'Uint16Array', [65_535]],
  [Int32Array.of(-1), 'Int32Array', [-1]],
  [Uint32Array.of(4_294_967_295), 'Uint32Array', [4_294_967_295]],
  [Float32Array.of(1.5), 'Float32Array', [1.5]],
  [Float64Array.of(0.1), 'Float64Array', [0.1]],
  [BigInt64Array.of(-1n), 'BigInt64Array', ['-1']],
  [BigUint64Array.of(1n), 'BigUint64Array', ['1']],
])('%p goes by the name of its class', (array, name, content) => {
  expect(contentOfArray(array, asIs)).toEqual([name, content]);
  expect(arrayOfContent(name, content, asIs)).toStrictEqual(array);
});

test('a view that is no array has no content', () => {
  expect(contentOfArray(new DataView(new ArrayBuffer(1)), asIs)).toBeUndefined();
});

test.each<[string, unknown]>([
  ['constructor', []],
  ['Uint8Array', '0g'],
  ['Int8Array', [128]],
  ['Int8Array', [-0]],
  ['Float32Array', [0.1]],
  ['Float32Array', [null]],
  ['BigInt64Array', ['1', 2]],
  ['BigInt64Array', ['9223372036854775808']],
])('there is no %s of %j', (name, content) => {
  expect(arrayOfContent(name, content, asIs)).toBeUndefined();
});

test.each(['', '-0', '01', '1.5', '1n', ' 1', 1, null])('%j is no bigint', (content) => {
  expect(bigintOfContent(content)).toBeUndefined();
});
