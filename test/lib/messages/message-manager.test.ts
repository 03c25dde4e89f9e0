/**
 * The table of errors in the words of the contract is the one that the suite of all managers tests.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { u32 } from '../../../src/lib/codecs/index.js';
import { Message } from '../../../src/lib/messages/message.js';
import { StaticMessageManager } from '../../../src/lib/messages/static-message-manager.js';
import { codeOf } from '../../support/memories.js';
import { SITUATIONS, type Column } from '../../support/messages.js';

const COLUMNS = ['store', 'look', 'edit', 'end'] as const;

/** In the table, and of one manager alone: `concurrent-message-manager.ts`. */
const ONLY_CONCURRENT = 'POISONED';

/** What the comment says: each code, and the columns with a cross. */
function tableInWords(): [string, string[]][] {
  const file = new URL('../../../src/lib/messages/message-manager.ts', import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n');
  const head = lines.findIndex((line) => line.includes('CODE') && line.includes('readMut'));
  const starts = ['store', 'peekHeader, read', 'readMut', 'free, take'].map((name) =>
    lines[head]!.indexOf(name),
  );
  const rows = lines.slice(head + 1);
  return rows.slice(0, rows.indexOf(' *')).map((row) => {
    const [, code] = /^ \* {5}([A-Z_]+) /.exec(row)!;
    const crosses = Array.from(row.matchAll(/ x(?= |$)/g), ({ index }) => index + 1);
    const column = (at: number) => COLUMNS[starts.findLastIndex((start) => start <= at)]!;
    return [code!, crosses.map(column)];
  });
}

/** What the suite expects: each code, and the columns where some situation has it. */
function tableInTests(): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>();
  const add = (code: string, column: string): void => {
    table.set(code, (table.get(code) ?? new Set()).add(column));
  };
  for (const { codes } of SITUATIONS) {
    for (const [column, code] of Object.entries(codes)) add(code, column as Column);
  }
  const full = StaticMessageManager.create({ depth: 0, codec: u32 });
  add(
    codeOf(() => full.store(Message.of(7))),
    'store',
  );
  const narrow = StaticMessageManager.create({ depth: 1, codec: u32, payloadSizeMax: 3 });
  add(
    codeOf(() => narrow.store(Message.of(7))),
    'store',
  );
  return table;
}

test('the table of errors says what the tests of all managers expect', () => {
  const inWords = tableInWords();
  expect(inWords).toHaveLength(8);
  const tested = tableInTests();
  expect(Object.fromEntries(inWords.filter(([code]) => code !== ONLY_CONCURRENT))).toEqual(
    Object.fromEntries(
      Array.from(tested, ([code, columns]) => [
        code,
        COLUMNS.filter((column) => columns.has(column)),
      ]),
    ),
  );
});
