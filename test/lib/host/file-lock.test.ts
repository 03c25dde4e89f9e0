import fs from 'node:fs';
import { expect, test } from '@jest/globals';
import { FileLock, LOCK_SUFFIX } from '../../../src/lib/host/file-lock.js';
import { codeOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';

const path = scratchFolder();

test('a file is had by one handle at a time', () => {
  const file = path();
  const lock = FileLock.take(file);
  expect(fs.existsSync(file + LOCK_SUFFIX)).toBe(true);
  expect(() => FileLock.take(file)).toThrow('open in this process already');
  lock.release();
  expect(fs.existsSync(file + LOCK_SUFFIX)).toBe(false);
  FileLock.take(file).release();
});

test('it is had although somebody has deleted the lock file', () => {
  const file = path();
  const lock = FileLock.take(file);
  fs.rmSync(file + LOCK_SUFFIX);
  expect(codeOf(() => FileLock.take(file))).toBe('FILE_IN_USE');
  lock.release();
});

test('another process keeps it by the lock file alone', () => {
  const file = path();
  fs.writeFileSync(file + LOCK_SUFFIX, `${process.ppid}\n`);
  expect(codeOf(() => FileLock.take(file))).toBe('FILE_IN_USE');
  fs.rmSync(file + LOCK_SUFFIX);
  FileLock.take(file).release();
});

test('a folder that takes no lock file is said in our words', () => {
  expect(codeOf(() => FileLock.take(path('nowhere/file')))).toBe('FILE_NOT_FOUND');
});
