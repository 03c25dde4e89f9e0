/** Threads that share messages, as one thread can play them: each has a manager of its own. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { blob, text, u32 } from '../../../src/lib/codecs/index.js';
import {
  ConcurrentMessageManager,
  type Invitation,
} from '../../../src/lib/messages/concurrent-message-manager.js';
import { AtomicMemory, wordOf } from '../../../src/lib/messages/concurrent/atomic-memory.js';
import { CONCURRENT_LAYOUT, SEATS_MAX } from '../../../src/lib/messages/concurrent/layout.js';
import { FREE, LIVE, lockOf } from '../../../src/lib/messages/concurrent/lock-word.js';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import {
  GENERATION_MAX,
  tokenIndex,
  tokenOf,
  type MessageToken,
} from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { toHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';
import { describeMessageManager } from '../../support/message-manager-conformance.js';
import { ProbeCodec, ProbeFailed, stateOf } from '../../support/messages.js';
import { WRONG_NUMBERS, WRONG_OBJECTS } from '../../support/wrong-inputs.js';

describeMessageManager(
  'ConcurrentMessageManager',
  (wanted) => ConcurrentMessageManager.create(wanted),
  { slotRule: 'last freed', keepsBytes: true },
);

type Manager = ConcurrentMessageManager<string>;

const codec = new ProbeCodec();
const { header: HEADER, slot: SLOT } = CONCURRENT_LAYOUT;

const create = (capacity = 3): Manager => ConcurrentMessageManager.create({ codec, capacity });
const joined = (manager: Manager): Manager =>
  ConcurrentMessageManager.join(manager.invite(), { codec });
const memoryOf = (manager: Manager): AtomicMemory => {
  const { buffer, seat } = manager.invite();
  manager.bury(seat);
  return new AtomicMemory(buffer);
};

describe('threads of one store', () => {
  test('read, edit and free what any of them has stored', () => {
    const first = create();
    const [second, third] = [joined(first), joined(first)];
    const token = first.store(Message.of('a', { traceId: 7n }));
    expect([second.has(token), [...third.tokens()]]).toEqual([true, [token]]);
    second.withWrite(token, (guard) => (guard.payload = 'b'));
    expect(third.withRead(token, ({ payload, header }) => [payload, header.traceId])).toEqual([
      'b',
      7n,
    ]);
    third.free(token);
    expect(codeOf(() => first.read(token))).toBe('NOT_ALLOCATED');
    expect([first, second, third].map(({ available }) => available)).toEqual([3, 3, 3]);
  });

  test('have one capacity, class and bound', () => {
    const options = { codec: blob(100), capacity: 5, payloadSizeMax: 10 };
    const first = ConcurrentMessageManager.create({
      ...options,
      memoryClass: MemoryClass.device(3),
    });
    const second = ConcurrentMessageManager.join(first.invite(), { codec: blob(100) });
    expect([second.capacity, second.memoryClass]).toEqual([5, MemoryClass.device(3)]);
    expect(codeOf(() => second.store(Message.of(new Uint8Array(11))))).toBe('VALUE_TOO_LARGE');
    const token = second.store(Message.of(new Uint8Array(10)));
    expect(first.take(token).header.memoryClass).toEqual(MemoryClass.device(3));
    expect(ConcurrentMessageManager.create({ codec, capacity: 0 }).memoryClass.kind).toBe('host');
  });

  test('exclude each other as guards of one thread do, and say who holds the slot', () => {
    const first = create();
    const second = joined(first);
    const token = first.store(Message.of('a'));
    const reader = first.read(token);
    const other = second.read(token);
    expect(codeOf(() => second.readMut(token))).toBe('ALREADY_BORROWED');
    expect(() => second.free(token)).toThrow('readers in seats 0, 1');
    reader.release();
    other.release();
    const writer = first.readMut(token);
    expect(codeOf(() => second.peekHeader(token))).toBe('ALREADY_BORROWED');
    expect(() => second.take(token)).toThrow('a writer in seat 0');
    expect(codeOf(() => second.consume(token, () => 7))).toBe('ALREADY_BORROWED');
    expect(codeOf(() => second.clear())).toBe('BORROW_ACTIVE');
    writer.release();
    expect(second.take(token).payload).toBe('a');
  });

  test('share a slot as long as any guard of a thread reads it', () => {
    const first = create();
    const second = joined(first);
    const token = first.store(Message.of('a'));
    const guards = [first.read(token), first.read(token), first.peekHeader(token)];
    for (const guard of guards) {
      expect(codeOf(() => second.free(token))).toBe('BORROW_ACTIVE');
      guard.release();
    }
    second.free(token);
    expect([first.borrowed, second.borrowed]).toEqual([0, 0]);
  });

  test('let one consume a message, and none look at it meanwhile', () => {
    const first = create();
    const second = joined(first);
    const token = first.store(Message.of('a'));
    first.consume(token, () => {
      expect(() => second.consume(token, () => 7)).toThrow('one that may free it, in seat 0');
      expect(codeOf(() => second.read(token))).toBe('ALREADY_BORROWED');
      expect(codeOf(() => second.free(token))).toBe('BORROW_ACTIVE');
    });
    expect(codeOf(() => second.free(token))).toBe('NOT_ALLOCATED');
    const again = first.store(Message.of('b'));
    first.consume(again, (guard) => guard.release());
    expect([first.available, first.borrowed]).toEqual([3, 0]);
    expect(first.checkInvariants()).toBeUndefined();
  });

  test('lose nothing of a read that nobody ends: it is ended by force', () => {
    const first = create();
    const second = joined(first);
    const token = first.store(Message.of('a'));
    const lost = [first.read(token), first.read(token)];
    first.forceRelease(token);
    second.free(token);
    expect(lost.map(({ isReleased }) => isReleased)).toEqual([true, true]);
    const next = second.store(Message.of('b'));
    const writer = second.readMut(next);
    first.forceRelease(next);
    expect(codeOf(() => first.read(next))).toBe('ALREADY_BORROWED');
    second.forceRelease(next);
    expect(codeOf(() => writer.commit())).toBe('GUARD_RELEASED');
    expect(first.take(next).payload).toBe('b');
  });

  test('clear the messages of all, and take slots from the first again', () => {
    const first = create();
    const second = joined(first);
    for (const payload of ['a', 'b', 'c']) first.store(Message.of(payload));
    second.clear();
    expect(first.available).toBe(3);
    expect(['d', 'e'].map((payload) => tokenIndex(first.store(Message.of(payload))))).toEqual([
      0, 1,
    ]);
  });
});

describe('a seat', () => {
  test('is for one thread, once', () => {
    const manager = create();
    const invitation = manager.invite();
    ConcurrentMessageManager.join(invitation, { codec });
    expect(codeOf(() => ConcurrentMessageManager.join(invitation, { codec }))).toBe(
      'MEMORY_IN_USE',
    );
    const own = { ...invitation, seat: manager.seat };
    expect(codeOf(() => ConcurrentMessageManager.join(own, { codec }))).toBe('MEMORY_IN_USE');
  });

  test('is free again when its thread has left: its guards are ended, and it is closed', () => {
    const manager = create();
    const token = manager.store(Message.of('a'));
    const other = joined(manager);
    const reader = other.read(token);
    other.leave();
    other.leave();
    expect([reader.isReleased, codeOf(() => reader.payload)]).toEqual([true, 'GUARD_RELEASED']);
    manager.free(token);
    const uses = [
      () => other.store(Message.of('b')),
      () => other.read(token),
      () => other.readMut(token),
      () => other.peekHeader(token),
      () => other.take(token),
      () => other.free(token),
      () => other.has(token),
      () => [...other.tokens()],
      () => other.usage(),
      () => other.available,
      () => other.poisoned,
      () => other.borrowed,
      () => other.clear(),
      () => other.consume(token, () => 7),
      () => other.forceRelease(token),
      () => other.reclaim(token),
      () => other.reclaimPoisoned(),
      () => other.invite(),
      () => other.bury(manager.seat),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'HANDLE_CLOSED'));
    expect(manager.bury(other.seat)).toBe(0);
  });

  test('is one of 28, and the next thread has the one that was given up', () => {
    const manager = create();
    const others = Array.from({ length: SEATS_MAX - 1 }, () => joined(manager));
    expect(codeOf(() => manager.invite())).toBe('MEMORY_IN_USE');
    const token = manager.store(Message.of('a'));
    const guards = [manager, ...others].map((each) => each.read(token));
    expect(codeOf(() => others[26]!.free(token))).toBe('BORROW_ACTIVE');
    for (const guard of guards) guard.release();
    others[26]!.free(token);
    others[5]!.leave();
    const next = joined(manager);
    expect(next.seat).not.toBe(others[5]!.seat);
    expect(codeOf(() => manager.invite())).toBe('MEMORY_IN_USE');
  });

  test('is not buried with the thread that had it before', () => {
    const manager = create();
    const token = manager.store(Message.of('a'));
    const before = joined(manager);
    before.leave();
    const after = joined(manager);
    const writer = after.readMut(token);
    expect(manager.bury(before.seat)).toBe(0);
    writer.payload = 'b';
    writer.commit();
    expect(manager.take(token).payload).toBe('b');
  });

  test('that nobody took can be given up, and is void then', () => {
    const manager = create();
    const invitation = manager.invite();
    expect(manager.bury(invitation.seat)).toBe(0);
    expect(codeOf(() => ConcurrentMessageManager.join(invitation, { codec }))).toBe(
      'MEMORY_IN_USE',
    );
  });

  test('is refused where it is none', () => {
    const manager = create();
    for (const [, wrong] of WRONG_NUMBERS) {
      expect(() => manager.bury(wrong as number)).toThrow(TypeError);
    }
    for (const wrong of [-1, 0.5, NaN, 28, 31, 2 ** 53, manager.seat]) {
      expect(() => manager.bury(wrong)).toThrow(RangeError);
    }
    const { buffer } = manager.invite();
    for (const seat of [28, 64]) {
      const invitation = { buffer, seat: seat as number };
      expect(() => ConcurrentMessageManager.join(invitation, { codec })).toThrow();
    }
  });
});

describe('a thread that has died', () => {
  /** A thread that is not heard of again, and its messages. */
  function dyingIn(manager: Manager) {
    const dead = joined(manager);
    const [read, written, both] = ['r', 'w', 'b'].map((payload) =>
      manager.store(Message.of(payload)),
    );
    dead.read(read!);
    dead.readMut(written!).payload = 'never';
    dead.read(both!);
    manager.read(both!).release();
    return { dead, read: read!, written: written!, both: both! };
  }

  test('gives back what it read, and poisons what it was writing', () => {
    const manager = create();
    const { dead, read, written, both } = dyingIn(manager);
    expect(codeOf(() => manager.free(read))).toBe('BORROW_ACTIVE');
    expect([manager.bury(dead.seat), manager.bury(dead.seat)]).toEqual([1, 0]);
    manager.free(read);
    expect(manager.take(both).payload).toBe('b');
    const uses = [
      () => manager.peekHeader(written),
      () => manager.read(written),
      () => manager.readMut(written),
      () => manager.free(written),
      () => manager.take(written),
      () => manager.consume(written, () => 7),
      () => manager.forceRelease(written),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'POISONED'));
    expect(() => manager.read(written)).toThrow('reclaim(token)');
    expect([manager.poisoned, manager.usage().live, manager.has(written)]).toEqual([1, 1, true]);
    expect([...manager.tokens()]).toEqual([written]);
  });

  test('leaves slots that are reclaimed: one, all, or with all messages', () => {
    const reclaims: ((manager: Manager, token: MessageToken) => unknown)[] = [
      (manager, token) => [manager.reclaim(token), manager.has(token)],
      (manager) => [manager.reclaimPoisoned() === 1, manager.reclaimPoisoned() === 1],
      (manager) => [manager.clear() === undefined, manager.poisoned === 1],
    ];
    for (const reclaim of reclaims) {
      const manager = create();
      const { dead, read, written } = dyingIn(manager);
      manager.bury(dead.seat);
      expect(manager.reclaim(read)).toBe(false);
      expect(reclaim(manager, written)).toEqual([true, false]);
      expect([manager.poisoned, manager.checkInvariants()]).toEqual([0, undefined]);
      expect(codeOf(() => manager.reclaim(written))).toBe('NOT_ALLOCATED');
      manager.clear();
      expect(manager.available).toBe(3);
    }
  });

  test('leaves a seat to the next thread', () => {
    const manager = create();
    const { dead } = dyingIn(manager);
    manager.bury(dead.seat);
    const next = joined(manager);
    expect(next.seat % 32).toBe(dead.seat % 32);
    const { buffer } = manager.invite();
    const stale = { buffer, seat: dead.seat };
    expect(codeOf(() => ConcurrentMessageManager.join(stale, { codec }))).toBe('MEMORY_IN_USE');
  });
});

describe('the slots', () => {
  test('hold nothing of a message that was freed, nor of a longer one that was edited', () => {
    const manager = create(1);
    const { bytes } = memoryOf(manager);
    const holds = (payload: string) => toHex(bytes.slice()).includes(toHex(codec.encode(payload)));
    const token = manager.store(Message.of('a long secret'));
    expect(holds('secret')).toBe(true);
    manager.withWrite(token, (guard) => (guard.payload = 'short'));
    expect([holds('short'), holds('secret')]).toEqual([true, false]);
    manager.free(token);
    expect(bytes.subarray(HEADER.slots + SLOT.header).every((byte) => byte === 0)).toBe(true);
    manager.store(Message.of('taken'));
    manager.clear();
    expect(holds('taken')).toBe(false);
  });

  test('are retired after their last generation, and counted', () => {
    const manager = create(2);
    const memory = memoryOf(manager);
    const first = manager.store(Message.of('a'));
    memory.store(HEADER.slots, lockOf(GENERATION_MAX, LIVE));
    expect(codeOf(() => manager.free(first))).toBe('STALE_TOKEN');
    const last = tokenOf(0, GENERATION_MAX);
    expect(manager.take(last).payload).toBe('a');
    expect(manager.usage()).toEqual({ capacity: 2, available: 1, live: 0, retired: 1 });
    expect(codeOf(() => manager.read(last))).toBe('NOT_ALLOCATED');
    expect(tokenIndex(manager.store(Message.of('b')))).toBe(1);
    expect(() => manager.store(Message.of('c'))).toThrow('retired (1)');
    expect(manager.checkInvariants()).toBeUndefined();
  });

  test('that a dead thread had claimed for the last time are retired by its burial', () => {
    const manager = create(1);
    const memory = memoryOf(manager);
    const dead = joined(manager);
    memory.store(HEADER.freeTop, wordOf(GENERATION_MAX - 1, ((dead.seat % 32) + 1) * 2 ** 26));
    memory.store(HEADER.slots, lockOf(GENERATION_MAX - 1, FREE));
    expect(manager.available).toBe(0);
    manager.bury(dead.seat);
    expect(manager.usage()).toEqual({ capacity: 1, available: 0, live: 0, retired: 1 });
    expect(manager.checkInvariants()).toBeUndefined();
  });

  test('are refused where there are none, or too many', () => {
    for (const [, wrong] of WRONG_NUMBERS) {
      const capacity = wrong as number;
      expect(() => ConcurrentMessageManager.create({ codec, capacity })).toThrow(TypeError);
    }
    for (const wrong of [-1, 0.5, NaN, Infinity, 2 ** 26]) {
      expect(() => create(wrong)).toThrow(RangeError);
    }
    const make = (options: object) => () =>
      ConcurrentMessageManager.create({ codec: text, capacity: 1, ...options });
    expect(codeOf(make({}))).toBe('INCOMPATIBLE_TYPE');
    expect(make({ payloadSizeMax: 10 })().capacity).toBe(1);
  });

  test('leak none where a payload cannot be encoded, or no message is given', () => {
    const manager = create(1);
    const second = joined(manager);
    expect(() => second.store(Message.of('refused'))).toThrow(ProbeFailed);
    expect(() => second.store(undefined as never)).toThrow(TypeError);
    expect(manager.available).toBe(1);
  });
});

describe('the bytes', () => {
  const golden = readFileSync(
    new URL('../../golden/concurrent-message-manager_v1.hex', import.meta.url),
    'utf8',
  )
    .replaceAll(/^#.*$/gm, '')
    .replaceAll(/\s/g, '');

  /** Three slots: the first freed, the second with a message that is read, the third never used. */
  function makeStore(): Manager {
    const manager = ConcurrentMessageManager.create({
      codec: blob(8),
      capacity: 3,
      memoryClass: MemoryClass.device(3),
    }) as unknown as Manager;
    const messages = [Uint8Array.of(1), Uint8Array.of(2, 3)] as unknown as string[];
    const [first, second] = messages.map((payload) =>
      manager.store(Message.of(payload, { traceId: 0x0102n, deadline: 9n, qos: 'background' })),
    );
    manager.free(first!);
    manager.read(second!);
    return manager;
  }

  test('are those of a file that never changes', () => {
    const { bytes } = memoryOf(makeStore());
    expect(toHex(bytes.slice())).toBe(golden);
  });

  const invitationOf = (manager: Manager): Invitation => manager.invite();

  test.each<[string, string, (bytes: Uint8Array) => void]>([
    ['another magic', 'BAD_MAGIC', (bytes) => (bytes[0] = 0)],
    ['a later version', 'UNSUPPORTED_VERSION', (bytes) => (bytes[HEADER.version] = 2)],
    ['another capacity', 'CORRUPTED', (bytes) => (bytes[HEADER.capacity] = 2)],
    ['another bound', 'CORRUPTED', (bytes) => (bytes[HEADER.payloadSizeMax] = 255)],
    [
      'a bound within the same slots',
      'INCOMPATIBLE_TYPE',
      (bytes) => (bytes[HEADER.payloadSizeMax]! += 3),
    ],
    ['an unknown class', 'CORRUPTED', (bytes) => (bytes[HEADER.memoryClass] = 9)],
    ['an ordinal of the host', 'CORRUPTED', (bytes) => (bytes[HEADER.ordinal] = 1)],
    ['padding', 'CORRUPTED', (bytes) => (bytes[HEADER.padding] = 1)],
    ['the last byte of the padding', 'CORRUPTED', (bytes) => (bytes[HEADER.waiting - 1] = 1)],
    ['a reserved byte', 'CORRUPTED', (bytes) => (bytes[HEADER.reserved] = 1)],
    ['the last reserved byte', 'CORRUPTED', (bytes) => (bytes[HEADER.freeTop - 1] = 1)],
    ['a byte behind the seats', 'CORRUPTED', (bytes) => (bytes[HEADER.seatsEnd] = 1)],
    ['the last byte behind the seats', 'CORRUPTED', (bytes) => (bytes[HEADER.slots - 1] = 1)],
  ])('with %s are refused: %s', (_, code, damage) => {
    const manager = ConcurrentMessageManager.create({ codec: blob(37), capacity: 1 });
    const invitation = manager.invite();
    const bytes = new Uint8Array(invitation.buffer);
    damage(bytes);
    const before = bytes.slice();
    expect(codeOf(() => ConcurrentMessageManager.join(invitation, { codec: blob(37) }))).toBe(code);
    expect(toHex(bytes.slice())).toBe(toHex(before));
  });

  test('of another size are refused', () => {
    const { buffer, seat } = invitationOf(create(1));
    const bytes = new Uint8Array(buffer);
    for (const size of [
      0,
      4,
      100,
      HEADER.slots - 1,
      HEADER.slots,
      bytes.length - 8,
      bytes.length + 8,
    ]) {
      const other = new SharedArrayBuffer(size);
      new Uint8Array(other).set(bytes.subarray(0, size));
      const code = size < 4 ? 'BAD_MAGIC' : 'CORRUPTED';
      const join = () => ConcurrentMessageManager.join({ buffer: other, seat }, { codec });
      expect(codeOf(join)).toBe(code);
      if (size >= 4) expect(join).toThrow(/size.* expected \d+, found \d+/);
    }
  });

  test('of a codec with another bound are refused', () => {
    const manager = ConcurrentMessageManager.create({ codec: blob(40), capacity: 1 });
    for (const other of [blob(39), u32]) {
      const join = () => ConcurrentMessageManager.join(manager.invite(), { codec: other as never });
      expect(codeOf(join)).toBe('INCOMPATIBLE_TYPE');
    }
  });

  test('that no threads share are refused', () => {
    for (const [, wrong] of WRONG_OBJECTS) {
      const join = () => ConcurrentMessageManager.join(wrong as Invitation, { codec });
      expect(join).toThrow(TypeError);
      const buffer = wrong as SharedArrayBuffer;
      expect(() => ConcurrentMessageManager.join({ buffer, seat: 32 }, { codec })).toThrow(
        TypeError,
      );
    }
  });

  test('that were damaged are told of, and lead to no loop', () => {
    const damages: [string, (memory: AtomicMemory) => void][] = [
      ['link', (memory) => memory.store(HEADER.slots + SLOT.link, wordOf(3, 3))],
      ['listed twice', (memory) => memory.store(HEADER.slots + SLOT.link, wordOf(3, 0))],
      ['a list', (memory) => memory.store(HEADER.slots + SLOT.link, wordOf(2, 1))],
      ['listed, and live', (memory) => memory.store(HEADER.slots, lockOf(1, LIVE))],
      ['not cleared', (memory) => (memory.bytes[HEADER.slots + SLOT.payload] = 1)],
    ];
    for (const [what, damage] of damages) {
      const manager = create(3);
      damage(memoryOf(manager));
      expect(manager.checkInvariants()).toMatch(what);
    }
    const manager = create(3);
    const memory = memoryOf(manager);
    memory.store(HEADER.slots + SLOT.link, wordOf(3, 3));
    expect(codeOf(() => manager.store(Message.of('a')))).toBe('CORRUPTED');
    const other = create(3);
    memoryOf(other).store(HEADER.slots, lockOf(1, LIVE));
    expect(codeOf(() => other.store(Message.of('a')))).toBe('CORRUPTED');
  });

  test('of a message that was damaged are told of, and the slot can be freed', () => {
    const manager = create(1);
    const token = manager.store(Message.of('a'));
    const before = stateOf(manager);
    const { bytes } = memoryOf(manager);
    const at = HEADER.slots + SLOT.header + 32;
    bytes[at + 3] = 255;
    expect(codeOf(() => manager.withRead(token, ({ payload }) => payload))).toBe('CORRUPTED');
    expect(codeOf(() => manager.take(token))).toBe('CORRUPTED');
    bytes[at + 3] = 0;
    expect(stateOf(manager)).toEqual(before);
    bytes[at + 3] = 255;
    manager.free(token);
    expect(manager.checkInvariants()).toBeUndefined();
  });
});
