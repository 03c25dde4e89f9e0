import { expect, test } from '@jest/globals';
import { bytes, BTreeMap, VectorMemory } from '../../../src/lib/index.js';
import {
  biggestFirst,
  cityRecord,
  entriesByCountry,
  entriesById,
} from '../../../scripts/start/cities.js';

const SOME = [
  { id: 3, name: 'Bern', country: 'CH', population: 121_631 },
  { id: 1, name: 'Zürich', country: 'CH', population: 341_730 },
  { id: 9, name: 'Vaduz', country: 'LI', population: 5_197 },
  { id: 2, name: 'Twin', country: 'CH', population: 121_631 },
];

test('a country lies together, the biggest city first, twins by their ids', () => {
  const map = BTreeMap.init(new VectorMemory(), bytes, bytes);
  for (const { key, value } of entriesByCountry(SOME))
    map.insert((key as { blob: Uint8Array }).blob, value);
  const names = [...map.values()].map((name) => Buffer.from(name).toString());
  expect(names).toEqual(['Zürich', 'Twin', 'Bern', 'Vaduz']);
  expect(biggestFirst(SOME).map(({ name }) => name)).toEqual(names);
});

test('entries by id hold the whole city, in the order of the ids', () => {
  const entries = entriesById(SOME);
  expect(entries.map(({ key }) => key)).toEqual([1n, 2n, 3n, 9n].map((nat64) => ({ nat64 })));
  expect(cityRecord.decode(entries[0]!.value)).toEqual({
    name: 'Zürich',
    country: 'CH',
    population: 341_730,
  });
});
