/** What the generated functions do by themselves; with the kernel: `kernel-record.test.ts`. */
import { expect, test } from '@jest/globals';
import { fieldsOf } from '../../../src/lib/codecs/record-field.js';
import { crossingsOf } from '../../../src/lib/codecs/kernel-record-plan.js';
import { generateFill, generateRead } from '../../../src/lib/codecs/kernel-record-source.js';
import { optional } from '../../../src/lib/codecs/optional.js';
import { principal } from '../../../src/lib/codecs/principal.js';
import { text } from '../../../src/lib/codecs/text.js';
import { u8 } from '../../../src/lib/codecs/unsigned.js';
import { Principal } from '../../../src/lib/principal.js';

const { crossings } = crossingsOf(
  fieldsOf({ name: text, age: u8, bio: optional(text), owner: principal }),
);
const slots = new Float64Array(8);
const staging = new Uint8Array(32);
const fill = generateFill({ slots, staging }, crossings);
const read = generateRead({ slots, staging }, crossings);
const OWNER = Principal.fromUint8Array(Uint8Array.of(1, 2, 3));

test('a value fills the slots, its texts joined and other bytes staged', () => {
  const value = { name: 'Ada', age: 36, bio: 'Poet', owner: OWNER };
  expect(fill(value, 5)).toBe('AdaPoet');
  expect([...slots]).toEqual([3, 36, 1, 4, 3, 0, 0, 0]);
  expect([...staging.subarray(4, 9)]).toEqual([0, 1, 2, 3, 0]);
});

test('a value is made of the slots', () => {
  const elsewhere = new Uint8Array(22);
  elsewhere.set([4, 5], 20);
  slots.set([3, 36, 0, 99, 2, 20]);
  const owner = Principal.fromUint8Array(Uint8Array.of(4, 5));
  const found = read('Ada', elsewhere);
  expect(found).toEqual({ name: 'Ada', age: 36, owner });
  expect(Object.keys(found)).toEqual(['name', 'age', 'owner']);
  slots.set([3, 36, 1, 4, 2, 20]);
  expect(Object.entries(read('AdaPoet', elsewhere)).slice(0, 3)).toEqual([
    ['name', 'Ada'],
    ['age', 36],
    ['bio', 'Poet'],
  ]);
});

test('a value of another type fills nothing', () => {
  slots.fill(9);
  expect(fill({ name: 'Ada', age: '36', owner: OWNER }, 0)).toBeUndefined();
  expect([...slots]).toEqual(new Array(8).fill(9));
});
