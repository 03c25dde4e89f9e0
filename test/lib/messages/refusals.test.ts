import { describe, expect, test } from '@jest/globals';
import type { StorageError } from '../../../src/lib/errors.js';
import {
  INVALID_TOKEN,
  tokenOf,
  type MessageToken,
} from '../../../src/lib/messages/message-token.js';
import {
  alreadyBorrowed,
  assertStands,
  borrowActive,
  guardReleased,
  indexWithin,
  noFreeSlots,
} from '../../../src/lib/messages/refusals.js';
import { codeOf } from '../../support/memories.js';
import { WRONG_BIGINTS } from '../../support/wrong-inputs.js';

const TOKEN = tokenOf(3, 5);

function errorOf(action: () => unknown): StorageError {
  try {
    action();
  } catch (error) {
    return error as StorageError;
  }
  throw new Error('nothing was thrown');
}

describe('the slot of a token', () => {
  test('is one of those that there are', () => {
    expect(indexWithin(TOKEN, 4)).toBe(3);
    expect(codeOf(() => indexWithin(TOKEN, 3))).toBe('BAD_TOKEN');
    expect(codeOf(() => indexWithin(TOKEN, 0))).toBe('BAD_TOKEN');
    expect(codeOf(() => indexWithin(INVALID_TOKEN, 0xffff_ffff))).toBe('BAD_TOKEN');
  });

  test.each(WRONG_BIGINTS)('is not that of %s', (_, wrong) => {
    expect(() => indexWithin(wrong as MessageToken, 4)).toThrow(TypeError);
  });

  const codes = (generation: number): string[] =>
    [true, false].map((isLive) => {
      try {
        assertStands(TOKEN, { generation, isLive });
        return 'stands';
      } catch (error) {
        return (error as StorageError).code;
      }
    });

  test.each([
    [0, ['BAD_TOKEN', 'BAD_TOKEN']],
    [4, ['BAD_TOKEN', 'BAD_TOKEN']],
    [5, ['stands', 'NOT_ALLOCATED']],
    [6, ['STALE_TOKEN', 'STALE_TOKEN']],
    [0xffff_ffff, ['STALE_TOKEN', 'STALE_TOKEN']],
  ])('holds its message, or not, at generation %d with a message and without', (at, expected) => {
    expect(codes(at)).toEqual(expected);
  });

  test('holds no message of generation 0, nor one beyond 64 bits', () => {
    const never = [tokenOf(3, 0), 3n, (TOKEN + 2n ** 64n) as MessageToken, -TOKEN as MessageToken];
    for (const generation of [0, 5, 0xffff_ffff]) {
      const found = never.map((token) =>
        codeOf(() => assertStands(token as MessageToken, { generation, isLive: true })),
      );
      expect(found).toEqual(never.map(() => 'BAD_TOKEN'));
    }
  });
});

describe('a refusal', () => {
  test.each([
    [
      errorOf(() => indexWithin(TOKEN, 2)),
      'BAD_TOKEN: token #3.g5: this manager never gave it: it has 2 slots. ' +
        'Use a token with the manager it came from.',
      { token: '21474836483', expected: '2 slots' },
    ],
    [
      errorOf(() => assertStands(TOKEN, { generation: 9, isLive: true })),
      'STALE_TOKEN: token #3.g5: its message was freed, and the slot is now at generation 9. ' +
        'Forget the token.',
      { token: '21474836483', generation: 9 },
    ],
    [
      errorOf(() => assertStands(TOKEN, { generation: 5, isLive: false })),
      'NOT_ALLOCATED: token #3.g5: its message was freed before. Forget the token.',
      { token: '21474836483' },
    ],
    [
      alreadyBorrowed(TOKEN, 'read', 'a writer'),
      'ALREADY_BORROWED: token #3.g5: read: the slot is held by a writer. ' +
        'Release that guard first.',
      { token: '21474836483', doing: 'read', holder: 'a writer' },
    ],
    [
      borrowActive(TOKEN, 'free', '2 readers'),
      'BORROW_ACTIVE: token #3.g5: free: the slot is held by 2 readers. The message stays; ' +
        'release that guard first.',
      { token: '21474836483', doing: 'free', holder: '2 readers' },
    ],
    [
      guardReleased(TOKEN),
      'GUARD_RELEASED: token #3.g5: this guard was released before. Ask the manager for another ' +
        'one.',
      { token: '21474836483' },
    ],
    [
      noFreeSlots(7, 0),
      'NO_FREE_SLOTS: all 7 slots are taken. Nothing was stored; free a message, or make the ' +
        'manager with a larger capacity.',
      { capacity: 7, retired: 0 },
    ],
    [
      noFreeSlots(7, 2),
      'NO_FREE_SLOTS: all 7 slots are taken or retired (2). Nothing was stored; free a message, ' +
        'or make the manager with a larger capacity.',
      { capacity: 7, retired: 2 },
    ],
  ])('says what is wrong and what to do: %s', ({ message, details }, expected, facts) => {
    expect(message).toBe(expected);
    expect(details).toEqual(facts);
    expect(JSON.parse(JSON.stringify(details))).toEqual(facts);
  });
});
