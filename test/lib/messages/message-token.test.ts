import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  CAPACITY_MAX,
  formatToken,
  GENERATION_MAX,
  INVALID_TOKEN,
  messageToken,
  tokenGeneration,
  tokenIndex,
  tokenOf,
  type MessageToken,
} from '../../../src/lib/messages/message-token.js';
import { checkProperty } from '../../support/property.js';
import { WRONG_BIGINTS } from '../../support/wrong-inputs.js';

describe('a token', () => {
  test('is a generation above the index of a slot', () => {
    expect(tokenOf(2, 1)).toBe(0x1_0000_0002n);
    expect(tokenOf(0, 1)).toBe(2n ** 32n);
    expect(tokenOf(0xffff_fffe, GENERATION_MAX)).toBe(0xffff_ffff_ffff_fffen);
  });

  test('gives back its index and its generation, up to the last bit', () => {
    const u32 = fc.nat({ max: 0xffff_ffff });
    checkProperty(
      fc.property(u32, u32, (index, generation) => {
        const token = tokenOf(index, generation);
        expect([tokenIndex(token), tokenGeneration(token)]).toEqual([index, generation]);
        expect(token >= 0n && token < 2n ** 64n).toBe(true);
      }),
    );
  });

  test('is never zero, nor all ones, where it stands for a message', () => {
    expect(INVALID_TOKEN).toBe(2n ** 64n - 1n);
    expect([tokenIndex(INVALID_TOKEN), tokenGeneration(INVALID_TOKEN)]).toEqual([
      CAPACITY_MAX,
      GENERATION_MAX,
    ]);
    expect(tokenGeneration(0n as MessageToken)).toBe(0);
  });

  test.each([-1n, -(2n ** 32n), -(2n ** 64n) + 2n ** 32n, 2n ** 64n, 2n ** 64n + 2n ** 32n])(
    'has a generation that no slot has where it does not fit 64 bits: %d',
    (value) => {
      expect(tokenGeneration(value as MessageToken)).toBeGreaterThan(GENERATION_MAX);
    },
  );

  test('is read by people as a slot and a generation', () => {
    expect(formatToken(tokenOf(12, 3))).toBe('#12.g3');
    expect(formatToken(INVALID_TOKEN)).toBe('#4294967295.g4294967295');
  });

  test('can come from elsewhere as a bigint', () => {
    expect(messageToken(4_294_967_298n)).toBe(tokenOf(2, 1));
  });

  test.each(WRONG_BIGINTS)('is not %s', (_, wrong) => {
    expect(() => messageToken(wrong as bigint)).toThrow(TypeError);
    expect(() => messageToken(wrong as bigint)).toThrow('token: expected a bigint, got');
  });
});
