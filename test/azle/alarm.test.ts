import { expect, test } from '@jest/globals';
import { Alarm } from '../../src/azle/alarm.js';
import { FakeTimers } from '../support/fake-timers.js';

const NOON = 1_000_000_000_000n;
const SECOND = 1_000_000_000n;

/** An alarm, and after how many seconds it has rung. */
function alarm() {
  const timers = new FakeTimers(NOON);
  const rings: number[] = [];
  const set = new Alarm(timers, () => rings.push(Number(timers.time() - NOON) / 1e9));
  return { timers, rings, setFor: (seconds: bigint) => set.setFor(NOON + seconds * SECOND) };
}

test('an alarm that was set for several moments rings once, at the earliest', async () => {
  const { timers, rings, setFor } = alarm();
  for (const seconds of [50n, 10n, 30n, 10n]) setFor(seconds);
  expect(timers.pending).toEqual([10, 50]);
  await timers.advance(100);
  expect(rings).toEqual([10]);
});

test('an alarm that has rung may be set again, also beside a timer that was overtaken', async () => {
  const { timers, rings, setFor } = alarm();
  for (const seconds of [50n, 10n]) setFor(seconds);
  await timers.advance(20);
  setFor(60n);
  await timers.advance(100);
  expect(rings).toEqual([10, 60]);
});

test('an alarm for a moment that has passed rings at once', async () => {
  const { timers, rings, setFor } = alarm();
  setFor(-5n);
  await timers.advance(0);
  expect(rings).toEqual([0]);
});

test('an alarm whose timer was lost by a trap is set anew, and one that is to come is not', async () => {
  const { timers, rings, setFor } = alarm();
  setFor(0n);
  timers.lose();
  setFor(0n);
  expect(timers.pending).toEqual([]);
  await timers.advance(1);
  setFor(5n);
  setFor(5n);
  expect(timers.pending).toEqual([4]);
  await timers.advance(9);
  expect(rings).toEqual([5]);
});
