import { describe, expect, test } from '@jest/globals';
import { Borrows } from '../../../src/lib/messages/borrows.js';
import {
  SlotHeaderGuard,
  SlotReadGuard,
  SlotWriteGuard,
  within,
  type WritableSlot,
} from '../../../src/lib/messages/guards.js';
import type { ReadGuard } from '../../../src/lib/messages/message-manager.js';
import { EMPTY_HEADER, type MessageHeader } from '../../../src/lib/messages/message-header.js';
import { tokenOf } from '../../../src/lib/messages/message-token.js';
import { codeOf } from '../../support/memories.js';

const TOKEN = tokenOf(0, 1);

/** A slot that writes down what is asked of it. */
class WatchedSlot implements WritableSlot<string> {
  readonly calls: string[] = [];
  header: MessageHeader = { ...EMPTY_HEADER, payloadSize: 1 };
  payload = 'a';

  readHeader(): MessageHeader {
    this.calls.push('readHeader');
    return this.header;
  }

  readPayload(): string {
    this.calls.push('readPayload');
    return this.payload;
  }

  replace(header: MessageHeader, payload: string): void {
    this.calls.push(`replace by ${payload} of ${header.traceId}`);
  }
}

function watched() {
  const slot = new WatchedSlot();
  const borrows = new Borrows();
  return {
    slot,
    borrows,
    header: () => new SlotHeaderGuard(TOKEN, slot, borrows.forReading(0, TOKEN, 'peekHeader')),
    reader: () => new SlotReadGuard(TOKEN, slot, borrows.forReading(0, TOKEN, 'read')),
    writer: () => new SlotWriteGuard(TOKEN, slot, borrows.forWriting(0, TOKEN, 'readMut')),
  };
}

describe('a guard', () => {
  test('reads nothing before it is asked', () => {
    const { slot, header, reader, writer } = watched();
    for (const open of [header, reader, writer]) open().release();
    expect(slot.calls).toEqual([]);
  });

  test('of a header never reads the payload, and the header once', () => {
    const { slot, header } = watched();
    const guard = header();
    expect([guard.header, guard.header]).toEqual([slot.header, slot.header]);
    expect(slot.calls).toEqual(['readHeader']);
  });

  test('of a reader reads header and payload once', () => {
    const { slot, reader } = watched();
    const guard = reader();
    expect([guard.header.payloadSize, guard.payload, guard.payload]).toEqual([1, 'a', 'a']);
    expect(guard.message).toBe(guard.message);
    expect(slot.calls).toEqual(['readHeader', 'readPayload']);
  });

  test('of a writer reads no payload that takes the place of another', () => {
    const { slot, writer } = watched();
    const guard = writer();
    guard.payload = 'b';
    expect(guard.payload).toBe('b');
    guard.setHeader({ traceId: 7n });
    guard.commit();
    expect(slot.calls).toEqual(['readHeader', 'replace by b of 7']);
  });

  test('of a writer keeps the payload where the header alone is set', () => {
    const { slot, writer } = watched();
    const guard = writer();
    guard.setHeader({ traceId: 7n });
    guard.commit();
    expect(slot.calls).toEqual(['readHeader', 'readPayload', 'replace by a of 7']);
  });

  test('of a writer that has set nothing stores nothing', () => {
    const { slot, writer, borrows } = watched();
    const guard = writer();
    expect([guard.payload, guard.isChanged]).toEqual(['a', false]);
    guard.commit();
    expect(slot.calls).toEqual(['readPayload']);
    expect([guard.isReleased, borrows.size]).toEqual([true, 0]);
  });

  test('of a writer says whether something is not stored', () => {
    const { writer } = watched();
    const committed = writer();
    committed.payload = 'b';
    expect(committed.isChanged).toBe(true);
    committed.commit();
    expect(committed.isChanged).toBe(false);
    const given = writer();
    expect(() => given.setHeader({ traceId: -1n })).toThrow();
    expect(given.isChanged).toBe(false);
    given.setHeader({ traceId: 1n });
    given.release();
    expect(given.isChanged).toBe(true);
  });

  test('whose borrow was revoked is released', () => {
    const { borrows, reader } = watched();
    const guard = reader();
    expect(guard.payload).toBe('a');
    borrows.revoke(0);
    expect(guard.isReleased).toBe(true);
    expect(codeOf(() => guard.payload)).toBe('GUARD_RELEASED');
  });
});

describe('within a callback', () => {
  test('a guard is held, and then no more', () => {
    const { reader, borrows } = watched();
    expect(within(reader(), ({ payload }) => [payload, borrows.size])).toEqual(['a', 1]);
    expect(borrows.size).toBe(0);
  });

  test('the end comes after the callback, while the guard is held', () => {
    const { reader } = watched();
    const steps: (string | boolean)[] = [];
    within(
      reader(),
      () => steps.push('use'),
      (guard) => steps.push('end', guard.isReleased),
    );
    expect(steps).toEqual(['use', 'end', false]);
  });

  const failing = () => {
    throw new TypeError('of the callback');
  };
  test.each([
    ['throws', failing],
    ['returns a promise', () => Promise.resolve(7)],
    ['returns what await takes for one', () => ({ then: () => 7 })],
  ])('there is no end where it %s', (_, use) => {
    const { reader, borrows } = watched();
    const steps: string[] = [];
    expect(() =>
      within<ReadGuard<string>, unknown>(reader(), use, () => steps.push('end')),
    ).toThrow(TypeError);
    expect([steps, borrows.size]).toEqual([[], 0]);
  });

  test('the guard is released where the end throws', () => {
    const { reader, borrows } = watched();
    const fail = () => {
      throw new RangeError('of the end');
    };
    expect(() => within(reader(), () => 7, fail)).toThrow(RangeError);
    expect(borrows.size).toBe(0);
  });

  test('a result may have a then that is no function', () => {
    const { reader } = watched();
    expect(within(reader(), () => ({ then: 7 }))).toEqual({ then: 7 });
  });
});
