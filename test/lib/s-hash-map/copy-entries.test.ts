import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readU32, writeU32 } from '../../../src/lib/bytes.js';
import { copyEntries } from '../../../src/lib/s-hash-map/copy-entries.js';
import { Table } from '../../../src/lib/s-hash-map/table.js';
import { capacityFor, nextCapacity, tableSize } from '../../../src/lib/s-hash-map/table-layout.js';
import { Walk } from '../../../src/lib/s-hash-map/walk.js';
import { checkProperty } from '../../support/property.js';
import { TableBytes } from '../../support/table-bytes.js';

const ENTRY_SIZE = 4;

function newTable(capacity: number): Table {
  const table = new Table(new TableBytes(tableSize(capacity, ENTRY_SIZE)), 0, capacity, ENTRY_SIZE);
  table.clear();
  return table;
}

/** A table with as many entries as it may have, of these tags; each entry is its tag. */
function tableOf(tags: readonly number[]): Table {
  const table = newTable(capacityFor(tags.length));
  for (const tag of tags) table.place(table.find(tag, () => false).slot, tag, entryOf(tag));
  return table;
}

function entryOf(tag: number): Uint8Array {
  const entry = new Uint8Array(ENTRY_SIZE);
  writeU32(entry, 0, tag);
  return entry;
}

function tagsOf(table: Table): number[] {
  const walk = new Walk(table);
  const tags: number[] = [];
  while (walk.next()) {
    if (readU32(walk.bytes, walk.offset) !== walk.tag) throw new Error('an entry of another tag');
    tags.push(walk.tag);
  }
  return tags;
}

const sorted = (tags: readonly number[]): number[] => [...tags].sort((a, b) => a - b);

const MAX = 0xffff_ffff;
const TAGS: readonly [string, fc.Arbitrary<number>][] = [
  ['all over', fc.integer({ min: 1, max: MAX })],
  ['at the end', fc.integer({ min: MAX - 20, max: MAX })],
  [
    'at either end',
    fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: MAX - 9, max: MAX })),
  ],
  ['all alike', fc.constant(MAX)],
];

test.each(TAGS)('entries with tags %s are all in the new table, each at its place', (_, tag) => {
  checkProperty(
    fc.property(fc.array(tag, { minLength: 1, maxLength: 72 }), (tags) => {
      const source = tableOf(tags);
      const target = new Table(
        new TableBytes(tableSize(nextCapacity(source.capacity), ENTRY_SIZE)),
        0,
        nextCapacity(source.capacity),
        ENTRY_SIZE,
      );
      copyEntries(source, target);
      expect(target.checkInvariants(tags.length)).toBeUndefined();
      expect(sorted(tagsOf(target))).toEqual(sorted(tags));
    }),
    { numRuns: 200 },
  );
});

test('large tables are read and written in large pieces', () => {
  const tags = Array.from({ length: 10_000 }, (_, id) => Math.imul(id + 1, 0x9e37_79b1) >>> 0);
  const source = tableOf(tags);
  const bytes = new TableBytes(tableSize(24_577, ENTRY_SIZE));
  const target = new Table(bytes, 0, 24_577, ENTRY_SIZE);
  copyEntries(source, target);
  expect(bytes.writes).toBeLessThan(100);
  expect(target.checkInvariants(10_000)).toBeUndefined();
  expect(sorted(tagsOf(target))).toEqual(sorted(tags));
});
