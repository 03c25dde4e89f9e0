import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { enumeration } from '../../../src/lib/codecs/enumeration.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { toHex } from '../../support/hex.js';
import { compareNumbers } from '../../support/orders.js';
import { WRONG_TEXTS } from '../../support/wrong-inputs.js';

const STATUSES = ['open', 'paid', '', 'closed', '__proto__'] as const;
const status = enumeration(...STATUSES);
const namesUpTo = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`);
const manyNames = namesUpTo(257);

describeCodecLaws({
  codec: status,
  values: fc.constantFrom(...STATUSES),
  compare: (left, right) => compareNumbers(STATUSES.indexOf(left), STATUSES.indexOf(right)),
  wrongTypes: WRONG_TEXTS,
  wrongValues: [
    ['another name', 'lost'],
    ['a name that every object has', 'constructor'],
  ],
});

describeCodecLaws({
  codec: { ...enumeration(...manyNames), name: 'enumeration of 257' },
  values: fc.constantFrom(...manyNames),
  compare: (left, right) => compareNumbers(manyNames.indexOf(left), manyNames.indexOf(right)),
  wrongTypes: WRONG_TEXTS,
});

describe('an enumeration', () => {
  test('is stored as the number of the name', () => {
    expect(toHex(status.encode('open'))).toBe('00');
    expect(toHex(status.encode('closed'))).toBe('03');
    expect(toHex(enumeration(...namesUpTo(256)).encode('n255'))).toBe('ff');
    expect(toHex(enumeration(...manyNames).encode('n256'))).toBe('0100');
  });

  test('reads what it stored before names were added at the end', () => {
    const grown = enumeration(...STATUSES, 'lost');
    for (const name of STATUSES) expect(grown.decode(status.encode(name))).toBe(name);
  });

  test('refuses the number of no name', () => {
    expect(() => status.decode(Uint8Array.of(STATUSES.length))).toThrow(/^CORRUPTED/);
  });

  test.each(WRONG_TEXTS)('refuses %s for a name', (_label, name) => {
    expect(() => enumeration('open', name as string)).toThrow(TypeError);
  });

  test('has 1 to 65,536 names, each once', () => {
    expect(() => enumeration()).toThrow(RangeError);
    expect(() => enumeration('open', 'paid', 'open')).toThrow(RangeError);
    expect(enumeration(...namesUpTo(65_536)).bound).toEqual({ maxSize: 2, fixedSize: true });
    expect(() => enumeration(...namesUpTo(65_537))).toThrow(RangeError);
  });
});
