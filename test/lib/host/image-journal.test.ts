import fs from 'node:fs';
import { expect, test } from '@jest/globals';
import { FileMemory } from '../../../src/lib/host/file-memory.js';
import { assertNoJournalInUse, JOURNAL_SUFFIX } from '../../../src/lib/host/image-journal.js';
import { JournaledFileMemory } from '../../../src/lib/host/journaled-file-memory.js';
import { codeOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';

const path = scratchFolder();

/** The files of a memory as a process has left them that was killed: with one page of sevens. */
function killed(): string {
  const [open, copy] = [path(), path()];
  const memory = JournaledFileMemory.open(open);
  memory.grow(1);
  memory.write(0, new Uint8Array(65_536).fill(7));
  fs.copyFileSync(open, copy);
  fs.copyFileSync(open + JOURNAL_SUFFIX, copy + JOURNAL_SUFFIX);
  memory.close();
  return copy;
}

test('an image without a journal, or with one that was closed, is all there is', () => {
  const file = path();
  expect(() => assertNoJournalInUse(file)).not.toThrow();
  fs.writeFileSync(file + JOURNAL_SUFFIX, '');
  expect(() => assertNoJournalInUse(file)).not.toThrow();
  JournaledFileMemory.open(file).close();
  expect(() => assertNoJournalInUse(file)).not.toThrow();
});

test('an image whose journal is in use is refused as a memory of its own', () => {
  const file = killed();
  expect(codeOf(() => FileMemory.open(file))).toBe('FILE_IN_USE');
  expect(codeOf(() => FileMemory.open(file, { readOnly: true }))).toBe('FILE_IN_USE');
  JournaledFileMemory.open(file).close();
  const memory = FileMemory.open(file);
  expect(memory.size()).toBe(1);
  memory.close();
});

test("a file of another kind is nobody's journal, a damaged one is not passed over", () => {
  const file = path();
  fs.writeFileSync(file + JOURNAL_SUFFIX, 'minutes of the meeting');
  expect(() => assertNoJournalInUse(file)).not.toThrow();
  fs.writeFileSync(file + JOURNAL_SUFFIX, 'JRN\u0001');
  expect(codeOf(() => assertNoJournalInUse(file))).toBe('CORRUPTED');
});
