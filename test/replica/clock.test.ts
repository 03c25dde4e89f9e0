/** The two hands of the clock. */
import { expect, test } from '@jest/globals';

import { Clock } from '../../src/replica/clock.js';

test('a round without a change of time is one nanosecond later', () => {
  const clock = new Clock(100n);
  clock.beginRound();
  clock.beginRound();
  expect([clock.now, clock.roundTime]).toEqual([102n, 102n]);
});

test('a time that was set is seen by the next round, exactly', () => {
  const clock = new Clock(100n);
  expect(clock.set(500n)).toBe(true);
  expect([clock.now, clock.roundTime]).toEqual([500n, 100n]);
  clock.beginRound();
  expect(clock.roundTime).toBe(500n);
});

test('a certified time is seen at once', () => {
  const clock = new Clock(100n);
  expect(clock.setCertified(500n)).toBe(true);
  expect(clock.roundTime).toBe(500n);
});

test('the past is refused, the present is not', () => {
  const clock = new Clock(100n);
  expect(clock.set(99n)).toBe(false);
  expect(clock.setCertified(99n)).toBe(false);
  expect(clock.set(100n)).toBe(true);
  expect(clock.now).toBe(100n);
});
