import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { bool } from '../../../src/lib/codecs/bool.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { compareNumbers } from '../../support/orders.js';
import { WRONG_BOOLEANS } from '../../support/wrong-inputs.js';

describeCodecLaws({
  codec: bool,
  values: fc.boolean(),
  compare: (left, right) => compareNumbers(Number(left), Number(right)),
  wrongTypes: WRONG_BOOLEANS,
});

test('a byte other than 0 and 1 is damage', () => {
  expect(() => bool.decode(Uint8Array.of(2))).toThrow(/^CORRUPTED/);
});
