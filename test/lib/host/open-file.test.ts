import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { expect, test } from '@jest/globals';
import { openFile, syncNewFile } from '../../../src/lib/host/open-file.js';
import { codeOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';

const path = scratchFolder();

test('a missing file is made, a file that is there is left as it is', () => {
  const file = path();
  const made = openFile(file, 'openOrCreate', false);
  expect(made.isNew).toBe(true);
  syncNewFile(made);
  fs.writeFileSync(file, 'bytes');
  for (const mode of ['open', 'create', 'openOrCreate'] as const) {
    expect(openFile(file, mode, false).isNew).toBe(false);
  }
  expect(fs.readFileSync(file, 'utf8')).toBe('bytes');
});

test('a symbolic link leads to its file, also to one that is to be made', () => {
  const [file, link] = [path('target'), path('link')];
  fs.symlinkSync(file, link);
  expect(openFile(link, 'create', false)).toMatchObject({ isNew: true, path: file });
});

test.each([
  ['a folder', () => path('.')],
  ['a device', () => '/dev/null'],
  ['a pipe, which would block', () => pipe()],
])('%s is no file, whether for reading or writing', (_, find) => {
  const found = find();
  expect(codeOf(() => openFile(found, 'open', true))).toBe('NOT_A_FILE');
  expect(codeOf(() => openFile(found, 'openOrCreate', false))).toBe('NOT_A_FILE');
});

test.each([
  ['a file that is missing', 'missing', 'open'],
  ['a folder that is missing', 'nowhere/file', 'create'],
  ['a path through a file', 'plain/file', 'openOrCreate'],
] as const)('%s is not found, and nothing is made', (_, name, mode) => {
  fs.writeFileSync(path('plain'), '');
  expect(codeOf(() => openFile(path(name), mode, false))).toBe('FILE_NOT_FOUND');
  expect(fs.existsSync(path(name))).toBe(false);
});

function pipe(): string {
  const name = path();
  execFileSync('mkfifo', [name]);
  return name;
}
