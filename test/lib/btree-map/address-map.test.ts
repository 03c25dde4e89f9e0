import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { AddressMap } from '../../../src/lib/btree-map/address-map.js';
import { checkProperty } from '../../support/property.js';

const ADDRESSES = Array.from({ length: 41 }, (_, address) => address);

const operation = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'delete', 'clear'),
  address: fc.constantFrom(...ADDRESSES),
});

test('it is a Map, with few addresses and with many', () => {
  checkProperty(
    fc.property(fc.array(operation, { maxLength: 120, size: 'max' }), (operations) => {
      const map = new AddressMap<string>();
      const model = new Map<number, string>();
      operations.forEach(({ kind, address }, step) => {
        if (kind === 'set') {
          map.set(address, `${step}`);
          model.set(address, `${step}`);
        } else if (kind === 'delete') {
          expect(map.delete(address)).toBe(model.delete(address));
        } else if (step % 10 === 0) {
          map.clear();
          model.clear();
        }
        const found: [number, string][] = [];
        map.forEach((value, each) => found.push([each, value]));
        expect(new Map(found)).toEqual(model);
        expect([map.size, found.length]).toEqual([model.size, model.size]);
        const everything = ADDRESSES.map((each) => map.get(each));
        expect(everything).toEqual(ADDRESSES.map((each) => model.get(each)));
      });
    }),
  );
});
