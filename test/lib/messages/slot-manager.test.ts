/**
 * What the managers of a single thread have beyond the contract: guards that were lost.
 */
import { describe, expect, test } from '@jest/globals';
import { text } from '../../../src/lib/codecs/index.js';
import { describedBy } from '../../../src/lib/messages/buffer-descriptor.js';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import type { MessageToken } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import type { SlotManager } from '../../../src/lib/messages/slot-manager.js';
import { StaticMessageManager } from '../../../src/lib/messages/static-message-manager.js';
import { codeOf } from '../../support/memories.js';
import { SITUATIONS, SITUATION_CAPACITY } from '../../support/messages.js';
import { WRONG_BIGINTS } from '../../support/wrong-inputs.js';

const makers: [string, () => SlotManager<string>][] = [
  ['heap', () => HeapMessageManager.create({ capacity: 3, describe: describedBy(text) })],
  ['static', () => StaticMessageManager.create({ depth: 3, codec: text, payloadSizeMax: 9 })],
];

describe.each(makers)('a guard of a %s manager that was lost', (_, create) => {
  const stored = () => {
    const manager = create();
    return { manager, token: manager.store(Message.of('a')) };
  };

  test('holds its slot as in the original: a reader refuses edits and frees', () => {
    const { manager, token } = stored();
    manager.read(token);
    expect(codeOf(() => manager.free(token))).toBe('BORROW_ACTIVE');
    expect(codeOf(() => manager.readMut(token))).toBe('ALREADY_BORROWED');
    expect(manager.withRead(token, ({ payload }) => payload)).toBe('a');
    expect(manager.borrowed).toBe(1);
  });

  test('holds its slot as in the original: a writer refuses everything', () => {
    const { manager, token } = stored();
    manager.readMut(token);
    expect(codeOf(() => manager.peekHeader(token))).toBe('ALREADY_BORROWED');
    expect(codeOf(() => manager.read(token))).toBe('ALREADY_BORROWED');
    expect(codeOf(() => manager.readMut(token))).toBe('ALREADY_BORROWED');
    expect(codeOf(() => manager.free(token))).toBe('BORROW_ACTIVE');
    expect(manager.borrowed).toBe(1);
  });

  test('can be ended: a reader', () => {
    const { manager, token } = stored();
    const lost = [manager.read(token), manager.peekHeader(token)];
    manager.forceRelease(token);
    expect(lost.map((guard) => guard.isReleased)).toEqual([true, true]);
    expect(lost.map((guard) => codeOf(() => guard.header))).toEqual(
      lost.map(() => 'GUARD_RELEASED'),
    );
    expect(manager.borrowed).toBe(0);
    const writer = manager.readMut(token);
    for (const guard of lost) guard.release();
    expect(codeOf(() => manager.free(token))).toBe('BORROW_ACTIVE');
    writer.release();
    manager.free(token);
  });

  test('can be ended: a writer, whose edit is lost', () => {
    const { manager, token } = stored();
    const lost = manager.readMut(token);
    lost.payload = 'edited';
    manager.forceRelease(token);
    const uses = [
      () => lost.commit(),
      () => lost.payload,
      () => (lost.payload = 'again'),
      () => lost.setHeader({}),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'GUARD_RELEASED'));
    const reader = manager.read(token);
    lost.release();
    expect(reader.payload).toBe('a');
    expect(codeOf(() => manager.free(token))).toBe('BORROW_ACTIVE');
    reader.release();
    expect(manager.take(token).payload).toBe('a');
  });

  test('is ended alone, and twice is once', () => {
    const { manager, token } = stored();
    const other = manager.store(Message.of('b'));
    const guard = manager.read(other);
    manager.forceRelease(token);
    manager.readMut(token);
    manager.forceRelease(token);
    manager.forceRelease(token);
    expect([guard.isReleased, manager.borrowed]).toEqual([false, 1]);
    manager.free(token);
  });

  test('that is ended may stand within a callback, which changes nothing then', () => {
    const { manager, token } = stored();
    manager.withWrite(token, (guard) => {
      guard.payload = 'b';
      manager.forceRelease(token);
    });
    expect(manager.take(token).payload).toBe('a');
  });

  test('is asked for by a token that stands for a message', () => {
    const asked = SITUATIONS.filter(({ hold }) => hold === undefined);
    const codes = asked.map(({ ask }) => {
      const { manager, token } = stored();
      expect(manager.capacity).toBe(SITUATION_CAPACITY);
      return codeOf(() => manager.forceRelease(ask(manager, token)));
    });
    expect(codes).toEqual(asked.map(({ codes: { end } }) => end));
  });

  test.each(WRONG_BIGINTS)('is not that of %s', (_, wrong) => {
    expect(() => create().forceRelease(wrong as MessageToken)).toThrow(TypeError);
  });
});
