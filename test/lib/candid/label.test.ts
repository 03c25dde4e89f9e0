import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { labelId } from '../../../src/lib/candid/label.js';
import { checkProperty } from '../../support/property.js';

/** The number that an `IDL` gives a label: the names of its alternatives by their numbers. */
function idByIdl(label: string): number {
  const variant = IDL.Variant({ [label]: IDL.Null }) as IDL.VariantClass;
  return Number(Object.keys(variant.alternativesAsObject)[0]);
}

describe('the number of a label', () => {
  test.each([
    ['name', 1_224_700_491],
    ['_0_', 0],
    ['_4294967295_', 4_294_967_295],
    ['_0x1F_', 31],
    ['', 0],
  ])('%p is a hash, or the number that it says', (label, id) => {
    expect(labelId(label)).toBe(id);
  });

  test.each(['_4294967296_', '_-1_', '__', '_1', '_0x_', '_ 1_', 'größe', '😀'])(
    '%p is a name like any other',
    (label) => {
      expect(labelId(label)).toBe(idByIdl(label));
    },
  );

  test('is that of an IDL', () => {
    checkProperty(
      fc.property(fc.string({ unit: 'binary' }), (label) => {
        expect(labelId(label)).toBe(idByIdl(label));
      }),
    );
  });
});
