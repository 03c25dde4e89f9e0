import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crossingsOf, planOf } from '../../../src/lib/codecs/kernel-record-plan.js';
import { fieldsOf } from '../../../src/lib/codecs/record-field.js';
import { blob } from '../../../src/lib/codecs/bytes.js';
import { optional } from '../../../src/lib/codecs/optional.js';
import { reserved } from '../../../src/lib/codecs/reserved.js';
import { text } from '../../../src/lib/codecs/text.js';
import { u64 } from '../../../src/lib/codecs/unsigned.js';
import { toHex } from '../../support/hex.js';

const FIELDS = fieldsOf({ name: text, was: reserved, picture: optional(blob(9)), joined: u64 });

test('a plan has a row for each field', () => {
  const { crossings } = crossingsOf(FIELDS);
  expect(toHex(planOf(crossings))).toBe(['01c60800', '03c70901', '04810600'].join(''));
});

test('each value has its slots, behind the one that says whether there is a value', () => {
  const { crossings, slotCount } = crossingsOf(FIELDS);
  expect(crossings.map(({ kind, slot }) => [kind, slot])).toEqual([
    ['text', 0],
    ['bytes', 2],
    ['word', 4],
  ]);
  expect(slotCount).toBe(5);
});

test('a codec of the same name is not the same codec', () => {
  const { crossings } = crossingsOf(fieldsOf({ name: { ...text } }));
  expect(crossings[0]!.kind).toBe('bytes');
});

test('both sides show the same tables', () => {
  const ours = tablesOf('src/lib/codecs/kernel-record-plan.ts');
  expect(ours).toHaveLength(16);
  expect(tablesOf('src/kernel/assembly/record/plan.ts')).toEqual(ours);
});

function tablesOf(path: string): string[] {
  const source = readFileSync(join(process.cwd(), path), 'utf8');
  return source.split('\n').filter((line) => /^ \* +(\d|KIND|OFFSET|nothing)/.test(line));
}
