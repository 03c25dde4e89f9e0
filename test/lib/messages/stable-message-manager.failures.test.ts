/**
 * What a stable message store promises where the memory refuses to grow, and where its writes are
 * cut off: after any of them, and within any of them.
 *
 * Source: `specs/limen.md` sections 9.5 and 11; house style rules 11 and 24.
 */
import { describe, expect, test } from '@jest/globals';
import { text } from '../../../src/lib/codecs/index.js';
import type { Memory } from '../../../src/lib/memory.js';
import { tokenOf, type MessageToken } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { StableMessageManager } from '../../../src/lib/messages/stable-message-manager.js';
import { SLOTS_OFFSET } from '../../../src/lib/messages/stable/store-header.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, DiskFull, imageOf } from '../../support/memories.js';
import { ProbeCodec, REFUSED, stateOf } from '../../support/messages.js';

const TYPE = { codec: text, payloadSizeMax: 24 };
const OPTIONS = { ...TYPE, capacity: 6 };

type Manager = StableMessageManager<string>;

/** Messages in the slots 0, 1 and 3; slots 4 and 2 are free again, in this order. */
function fill(memory: Memory): Manager {
  const manager = StableMessageManager.create(memory, OPTIONS);
  const tokens = ['zero', 'one', 'two', 'three', 'four'].map((payload) =>
    manager.store(Message.of(payload.padEnd(20, '.'), { traceId: 0x7777_7777n })),
  );
  manager.free(tokens[2]!);
  manager.free(tokens[4]!);
  return manager;
}

const [ZERO, ONE, THREE] = [tokenOf(0, 1), tokenOf(1, 1), tokenOf(3, 1)];
const payloadsOf = (manager: Manager): [MessageToken, string][] =>
  stateOf(manager).messages.map(([token, , payload]) => [token, payload]);

/** A change, and the tokens of the messages that it may end or alter. */
type Change = readonly [name: string, change: (manager: Manager) => void, at: MessageToken[]];

const CHANGES: readonly Change[] = [
  ['a store in a slot used before', (manager) => manager.store(Message.of('new'.repeat(5))), []],
  ['stores up to a slot never used', (manager) => storeAll(manager, 3), []],
  ['a free', (manager) => manager.free(ONE), [ONE]],
  ['a take', (manager) => manager.take(ONE), [ONE]],
  ['a clear', (manager) => manager.clear(), [ZERO, ONE, THREE]],
  ['an edit that is shorter', (manager) => edit(manager, 'x'), [ONE]],
  ['an edit that is longer', (manager) => edit(manager, 'x'.repeat(24)), [ONE]],
  ['another capacity', (manager) => manager.setCapacity(9), []],
];

function storeAll(manager: Manager, count: number): void {
  for (let index = 0; index < count; index++) manager.store(Message.of(`new ${index}`));
}

function edit(manager: Manager, payload: string): void {
  manager.withWrite(ONE, (guard) => {
    guard.payload = payload;
  });
}

/** Fails unless the messages of `before` are in `manager`, but for those that were at work. */
function expectKept(manager: Manager, before: Manager, at: readonly MessageToken[]): void {
  const found = new Map(payloadsOf(manager));
  const lost = payloadsOf(before)
    .filter(([token]) => !at.includes(token))
    .filter(([token, payload]) => found.get(token) !== payload);
  expect(lost).toEqual([]);
}

/** Fails unless every slot can be used, and no message is lost over that. */
function expectUsable(manager: Manager): void {
  const before = payloadsOf(manager);
  const { available } = manager;
  storeAll(manager, available);
  expect(codeOf(() => manager.store(Message.of('one more')))).toBe('NO_FREE_SLOTS');
  expect(payloadsOf(manager)).toEqual(expect.arrayContaining(before));
  expect(manager.checkInvariants()).toBeUndefined();
  manager.clear();
  expect(manager.checkInvariants()).toBeUndefined();
}

describe.each(CHANGES)('%s', (_, change, at) => {
  const before = fill(new VectorMemory());

  test('that is cut off between two writes loses no message, and is mended', () => {
    for (let writes = 0; ; writes++) {
      const memory = new CountdownMemory(new VectorMemory());
      const manager = fill(memory);
      memory.failWritesAfter(writes);
      try {
        change(manager);
        expect(writes).toBeGreaterThan(0);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      expect(codeOf(() => manager.usage())).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => manager.store(Message.of('x')))).toBe('PREVIOUS_FAILURE');
      const reopened = StableMessageManager.load(VectorMemory.from(imageOf(memory)), TYPE);
      expectKept(reopened, before, at);
      reopened.repair();
      expect(reopened.checkInvariants()).toBeUndefined();
      expectKept(reopened, before, at);
      expect(reopened.repair()).toEqual({ wiped: 0, relinked: 0, recounted: false });
      expectUsable(reopened);
    }
  });

  test('that is cut off within a write of a slot loses no other message', () => {
    for (let writes = 0; ; writes++) {
      for (let size = 8; ; size += 8) {
        const memory = new TornMemory();
        const manager = fill(memory);
        memory.tearAfter(writes, size);
        try {
          change(manager);
          return;
        } catch (error) {
          if (!(error instanceof DiskFull)) throw error;
        }
        const reopened = StableMessageManager.load(VectorMemory.from(imageOf(memory)), TYPE);
        reopened.repair();
        const known = payloadsOf(before).map(([token]) => token);
        const doubtful = [...reopened.tokens()].filter(
          (token) => at.includes(token) || !known.includes(token),
        );
        for (const token of doubtful) reopened.free(token);
        expectKept(reopened, before, at);
        expect(reopened.checkInvariants()).toBeUndefined();
        expectUsable(reopened);
        if (memory.isWhole) break;
      }
    }
  });

  test('is mended also where the mending is cut off', () => {
    const torn = new CountdownMemory(new VectorMemory());
    const manager = fill(torn);
    torn.failWritesAfter(1);
    try {
      change(manager);
    } catch {
      const image = imageOf(torn);
      for (let writes = 0; ; writes++) {
        const memory = new CountdownMemory(VectorMemory.from(image));
        const reopened = StableMessageManager.load(memory, TYPE);
        memory.failWritesAfter(writes);
        try {
          reopened.repair();
          break;
        } catch (error) {
          expect(error).toBeInstanceOf(DiskFull);
        }
        const again = StableMessageManager.load(VectorMemory.from(imageOf(memory)), TYPE);
        again.repair();
        expect(again.checkInvariants()).toBeUndefined();
        expectKept(again, before, at);
      }
    }
  });
});

describe('a store that was cut off and never repaired', () => {
  /** The message is in slot 4, which is still the first free one. */
  function cutOff(): Manager {
    const memory = new CountdownMemory(new VectorMemory());
    const manager = fill(memory);
    memory.failWritesAfter(1);
    expect(() => manager.store(Message.of('nobody knows me'))).toThrow(DiskFull);
    return StableMessageManager.load(VectorMemory.from(imageOf(memory)), TYPE);
  }

  test('stops the next one, which changes nothing', () => {
    const manager = cutOff();
    const before = stateOf(manager);
    expect(codeOf(() => manager.store(Message.of('new')))).toBe('CORRUPTED');
    expect(stateOf(manager)).toEqual(before);
    expect(manager.repair()).toEqual({ wiped: 0, relinked: 1, recounted: true });
    expect(manager.take(tokenOf(4, 2)).payload).toBe('nobody knows me');
    expectUsable(manager);
  });

  test('loses no message, whatever is freed and stored meanwhile', () => {
    const manager = cutOff();
    manager.free(ONE);
    manager.free(tokenOf(4, 2));
    const stored = [1, 2].map((index) => manager.store(Message.of(`stored ${index}`)));
    expect(codeOf(() => manager.store(Message.of('one more')))).toBe('CORRUPTED');
    manager.repair();
    expect(manager.checkInvariants()).toBeUndefined();
    expect(stored.map((token) => manager.take(token).payload)).toEqual(['stored 1', 'stored 2']);
    expectKept(manager, fill(new VectorMemory()), [ONE]);
    expectUsable(manager);
  });
});

describe('a store that is refused takes no slot', () => {
  const wide = { codec: text, payloadSizeMax: 20_000, capacity: 9 };

  test('where the memory does not grow, at any step', () => {
    for (let grows = 0; grows < 3; grows++) {
      const memory = new CountdownMemory(new VectorMemory());
      memory.refuseGrowsAfter(grows);
      let manager: Manager;
      try {
        manager = StableMessageManager.create(memory, wide);
      } catch (error) {
        expect([
          grows,
          codeOf(() => {
            throw error;
          }),
        ]).toEqual([0, 'GROW_FAILED']);
        expect(memory.size()).toBe(0);
        continue;
      }
      const fits = 3 * grows;
      storeAll(manager, fits);
      const before = imageOf(memory);
      expect(codeOf(() => manager.store(Message.of('too many')))).toBe('GROW_FAILED');
      expect(Buffer.compare(imageOf(memory), before)).toBe(0);
      expect(manager.usage()).toEqual({ capacity: 9, available: 9 - fits, live: fits, retired: 0 });
      memory.relent();
      expect(manager.store(Message.of('again'))).toBe(tokenOf(fits, 1));
      expect(manager.checkInvariants()).toBeUndefined();
    }
  });

  test('where the codec throws or the payload is too large, in a slot of either kind', () => {
    const memory = new VectorMemory();
    const manager = StableMessageManager.create(memory, { codec: new ProbeCodec(), capacity: 3 });
    const refusals = (): void => {
      const before = imageOf(memory);
      expect(() => manager.store(Message.of(REFUSED))).toThrow('');
      expect(codeOf(() => manager.store(Message.of('x'.repeat(41))))).toBe('VALUE_TOO_LARGE');
      expect(Buffer.compare(imageOf(memory), before)).toBe(0);
      expect(manager.checkInvariants()).toBeUndefined();
    };
    refusals();
    const token = manager.store(Message.of('x'));
    refusals();
    manager.free(token);
    refusals();
    expect(manager.store(Message.of('y'))).toBe(tokenOf(0, 2));
  });
});

/** Writes only the first bytes of one write of a slot, and throws. The header's are never torn. */
class TornMemory implements Memory {
  readonly #base = new VectorMemory();
  #writesLeft = Infinity;
  #size = 0;
  /** Whether the torn write had all its bytes. */
  isWhole = false;

  tearAfter(writes: number, size: number): void {
    this.#writesLeft = writes;
    this.#size = size;
  }

  size(): number {
    return this.#base.size();
  }

  grow(pages: number): number {
    return this.#base.grow(pages);
  }

  read(offset: number, target: Uint8Array): void {
    this.#base.read(offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    if (this.#writesLeft-- > 0) return this.#base.write(offset, source);
    const size = offset < SLOTS_OFFSET ? source.length : this.#size;
    this.isWhole = size >= source.length;
    this.#base.write(offset, source.subarray(0, size));
    throw new DiskFull();
  }
}
