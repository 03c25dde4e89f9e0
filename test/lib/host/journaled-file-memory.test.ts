import fs from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { text, u32 } from '../../../src/lib/codecs/index.js';
import { FileMemory } from '../../../src/lib/host/file-memory.js';
import { JOURNAL_SUFFIX } from '../../../src/lib/host/image-journal.js';
import { JournaledFileMemory } from '../../../src/lib/host/journaled-file-memory.js';
import { codeOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';

const path = scratchFolder();

const open: JournaledFileMemory[] = [];
function opened(file = path(), options = {}): JournaledFileMemory {
  const memory = JournaledFileMemory.open(file, options);
  open.push(memory);
  return memory;
}
afterEach(() => {
  for (const memory of open.splice(0)) memory[Symbol.dispose]();
});

const fullOf = (byte: number): Uint8Array => new Uint8Array(5000).fill(byte);

test('two files are made, and after close the image has everything', () => {
  const file = path();
  const memory = opened(file);
  expect(memory.path).toBe(fs.realpathSync(file));
  const users = memory.transaction(() => BTreeMap.init(memory, text, u32));
  memory.transaction(() => {
    for (let index = 0; index < 500; index++) users.insert(`user ${index}`, index);
  });
  expect(fs.statSync(file + JOURNAL_SUFFIX).size).toBeGreaterThan(5000);
  memory.close();
  expect(fs.statSync(file + JOURNAL_SUFFIX).size).toBe(512);
  const image = FileMemory.open(file);
  const found = BTreeMap.init(image, text, u32);
  expect([found.length, found.get('user 499')]).toEqual([500, 499]);
  image.close();
});

test('a transaction that throws leaves the file as it was', () => {
  const file = path();
  const memory = opened(file);
  memory.grow(1);
  memory.write(9, fullOf(1));
  const before = fs.readFileSync(file);
  expect(() =>
    memory.transaction(() => {
      memory.grow(1);
      memory.write(0, fullOf(2));
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(Buffer.compare(fs.readFileSync(file), before)).toBe(0);
  const again = memory.reopen();
  open.push(again);
  expect(again).toBeInstanceOf(JournaledFileMemory);
  expect([again.path, again.size()]).toEqual([memory.path, 1]);
});

test('is one for all who open it, by whatever name', () => {
  const file = path();
  const link = path();
  opened(file);
  fs.symlinkSync(file, link);
  expect(codeOf(() => JournaledFileMemory.open(link))).toBe('FILE_IN_USE');
  expect(codeOf(() => FileMemory.open(file))).toBe('FILE_IN_USE');
});

test('finds its journal also by another name of the image', () => {
  const file = path();
  const link = path();
  fs.symlinkSync(file, link);
  opened(file).close();
  const memory = opened(link);
  memory.grow(1);
  expect(fs.existsSync(link + JOURNAL_SUFFIX)).toBe(false);
});

describe('what it refuses it leaves alone, and free for others', () => {
  test('a journal of somebody else', () => {
    const file = path();
    fs.writeFileSync(file, new Uint8Array(65_536).fill(3));
    fs.writeFileSync(file + JOURNAL_SUFFIX, 'minutes of the meeting');
    expect(codeOf(() => opened(file))).toBe('BAD_MAGIC');
    expect(fs.readFileSync(file + JOURNAL_SUFFIX, 'utf8')).toBe('minutes of the meeting');
    expect(fs.readFileSync(file).every((byte) => byte === 3)).toBe(true);
    fs.rmSync(file + JOURNAL_SUFFIX);
    expect(opened(file).size()).toBe(1);
  });

  test('an image that is none', () => {
    const file = path();
    fs.writeFileSync(file, 'no image');
    expect(codeOf(() => opened(file))).toBe('NOT_PAGE_ALIGNED');
    expect(fs.readFileSync(file, 'utf8')).toBe('no image');
  });

  test('a file that was to be there and is not, or the other way round', () => {
    const file = path();
    expect(codeOf(() => opened(file, { mode: 'open' }))).toBe('FILE_NOT_FOUND');
    opened(file).grow(1);
    open.pop()!.close();
    expect(codeOf(() => opened(file, { mode: 'create' }))).toBe('NOT_EMPTY');
    expect(opened(file, { mode: 'open' }).size()).toBe(1);
  });
});
