import { afterEach, expect, jest, test } from '@jest/globals';
import { Stopwatch } from '../../../scripts/start/stopwatch.js';

/** The clock of the test, in milliseconds. */
let now = 0;
jest.spyOn(performance, 'now').mockImplementation(() => now);
const print = jest.spyOn(console, 'log').mockImplementation(() => undefined);

afterEach(() => void print.mockClear());

function lasting<T>(milliseconds: number, result: T): () => Promise<T> {
  return async () => {
    now += milliseconds;
    return result;
  };
}

test('a run is shown in parts, the rest, and the whole', async () => {
  const stopwatch = new Stopwatch();
  now = 1_000;
  expect(await stopwatch.time('build', lasting(6_000, 'built'))).toBe('built');
  await stopwatch.time('load', lasting(12_000, undefined));
  now += 1_000;
  expect(stopwatch.lines()).toEqual([
    '  build        6.0 s   30 %',
    '  load        12.0 s   60 %',
    '  the rest     2.0 s   10 %',
    '  all         20.0 s  100 %',
  ]);
  expect(print.mock.calls.flat()).toEqual(['build: 6.0 s', 'load: 12.0 s']);
});

test('a part that fails fails the run, and is no part of it', async () => {
  now = 0;
  const stopwatch = new Stopwatch();
  const failing = stopwatch.time('build', () => Promise.reject(new Error('no compiler')));
  await expect(failing).rejects.toThrow('no compiler');
  now = 1_000;
  expect(stopwatch.lines()).toHaveLength(2);
});
