import fs from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { hasRoomFor } from '../../../src/lib/host/free-space.js';

afterEach(() => {
  jest.restoreAllMocks();
});

test('a disk has room for nothing, and not for all that can be asked for', () => {
  expect(hasRoomFor('.', 0)).toBe(true);
  expect(hasRoomFor('.', Number.MAX_SAFE_INTEGER)).toBe(false);
});

test('the room is that for users, in blocks', () => {
  const facts = { ...fs.statfsSync('.'), blocks: 100, bfree: 30, bavail: 20, bsize: 512 };
  jest.spyOn(fs, 'statfsSync').mockReturnValue(facts as fs.StatsFs & fs.BigIntStatsFs);
  expect(hasRoomFor('.', 20 * 512)).toBe(true);
  expect(hasRoomFor('.', 20 * 512 + 1)).toBe(false);
});

test('a system that does not tell is taken to have room', () => {
  const facts = { ...fs.statfsSync('.'), blocks: 0, bavail: 0 };
  jest.spyOn(fs, 'statfsSync').mockReturnValue(facts as fs.StatsFs & fs.BigIntStatsFs);
  expect(hasRoomFor('.', 1)).toBe(true);
  expect(hasRoomFor('no such file', 1)).toBe(true);
});
