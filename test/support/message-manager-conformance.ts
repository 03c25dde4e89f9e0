/**
 * What every message manager promises, as one suite: each implementation runs it from its own test
 * file.
 *
 * Source: `specs/limen.md` sections 3 to 5 and 11.
 */
import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../src/lib/codec.js';
import { MemoryClass } from '../../src/lib/messages/memory-class.js';
import { EMPTY_HEADER, messageHeader } from '../../src/lib/messages/message-header.js';
import type { MessageManager } from '../../src/lib/messages/message-manager.js';
import {
  GENERATION_MAX,
  tokenGeneration,
  tokenIndex,
  type MessageToken,
} from '../../src/lib/messages/message-token.js';
import { Message } from '../../src/lib/messages/message.js';
import { codeOf } from './memories.js';
import {
  HEADERS,
  OPERATIONS,
  ProbeCodec,
  ProbeFailed,
  PROBE_SIZE_MAX,
  REFUSED,
  SITUATIONS,
  SITUATION_CAPACITY,
  stateOf,
  type Column,
} from './messages.js';
import { WRONG_BIGINTS, WRONG_OBJECTS } from './wrong-inputs.js';

/** How the suite wants a manager to be. */
export interface WantedManager {
  readonly capacity: number;
  readonly codec: Codec<string>;
  readonly memoryClass: MemoryClass;
}

/** Makes an empty manager. */
export type MakeManager = (wanted: WantedManager) => MessageManager<string>;

/** In what managers differ. */
export interface ManagerTraits {
  /** Which slot a message gets: the lowest that is free, or the one that was freed last. */
  readonly slotRule: 'lowest' | 'last freed';
  /** Whether payloads lie there as bytes: then they have a bound, and are decoded to be read. */
  readonly keepsBytes: boolean;
}

type Create = (capacity?: number, codec?: Codec<string>) => MessageManager<string>;

/** A promise, and what `await` takes for one. */
const LATER = [Promise.resolve(7), { then: () => 7 }];

export function describeMessageManager(
  name: string,
  make: MakeManager,
  traits: ManagerTraits,
): void {
  const create: Create = (capacity = 3, codec = new ProbeCodec()) =>
    make({ capacity, codec, memoryClass: MemoryClass.host });
  describe(`${name} is a message manager`, () => {
    describeSlots(create, traits);
    describeHeaders(create, make);
    describePayloads(create, traits);
    describeErrors(create);
    describeGuards(create);
    describeEdits(create);
    describeCallbacks(create);
    describeFailures(create, traits);
  });
}

/** `make` gives two slots, each of which has had all messages that it can have but two. */
export function describeRetirement(name: string, make: () => MessageManager<string>): void {
  test(`${name} retires a slot that has had its last message`, () => {
    const manager = make();
    const lastButOne = storeAll(manager, ['A', 'B']);
    for (const token of lastButOne.toReversed()) manager.free(token);
    expect(usageOf(manager)).toEqual([2, 0, 0]);
    const tokens = storeAll(manager, ['a', 'b']);
    expect(tokens.map(tokenGeneration)).toEqual([GENERATION_MAX, GENERATION_MAX]);
    expect(codeOf(() => manager.free(lastButOne[0]!))).toBe('STALE_TOKEN');
    manager.free(tokens[0]!);
    expect(usageOf(manager)).toEqual([0, 1, 1]);
    const before = stateOf(manager);
    expect(() => manager.store(messageOf('c'))).toThrow('all 2 slots are taken or retired (1).');
    expect(codeOf(() => manager.store(messageOf('c')))).toBe('NO_FREE_SLOTS');
    expect(codeOf(() => manager.free(tokens[0]!))).toBe('NOT_ALLOCATED');
    manager.withWrite(tokens[1]!, (guard) => (guard.payload = 'b'));
    expect(stateOf(manager)).toEqual(before);
    manager.take(tokens[1]!);
    manager.clear();
    expect([usageOf(manager), [...manager.tokens()]]).toEqual([[0, 0, 2], []]);
  });
}

const messageOf = (payload: string): Message<string> => Message.of(payload);
const indicesOf = (tokens: readonly MessageToken[]): number[] => tokens.map(tokenIndex);

function storeAll(manager: MessageManager<string>, payloads: readonly string[]): MessageToken[] {
  return payloads.map((payload) => manager.store(messageOf(payload)));
}

/** The parts of `usage` in the order available, live, retired. */
function usageOf(manager: MessageManager<string>): number[] {
  const { capacity, available, live, retired } = manager.usage();
  expect([capacity, available]).toEqual([manager.capacity, manager.available]);
  expect(available + live + retired).toBe(capacity);
  return [available, live, retired];
}

/** How the message of the `TypeError` begins that `action` throws. */
function typeErrorOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof TypeError) return error.message.split(',')[0];
    throw error;
  }
  return undefined;
}

/** Fails where some guard holds the message. */
function expectNotHeld(manager: MessageManager<string>, token: MessageToken): void {
  manager.readMut(token).release();
}

function describeSlots(create: Create, { slotRule }: ManagerTraits) {
  test('stores a message, shows it, and is empty once it was freed', () => {
    const manager = create();
    expect([manager.capacity, manager.available]).toEqual([3, 3]);
    const token = manager.store(messageOf('hello'));
    expect(manager.withRead(token, ({ payload }) => payload)).toBe('hello');
    expect(manager.withRead(token, ({ message }) => message)).toBeInstanceOf(Message);
    expect(manager.has(token)).toBe(true);
    manager.free(token);
    expect(manager.has(token)).toBe(false);
    expect(stateOf(manager)).toEqual(stateOf(create()));
  });

  test('takes a message: it is returned and its slot is free', () => {
    const manager = create();
    const tokens = storeAll(manager, ['a', 'b']);
    const taken = manager.take(tokens[0]!);
    expect(taken).toBeInstanceOf(Message);
    expect([taken.payload, taken.header.payloadSize]).toEqual(['a', 1]);
    expect([...manager.tokens()]).toEqual([tokens[1]]);
    expect(codeOf(() => manager.take(tokens[0]!))).toBe('NOT_ALLOCATED');
  });

  test('says how its slots are used', () => {
    const manager = create();
    const found = [usageOf(manager)];
    const [first, second] = storeAll(manager, ['a', 'b', 'c']);
    found.push(usageOf(manager));
    manager.free(second!);
    found.push(usageOf(manager));
    manager.take(first!);
    found.push(usageOf(manager));
    manager.clear();
    found.push(usageOf(manager));
    expect(found).toEqual([
      [3, 0, 0],
      [0, 3, 0],
      [1, 2, 0],
      [2, 1, 0],
      [3, 0, 0],
    ]);
  });

  test('refuses a message when every slot is taken, until one is free', () => {
    const manager = create();
    const tokens = storeAll(manager, ['a', 'b', 'c']);
    const before = stateOf(manager);
    const message = messageOf('d');
    expect(codeOf(() => manager.store(message))).toBe('NO_FREE_SLOTS');
    expect(stateOf(manager)).toEqual(before);
    manager.free(tokens[1]!);
    expect(manager.take(manager.store(message)).payload).toBe('d');
  });

  test('of no slots refuses every message', () => {
    const manager = create(0);
    expect(usageOf(manager)).toEqual([0, 0, 0]);
    expect(codeOf(() => manager.store(messageOf('a')))).toBe('NO_FREE_SLOTS');
    expect(codeOf(() => manager.read(create().store(messageOf('a'))))).toBe('BAD_TOKEN');
    expect([...manager.tokens()]).toEqual([]);
    manager.clear();
  });

  test(`takes slots as the trace of the specification says: ${slotRule}`, () => {
    const manager = create(4);
    const tokens = storeAll(manager, ['a', 'b', 'c', 'd']);
    for (const index of [2, 0, 3]) manager.free(tokens[index]!);
    const again = storeAll(manager, ['e', 'f', 'g']);
    expect(indicesOf(tokens)).toEqual([0, 1, 2, 3]);
    expect(indicesOf(again)).toEqual(slotRule === 'lowest' ? [0, 2, 3] : [3, 0, 2]);
  });

  test('gives another token whenever a slot is used again', () => {
    const manager = create(1);
    const tokens = Array.from({ length: 20 }, (_, round) => {
      const token = manager.store(messageOf(`${round}`));
      manager.free(token);
      return token;
    });
    expect(new Set(tokens).size).toBe(20);
    expect(new Set(indicesOf(tokens))).toEqual(new Set([0]));
    const next = manager.store(messageOf('next'));
    const codes = tokens.map((token) => codeOf(() => manager.read(token)));
    expect(codes).toEqual(Array(20).fill('STALE_TOKEN'));
    expect(tokens.map((token) => manager.has(token))).toEqual(Array(20).fill(false));
    expect(manager.take(next).payload).toBe('next');
  });

  test('lists the tokens of its messages by their slots', () => {
    const manager = create(40);
    const tokens = storeAll(manager, [...'abcdefghijklmnopqrstuvwxyz0123456789']);
    expect([...manager.tokens()]).toEqual(tokens);
    for (const index of [35, 3, 0, 32, 31]) manager.free(tokens[index]!);
    const kept = tokens.filter((token) => manager.has(token));
    expect(kept).toHaveLength(31);
    expect([...manager.tokens()]).toEqual(kept);
  });

  test('lists tokens while the messages are freed one after the other', () => {
    const manager = create(10);
    const tokens = storeAll(manager, [...'abcdefghij']);
    const found: MessageToken[] = [];
    for (const token of manager.tokens()) {
      found.push(token);
      manager.free(token);
    }
    expect(found).toEqual(tokens);
    expect(usageOf(manager)).toEqual([10, 0, 0]);
  });

  test('has what it holds, and nothing else', () => {
    const manager = create();
    const token = manager.store(messageOf('a'));
    const answers = SITUATIONS.map(({ ask, hold }) => {
      const other = create(SITUATION_CAPACITY);
      const asked = ask(other, other.store(messageOf('a')));
      return hold === undefined && other.has(asked);
    });
    expect(answers).toEqual(SITUATIONS.map(() => false));
    const guard = manager.readMut(token);
    expect(manager.has(token)).toBe(true);
    guard.release();
  });

  test('frees all messages at once, and none where a guard holds one', () => {
    const manager = create(5);
    const tokens = storeAll(manager, ['a', 'b', 'c', 'd']);
    manager.free(tokens[1]!);
    const before = stateOf(manager);
    for (const open of ['peekHeader', 'read', 'readMut'] as const) {
      const guard = manager[open](tokens[2]!);
      expect(codeOf(() => manager.clear())).toBe('BORROW_ACTIVE');
      guard.release();
      expect(stateOf(manager)).toEqual(before);
    }
    manager.clear();
    expect(stateOf(manager)).toEqual(stateOf(create(5)));
    expect(codeOf(() => manager.read(tokens[0]!))).toBe('NOT_ALLOCATED');
    storeAll(manager, ['e', 'f', 'g', 'h', 'i']);
    expect(tokens.map((token) => manager.has(token))).toEqual([false, false, false, false]);
    manager.clear();
    manager.clear();
  });
}

function describeHeaders(create: Create, make: MakeManager) {
  test('keeps every field of a header', () => {
    const manager = create(HEADERS.length);
    const tokens = HEADERS.map((fields) => manager.store(Message.of('payload', fields)));
    const expected = HEADERS.map((fields) => ({ ...messageHeader(fields), payloadSize: 7 }));
    expect(tokens.map((token) => manager.withHeader(token, (guard) => guard.header))).toEqual(
      expected,
    );
    expect(tokens.map((token) => manager.withRead(token, (guard) => guard.header))).toEqual(
      expected,
    );
    expect(tokens.map((token) => manager.withWrite(token, (guard) => guard.header))).toEqual(
      expected,
    );
    expect(tokens.map((token) => manager.take(token).header)).toEqual(expected);
  });

  test('stamps size and class on what is stored, and again on what is edited', () => {
    for (const memoryClass of [MemoryClass.device(3), MemoryClass.shared, MemoryClass.host]) {
      const manager = make({ capacity: 1, codec: new ProbeCodec(), memoryClass });
      expect(manager.memoryClass).toBe(memoryClass);
      const lying = {
        ...EMPTY_HEADER,
        payloadSize: 99,
        memoryClass: MemoryClass.pinnedHost,
      };
      const token = manager.store(new Message(lying, 'ab'));
      const sizes = [manager.withHeader(token, ({ header }) => header.payloadSize)];
      manager.withWrite(token, (guard) => {
        guard.payload = 'abcde';
        guard.setHeader(lying);
      });
      sizes.push(manager.withHeader(token, ({ header }) => header.payloadSize));
      expect(sizes).toEqual([2, 5]);
      expect(manager.withHeader(token, ({ header }) => header.memoryClass)).toBe(memoryClass);
      expect(manager.take(token).header.memoryClass).toBe(memoryClass);
    }
  });

  test('shows a header without decoding the payload', () => {
    const codec = new ProbeCodec();
    const manager = create(1, codec);
    const token = manager.store(Message.of('payload', { traceId: 7n }));
    manager.withHeader(token, ({ header }) => expect(header.traceId).toBe(7n));
    manager.withRead(token, ({ header }) => expect(header.payloadSize).toBe(7));
    manager.withWrite(token, (guard) => expect(guard.header.sequence).toBe(0n));
    manager.free(token);
    expect(codec.decodes).toBe(0);
  });
}

function describePayloads(create: Create, { keepsBytes }: ManagerTraits) {
  test('keeps payloads of no bytes up to the largest', () => {
    const payloads = Array.from({ length: PROBE_SIZE_MAX + 1 }, (_, size) => 'x'.repeat(size));
    const manager = create(payloads.length);
    const tokens = storeAll(manager, payloads);
    expect(tokens.map((token) => manager.withRead(token, (guard) => guard.payload))).toEqual(
      payloads,
    );
    const taken = tokens.map((token) => manager.take(token));
    expect(taken.map(({ payload }) => payload)).toEqual(payloads);
    expect(taken.map(({ header }) => header.payloadSize)).toEqual(payloads.map((p) => p.length));
  });

  test('keeps a payload of no bytes where a longer one was, and the other way round', () => {
    const manager = create(1);
    const token = manager.store(messageOf('the longest that there was'));
    for (const payload of ['', 'again', 'a', '', 'x'.repeat(PROBE_SIZE_MAX), 'b']) {
      manager.withWrite(token, (guard) => (guard.payload = payload));
      expect(manager.withRead(token, (guard) => guard.payload)).toBe(payload);
    }
    manager.free(token);
    expect(manager.take(manager.store(messageOf('c'))).payload).toBe('c');
  });

  test('counts the bytes of a payload, not its letters', () => {
    const manager = create(1);
    expect(manager.take(manager.store(messageOf('äöü€'))).header.payloadSize).toBe(9);
  });

  const tooLong = 'x'.repeat(PROBE_SIZE_MAX + 1);
  const accepts = keepsBytes ? 'refuses' : 'also keeps';
  test(`${accepts} a payload that is longer than its codec says`, () => {
    const manager = create(2);
    const token = manager.store(messageOf('a'));
    const before = stateOf(manager);
    const edit = (): void => manager.withWrite(token, (guard) => void (guard.payload = tooLong));
    if (!keepsBytes) {
      edit();
      expect(manager.take(token).payload).toBe(tooLong);
      return;
    }
    expect(codeOf(() => manager.store(messageOf(tooLong)))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(edit)).toBe('VALUE_TOO_LARGE');
    expectNotHeld(manager, token);
    expect(stateOf(manager)).toEqual(before);
  });
}

function describeErrors(create: Create) {
  test.each(SITUATIONS)('answers as the table of errors says: $title', (situation) => {
    const manager = create(SITUATION_CAPACITY);
    const live = manager.store(messageOf('a'));
    const token = situation.ask(manager, live);
    const before = stateOf(manager);
    const guards = situation.hold?.(manager, live) ?? [];
    for (const column of Object.keys(OPERATIONS) as Column[]) {
      const code = situation.codes[column] ?? 'none';
      const found = OPERATIONS[column].map(([name, run]) => [
        name,
        code === 'none' ? (run(manager, token), code) : codeOf(() => run(manager, token)),
      ]);
      expect(found).toEqual(OPERATIONS[column].map(([name]) => [name, code]));
    }
    for (const guard of guards) guard.release();
    expect(stateOf(manager)).toEqual(before);
  });

  test.each(SITUATIONS)('consumes nothing that cannot be freed: $title', (situation) => {
    const manager = create(SITUATION_CAPACITY);
    const live = manager.store(messageOf('a'));
    const token = situation.ask(manager, live);
    const before = stateOf(manager);
    const guards = situation.hold?.(manager, live) ?? [];
    const code = situation.codes.look ?? situation.codes.end;
    expect(codeOf(() => manager.consume(token, ({ payload }) => payload))).toBe(code);
    for (const guard of guards) guard.release();
    expect(stateOf(manager)).toEqual(before);
  });

  test.each(WRONG_BIGINTS)('refuses %s in place of a token', (_, wrong) => {
    const manager = create();
    manager.store(messageOf('a'));
    const before = stateOf(manager);
    const token = wrong as MessageToken;
    const runs = [
      ...Object.values(OPERATIONS).flatMap((column) => column.map(([, run]) => run)),
      () => manager.consume(token, () => 7),
      () => manager.has(token),
    ];
    expect(runs.map((run) => typeErrorOf(() => run(manager, token)))).toEqual(
      runs.map(() => 'token: expected a bigint'),
    );
    expect(stateOf(manager)).toEqual(before);
  });

  const likeAMessage = ['the parts of a message', { header: EMPTY_HEADER, payload: 'a' }] as const;
  test.each([...WRONG_OBJECTS, likeAMessage])('refuses %s in place of a message', (_, wrong) => {
    const manager = create();
    expect(() => manager.store(wrong as Message<string>)).toThrow(TypeError);
    expect(usageOf(manager)).toEqual([3, 0, 0]);
  });
}

function describeGuards(create: Create) {
  test('lets many look at a message, and one write once all have gone', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const guards = Array.from({ length: 100 }, (_, which) =>
      which % 2 === 0 ? manager.read(token) : manager.peekHeader(token),
    );
    expect(guards.map((guard) => guard.token)).toEqual(guards.map(() => token));
    for (const guard of guards) {
      expect(codeOf(() => manager.readMut(token))).toBe('ALREADY_BORROWED');
      guard.release();
    }
    expectNotHeld(manager, token);
    manager.free(token);
  });

  test('holds one slot by a guard, and no other', () => {
    const manager = create();
    const [first, second, third] = storeAll(manager, ['a', 'b', 'c']);
    const writer = manager.readMut(first!);
    const reader = manager.read(second!);
    manager.withWrite(third!, (guard) => (guard.payload = 'C'));
    manager.free(third!);
    manager.withRead(second!, ({ payload }) => expect(payload).toBe('b'));
    writer.payload = 'A';
    writer.commit();
    reader.release();
    expect(manager.take(first!).payload).toBe('A');
  });

  test.each(['peekHeader', 'read', 'readMut'] as const)(
    'ends a guard of %s once: a second release frees no other',
    (open) => {
      const manager = create(1);
      const token = manager.store(messageOf('a'));
      const guard = manager[open](token);
      expect(guard.isReleased).toBe(false);
      guard.release();
      expect([guard.isReleased, guard.token]).toEqual([true, token]);
      const other = manager.read(token);
      guard.release();
      guard[Symbol.dispose]();
      expect(codeOf(() => manager.free(token))).toBe('BORROW_ACTIVE');
      other[Symbol.dispose]();
      expect(other.isReleased).toBe(true);
      manager.free(token);
    },
  );

  test('shows nothing through a guard that was released', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const header = manager.peekHeader(token);
    const reader = manager.read(token);
    for (const guard of [header, reader]) guard.release();
    const writer = manager.readMut(token);
    writer.payload = 'b';
    writer.release();
    const uses = [
      () => header.header,
      () => reader.header,
      () => reader.payload,
      () => reader.message,
      () => writer.header,
      () => writer.payload,
      () => (writer.payload = 'c'),
      () => writer.setHeader({ traceId: 7n }),
      () => writer.commit(),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'GUARD_RELEASED'));
    expect(manager.take(token).payload).toBe('a');
  });

  test('commits nothing through a guard that was released, also where nothing was set', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const writer = manager.readMut(token);
    writer.commit();
    expect(codeOf(() => writer.commit())).toBe('GUARD_RELEASED');
    const other = manager.readMut(token);
    other.release();
    expect(codeOf(() => other.commit())).toBe('GUARD_RELEASED');
  });

  test('shows nothing through an old guard, also when it had looked before', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const guard = manager.read(token);
    expect([guard.payload, guard.header.payloadSize]).toEqual(['a', 1]);
    guard.release();
    manager.free(token);
    manager.store(messageOf('b'));
    expect(codeOf(() => guard.payload)).toBe('GUARD_RELEASED');
    expect(codeOf(() => guard.header)).toBe('GUARD_RELEASED');
  });

  test('ends a guard at the end of a block', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const payloads: string[] = [];
    {
      using first = manager.read(token);
      using second = manager.peekHeader(token);
      payloads.push(first.payload, String(second.header.payloadSize));
    }
    {
      using writer = manager.readMut(token);
      writer.payload = 'lost';
      payloads.push(writer.payload);
    }
    expect(payloads).toEqual(['a', '1', 'lost']);
    expect(manager.take(token).payload).toBe('a');
  });
}

function describeEdits(create: Create) {
  test('keeps an edit in its guard until it is committed', () => {
    const manager = create(1);
    const token = manager.store(Message.of('a', { traceId: 1n, sequence: 2n, deadline: 3n }));
    const guard = manager.readMut(token);
    expect([guard.payload, guard.header.traceId, guard.isChanged]).toEqual(['a', 1n, false]);
    guard.payload = 'bcd';
    guard.setHeader({ traceId: 9n });
    guard.setHeader({ deadline: undefined, qos: 'background' });
    expect([guard.payload, guard.header.traceId, guard.isChanged]).toEqual(['bcd', 9n, true]);
    guard.commit();
    expect([guard.isReleased, guard.isChanged]).toEqual([true, false]);
    const expected = messageHeader({ traceId: 9n, sequence: 2n, qos: 'background' });
    expect(manager.has(token)).toBe(true);
    const taken = manager.take(token);
    expect([taken.payload, taken.header]).toEqual(['bcd', { ...expected, payloadSize: 3 }]);
  });

  test('forgets an edit whose guard is released', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const before = stateOf(manager);
    const guard = manager.readMut(token);
    guard.payload = 'b';
    guard.setHeader({ traceId: 9n });
    guard.release();
    expect(stateOf(manager)).toEqual(before);
  });

  test('changes the header alone, or the payload alone', () => {
    const manager = create(1);
    const token = manager.store(Message.of('a', { traceId: 1n }));
    manager.withWrite(token, (guard) => guard.setHeader({ sequence: 5n }));
    manager.withWrite(token, (guard) => (guard.payload = 'bc'));
    manager.withWrite(token, (guard) => guard.commit());
    const { header, payload } = manager.take(token);
    expect([header.traceId, header.sequence, header.payloadSize, payload]).toEqual([
      1n,
      5n,
      2,
      'bc',
    ]);
  });

  test('refuses fields that no header has, and keeps those that were set before', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    manager.withWrite(token, (guard) => {
      guard.setHeader({ traceId: 7n });
      expect(codeOf(() => guard.setHeader({ traceId: -1n }))).toBe('INVALID_VALUE');
      expect(codeOf(() => guard.setHeader({ qos: 'none' as 'background' }))).toBe('INVALID_VALUE');
      expect(() => guard.setHeader({ sequence: 7 as unknown as bigint })).toThrow(TypeError);
      expect(guard.header.traceId).toBe(7n);
    });
    expect(manager.take(token).header).toEqual(messageHeader({ traceId: 7n }, oneByte));
  });
}

const oneByte = { ...EMPTY_HEADER, payloadSize: 1 };

/** The callback forms, by name, on one message. */
function callbackForms(manager: MessageManager<string>, token: MessageToken) {
  return {
    withHeader: <R>(use: () => R) => manager.withHeader(token, use),
    withRead: <R>(use: () => R) => manager.withRead(token, use),
    withWrite: <R>(use: () => R) =>
      manager.withWrite(token, (guard) => {
        guard.payload = 'changed';
        return use();
      }),
    consume: <R>(use: () => R) => manager.consume(token, use),
  };
}

const FORMS = ['withHeader', 'withRead', 'withWrite', 'consume'] as const;

function describeCallbacks(create: Create) {
  test('hands on what a callback returns, and ends its guard', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const guards = [
      manager.withHeader(token, (guard) => guard),
      manager.withRead(token, (guard) => guard),
      manager.withWrite(token, (guard) => guard),
      manager.consume(token, (guard) => guard),
    ];
    expect(guards.map(({ isReleased }) => isReleased)).toEqual([true, true, true, true]);
    expect(manager.has(token)).toBe(false);
  });

  test.each(FORMS)('%s refuses a promise: the message stays as it was', (form) => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const before = stateOf(manager);
    for (const later of LATER) {
      expect(() => callbackForms(manager, token)[form](() => later)).toThrow(TypeError);
      expectNotHeld(manager, token);
    }
    expect(stateOf(manager)).toEqual(before);
  });

  test.each(FORMS)('%s whose callback throws leaves the message as it was', (form) => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const before = stateOf(manager);
    const fail = () => {
      throw new ProbeFailed();
    };
    expect(() => callbackForms(manager, token)[form](fail)).toThrow(ProbeFailed);
    expectNotHeld(manager, token);
    expect(stateOf(manager)).toEqual(before);
  });

  test('commits an edit once, where the callback has done so itself, or has given it up', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    manager.withWrite(token, (guard) => {
      guard.payload = 'b';
      guard.commit();
    });
    manager.withWrite(token, (guard) => {
      guard.payload = 'c';
      guard.release();
    });
    manager.withRead(token, (guard) => guard.release());
    expect(manager.take(token).payload).toBe('b');
  });

  test('consumes a message: it is free when its last reader has seen it', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    expect(manager.consume(token, ({ payload }) => `${payload}!`)).toBe('a!');
    expect(codeOf(() => manager.free(token))).toBe('NOT_ALLOCATED');
    expect(usageOf(manager)).toEqual([1, 0, 0]);
  });

  test('lets a callback use other messages, and refuses it its own', () => {
    const manager = create();
    const [first, second] = storeAll(manager, ['a', 'b']);
    manager.withRead(first!, () => {
      manager.withWrite(second!, (guard) => (guard.payload = 'B'));
      expect(codeOf(() => manager.withWrite(first!, () => 7))).toBe('ALREADY_BORROWED');
      expect(codeOf(() => manager.free(first!))).toBe('BORROW_ACTIVE');
      manager.store(messageOf('c'));
    });
    expect(stateOf(manager).messages.map(([, , payload]) => payload)).toEqual(['a', 'B', 'c']);
  });
}

function describeFailures(create: Create, { keepsBytes }: ManagerTraits) {
  test('leaks no slot when the payload cannot be encoded', () => {
    const manager = create(4);
    const token = manager.store(messageOf('a'));
    const before = stateOf(manager);
    for (let round = 0; round < 10; round++) {
      expect(() => manager.store(messageOf(REFUSED))).toThrow(ProbeFailed);
    }
    expect(stateOf(manager)).toEqual(before);
    expect(indicesOf(storeAll(manager, ['b', 'c', 'd']))).toEqual([1, 2, 3]);
    expect(manager.take(token).payload).toBe('a');
  });

  test('goes on with a write guard whose payload could not be encoded', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const before = stateOf(manager);
    const guard = manager.readMut(token);
    guard.payload = REFUSED;
    guard.setHeader({ traceId: 7n });
    expect(() => guard.commit()).toThrow(ProbeFailed);
    expect([guard.isReleased, guard.isChanged, guard.payload]).toEqual([false, true, REFUSED]);
    guard.release();
    expect(stateOf(manager)).toEqual(before);

    const again = manager.readMut(token);
    again.payload = REFUSED;
    expect(() => again.commit()).toThrow(ProbeFailed);
    again.payload = 'b';
    again.commit();
    expect(manager.take(token).payload).toBe('b');
  });

  test('releases the guard of a callback whose edit could not be encoded', () => {
    const manager = create(1);
    const token = manager.store(messageOf('a'));
    const before = stateOf(manager);
    expect(() => manager.withWrite(token, (guard) => (guard.payload = REFUSED))).toThrow(
      ProbeFailed,
    );
    expectNotHeld(manager, token);
    expect(stateOf(manager)).toEqual(before);
  });

  if (!keepsBytes) return;
  test('keeps a message whose payload cannot be decoded', () => {
    const codec = new ProbeCodec();
    const manager = create(1, codec);
    const token = manager.store(messageOf('a'));
    const before = stateOf(manager);
    codec.failsToDecode = true;
    const uses = [
      () => manager.take(token),
      () => manager.withRead(token, ({ payload }) => payload),
      () => manager.withWrite(token, ({ payload }) => payload),
      () => manager.consume(token, ({ message }) => message),
    ];
    for (const use of uses) expect(use).toThrow(ProbeFailed);
    expectNotHeld(manager, token);
    codec.failsToDecode = false;
    expect(stateOf(manager)).toEqual(before);
    expect(manager.take(token).payload).toBe('a');
  });
}
