/**
 * What the compiler infers. These tests fail in `npm run check:types`; Jest, which strips types,
 * only runs them.
 */
import { expect, test } from '@jest/globals';
import { text, u32 } from '../../../src/lib/codecs/index.js';
import { describedBy } from '../../../src/lib/messages/buffer-descriptor.js';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import type { HeaderFields } from '../../../src/lib/messages/message-header.js';
import type { HeaderStore, MessageManager } from '../../../src/lib/messages/message-manager.js';
import { messageToken, type MessageToken } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { StaticMessageManager } from '../../../src/lib/messages/static-message-manager.js';

/** `true` where both types are the same, `false` where one is merely assignable. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function assertType<Holds extends true>(holds?: Holds): void {
  expect(holds).toBeUndefined();
}

test('a message has the type of its payload', () => {
  const message = Message.of('a', { traceId: 7n });
  assertType<Same<typeof message, Message<string>>>();
  const mapped = message.mapPayload((payload) => payload.length);
  assertType<Same<typeof mapped, Message<number>>>();
  const other = message.withPayload(7n);
  assertType<Same<typeof other, Message<bigint>>>();
  expect([mapped.payload, other.payload]).toEqual([1, 7n]);
});

test('the fields that a manager stamps are not the sender’s', () => {
  assertType<
    Same<keyof HeaderFields, 'traceId' | 'sequence' | 'creationTick' | 'deadline' | 'qos' | 'flags'>
  >();
  // @ts-expect-error The manager stamps the size.
  expect(Message.of('a', { payloadSize: 7 }).header.payloadSize).toBe(0);
});

test('the depth of a static manager is part of its type, and its codec says what it holds', () => {
  const manager = StaticMessageManager.create({ depth: 4, codec: u32 });
  assertType<Same<typeof manager, StaticMessageManager<number, 4>>>();
  assertType<Same<typeof manager.capacity, 4>>();
  const taken = manager.take(manager.store(Message.of(7)));
  assertType<Same<typeof taken, Message<number>>>();
  expect(taken.payload).toBe(7);
  const depth = Number('4');
  const other = StaticMessageManager.create({ depth, codec: u32 });
  assertType<Same<typeof other.capacity, number>>();
  const anyDepth: StaticMessageManager<number> = manager;
  // @ts-expect-error Of another depth.
  const deeper: StaticMessageManager<number, 5> = manager;
  expect([anyDepth, deeper, other].map(({ capacity }) => capacity)).toEqual([4, 4, 4]);
  // @ts-expect-error A u32 is a number.
  expect(() => manager.store(Message.of('7'))).toThrow(TypeError);
});

test('guards show the payload, or nothing of it', () => {
  const manager = HeapMessageManager.create({ capacity: 1, describe: describedBy(text) });
  assertType<Same<typeof manager, HeapMessageManager<string>>>();
  const token = manager.store(Message.of('a'));
  assertType<Same<typeof token, MessageToken>>();
  const length = manager.withRead(token, ({ payload }) => payload.length);
  assertType<Same<typeof length, number>>();
  expect(length).toBe(1);
  manager.withWrite(token, (guard) => {
    assertType<Same<typeof guard.payload, string>>();
    // @ts-expect-error Another type of payload.
    guard.payload = 7;
    guard.payload = 'b';
  });
  // @ts-expect-error A header guard has no payload.
  expect(manager.withHeader(token, ({ payload }) => payload)).toBeUndefined();
  const consumed = manager.consume(token, ({ message }) => message);
  assertType<Same<typeof consumed, Message<string>>>();
  expect(consumed.payload).toBe('b');
});

test('a token is a bigint, and not every bigint is a token', () => {
  const manager: MessageManager<number> = StaticMessageManager.create({ depth: 1, codec: u32 });
  const token = manager.store(Message.of(7));
  const stored: bigint = token;
  // @ts-expect-error Where it comes from has to be said.
  expect(manager.has(stored)).toBe(true);
  expect(manager.has(messageToken(stored))).toBe(true);
});

test('who needs headers alone needs no type of a payload', () => {
  const managers: HeaderStore[] = [
    StaticMessageManager.create({ depth: 1, codec: u32 }),
    HeapMessageManager.create<Uint8Array>({ capacity: 1 }),
  ];
  expect(managers).toHaveLength(2);
});
