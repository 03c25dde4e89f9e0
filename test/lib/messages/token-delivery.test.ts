/**
 * Sending and receiving. The first part has a test for each way in which the original loses a
 * message or a slot (specification, section 6).
 */
import { describe, expect, test } from '@jest/globals';
import { blob, text } from '../../../src/lib/codecs/index.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { describedBy } from '../../../src/lib/messages/buffer-descriptor.js';
import { ConcurrentMessageManager } from '../../../src/lib/messages/concurrent-message-manager.js';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import type { MessageManager } from '../../../src/lib/messages/message-manager.js';
import type { MessageToken } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { StableMessageManager } from '../../../src/lib/messages/stable-message-manager.js';
import { StaticMessageManager } from '../../../src/lib/messages/static-message-manager.js';
import { receive, send } from '../../../src/lib/messages/token-delivery.js';
import { TokenQueue } from '../../../src/lib/messages/token-queue.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { codeOf, DiskFull, imageOf, restarted } from '../../support/memories.js';
import { numbered, queueWith, sized, tokensOf } from '../../support/token-queues.js';
import { WRONG_BIGINTS } from '../../support/wrong-inputs.js';

class HandlerFailed extends Error {}

const fail = (): never => {
  throw new HandlerFailed();
};

/** Every message has its token in the queue, and every token its message. */
function expectNoneLost({
  queue,
  messages,
}: Pick<ReturnType<typeof queueWith>, 'queue' | 'messages'>) {
  const inStep = [...messages.tokens()].sort();
  expect([tokensOf(queue).sort(), messages.borrowed]).toEqual([inStep, 0]);
  expect(queue.checkInvariants()).toBeUndefined();
}

describe('no message is lost and no slot leaks', () => {
  test('where the callback throws: message and token are there for the next receive', () => {
    const each = queueWith({ maxCount: 9 });
    for (const number of [1, 2]) send(each.queue, each.messages, numbered(number));
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(() => receive(each.queue, each.messages, fail)).toThrow(HandlerFailed);
      expectNoneLost(each);
    }
    const { result } = receive(each.queue, each.messages, ({ header }) => header.traceId);
    expect([result, each.queue.length, each.messages.available]).toEqual([1n, 1, 9_999]);
  });

  test('where the callback returns a promise', () => {
    const each = queueWith({ maxCount: 9 });
    send(each.queue, each.messages, numbered(1));
    const later = () => receive(each.queue, each.messages, () => Promise.resolve(7));
    expect(later).toThrow(TypeError);
    expect(each.queue.length).toBe(1);
    expectNoneLost(each);
  });

  test('where the read fails after the token was found', () => {
    const each = queueWith({ maxCount: 9 });
    const { token } = send(each.queue, each.messages, numbered(1));
    const writer = each.messages.readMut(token!);
    const read = () => receive(each.queue, each.messages, fail);
    expect(codeOf(read)).toBe('ALREADY_BORROWED');
    writer.release();
    expectNoneLost(each);
    expect(receive(each.queue, each.messages, () => 7).result).toBe(7);
  });

  test('where the free fails: it is thrown, and the message comes again', () => {
    const each = queueWith({ maxCount: 9 });
    const { token } = send(each.queue, each.messages, numbered(1));
    const reader = each.messages.read(token!);
    const seen: bigint[] = [];
    const receiveOne = () =>
      receive(each.queue, each.messages, ({ header }) => seen.push(header.traceId));
    expect(codeOf(receiveOne)).toBe('BORROW_ACTIVE');
    reader.release();
    expectNoneLost(each);
    receiveOne();
    expect([seen, each.queue.length, each.messages.available]).toEqual([[1n, 1n], 0, 10_000]);
  });

  test('where an output has no room in the middle of a batch: the rest of it stays', () => {
    const input = queueWith({ maxCount: 9 });
    const output = queueWith({ maxCount: 2 });
    for (const number of [1, 2, 3, 4]) send(input.queue, input.messages, numbered(number));
    const handOn = () =>
      receive(input.queue, input.messages, ({ message }) => {
        if (!send(output.queue, output.messages, message).isAdmitted) fail();
      });
    handOn();
    handOn();
    expect(handOn).toThrow(HandlerFailed);
    expect([input.queue.length, output.queue.length]).toEqual([2, 2]);
    expectNoneLost(input);
    expectNoneLost(output);
    receive(output.queue, output.messages, () => undefined);
    handOn();
    const left = receive(input.queue, input.messages, ({ header }) => header.traceId);
    expect(left.result).toBe(4n);
  });

  test('where the store is full: what is evicted gives its slot to the new message', () => {
    const each = queueWith({ maxCount: 2, whenFull: 'evict-oldest' }, 2);
    const [first, second] = [1, 2].map((number) =>
      send(each.queue, each.messages, numbered(number)),
    );
    expect(each.messages.available).toBe(0);
    const third = send(each.queue, each.messages, numbered(3));
    expect(third).toEqual({ isAdmitted: true, token: third.token, evicted: [first!.token] });
    expect(tokensOf(each.queue)).toEqual([second!.token, third.token]);
    expect(codeOf(() => each.messages.read(first!.token!))).toBe('STALE_TOKEN');
    expectNoneLost(each);
  });

  test('where a message is refused: it was never stored', () => {
    const each = queueWith({ maxCount: 1 });
    send(each.queue, each.messages, numbered(1));
    const slots = each.messages.usage();
    expect(send(each.queue, each.messages, numbered(2))).toEqual({
      isAdmitted: false,
      evicted: [],
      refusal: { kind: 'reject', reason: 'full' },
    });
    const late = numbered(3, { deadline: 4n });
    const { refusal } = send(each.queue, each.messages, late, { now: 4n });
    expect([refusal, each.messages.usage()]).toEqual([
      { kind: 'reject', reason: 'expired' },
      slots,
    ]);
    expectNoneLost(each);
  });

  test.each(['admit', 'evict'])('where the push fails after the store, in %s', (kind) => {
    const each = queueWith({ maxCount: kind === 'admit' ? 3 : 2, whenFull: 'evict-oldest' });
    for (const number of [1, 2]) send(each.queue, each.messages, numbered(number));
    each.memory.failWritesAfter(kind === 'admit' ? 0 : 1);
    expect(() => send(each.queue, each.messages, numbered(3))).toThrow(DiskFull);
    const tokens = [...each.messages.tokens()];
    expect(tokens).toHaveLength(kind === 'admit' ? 2 : 1);
    const reopened = TokenQueue.load(VectorMemory.from(imageOf(each.memory)), { maxCount: 3 });
    expect(tokensOf(reopened)).toEqual(tokens);
  });

  test('where the queue has no room for the token', () => {
    const each = queueWith({ maxCount: 10_000 });
    const cells = 2_728;
    for (let number = 0; number < cells; number++) send(each.queue, each.messages, numbered(1));
    each.memory.refuseGrowsAfter(0);
    expect(codeOf(() => send(each.queue, each.messages, numbered(2)))).toBe('GROW_FAILED');
    expect(each.messages.available).toBe(10_000 - cells);
    each.memory.relent();
    expectNoneLost(each);
  });

  test('where the manager refuses the message: nothing is evicted for it', () => {
    for (const capacity of [2, 9]) {
      const queue = TokenQueue.create(new VectorMemory(), {
        maxCount: 2,
        whenFull: 'evict-oldest',
      });
      const messages = HeapMessageManager.create({ capacity, describe: describedBy(text) });
      for (const payload of ['a', 'b']) send(queue, messages, Message.of(payload));
      const before = tokensOf(queue);
      const broken = Message.of(7 as unknown as string);
      expect(() => send(queue, messages, broken)).toThrow(TypeError);
      expect([tokensOf(queue), messages.available]).toEqual([before, capacity - 2]);
    }
  });

  test('where no slot is free though the queue has room: the error is the manager’s', () => {
    const each = queueWith({ maxCount: 3, whenFull: 'evict-oldest' }, 1);
    send(each.queue, each.messages, numbered(1));
    expect(codeOf(() => send(each.queue, each.messages, numbered(2)))).toBe('NO_FREE_SLOTS');
    expectNoneLost(each);
  });

  test('where what is to be evicted is held by a guard', () => {
    for (const capacity of [3, 9]) {
      const limits = { maxCount: 3, maxBytes: 3, whenFull: 'evict-oldest' } as const;
      const each = queueWith(limits, capacity);
      const tokens = [1, 2, 3].map(
        (number) => send(each.queue, each.messages, numbered(number)).token!,
      );
      const reader = each.messages.read(tokens[1]!);
      const large = sized(3);
      expect(codeOf(() => send(each.queue, each.messages, large))).toBe('BORROW_ACTIVE');
      expect(tokensOf(each.queue)).toEqual(tokens.slice(1));
      reader.release();
      expectNoneLost(each);
      const { token, evicted } = send(each.queue, each.messages, large);
      expect([evicted, tokensOf(each.queue)]).toEqual([tokens.slice(1), [token]]);
      expectNoneLost(each);
    }
  });
});

describe('a token without a message', () => {
  test('is reported, and the next one is received', () => {
    const each = queueWith({ maxCount: 9 });
    const tokens = [1, 2, 3, 4].map(
      (number) => send(each.queue, each.messages, numbered(number)).token!,
    );
    each.messages.free(tokens[0]!);
    each.messages.store(numbered(9));
    each.messages.free(tokens[1]!);
    const answer = receive(each.queue, each.messages, ({ header }) => header.traceId);
    expect(answer).toEqual({ isReceived: true, result: 3n, missing: tokens.slice(0, 2) });
    expect(tokensOf(each.queue)).toEqual(tokens.slice(3));
  });

  test('is no silent end, also where it is the last', () => {
    const each = queueWith({ maxCount: 9 });
    const token = each.push();
    each.messages.free(token);
    expect(receive(each.queue, each.messages, fail)).toEqual({
      isReceived: false,
      missing: [token],
    });
    expect(receive(each.queue, each.messages, fail)).toEqual({ isReceived: false, missing: [] });
  });

  test('is evicted without a word of its message', () => {
    for (const isUsedAgain of [true, false]) {
      const each = queueWith({ maxCount: 1, whenFull: 'evict-oldest' });
      const below = each.messages.store(sized(1));
      const first = each.push();
      each.messages.free(first);
      if (!isUsedAgain) each.messages.free(below);
      expect(send(each.queue, each.messages, numbered(2)).evicted).toEqual([first]);
      if (isUsedAgain) each.messages.free(below);
      expectNoneLost(each);
    }
  });

  test('of another manager is an error, and stays', () => {
    const each = queueWith({ maxCount: 9 });
    send(each.queue, each.messages, numbered(1));
    const other = HeapMessageManager.create<Uint8Array>({ capacity: 9 });
    expect(codeOf(() => receive(each.queue, other, fail))).toBe('BAD_TOKEN');
    expectNoneLost(each);
  });
});

describe('a receive', () => {
  test('says whether the deadline is over', () => {
    const each = queueWith({ maxCount: 9 });
    for (const deadline of [5n, 6n, undefined])
      send(each.queue, each.messages, sized(1, { deadline }));
    const isExpired = (now?: bigint) =>
      receive(each.queue, each.messages, (_, isLate) => isLate, now).result;
    expect([isExpired(5n), isExpired(5n), isExpired(5n)]).toEqual([true, false, false]);
    send(each.queue, each.messages, sized(1, { deadline: 5n }));
    expect(isExpired()).toBe(false);
  });

  test('may send to the queue that it receives from', () => {
    const each = queueWith({ maxCount: 9 });
    send(each.queue, each.messages, numbered(1));
    receive(each.queue, each.messages, ({ message }) =>
      send(each.queue, each.messages, message.withHeader({ traceId: 2n })),
    );
    expectNoneLost(each);
    expect(receive(each.queue, each.messages, ({ header }) => header.traceId).result).toBe(2n);
  });

  test('leaves the rest alone where the callback has popped the token itself', () => {
    const each = queueWith({ maxCount: 9 });
    for (const number of [1, 2]) send(each.queue, each.messages, numbered(number));
    receive(each.queue, each.messages, () => each.queue.pop());
    expect(each.queue.length).toBe(1);
    expectNoneLost(each);
  });

  test('inside a receive does not free what the outer one reads', () => {
    const each = queueWith({ maxCount: 9 });
    send(each.queue, each.messages, numbered(1));
    const inner = () => receive(each.queue, each.messages, () => undefined);
    expect(codeOf(() => receive(each.queue, each.messages, inner))).toBe('BORROW_ACTIVE');
    expectNoneLost(each);
  });
});

describe('a send', () => {
  test('is decided by the size that the payload will have', () => {
    const queue = TokenQueue.create(new VectorMemory(), { maxCount: 9, maxBytes: 5 });
    const describe = describedBy(text);
    const messages = HeapMessageManager.create({ capacity: 9, describe });
    const sent = (payload: string) => send(queue, messages, Message.of(payload), { describe });
    expect(sent('äöü').refusal).toEqual({ kind: 'reject', reason: 'too-large' });
    expect(messages.available).toBe(9);
    expect([sent('äö').isAdmitted, queue.bytes]).toEqual([true, 4]);
  });

  test('needs no size where there is no cap on bytes', () => {
    const queue = TokenQueue.create(new VectorMemory(), { maxCount: 9 });
    const messages = HeapMessageManager.create({ capacity: 9, describe: describedBy(text) });
    send(queue, messages, Message.of('äö'));
    expect(queue.bytes).toBe(4);
  });

  test('is refused where the size is told otherwise than by the manager', () => {
    const queue = TokenQueue.create(new VectorMemory(), { maxCount: 9, maxBytes: 5 });
    const messages = HeapMessageManager.create({ capacity: 9, describe: describedBy(text) });
    const message = Message.of('äö');
    const describe = () => ({ byteLength: 1 });
    expect(codeOf(() => send(queue, messages, message, { describe }))).toBe('INVALID_VALUE');
    expect(codeOf(() => send(queue, messages, message))).toBe('INVALID_VALUE');
    expect([queue.length, messages.available]).toEqual([0, 9]);
  });

  test('with a time that is none is refused', () => {
    const { queue, messages } = queueWith({ maxCount: 9 });
    for (const [, now] of WRONG_BIGINTS.slice(1)) {
      expect(() => send(queue, messages, numbered(1), { now: now as bigint })).toThrow(TypeError);
    }
    expect([queue.length, messages.available]).toEqual([0, 10_000]);
  });

  test('of what is no message is refused', () => {
    const { queue, messages } = queueWith({ maxCount: 9 });
    expect(() => send(queue, messages, { header: {}, payload: 7 } as never)).toThrow(TypeError);
    expect([queue.length, messages.available]).toEqual([0, 10_000]);
  });
});

test('a queue and its messages are in step whichever write fails', () => {
  const steps = ({ queue, messages }: ReturnType<typeof queueWith>) => {
    const receiveOne = () => receive(queue, messages, () => undefined);
    for (const number of [1, 2, 3]) send(queue, messages, numbered(number));
    receiveOne();
    send(queue, messages, numbered(4));
    receiveOne();
  };
  for (let writes = 0; ; writes++) {
    const each = queueWith({ maxCount: 2, whenFull: 'evict-oldest' }, 3);
    each.memory.failWritesAfter(writes);
    try {
      steps(each);
      expect(writes).toBeGreaterThan(8);
      return;
    } catch (error) {
      expect(error).toBeInstanceOf(DiskFull);
    }
    const reopened = TokenQueue.load(VectorMemory.from(imageOf(each.memory)), { maxCount: 2 });
    expect([...each.messages.tokens()].filter((token) => !isIn(reopened, token))).toEqual([]);
  }
});

function isIn(queue: TokenQueue, token: MessageToken): boolean {
  return tokensOf(queue).includes(token);
}

describe('every manager', () => {
  const codec = blob(8);

  test.each<[string, () => MessageManager<Uint8Array>]>([
    ['heap', () => HeapMessageManager.create({ capacity: 2, describe: describedBy(codec) })],
    ['static', () => StaticMessageManager.create({ depth: 2, codec })],
    ['stable', () => StableMessageManager.create(new VectorMemory(), { capacity: 2, codec })],
    ['concurrent', () => ConcurrentMessageManager.create({ capacity: 2, codec })],
  ])('that is full gives a slot to what evicts, and none to what it refuses: %s', (_, make) => {
    const queue = TokenQueue.create(new VectorMemory(), { maxCount: 2, whenFull: 'evict-oldest' });
    const messages = make();
    const [first, second] = [1, 2].map((number) => send(queue, messages, numbered(number)).token!);
    const broken = Message.of(7 as unknown as Uint8Array);
    expect(() => send(queue, messages, broken)).toThrow(TypeError);
    expect(tokensOf(queue)).toEqual([first, second]);
    const third = send(queue, messages, numbered(3));
    expect([third.evicted, tokensOf(queue)]).toEqual([[first], [second, third.token]]);
    const next = () => receive(queue, messages, ({ header }) => header.traceId).result;
    expect([next(), next(), next(), messages.available]).toEqual([2n, 3n, undefined, 2]);
  });
});

test('what was sent before an upgrade is received after it', () => {
  const memory = new VectorMemory();
  const open = () => {
    const manager = MemoryManager.init(restarted(memory));
    const type = { capacity: 10, codec: blob(8) };
    const messages = StableMessageManager.init(manager.get(0), type);
    return { messages, queue: TokenQueue.init(manager.get(1), { maxCount: 10 }) };
  };
  const before = open();
  for (const number of [1, 2, 3]) send(before.queue, before.messages, numbered(number));
  expect(() => receive(before.queue, before.messages, fail)).toThrow(HandlerFailed);
  receive(before.queue, before.messages, () => undefined);
  const { queue, messages } = open();
  const next = () => receive(queue, messages, ({ header }) => header.traceId).result;
  expect([next(), next(), next(), messages.available]).toEqual([2n, 3n, undefined, 10]);
});
