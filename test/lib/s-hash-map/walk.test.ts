import { expect, test } from '@jest/globals';
import { readU32, writeU32 } from '../../../src/lib/bytes.js';
import { Table } from '../../../src/lib/s-hash-map/table.js';
import { tableSize } from '../../../src/lib/s-hash-map/table-layout.js';
import { slotsAtOnce, Walk, type WalkOptions } from '../../../src/lib/s-hash-map/walk.js';
import { TableBytes } from '../../support/table-bytes.js';

/** A table in which each third slot holds an entry, which is its own number. */
function everyThird(capacity: number, entrySize: number): { bytes: TableBytes; table: Table } {
  const bytes = new TableBytes(tableSize(capacity, entrySize));
  const table = new Table(bytes, 0, capacity, entrySize);
  table.clear();
  for (let slot = 0; slot < capacity; slot += 3) {
    table.tags.write(slot, Uint8Array.of(1, 0, 0, 1));
    const entry = new Uint8Array(entrySize);
    writeU32(entry, 0, slot);
    table.entries.write(slot, entry);
  }
  bytes.reads = 0;
  return { bytes, table };
}

function slotsOf(table: Table, options?: WalkOptions): number[] {
  const walk = new Walk(table, options);
  const slots: number[] = [];
  while (walk.next()) {
    if (readU32(walk.bytes, walk.offset) !== walk.slot) throw new Error('an entry of another slot');
    slots.push(walk.slot);
  }
  expect(walk.next()).toBe(false);
  return slots;
}

const SIZES = [4, 300, 9_000, 40_000];

test.each(SIZES)('entries of %i bytes are walked from either end, and from any slot', (size) => {
  const { table } = everyThird(97, size);
  const expected = Array.from({ length: 33 }, (_, index) => 3 * index);
  expect(slotsOf(table)).toEqual(expected);
  expect(slotsOf(table, { reverse: true })).toEqual(expected.toReversed());
  for (const from of [1, 50, 96]) {
    const behind = expected.filter((slot) => slot >= from);
    const before = expected.filter((slot) => slot < from);
    expect(slotsOf(table, { from })).toEqual([...behind, ...before]);
    expect(slotsOf(table, { from, reverse: true })).toEqual([...behind, ...before].reverse());
  }
});

test('a table is read in pieces of some thousand bytes', () => {
  const { bytes, table } = everyThird(12_289, 12);
  slotsOf(table);
  expect(bytes.reads).toBe(2 * Math.ceil(12_289 / 1024));
  expect(slotsAtOnce(12, 12_289)).toBe(1024);
  expect(slotsAtOnce(12, 97)).toBe(97);
  expect(slotsAtOnce(100_000, 97)).toBe(1);
});
