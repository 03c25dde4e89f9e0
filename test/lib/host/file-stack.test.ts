import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { FileStorage } from '../../../src/lib/host/file-storage.js';
import { LOCK_SUFFIX } from '../../../src/lib/host/file-lock.js';
import { MIGRATING_SUFFIX, openFileStack } from '../../../src/lib/host/file-stack.js';
import { codeOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';
import { decode, encode } from '../../support/stack-payload.js';

const path = scratchFolder();

afterEach(() => {
  jest.restoreAllMocks();
});

const PAYLOAD = encode('0123456789'.repeat(100));

/** A file of format 0.1 with a payload of several blocks, in a folder of its own. */
function legacyFile(payload: Uint8Array = PAYLOAD): string {
  const folder = path();
  fs.mkdirSync(folder);
  const file = join(folder, 'events');
  const header = new Uint8Array(16);
  header.set([0x42, 0x53, 0x54, 0x4b, 0, 1, 8, 0, payload.length & 255, payload.length >> 8]);
  fs.writeFileSync(file, Uint8Array.from([...header, ...payload]));
  return file;
}

/** What the stack at this path holds. */
function contentOf(file: string): string {
  const stack = openFileStack(file);
  const content = decode(stack.get(0, stack.length));
  stack.close();
  return content;
}

const filesBeside = (file: string): string[] => fs.readdirSync(dirname(file)).sort();
const formatOf = (file: string): number => fs.readFileSync(file)[5]!;

describe('a stack in a file', () => {
  test('is made where there is none, and is there again', () => {
    const file = path();
    const stack = openFileStack(file);
    expect(stack.push(encode('hello'))).toBe(0);
    stack.close();
    expect(contentOf(file)).toBe('hello');
    expect(codeOf(() => stack.length)).toBe('HANDLE_CLOSED');
  });

  test('vector A3: is open once at a time', () => {
    const file = path();
    const stack = openFileStack(file);
    expect(codeOf(() => openFileStack(file))).toBe('FILE_IN_USE');
    stack.close();
    openFileStack(file).close();
    expect(fs.existsSync(file + LOCK_SUFFIX)).toBe(false);
  });

  test('is looked for, or made anew, where that is asked for', () => {
    const file = path();
    expect(codeOf(() => openFileStack(file, { mode: 'open' }))).toBe('FILE_NOT_FOUND');
    openFileStack(file, { mode: 'create' }).close();
    expect(codeOf(() => openFileStack(file, { mode: 'create' }))).toBe('NOT_EMPTY');
    openFileStack(file, { mode: 'open' }).close();
  });

  test('is not made of other bytes, and then the file is closed again', () => {
    const file = path();
    fs.writeFileSync(file, 'some text that is no stack at all');
    expect(codeOf(() => openFileStack(file))).toBe('BAD_MAGIC');
    expect(fs.readFileSync(file, 'utf8')).toBe('some text that is no stack at all');
    FileStorage.open(file).close();
  });

  test('recovers from a push that a crash has interrupted', () => {
    const file = path();
    const stack = openFileStack(file);
    stack.push(encode('hello'));
    stack.close();
    fs.appendFileSync(file, 'wor');
    expect(contentOf(file)).toBe('hello');
    expect(fs.statSync(file).size).toBe(32 + 5);
  });
});

describe('a file of an older format', () => {
  test('becomes one of format 0.4, with nothing left beside it', () => {
    const file = legacyFile();
    const stack = openFileStack(file);
    expect(stack.push(encode('!'))).toBe(PAYLOAD.length);
    stack.close();
    expect(formatOf(file)).toBe(4);
    expect(contentOf(file)).toBe(`${decode(PAYLOAD)}!`);
    expect(filesBeside(file)).toEqual(['events']);
  });

  test('is left alone where migration is refused', () => {
    const file = legacyFile();
    const before = fs.readFileSync(file);
    expect(codeOf(() => openFileStack(file, { migrate: false }))).toBe('UNSUPPORTED_VERSION');
    expect(Buffer.compare(fs.readFileSync(file), before)).toBe(0);
    expect(filesBeside(file)).toEqual(['events']);
    expect(contentOf(file)).toBe(decode(PAYLOAD));
  });

  test('keeps its rights', () => {
    for (const mode of [0o600, 0o664]) {
      const file = legacyFile();
      fs.chmodSync(file, mode);
      openFileStack(file).close();
      expect(fs.statSync(file).mode & 0o777).toBe(mode);
      expect(formatOf(file)).toBe(4);
    }
  });

  test('is migrated where a link leads to, and the link stays one', () => {
    const file = legacyFile();
    const link = path();
    fs.symlinkSync(file, link);
    expect(contentOf(link)).toBe(decode(PAYLOAD));
    expect(formatOf(file)).toBe(4);
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('is not migrated while another handle has it', () => {
    const file = legacyFile();
    const holder = FileStorage.open(file);
    expect(codeOf(() => openFileStack(file))).toBe('FILE_IN_USE');
    expect(formatOf(file)).toBe(1);
    holder.close();
    expect(contentOf(file)).toBe(decode(PAYLOAD));
  });
});

/** Every call by which a migration changes what is on the disk. */
const CHANGES = [
  'writeFileSync',
  'chmodSync',
  'ftruncateSync',
  'writeSync',
  'fdatasyncSync',
  'fsyncSync',
  'renameSync',
  'rmSync',
] as const;

/** Calls `before` before each change that an action makes; not for what a change consists of. */
function watch(before: (call: string) => void, action: () => void): void {
  let depth = 0;
  for (const call of CHANGES) {
    const original = fs[call] as (...args: unknown[]) => unknown;
    jest.spyOn(fs, call).mockImplementation(((...args: unknown[]) => {
      if (depth === 0) before(call);
      depth += 1;
      try {
        return original.apply(fs, args);
      } finally {
        depth -= 1;
      }
    }) as never);
  }
  try {
    action();
  } finally {
    jest.restoreAllMocks();
  }
}

/** A copy of the folder of `file`, without the lock: its process is the one that has crashed. */
function copyOf(file: string): string {
  const [from, to] = [dirname(file), path()];
  fs.mkdirSync(to);
  for (const name of fs.readdirSync(from)) {
    if (!name.endsWith(LOCK_SUFFIX)) fs.copyFileSync(join(from, name), join(to, name));
  }
  return join(to, basename(file));
}

interface Crash {
  /** The change that did not come any more. */
  readonly call: string;
  /** The file, in a folder that is as the crash has left it. */
  readonly file: string;
}

/** A crash before every change that opening `file` makes. */
function crashesOf(file: string): Crash[] {
  const crashes: Crash[] = [];
  watch(
    (call) => crashes.push({ call, file: copyOf(file) }),
    () => openFileStack(file).close(),
  );
  return crashes;
}

function expectMigrated(file: string): void {
  expect(contentOf(file)).toBe(decode(PAYLOAD));
  expect(formatOf(file)).toBe(4);
  expect(filesBeside(file)).toEqual(['events']);
}

describe('a migration', () => {
  test('goes in this order: the bytes, a sync, the header, a sync, the rename, a sync', () => {
    const calls = crashesOf(legacyFile()).map(({ call }) => call);
    expect(calls).toEqual([
      'writeSync', // the lock
      'rmSync', // what an earlier crash has left
      'writeFileSync', // the new file
      'chmodSync',
      'ftruncateSync',
      'writeSync',
      'fdatasyncSync',
      'writeSync',
      'fdatasyncSync',
      'renameSync',
      'fsyncSync', // of the folder
      'rmSync', // the lock
      'writeSync', // the lock
      'rmSync', // what is left of a migration: nothing
      'fdatasyncSync', // of the opened stack
      'rmSync', // the lock
    ]);
  });

  test('that a crash has interrupted anywhere is done at the next opening', () => {
    const crashes = crashesOf(legacyFile());
    const renamed = crashes.findIndex(({ call }) => call === 'renameSync') + 1;
    crashes.forEach(({ file }, index) => {
      expect(formatOf(file)).toBe(index < renamed ? 1 : 4);
      expectMigrated(file);
    });
  });

  test('that has crashed in the middle may crash once more', () => {
    const { file } = crashesOf(legacyFile()).find(({ call }) => call === 'fdatasyncSync')!;
    for (const again of crashesOf(file)) expectMigrated(again.file);
    expectMigrated(file);
  });

  test('leaves a part of the new file at most, which is thrown away whatever is in it', () => {
    const crashes = crashesOf(legacyFile());
    const left = crashes.filter(({ file }) => fs.existsSync(file + MIGRATING_SUFFIX));
    expect(left).toHaveLength(7);
    for (const { file } of left.slice(-2)) {
      for (const length of [0, 31, 32, 500]) {
        const cut = copyOf(file);
        fs.truncateSync(cut + MIGRATING_SUFFIX, length);
        expectMigrated(cut);
      }
      fs.writeFileSync(file + MIGRATING_SUFFIX, 'what never was a stack');
      expectMigrated(file);
    }
  });

  test('that a power cut has undone after the rename is done again', () => {
    const crashes = crashesOf(legacyFile());
    const { file } = crashes.find(({ call }) => call === 'renameSync')!;
    expect(formatOf(file + MIGRATING_SUFFIX)).toBe(4);
    expectMigrated(file);
  });

  test('that is refused by the system leaves the old file, and nothing beside it', () => {
    for (let changes = 1; ; changes++) {
      const file = legacyFile();
      const before = fs.readFileSync(file);
      let count = 0;
      try {
        watch(
          () => {
            if (count++ === changes) refuse('EIO');
          },
          () => openFileStack(file).close(),
        );
        expect(changes).toBe(16);
        return;
      } catch (error) {
        if (changes < 16) expect((error as { code: string }).code).toBe('IO_FAILED');
      }
      if (changes < 10) expect(Buffer.compare(fs.readFileSync(file), before)).toBe(0);
      if (changes < 10) expect(filesBeside(file)).toEqual(['events']);
      fs.rmSync(file + LOCK_SUFFIX, { force: true });
      expectMigrated(file);
    }
  });

  test('without room for it is refused, and the old file can be used by others', () => {
    const file = legacyFile();
    jest.spyOn(fs, 'ftruncateSync').mockImplementationOnce(() => refuse('ENOSPC'));
    expect(codeOf(() => openFileStack(file))).toBe('GROW_FAILED');
    expect(filesBeside(file)).toEqual(['events']);
    expect(formatOf(file)).toBe(1);
    expectMigrated(file);
  });
});

/** The system refuses with this error. */
function refuse(code: string): never {
  throw Object.assign(new Error(`${code}: refused`), { code, errno: -1, syscall: 'write' });
}
