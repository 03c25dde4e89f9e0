/**
 * Tables by themselves: tags are chosen, so that homes collide and come round the end as they
 * hardly ever do in a map.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Table } from '../../../src/lib/s-hash-map/table.js';
import { countMax, homeOf, tableSize } from '../../../src/lib/s-hash-map/table-layout.js';
import { toHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { hex } from '../../support/stored.js';
import { TableBytes } from '../../support/table-bytes.js';

const ADDRESS = 24;
const ENTRY_SIZE = 3;

function emptyTable(capacity: number): { bytes: TableBytes; table: Table } {
  const bytes = new TableBytes(ADDRESS + tableSize(capacity, ENTRY_SIZE) + 8);
  const table = new Table(bytes, ADDRESS, capacity, ENTRY_SIZE);
  table.clear();
  return { bytes, table };
}

/** The smallest tag with this home. */
function tagAt(home: number, capacity: number, more = 0): number {
  return Math.ceil((home * 2 ** 32) / capacity) + more + (home === 0 ? 1 : 0);
}

const entryOf = (id: number): Uint8Array => Uint8Array.of(id, id, id);
const isId = (id: number) => (entry: Uint8Array) => entry[0] === id;

function add(table: Table, tag: number, id: number): void {
  table.place(table.find(tag, isId(id)).slot, tag, entryOf(id));
}

/** The entries slot by slot; 0 where there is none. */
function idsOf({ tags, entries, capacity }: Table): number[] {
  const present = tags.read(0, capacity);
  const all = entries.read(0, capacity);
  return Array.from({ length: capacity }, (_, slot) =>
    present.subarray(4 * slot, 4 * slot + 4).some((byte) => byte !== 0) ? all[3 * slot]! : 0,
  );
}

describe('a table', () => {
  test('that is empty has the home of a tag free', () => {
    const { table } = emptyTable(7);
    for (let home = 0; home < 7; home++) {
      expect(table.find(tagAt(home, 7), () => true)).toEqual({ slot: home, entry: undefined });
    }
    expect(table.checkInvariants(0)).toBeUndefined();
  });

  test('puts entries of one home behind each other, in the order of their tags', () => {
    const { table } = emptyTable(13);
    add(table, tagAt(4, 13, 2), 3);
    add(table, tagAt(4, 13, 0), 1);
    add(table, tagAt(5, 13), 4);
    add(table, tagAt(4, 13, 1), 2);
    expect(idsOf(table).slice(3, 9)).toEqual([0, 1, 2, 3, 4, 0]);
    expect(table.checkInvariants(4)).toBeUndefined();
  });

  test('tells entries of one tag apart by their keys', () => {
    const { table } = emptyTable(13);
    const tag = tagAt(6, 13);
    for (const id of [1, 2, 3]) add(table, tag, id);
    expect([1, 2, 3, 4].map((id) => table.find(tag, isId(id)).slot)).toEqual([6, 7, 8, 9]);
    expect(table.find(tag, isId(2)).entry).toEqual(entryOf(2));
    expect(table.find(tag, isId(4)).entry).toBeUndefined();
  });

  test('goes on at its front where the end is taken', () => {
    const { table } = emptyTable(7);
    add(table, tagAt(0, 7), 4);
    for (const id of [1, 2, 3]) add(table, tagAt(6, 7), id);
    expect(idsOf(table)).toEqual([2, 3, 4, 0, 0, 0, 1]);
    expect(table.checkInvariants(4)).toBeUndefined();
    expect(table.firstInOrder()).toBe(2);
    table.takeOut(6);
    expect(idsOf(table)).toEqual([3, 4, 0, 0, 0, 0, 2]);
    expect(table.firstInOrder()).toBe(1);
    table.takeOut(6);
    table.takeOut(6);
    expect(idsOf(table)).toEqual([4, 0, 0, 0, 0, 0, 0]);
    expect(table.checkInvariants(1)).toBeUndefined();
  });

  test('moves nothing that is at home where an entry is taken out', () => {
    const { table } = emptyTable(7);
    for (const home of [1, 2, 3]) add(table, tagAt(home, 7), home);
    table.takeOut(1);
    expect(idsOf(table)).toEqual([0, 0, 2, 3, 0, 0, 0]);
  });

  test('reads its tags in runs, and looks only at keys whose tags agree', () => {
    const { bytes, table } = emptyTable(97);
    for (let id = 1; id <= 40; id++) add(table, tagAt(5, 97, id), id);
    const asked: number[] = [];
    bytes.reads = 0;
    const found = table.find(tagAt(5, 97, 40), (entry) => {
      asked.push(entry[0]!);
      return true;
    });
    expect(found.slot).toBe(44);
    expect(asked).toEqual([40]);
    expect(bytes.reads).toBe(4);
  });

  test('ends the search for what is not there at the first entry that lies behind it', () => {
    const { bytes, table } = emptyTable(97);
    for (let id = 1; id <= 40; id++) add(table, tagAt(5, 97, id), id);
    bytes.reads = 0;
    expect(table.find(tagAt(5, 97), () => true).slot).toBe(5);
    expect(bytes.reads).toBe(1);
  });

  test('holds entries without any bytes', () => {
    const bytes = new TableBytes(ADDRESS + tableSize(7, 0));
    const table = new Table(bytes, ADDRESS, 7, 0);
    table.clear();
    table.place(table.find(9, () => true).slot, 9, new Uint8Array(0));
    expect(table.find(9, () => true).entry).toEqual(new Uint8Array(0));
    table.takeOut(0);
    expect(table.checkInvariants(0)).toBeUndefined();
  });

  test('leaves the bytes around it alone', () => {
    const { bytes, table } = emptyTable(7);
    for (const id of [1, 2, 3]) add(table, tagAt(6, 7), id);
    table.takeOut(0);
    const around = [...bytes.bytes.subarray(0, ADDRESS), ...bytes.bytes.subarray(-8)];
    expect(around).toEqual(new Array(ADDRESS + 8).fill(0xff));
  });
});

test('the bytes are frozen', () => {
  const { bytes, table } = emptyTable(7);
  for (let slot = 0; slot < 7; slot++) table.entries.write(slot, new Uint8Array(3));
  add(table, 0xdead_beef, 1);
  add(table, 0xdead_beee, 2);
  add(table, 1, 3);
  expect(toHex(bytes.bytes.subarray(ADDRESS, ADDRESS + tableSize(7, ENTRY_SIZE)))).toBe(
    hex(
      `efbeadde 01000000 ${'00000000'.repeat(4)} eebeadde` +
        `010101 030303 ${'000000'.repeat(4)} 020202`,
    ),
  );
});

interface Step {
  readonly kind: 'add' | 'remove';
  readonly id: number;
}

/** Homes near the end, near the front, and all tags alike: where runs are long and come round. */
const SPREADS: readonly [string, (id: number, capacity: number) => number][] = [
  ['all over', (id) => (Math.imul(id + 1, 0x9e37_79b1) >>> 0) + 1],
  ['at the end', (id, capacity) => tagAt(capacity - 1 - (id % 3), capacity, id)],
  ['around the end', (id, capacity) => tagAt((capacity - 2 + (id % 5)) % capacity, capacity)],
  ['of one tag', () => 0xffff_ffff],
];

describe.each(SPREADS)('tags %s', (_, tagOf) => {
  test.each([7, 13, 25])('a table of %i slots is its model after every step', (capacity) => {
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom('add', 'add', 'remove'),
      id: fc.integer({ min: 1, max: 2 * capacity }),
    });
    checkProperty(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        runBoth(capacity, (id) => tagOf(id, capacity), steps);
      }),
      { numRuns: 40 },
    );
  });
});

function runBoth(capacity: number, tagOf: (id: number) => number, steps: readonly Step[]): void {
  const { table } = emptyTable(capacity);
  const model = new Set<number>();
  for (const { kind, id } of steps) {
    const found = table.find(tagOf(id), isId(id));
    expect(found.entry !== undefined).toBe(model.has(id));
    if (kind === 'remove' && model.delete(id)) table.takeOut(found.slot);
    if (kind === 'add' && !model.has(id) && model.size < countMax(capacity)) {
      table.place(found.slot, tagOf(id), entryOf(id));
      model.add(id);
    }
    expect(table.checkInvariants(model.size)).toBeUndefined();
  }
  expect(new Set(idsOf(table).filter((each) => each !== 0))).toEqual(model);
}

describe('damage', () => {
  test('that leaves no slot empty ends a search with an error', () => {
    const { bytes, table } = emptyTable(25);
    bytes.bytes.fill(0xff, ADDRESS, ADDRESS + 100);
    expect(codeOf(() => table.find(0xffff_ffff, () => false))).toBe('CORRUPTED');
    expect(codeOf(() => table.place(3, 7, entryOf(1)))).toBe('CORRUPTED');
  });

  test('is named by the check', () => {
    const { table } = emptyTable(13);
    add(table, tagAt(4, 13), 1);
    add(table, tagAt(4, 13, 1), 2);
    expect(table.checkInvariants(3)).toBe('a table of 2 entries is said to have 3');
    const tags = table.tags.read(4, 2);
    table.tags.write(4, new Uint8Array(4));
    expect(table.checkInvariants(1)).toBe('slot 5 holds no entry of its own');
    table.tags.write(4, tags.slice(4));
    table.tags.write(5, tags.slice(0, 4));
    expect(table.checkInvariants(2)).toBe('slot 5 holds no entry of its own');
    expect(homeOf(tagAt(4, 13), 13)).toBe(4);
  });
});
