import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { unit } from '../../../src/lib/codecs/unit.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { WRONG_NUMBERS } from '../../support/wrong-inputs.js';

describeCodecLaws({
  codec: unit,
  values: fc.constant(undefined),
  compare: () => 0,
  wrongTypes: WRONG_NUMBERS.filter(([, value]) => value !== undefined),
});

test('it takes no bytes, and is declared variable in size as Rust declares it', () => {
  expect(unit.encode(undefined)).toHaveLength(0);
  expect(unit.bound).toEqual({ maxSize: 0, fixedSize: false });
});
