/** The ring of what a canister printed. */
import { expect, test } from '@jest/globals';

import { appendToLog, EMPTY_LOG } from '../../src/replica/canister-log.js';

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
