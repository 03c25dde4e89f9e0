/** The ring of what a canister printed. */
import { describe, expect, test } from '@jest/globals';

import {
  appendToLog,
  clearedLog,
  emptyLog,
  logSize,
  PrintedLines,
  resizedLog,
} from '../../src/replica/canister-log.js';
import { Bench, errorOf, textOf } from './support.js';

const EMPTY_LOG = emptyLog(4096n);

const line = (size: number): Uint8Array => new Uint8Array(size);

test('records are numbered, and carry the time', () => {
  const log = appendToLog(appendToLog(EMPTY_LOG, 5n, [line(1), line(2)]), 6n, [line(3)]);
  expect(log.records.map(({ index, timestamp }) => [index, timestamp])).toEqual([
    [0n, 5n],
    [1n, 5n],
    [2n, 6n],
  ]);
});

test('the oldest records fall out beyond 4 KiB, and the numbers go on', () => {
  let log = EMPTY_LOG;
  for (let index = 0; index < 10; index++) log = appendToLog(log, 0n, [line(1000)]);
  expect(log.records.map(({ index }) => index)).toEqual([6n, 7n, 8n, 9n]);
  expect(log.nextIndex).toBe(10n);
});

test('a line that is too long is cut', () => {
  const log = appendToLog(EMPTY_LOG, 0n, [line(5000)]);
  expect(log.records[0]!.content).toHaveLength(4096);
});

test('nothing printed leaves the very same log', () => {
  expect(appendToLog(EMPTY_LOG, 0n, [])).toBe(EMPTY_LOG);
});

test('a log of another size keeps the newest records that fit', () => {
  let log = emptyLog(8192n);
  for (let index = 0; index < 8; index++) log = appendToLog(log, 0n, [line(1000)]);
  log = resizedLog(log, 4096n);
  expect(log.records.map(({ index }) => index)).toEqual([4n, 5n, 6n, 7n]);
  expect(logSize(log)).toBe(4000);
});

test('a log of no size takes nothing', () => {
  const log = resizedLog(appendToLog(EMPTY_LOG, 0n, [line(1)]), 0n);
  expect(appendToLog(log, 0n, [line(1)]).records).toEqual([]);
});

test('a cleared log goes on counting', () => {
  const log = appendToLog(clearedLog(appendToLog(EMPTY_LOG, 0n, [line(1)])), 0n, [line(1)]);
  expect(log.records.map(({ index }) => index)).toEqual([1n]);
});

test('lines without content fall out too', () => {
  let log = appendToLog(
    EMPTY_LOG,
    0n,
    Array.from({ length: 4000 }, () => line(0)),
  );
  log = appendToLog(
    log,
    0n,
    Array.from({ length: 4000 }, () => line(0)),
  );
  expect(log.records).toHaveLength(4096);
  expect(log.records[0]!.index).toBe(8000n - 4096n);
});

describe('what a message prints', () => {
  test.each([
    ['long', 1000, 100],
    ['longer than the log', 5000, 10],
    ['short', 3, 10_000],
    ['empty', 0, 20_000],
  ])('is held up to twice the size of the log, whatever the lines: %s', (_name, size, count) => {
    const printed = new PrintedLines(4096);
    const sizeInLog = Math.min(Math.max(size, 1), 4096);
    for (let index = 0; index < count; index++) {
      printed.add(line(size));
      const held = printed.kept.length * sizeInLog;
      if (held > 2 * 4096) throw new Error(`${held} bytes are held`);
    }
    expect(printed.skipped + printed.kept.length).toBe(count);
  });

  test('comes into the log as if all of it had', () => {
    const lines = Array.from({ length: 500 }, (_, index) => line(1 + (index % 90)).fill(index));
    const printed = new PrintedLines(4096);
    for (const one of lines) printed.add(one);
    expect(printed.skipped).toBeGreaterThan(0);
    const log = appendToLog(EMPTY_LOG, 0n, [line(9)]);
    const atOnce = appendToLog(log, 7n, lines);
    expect(appendToLog(log, 7n, printed.kept, printed.skipped)).toEqual(atOnce);
  });

  test('is nothing where nothing is logged', () => {
    const printed = new PrintedLines(0);
    printed.add(line(10));
    expect(printed.kept).toEqual([]);
  });

  test('a message that prints for ever leaves its last lines and its trap', () => {
    const bench = new Bench({ instructionLimits: { update: 20_000_000n } });
    const id = bench.deploy(`
      (func (export "canister_update print")
        (loop $again
          (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
          (call $debug_print (i32.const 0) (i32.const 4)) (br $again)))`);
    expect(errorOf(bench.update(id, 'print'))).toBe(522);
    const { records, nextIndex } = bench.replica.canister(id)!.log;
    const numbers = records.map(({ content }) =>
      new DataView(content.slice().buffer).getUint32(0, true),
    );
    const printed = bench.printed.length;
    expect(printed).toBeGreaterThan(4096);
    expect(nextIndex).toBe(BigInt(printed + 1));
    expect(numbers.at(-2)).toBe(printed);
    expect(textOf(records.at(-1)!.content)).toContain('[TRAP]: Canister exceeded the limit');
  });
});
