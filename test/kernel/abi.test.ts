/** The kernel and its client are two programs that must agree; here their sources are compared. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const CLIENT = source('src/lib/kernel-client.ts');
const FRAME = source('src/kernel/assembly/frame.ts');

/** Who asks, and who answers. */
const SUBJECTS = [
  ['src/lib/kernel-client.ts', 'src/kernel/assembly/operations.ts'],
  ['src/lib/btree-map/kernel-tree.ts', 'src/kernel/assembly/tree/operations.ts'],
  ['src/lib/btree-map/kernel-batches.ts', 'src/kernel/assembly/scan/operations.ts'],
  ['src/lib/s-btree-map/heap-seat.ts', 'src/kernel/assembly/tree/operations.ts'],
  ['src/lib/allocator/kernel-heap.ts', 'src/kernel/assembly/heap/operations.ts'],
  ['src/lib/s-certified-btree-map/kernel-map.ts', 'src/kernel/assembly/certified/operations.ts'],
  ['src/lib/s-hash-map/kernel-table.ts', 'src/kernel/assembly/hash/operations.ts'],
  ['src/lib/candid/kernel-tape.ts', 'src/kernel/assembly/candid/operations.ts'],
] as const;

test('both sides show the same frame', () => {
  expect(rowsOf(CLIENT)).toEqual(rowsOf(FRAME));
  expect(rowsOf(CLIENT)).toEqual([
    [0, 4],
    [4, 4],
    [8, 8],
    [16, 8],
    [24, 40],
    [64, 4096],
    [4160, undefined],
  ]);
});

test('both sides show the same batch', () => {
  const tables = ['src/lib/btree-map/batch.ts', 'src/kernel/assembly/scan/batch.ts'].map(
    (side) => / \* {5}OFFSET[^]*?the number, f64\n/.exec(source(side))?.[0],
  );
  expect(tables[0]).toBeDefined();
  expect(tables[0]).toBe(tables[1]);
});

test('both sides show the same table of keys to look up', () => {
  const tables = ['src/lib/btree-map/lookup.ts', 'src/kernel/assembly/scan/get-many.ts'].map(
    (side) => / \* {5}OFFSET[^]*?is absent\n/.exec(source(side))?.[0],
  );
  expect(tables[0]).toBeDefined();
  expect(tables[0]).toBe(tables[1]);
});

test('both sides have the same magic and ABI version', () => {
  for (const name of ['MAGIC', 'ABI_VERSION']) {
    expect(constantsOf(CLIENT).get(name)).toBeDefined();
    expect(constantsOf(CLIENT).get(name)).toBe(constantsOf(FRAME).get(name));
  }
});

test.each(SUBJECTS)("each operation of %s has the kernel's code", (client, operations) => {
  const asked = [
    ...source(client).matchAll(/^(?:export )?const (\w+) = (\d+) \* ARGUMENT_LIMIT;$/gm),
  ];
  expect(asked.length).toBeGreaterThan(0);
  for (const [, name, code] of asked) {
    expect(constantsOf(source(operations)).get(name!)).toBe(code);
  }
});

test.each(SUBJECTS)('for %s, the table of operations is the list of them', (_, operations) => {
  const table = [
    ...source(operations).matchAll(/^ \* +(\d+) {2}([a-z]+\d*(?: [a-z]+)*)(?: {2,}\S|$)/gm),
  ];
  // Lower numbers than the first code are offsets, in tables further down, and places of operands.
  const first = Number(table[0]![1]);
  const shown = table.map(([, code, name]) => [name!.toUpperCase().replaceAll(' ', '_'), code!]);
  const codes = [...constantsOf(source(operations))];
  const isCode = ([, code]: readonly string[]): boolean => Number(code) >= first;
  expect(shown.filter(isCode)).toEqual(codes.filter(isCode));
});

test.each([
  ['the tape', 'src/lib/candid/kernel-tape.ts', 'src/kernel/assembly/candid/tape.ts'],
  ['the program', 'src/lib/candid/kernel-program.ts', 'src/kernel/assembly/candid/program.ts'],
])('both sides show the same tables of %s', (_what, client, kernel) => {
  expect(tablesOf(client).length).toBeGreaterThan(8);
  expect(tablesOf(client)).toEqual(tablesOf(kernel));
});

/** The indented lines of the comment at the top. */
function tablesOf(path: string): string[] {
  const [comment] = source(path).split('*/');
  return [...comment!.matchAll(/^ \* {3,}\S.*/gm)].map(([row]) => row);
}

function source(path: string): string {
  return readFileSync(join(process.cwd(), path), 'utf8');
}

/** Offset and size of each row; the size of the last area is the client's choice. */
function rowsOf(text: string): (number | undefined)[][] {
  const rows = [
    ...text.matchAll(
      /^ \* +(\d+) +(?:(\d+) {2})?(?:magic|ABI|request|result|operands|text area|staging)/gm,
    ),
  ];
  return rows.map(([, offset, size]) => [
    Number(offset),
    size === undefined ? undefined : Number(size),
  ]);
}

/** The numeric constants by name, as they are written. */
function constantsOf(text: string): Map<string, string> {
  const found = text.matchAll(/^const ([A-Z_]+\d*)(?:: u32)? = (0x[\da-f_]+|\d+);$/gm);
  return new Map([...found].map(([, name, value]) => [name!, value!]));
}
