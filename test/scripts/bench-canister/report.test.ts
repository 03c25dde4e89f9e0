/** What the benchmark of canisters makes of its figures: tables, bars, JSON and the chart. */
import { describe, expect, test } from '@jest/globals';
import { barLines, BARS } from '../../../scripts/bench-canister/bars.js';
import { chartOf, short } from '../../../scripts/bench-canister/chart.js';
import { costOf, jsonOf, type Figure } from '../../../scripts/bench-canister/figures.js';
import { optionsOf } from '../../../scripts/bench-canister/options.js';
import { tableLines } from '../../../scripts/bench-canister/report.js';

const GET = 'get u64->u64 10000';

const FIGURES: readonly Figure[] = [
  { work: GET, subject: 'ours', instructions: 30_000_000, operations: 1_000 },
  { work: GET, subject: 'azle-raw', instructions: 60_000_000, operations: 1_000 },
  { work: 'echo text', subject: 'ours', instructions: 2_000_010, operations: 10 },
];

test('a cost is that of one operation', () => {
  expect(costOf(FIGURES, GET, 'ours')).toBe(30_000);
  expect(costOf(FIGURES, GET, 'azle-json')).toBeUndefined();
});

test('the JSON is a list of the figures', () => {
  expect(JSON.parse(jsonOf(FIGURES))).toEqual(FIGURES);
  expect(Object.keys(JSON.parse(jsonOf(FIGURES))[0])).toEqual([
    'work',
    'subject',
    'instructions',
    'operations',
  ]);
});

test('the table compares the subjects, and shows what was not measured', () => {
  const lines = tableLines(FIGURES, [10_000]);
  expect(lines).toContain('u64->u64, 10,000 entries');
  expect(cellsOf(lines, 'get  ')).toEqual(['get', '30,000', '—', '60,000', '—', '0.50x']);
  expect(cellsOf(lines, 'echo text')).toEqual(['echo text', '200,001', '—', '—', '—', '—']);
});

describe('a bar', () => {
  test('is met or not by what was measured, and left out where nothing was', () => {
    const lines = barLines(FIGURES);
    expect(cellsOf(lines, GET)).toEqual([GET, '35,000', '30,000', 'met']);
    expect(cellsOf(lines, 'echo text')).toEqual(['echo text', '200,000', '200,001', 'NOT MET']);
    expect(lines.filter((line) => /met$/i.test(line.trimEnd()))).toHaveLength(2);
  });

  test('can be a share of what a rival costs', () => {
    const work = 'insert text->record 10000';
    const figures = (ours: number): Figure[] => [
      { work, subject: 'azle-json', instructions: 100, operations: 1 },
      { work, subject: 'ours', instructions: ours, operations: 1 },
    ];
    expect(cellsOf(barLines(figures(10)), work).at(-1)).toBe('met');
    expect(cellsOf(barLines(figures(11)), work).at(-1)).toBe('NOT MET');
  });

  test('can be a multiple of what a smaller map costs', () => {
    const figures = (large: number): Figure[] => [
      { work: 'get u64->u64 1000', subject: 'ours', instructions: 100, operations: 10 },
      { work: 'get u64->u64 100000', subject: 'ours', instructions: large, operations: 1 },
    ];
    expect(cellsOf(barLines(figures(20)), 'get').at(-1)).toBe('met');
    expect(cellsOf(barLines(figures(21)), 'get').at(-1)).toBe('NOT MET');
  });

  test('names a work once', () => {
    expect(new Set(BARS.map(({ work }) => work)).size).toBe(BARS.length);
  });
});

describe('the chart', () => {
  test('is the same for the same figures', () => {
    expect(chartOf(FIGURES)).toBe(chartOf(FIGURES));
    expect(chartOf(FIGURES)).not.toBe(chartOf(FIGURES.slice(1)));
  });

  test('shows what was measured', () => {
    const svg = chartOf(FIGURES);
    expect(svg).toMatch(/^<svg /);
    for (const label of ['30 k', '60 k', '200 k', 'echo text']) expect(svg).toContain(`>${label}<`);
  });

  test.each([
    [999, '999'],
    [1_000, '1 k'],
    [57_848, '57.8 k'],
    [1_268_099, '1.27 M'],
    [4_519_026_811, '4.52 G'],
  ])('writes %i as %s', (instructions, text) => {
    expect(short(instructions)).toBe(text);
  });
});

describe('the options', () => {
  test('measure everything and draw the chart unless told otherwise', () => {
    const options = optionsOf([])!;
    expect(options.entries).toEqual([1_000, 10_000, 100_000]);
    expect(options.blocks).toEqual([1_000, 100_000, 1_000_000]);
    expect(options.subjects).toEqual(['ours', 'azle-json', 'azle-raw', 'heap', 'messages']);
    expect(options.svg).toMatch(/docs\/bench-canister\.svg$/);
    expect(options.json).toBeUndefined();
  });

  test('draw no chart of a part, unless one is asked for', () => {
    expect(optionsOf(['--quick'])).toMatchObject({
      entries: [10_000],
      blocks: [10_000],
      svg: undefined,
    });
    expect(optionsOf(['--subjects', 'ours'])).toMatchObject({ subjects: ['ours'], svg: undefined });
    expect(
      optionsOf(['--entries', '500,2000', '--svg', 'a.svg', '--json', 'b.json']),
    ).toMatchObject({
      entries: [500, 2_000],
      json: 'b.json',
      svg: 'a.svg',
    });
  });

  test.each(['0', '199', '1e9999', 'many', '1000,', '10.5e2.5'])('refuse %s entries', (entries) => {
    expect(() => optionsOf(['--entries', entries])).toThrow(RangeError);
  });

  test('refuse other subjects', () => {
    expect(() => optionsOf(['--subjects', 'ours,theirs'])).toThrow(RangeError);
  });

  test('give help', () => {
    expect(optionsOf(['--help'])).toBeUndefined();
  });
});

/** The cells of the first line that begins so. Columns are at least two spaces apart. */
function cellsOf(lines: readonly string[], beginning: string): string[] {
  return lines
    .find((line) => line.startsWith(beginning))!
    .trimEnd()
    .split(/ {2,}/);
}
