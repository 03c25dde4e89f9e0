import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Message } from '../../../src/lib/candid/message.js';
import { Skippers } from '../../../src/lib/candid/skippers.js';
import { WireFacts } from '../../../src/lib/candid/wire-facts.js';
import { readHead } from '../../../src/lib/candid/wire-type.js';
import { typedValues } from '../../support/candid-types.js';
import { fromHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

/** Passes over all values; returns how many bytes are left. */
function leftAfter(bytes: Uint8Array): number {
  const message = new Message(bytes);
  const types = readHead(message);
  const skippers = new Skippers(new WireFacts());
  for (const type of types) skippers.paid(type, 1)(message);
  return message.left;
}

describe('passing over values', () => {
  test('ends where they end', () => {
    checkProperty(
      fc.property(typedValues, ({ types, values }) => {
        expect(leftAfter(IDL.encode(types, values))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test('ends with a refusal where they were cut off', () => {
    checkProperty(
      fc.property(typedValues, fc.nat(), ({ types, values }, cut) => {
        const bytes = IDL.encode(types, values);
        const size = cut % bytes.length;
        expect(() => leftAfter(bytes.subarray(0, size))).toThrow(/^INVALID_MESSAGE/);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['a bool that is neither', '00 01 7e 02'],
    ['a text that is none', '00 01 71 01 ff'],
    ['a value of the type empty', '00 01 6f'],
    ['a tag that is neither', '01 6e 71 01 00 02'],
    ['a case that a variant does not have', '01 6b 01 00 7f 01 00 01'],
    ['a principal that cannot be read', '00 01 68 00'],
    ['a function that cannot be read', '01 6a 00 00 00 01 00 00'],
    ['a list of more numbers than there are', '01 6d 78 01 00 02 0000'],
    ['a list of any number of nothing', '01 6d 7f 01 00 ffffffff07'],
  ])('checks them as if they were read: %s', (_label, hex) => {
    expect(() => leftAfter(fromHex(`4449444c${hex}`))).toThrow(/^INVALID_MESSAGE/);
  });
});
