import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, jest, test } from '@jest/globals';
import { acquireLockFile, TAKEOVER_SUFFIX } from '../../../src/lib/host/lock-file.js';
import { codeOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';

/** No process has a number as large. */
const NOBODY = 999_999_999;

/** Processes are slow to start where the machine is busy. */
const PATIENCE_IN_MS = 60_000;

const path = scratchFolder();
afterEach(() => {
  jest.restoreAllMocks();
});

function lockOf(text: string): string {
  const lock = path();
  fs.writeFileSync(lock, text);
  return lock;
}

test('a lock names the process that has it, and is gone once it lets go', () => {
  const lock = path();
  const release = acquireLockFile(lock);
  expect(fs.readFileSync(lock, 'utf8')).toMatch(new RegExp(`^${process.pid}( \\d+)?\n$`));
  release();
  expect(fs.existsSync(lock)).toBe(false);
});

test('a lock is had once, also by one process', () => {
  const lock = path();
  acquireLockFile(lock);
  expect(() => acquireLockFile(lock)).toThrow(
    expect.objectContaining({
      code: 'FILE_IN_USE',
      details: { lock, process: process.pid },
      message: expect.stringContaining(`process ${process.pid} works on it`),
    }),
  );
});

test.each([
  ['nobody', `${NOBODY}\n`],
  ['nobody, with a start', `${NOBODY} 12345\n`],
])('a lock of %s is taken over', (_, text) => {
  const lock = lockOf(text);
  acquireLockFile(lock)();
  expect(fs.existsSync(lock)).toBe(false);
  expect(fs.existsSync(lock + TAKEOVER_SUFFIX)).toBe(false);
});

const tellsStarts = fs.existsSync('/proc/self/stat');

test('a number that was given out anew is told from the old one, where the system helps', () => {
  const lock = lockOf(`${process.pid} 1\n`);
  if (tellsStarts) expect(() => acquireLockFile(lock)).not.toThrow();
  else expect(codeOf(() => acquireLockFile(lock))).toBe('FILE_IN_USE');
});

test('the lock of a living process stays, and so does that of an older release', async () => {
  const sleeper = spawn('sleep', ['60']);
  await once(sleeper, 'spawn');
  const lock = lockOf(`${sleeper.pid}\n`);
  expect(codeOf(() => acquireLockFile(lock))).toBe('FILE_IN_USE');
  sleeper.kill('SIGKILL');
  await once(sleeper, 'exit');
  expect(() => acquireLockFile(lock)).not.toThrow();
});

test.each(['', 'no number', '0', '-1'])('a lock that says %p is kept for a minute', (text) => {
  const lock = lockOf(text);
  expect(codeOf(() => acquireLockFile(lock))).toBe('FILE_IN_USE');
  const longAgo = Date.now() / 1000 - 61;
  fs.utimesSync(lock, longAgo, longAgo);
  expect(() => acquireLockFile(lock)).not.toThrow();
});

test('while a lock is taken over, nobody else takes it over', () => {
  const lock = lockOf(`${NOBODY}\n`);
  const remove = fs.rmSync;
  const codes: string[] = [];
  jest.spyOn(fs, 'rmSync').mockImplementationOnce((...args) => {
    codes.push(codeOf(() => acquireLockFile(lock)));
    remove(...args);
    codes.push(codeOf(() => acquireLockFile(lock + TAKEOVER_SUFFIX)));
  });
  acquireLockFile(lock);
  expect(codes).toEqual(['FILE_IN_USE', 'FILE_IN_USE']);
});

test('who comes late to a takeover finds the new owner, and leaves it alone', () => {
  const lock = lockOf(`${NOBODY}\n`);
  const open = fs.openSync;
  // The second look at the lock, with the takeover in hand, shows what happened in between.
  jest.spyOn(fs, 'openSync').mockImplementation((...args) => {
    if (args[0] === lock + TAKEOVER_SUFFIX) fs.writeFileSync(lock, `${process.pid}\n`);
    return open(...args);
  });
  expect(codeOf(() => acquireLockFile(lock))).toBe('FILE_IN_USE');
  expect(fs.readFileSync(lock, 'utf8')).toBe(`${process.pid}\n`);
  expect(fs.existsSync(lock + TAKEOVER_SUFFIX)).toBe(false);
});

test('who died while taking over is taken over as well', () => {
  const lock = lockOf(`${NOBODY}\n`);
  fs.writeFileSync(lock + TAKEOVER_SUFFIX, `${NOBODY}\n`);
  acquireLockFile(lock);
  expect(fs.existsSync(lock + TAKEOVER_SUFFIX)).toBe(false);
});

test('what the system has against a lock is said as it is', () => {
  expect(() => acquireLockFile(path('no folder/lock'))).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  );
});

test('a lock that cannot be written is not left behind empty', () => {
  const lock = path();
  jest.spyOn(fs, 'writeSync').mockImplementationOnce(() => {
    throw Object.assign(new Error('ENOSPC: full, write'), { code: 'ENOSPC', syscall: 'write' });
  });
  expect(() => acquireLockFile(lock)).toThrow('ENOSPC');
  expect(fs.existsSync(lock)).toBe(false);
});

test(
  'of several processes that find the same dead owners, one has each lock',
  async () => {
    const locks = Array.from({ length: 100 }, () => lockOf(`${NOBODY} 5\n`));
    const racers = Array.from({ length: 3 }, () => startRacer(locks));
    try {
      await Promise.all(racers.map(({ lines }) => lines.next()));
      for (const { racer } of racers) racer.stdin!.write('go\n');
      const won = await Promise.all(
        racers.map(async ({ lines }) => JSON.parse((await lines.next()).value) as string[]),
      );
      expect(won.flat().sort()).toEqual([...locks].sort());
    } finally {
      for (const { racer } of racers) racer.kill('SIGKILL');
    }
  },
  PATIENCE_IN_MS,
);

function startRacer(locks: readonly string[]): {
  racer: ChildProcess;
  lines: AsyncIterator<string>;
} {
  const script = fileURLToPath(new URL('../../support/lock-racer.ts', import.meta.url));
  const racer = spawn(process.execPath, ['--import', 'tsx', script, ...locks], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return { racer, lines: createInterface(racer.stdout!)[Symbol.asyncIterator]() };
}
