import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LOCK_SUFFIX } from '../../../src/lib/host/file-lock.js';
import { FileStorage } from '../../../src/lib/host/file-storage.js';
import { codeOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';
import { describeStorage } from '../../support/storage-conformance.js';

/** A process is slow to start where the machine is busy. */
const PATIENCE_IN_MS = 60_000;

const path = scratchFolder();

describeStorage('FileStorage', () => FileStorage.open(path()));

/** An open file of three bytes. */
function with3(): { file: string; storage: FileStorage } {
  const file = path();
  const storage = FileStorage.open(file);
  storage.write(0, Uint8Array.of(1, 2, 3));
  return { file, storage };
}

function bytesOf(file: string): number[] {
  return [...fs.readFileSync(file)];
}

/** The system refuses with this error. */
function refusal(code: string): never {
  throw Object.assign(new Error(`${code}: refused, write`), { code, errno: -1, syscall: 'write' });
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a file', () => {
  test('holds the bytes and nothing else, and has them when it is opened again', () => {
    const { file, storage } = with3();
    storage.close();
    expect(bytesOf(file)).toEqual([1, 2, 3]);
    const again = FileStorage.open(file, { mode: 'open' });
    const read = new Uint8Array(3);
    again.read(0, read);
    expect([...read]).toEqual([1, 2, 3]);
    expect(again.isAtomic).toBe(false);
  });

  test('is made, and what makes it last is synced: the file and its folder', () => {
    const sync = jest.spyOn(fs, 'fsyncSync');
    const file = path();
    FileStorage.open(file).close();
    expect(sync).toHaveBeenCalledTimes(2);
    FileStorage.open(file).close();
    expect(sync).toHaveBeenCalledTimes(2);
  });

  test('is closed at the end of its block', () => {
    const { file, storage } = with3();
    storage[Symbol.dispose]();
    storage[Symbol.dispose]();
    expect(codeOf(() => storage.length())).toBe('HANDLE_CLOSED');
    expect(fs.existsSync(file + LOCK_SUFFIX)).toBe(false);
  });

  test('that is only read refuses every change', () => {
    const { file, storage } = with3();
    storage.close();
    const reader = FileStorage.open(file, { readOnly: true });
    expect(reader.isReadOnly).toBe(true);
    expect(reader.length()).toBe(3);
    expect(codeOf(() => reader.write(0, Uint8Array.of(9)))).toBe('READ_ONLY');
    expect(codeOf(() => reader.setLength(0))).toBe('READ_ONLY');
    reader.sync();
    expect(bytesOf(file)).toEqual([1, 2, 3]);
    reader.close();
  });

  test('is created only where there are no bytes yet', () => {
    const { file, storage } = with3();
    storage.close();
    expect(codeOf(() => FileStorage.open(file, { mode: 'create' }))).toBe('NOT_EMPTY');
    expect(fs.existsSync(file + LOCK_SUFFIX)).toBe(false);
    fs.truncateSync(file);
    FileStorage.open(file, { mode: 'create' }).close();
  });

  test('that is only read is never created', () => {
    expect(codeOf(() => FileStorage.open(path(), { readOnly: true }))).toBe('FILE_NOT_FOUND');
    expect(() => FileStorage.open(path(), { readOnly: true, mode: 'create' })).toThrow(RangeError);
  });

  test('is opened in no other way than there are', () => {
    const file = path();
    expect(() => FileStorage.open(file, { mode: 'append' as 'open' })).toThrow(RangeError);
    expect(() => FileStorage.open(5 as unknown as string)).toThrow('must be of type string');
    expect(fs.existsSync(file)).toBe(false);
  });
});

describe('a user without the rights', () => {
  /** Runs as somebody else where this is root, who has all rights. */
  function asUser<R>(action: () => R): R {
    if (process.getuid!() !== 0) return action();
    process.seteuid!(65_534);
    try {
      return action();
    } finally {
      process.seteuid!(0);
    }
  }

  test('is told so: of the file, of the folder, and of the lock beside the file', () => {
    const { file, storage } = with3();
    storage.close();
    fs.chmodSync(path('.'), 0o555);
    try {
      fs.chmodSync(file, 0o444);
      asUser(() => {
        const opens = [
          () => FileStorage.open(file),
          () => FileStorage.open(`${file} new`),
          () => FileStorage.open(file, { readOnly: true }),
        ];
        expect(opens.map(codeOf)).toEqual(opens.map(() => 'PERMISSION_DENIED'));
        const reader = FileStorage.open(file, { readOnly: true, lock: false });
        expect(reader.length()).toBe(3);
        reader.close();
      });
    } finally {
      fs.chmodSync(path('.'), 0o700);
    }
  });
});

describe('of two who open one file, the second is refused', () => {
  let file: string;
  let storage: FileStorage;
  beforeEach(() => {
    ({ file, storage } = with3());
  });
  afterEach(() => storage.close());

  test.each([
    ['by the same path', () => file],
    ['by another spelling', () => join(file, '..', '.', relative(path('.'), file))],
    ['through a symbolic link', () => linkTo(file)],
  ])('%s', (_, name) => {
    expect(codeOf(() => FileStorage.open(name()))).toBe('FILE_IN_USE');
    expect(codeOf(() => FileStorage.open(name(), { readOnly: true }))).toBe('FILE_IN_USE');
  });

  test('until the first has closed it', () => {
    const other = with3();
    other.storage.close();
    FileStorage.open(other.file).close();
  });

  test('unless it wants no lock', () => {
    const reader = FileStorage.open(file, { readOnly: true, lock: false });
    expect(reader.length()).toBe(3);
    reader.close();
    expect(fs.existsSync(file + LOCK_SUFFIX)).toBe(true);
  });
});

describe('a file that somebody else changes', () => {
  test('is found to be cut by the read that comes short', () => {
    const { file, storage } = with3();
    fs.truncateSync(file, 1);
    const target = new Uint8Array(2);
    expect(() => storage.read(1, target)).toThrow(
      expect.objectContaining({
        code: 'FILE_CHANGED',
        details: { path: file, expected: 3, found: 1 },
      }),
    );
  });

  test.each([1, 5])(
    'to %d bytes is found out before its length changes, or it is synced',
    (length) => {
      const { file, storage } = with3();
      fs.truncateSync(file, length);
      const uses = [
        () => storage.setLength(2),
        () => storage.setLength(9),
        () => storage.write(3, Uint8Array.of(4)),
        () => storage.sync(),
      ];
      expect(uses.map(codeOf)).toEqual(uses.map(() => 'FILE_CHANGED'));
      expect(fs.statSync(file).size).toBe(length);
    },
  );
});

describe('the system', () => {
  test('may read and write less than it was asked for', () => {
    const { file, storage } = with3();
    const { readSync, writeSync } = fs;
    const fewer = (count: number): number => Math.min(count, 2);
    jest
      .spyOn(fs, 'writeSync')
      .mockImplementation(((
        ...[fd, bytes, from, count, at]: [number, Uint8Array, number, number, number]
      ) => writeSync(fd, bytes, from, fewer(count), at)) as typeof writeSync);
    jest
      .spyOn(fs, 'readSync')
      .mockImplementation(((
        ...[fd, bytes, from, count, at]: [number, Uint8Array, number, number, number]
      ) => readSync(fd, bytes, from, fewer(count), at)) as typeof readSync);
    storage.write(1, Uint8Array.of(5, 6, 7, 8, 9));
    const target = new Uint8Array(6);
    storage.read(0, target);
    expect([...target]).toEqual([1, 5, 6, 7, 8, 9]);
    jest.restoreAllMocks();
    expect(bytesOf(file)).toEqual([1, 5, 6, 7, 8, 9]);
  });

  test.each(['ENOSPC', 'EFBIG', 'EDQUOT'])(
    'has no room (%s): the file is as long as before',
    (code) => {
      const { file, storage } = with3();
      const { writeSync } = fs;
      jest.spyOn(fs, 'writeSync').mockImplementationOnce(((fd: number) => {
        writeSync(fd, Uint8Array.of(4, 5), 0, 2, 3);
        refusal(code);
      }) as typeof writeSync);
      jest.spyOn(fs, 'ftruncateSync').mockImplementationOnce(() => refusal(code));
      expect(codeOf(() => storage.setLength(9))).toBe('GROW_FAILED');
      expect(() => storage.write(3, new Uint8Array(4))).toThrow(
        expect.objectContaining({ code: 'GROW_FAILED', cause: expect.objectContaining({ code }) }),
      );
      expect(bytesOf(file)).toEqual([1, 2, 3]);
      storage.write(3, Uint8Array.of(4));
      expect(bytesOf(file)).toEqual([1, 2, 3, 4]);
    },
  );

  test('has not as much to spare: a hole is refused before it is made', () => {
    const { file, storage } = with3();
    expect(codeOf(() => storage.setLength(2 ** 52))).toBe('GROW_FAILED');
    expect(bytesOf(file)).toEqual([1, 2, 3]);
  });

  test('fails otherwise: the length is as before, and that is what is said', () => {
    const { file, storage } = with3();
    jest.spyOn(fs, 'writeSync').mockImplementation(() => refusal('EIO'));
    jest.spyOn(fs, 'readSync').mockImplementation(() => refusal('EIO'));
    const cause = expect.objectContaining({ code: 'EIO' });
    const failure = expect.objectContaining({ code: 'IO_FAILED', cause });
    expect(() => storage.write(3, Uint8Array.of(4))).toThrow(failure);
    expect(() => storage.write(0, Uint8Array.of(4))).toThrow(failure);
    expect(() => storage.read(0, new Uint8Array(1))).toThrow(failure);
    jest.restoreAllMocks();
    expect(bytesOf(file)).toEqual([1, 2, 3]);
  });

  test('cannot give the old length back: the next change finds out', () => {
    const { storage } = with3();
    const { writeSync } = fs;
    jest.spyOn(fs, 'ftruncateSync').mockImplementationOnce(() => refusal('EIO'));
    jest.spyOn(fs, 'writeSync').mockImplementationOnce(((fd: number) => {
      writeSync(fd, Uint8Array.of(4), 0, 1, 3);
      refusal('ENOSPC');
    }) as typeof writeSync);
    expect(codeOf(() => storage.write(3, new Uint8Array(4)))).toBe('GROW_FAILED');
    expect(codeOf(() => storage.write(3, new Uint8Array(4)))).toBe('FILE_CHANGED');
  });

  test('fails to sync: from then on nothing is said to be durable', () => {
    const { storage } = with3();
    jest.spyOn(fs, 'fdatasyncSync').mockImplementationOnce(() => refusal('EIO'));
    expect(codeOf(() => storage.sync())).toBe('IO_FAILED');
    expect(codeOf(() => storage.sync())).toBe('PREVIOUS_FAILURE');
  });

  test('fails to make a new file last: it is closed, and unlocked', () => {
    const file = path();
    jest.spyOn(fs, 'fsyncSync').mockImplementationOnce(() => refusal('EIO'));
    expect(codeOf(() => FileStorage.open(file))).toBe('IO_FAILED');
    FileStorage.open(file).close();
  });
});

test(
  'a file that the system keeps small is as long as before, and says so',
  () => {
    const script = fileURLToPath(new URL('../../support/full-disk.ts', import.meta.url));
    const limited = 'ulimit -f 256; exec "$0" --import tsx "$@"';
    const printed = execFileSync('sh', ['-c', limited, process.execPath, script, path(), path()]);
    expect(JSON.parse(printed.toString())).toEqual({
      write: 'GROW_FAILED',
      lengthAfterWrite: 100_000,
      setLength: 'GROW_FAILED',
      lengthAfterSetLength: 100_000,
      goesOn: 100_001,
      // A memory takes the one page that fits, and then the other: -1 has changed nothing.
      grows: [0, -1, 1, -1],
      pages: 2,
    });
  },
  PATIENCE_IN_MS,
);

function linkTo(file: string): string {
  const link = path();
  fs.symlinkSync(file, link);
  return link;
}

test('a file that was replaced before the lock was there is not the one to write to', () => {
  const { file, storage } = with3();
  storage.close();
  const other = path();
  fs.writeFileSync(other, 'other');
  const { openSync } = fs;
  jest.spyOn(fs, 'openSync').mockImplementation((...args) => {
    if (args[0] === file + LOCK_SUFFIX) fs.renameSync(other, file);
    return openSync(...args);
  });
  expect(codeOf(() => FileStorage.open(file))).toBe('FILE_CHANGED');
  jest.restoreAllMocks();
  const opened = FileStorage.open(file);
  expect(opened.length()).toBe(5);
  opened.close();
});
