import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { SIP_1_3, SIP_2_4, SipHash } from '../../src/lib/sip-hash.js';
import { checkProperty } from '../support/property.js';
import { SIP_1_3_VECTORS, SIP_2_4_VECTORS, SIP_KEY } from '../support/sip-vectors.js';
import { WRONG_BYTES } from '../support/wrong-inputs.js';

const MASK = 2n ** 64n - 1n;

/** SipHash as the paper has it, on numbers of 64 bits. */
function plainSipHash(key: Uint8Array, bytes: Uint8Array, c: number, d: number): bigint {
  const rotate = (word: bigint, by: bigint) => ((word << by) | (word >> (64n - by))) & MASK;
  const word = (of: Uint8Array, at: number) => Buffer.from(of).readBigUInt64LE(at);
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const round = () => {
    v0 = (v0 + v1) & MASK;
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v3) & MASK;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = (v0 + v3) & MASK;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = (v2 + v1) & MASK;
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  const padded = new Uint8Array(Math.floor(bytes.length / 8) * 8 + 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  for (let at = 0; at < padded.length; at += 8) {
    const next = word(padded, at);
    v3 ^= next;
    for (let count = 0; count < c; count++) round();
    v0 ^= next;
  }
  v2 ^= 0xffn;
  for (let count = 0; count < d; count++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

const VARIANTS = [
  ['SipHash-1-3', SIP_1_3, SIP_1_3_VECTORS],
  ['SipHash-2-4', SIP_2_4, SIP_2_4_VECTORS],
] as const;

describe.each(VARIANTS)('%s', (_, rounds, vectors) => {
  test('makes the published outputs', () => {
    const sip = new SipHash(SIP_KEY, rounds);
    expect(vectors).toHaveLength(64);
    for (const { input, output } of vectors) expect(sip.hash64(input)).toBe(output);
  });

  test('is that of the paper for any key and any bytes', () => {
    const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
    checkProperty(
      fc.property(key, fc.uint8Array({ maxLength: 300 }), (someKey, bytes) => {
        const expected = plainSipHash(someKey, bytes, rounds.compression, rounds.finalization);
        expect(new SipHash(someKey, rounds).hash64(bytes)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});

test('three rounds at the end are what is used unless told', () => {
  expect(new SipHash(SIP_KEY).hash64(new Uint8Array(0))).toBe(SIP_1_3_VECTORS[0]!.output);
});

test('a range of bytes hashes as those bytes alone, and 32 bits are the low half', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), fc.nat(60), (bytes, a, b) => {
      const start = Math.min(a, b, bytes.length);
      const end = Math.min(Math.max(a, b), bytes.length);
      const sip = new SipHash(SIP_KEY);
      const hash = sip.hash64(bytes, start, end);
      expect(hash).toBe(sip.hash64(bytes.slice(start, end)));
      expect(sip.hash32(bytes, start, end)).toBe(Number(hash & 0xffff_ffffn));
    }),
  );
});

test.each(WRONG_BYTES)('%s is no key', (_, value) => {
  expect(() => new SipHash(value as Uint8Array)).toThrow(TypeError);
});

test.each([0, 15, 17])('%i bytes are no key', (size) => {
  expect(() => new SipHash(new Uint8Array(size))).toThrow(RangeError);
});
