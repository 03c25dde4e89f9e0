import { expect, test } from '@jest/globals';
import type { Codec } from '../../../src/lib/codec.js';
import { record } from '../../../src/lib/codecs/record.js';
import {
  assertCodec,
  invalidValue,
  isKeyCodec,
  wrongType,
} from '../../../src/lib/codecs/refusals.js';
import { u8 } from '../../../src/lib/codecs/unsigned.js';
import { WRONG_CODECS } from '../../support/wrong-inputs.js';

test('a value of a wrong type is a TypeError that says both types', () => {
  expect(wrongType('u8', 'a number', '7')).toEqual(
    new TypeError('u8: expected a number, got string'),
  );
});

test('a value out of range is INVALID_VALUE with its facts', () => {
  const error = invalidValue('u8', 'at most 255', '256');
  expect(error.code).toBe('INVALID_VALUE');
  expect(error.details).toEqual({ codec: 'u8', expected: 'at most 255', found: '256' });
});

test.each(WRONG_CODECS)('%s is no codec', (_label, value) => {
  expect(() => assertCodec('codec', value)).toThrow(TypeError);
});

test('a codec with an order is one for keys', () => {
  const values: Codec<unknown> = record({});
  expect(isKeyCodec(u8)).toBe(true);
  expect(isKeyCodec(values)).toBe(false);
});
