import { describe, expect, test } from '@jest/globals';
import { Borrows, READERS_MAX } from '../../../src/lib/messages/borrows.js';
import { tokenOf } from '../../../src/lib/messages/message-token.js';
import { codeOf } from '../../support/memories.js';

const TOKEN = tokenOf(3, 1);

const reading = (borrows: Borrows, index = 3) => borrows.forReading(index, TOKEN, 'read');
const writing = (borrows: Borrows, index = 3) => borrows.forWriting(index, TOKEN, 'readMut');

/** What is refused now: a reader, a writer, a free. */
function refusals(borrows: Borrows): string[] {
  const attempts = [
    () => reading(borrows).giveBack(),
    () => writing(borrows).giveBack(),
    () => borrows.assertNone(3, TOKEN, 'free'),
  ];
  return attempts.map((attempt) => {
    try {
      attempt();
      return '';
    } catch {
      return codeOf(attempt);
    }
  });
}

const NOTHING = ['', '', ''];
const ALL_BUT_READERS = ['', 'ALREADY_BORROWED', 'BORROW_ACTIVE'];
const EVERYTHING = ['ALREADY_BORROWED', 'ALREADY_BORROWED', 'BORROW_ACTIVE'];

describe('a slot', () => {
  test('has many readers or one writer', () => {
    const borrows = new Borrows();
    expect(refusals(borrows)).toEqual(NOTHING);
    const readers = [reading(borrows), reading(borrows)];
    expect(refusals(borrows)).toEqual(ALL_BUT_READERS);
    readers[1]!.giveBack();
    expect(refusals(borrows)).toEqual(ALL_BUT_READERS);
    readers[0]!.giveBack();
    expect(refusals(borrows)).toEqual(NOTHING);
    const writer = writing(borrows);
    expect(refusals(borrows)).toEqual(EVERYTHING);
    writer.giveBack();
    expect(refusals(borrows)).toEqual(NOTHING);
  });

  test('has 65,534 readers at most, as in the original', () => {
    const borrows = new Borrows();
    const readers = Array.from({ length: READERS_MAX }, () => reading(borrows));
    expect([READERS_MAX, ...refusals(borrows)]).toEqual([65_534, ...EVERYTHING]);
    expect(() => reading(borrows)).toThrow('held by 65534 readers');
    readers.pop()!.giveBack();
    expect(refusals(borrows)).toEqual(ALL_BUT_READERS);
    for (const reader of readers) reader.giveBack();
    expect(refusals(borrows)).toEqual(NOTHING);
  });

  test('is held apart from the others', () => {
    const borrows = new Borrows();
    writing(borrows, 1);
    const reader = reading(borrows, 2);
    reading(borrows, 2);
    expect([borrows.size, borrows.indices()]).toEqual([2, [1, 2]]);
    expect(refusals(borrows)).toEqual(NOTHING);
    expect([borrows.size, borrows.indices()]).toEqual([2, [1, 2]]);
    reader.giveBack();
    expect(borrows.size).toBe(2);
  });

  test('is not held by whom it refused', () => {
    const borrows = new Borrows();
    const writer = writing(borrows);
    refusals(borrows);
    writer.giveBack();
    expect([borrows.size, ...refusals(borrows)]).toEqual([0, ...NOTHING]);
  });

  test.each([
    ['one reader', [reading], '1 reader.'],
    ['readers', [reading, reading], '2 readers.'],
    ['a writer', [writing], 'a writer.'],
  ])('names what holds it: %s', (_, holders, named) => {
    const borrows = new Borrows();
    for (const hold of holders) hold(borrows);
    expect(() => writing(borrows)).toThrow(`token #3.g1: readMut: the slot is held by ${named}`);
    expect(() => borrows.assertNone(3, TOKEN, 'free')).toThrow(
      `free: the slot is held by ${named}`,
    );
  });
});

describe('borrows that are revoked', () => {
  test.each([
    ['of readers', [reading, reading]],
    ['of a writer', [writing]],
  ])('are held no more, and change nothing when they are given back: %s', (_, holders) => {
    const borrows = new Borrows();
    const lost = holders.map((hold) => hold(borrows));
    expect(lost.map(({ isHeld }) => isHeld)).toEqual(lost.map(() => true));
    borrows.revoke(3);
    expect(lost.map(({ isHeld }) => isHeld)).toEqual(lost.map(() => false));
    expect([borrows.size, ...refusals(borrows)]).toEqual([0, ...NOTHING]);
    const writer = writing(borrows);
    for (const borrow of lost) borrow.giveBack();
    expect([writer.isHeld, ...refusals(borrows)]).toEqual([true, ...EVERYTHING]);
    writer.giveBack();
    expect(refusals(borrows)).toEqual(NOTHING);
  });

  test('are those of one slot', () => {
    const borrows = new Borrows();
    const other = reading(borrows, 2);
    borrows.revoke(3);
    expect([other.isHeld, borrows.size]).toEqual([true, 1]);
  });
});
