import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { treeOf, valueOfTree } from '../../../src/lib/codecs/json-tree.js';
import { checkProperty } from '../../support/property.js';

test('a tree is what JSON holds: it survives as text', () => {
  const anything = fc.anything({ withBigInt: true, withMap: true, withSet: true });
  checkProperty(
    fc.property(anything, (value) => {
      const tree = treeOf(value);
      expect(JSON.parse(JSON.stringify(tree))).toStrictEqual(tree);
      expect(valueOfTree(tree)).toEqual(value);
    }),
  );
});

test('a tree of plain data is that data, but for names that begin with $', () => {
  const value = { a: [1, 'b', null, { c: false }], $: 1, $$: 2, a$: 3 };
  expect(treeOf(value)).toEqual({ a: [1, 'b', null, { c: false }], $$: 1, $$$: 2, a$: 3 });
});

test('an object without a prototype is read with the usual one', () => {
  const bare: unknown = Object.assign(Object.create(null), { a: 1 });
  expect(valueOfTree(treeOf(bare))).toStrictEqual({ a: 1 });
});
