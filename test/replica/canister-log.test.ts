/** The ring of what a canister printed. */
import { expect, test } from '@jest/globals';

import {
  appendToLog,
  clearedLog,
  emptyLog,
  logSize,
  resizedLog,
} from '../../src/replica/canister-log.js';

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
