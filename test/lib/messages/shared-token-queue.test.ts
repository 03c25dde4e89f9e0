import { afterEach, describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AdmissionOptions } from '../../../src/lib/messages/admission.js';
import {
  QUALITIES_OF_SERVICE,
  type HeaderFields,
} from '../../../src/lib/messages/message-header.js';
import { tokenOf, type MessageToken } from '../../../src/lib/messages/message-token.js';
import { SharedTokenQueue } from '../../../src/lib/messages/shared-token-queue.js';
import { SHARED_TOKEN_QUEUE_LAYOUT } from '../../../src/lib/messages/shared-token-queue/layout.js';
import type { TokenConsumer } from '../../../src/lib/messages/shared-token-queue/token-consumer.js';
import { receive, send } from '../../../src/lib/messages/token-delivery.js';
import { TOKEN_CELL_LAYOUT } from '../../../src/lib/messages/token-queue/cell.js';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { numbered, queueWith, sized } from '../../support/token-queues.js';
import { expectSame } from '../../support/vec-model.js';
import {
  WRONG_BIGINTS,
  WRONG_BOOLEANS,
  WRONG_NUMBERS,
  WRONG_SIZES,
} from '../../support/wrong-inputs.js';

/** A queue whose ends are both held by this thread, and a manager. */
function sharedQueueWith(limits: AdmissionOptions, capacity = 100) {
  const queue = SharedTokenQueue.create(limits);
  const messages = HeapMessageManager.create<Uint8Array>({ capacity });
  const [producer, consumer] = [queue.producer(), queue.consumer()];
  const push = (message = sized(1)): MessageToken => {
    const token = messages.store(message);
    producer.push(token, messages);
    return token;
  };
  return { queue, messages, producer, consumer, push };
}

const rest = (consumer: TokenConsumer): MessageToken[] =>
  consumer.popBatch(1_000).map(({ token }) => token);

const nothing = (): void => undefined;

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a queue between threads', () => {
  test('that is new is empty and says so everywhere', () => {
    const { queue, producer, consumer } = sharedQueueWith({ maxCount: 3 });
    expect([consumer.isEmpty, consumer.peek(), consumer.pop()]).toEqual([
      true,
      undefined,
      undefined,
    ]);
    const empty = { count: 0, bytes: 0, mark: 'below-soft' };
    expect([queue.occupancy(), producer.occupancy(), consumer.occupancy()]).toEqual([
      empty,
      empty,
      empty,
    ]);
  });

  test('gives what came first, with what was true when it came', () => {
    const { queue, consumer, push } = sharedQueueWith({ maxCount: 9 });
    const first = push(sized(3, { deadline: 7n, qos: 'background' }));
    const second = push(sized(4));
    expect(queue.occupancy()).toEqual({ count: 2, bytes: 7, mark: 'below-soft' });
    const one = { token: first, payloadSize: 3, qos: 'background', deadline: 7n };
    expect(consumer.pop(7n)).toEqual({ ...one, isExpired: true });
    expect(queue.occupancy()).toEqual({ count: 1, bytes: 4, mark: 'below-soft' });
    expect(consumer.pop()!.token).toBe(second);
    expect(consumer.isEmpty).toBe(true);
  });

  test('is one queue, whoever attaches', () => {
    const { queue, consumer, push } = sharedQueueWith({ maxCount: 9 });
    const token = push();
    const attached = SharedTokenQueue.attach(queue.buffer, { maxCount: 1 });
    expect(attached.occupancy()).toEqual({ count: 1, bytes: 1, mark: 'at-hard' });
    expect(codeOf(() => attached.producer())).toBe('MEMORY_IN_USE');
    consumer.release();
    expect(attached.consumer().pop()!.token).toBe(token);
    expect(queue.occupancy().count).toBe(0);
  });

  test('comes round its ring for ever, and its numbers as well', () => {
    const { queue, messages, producer, consumer } = sharedQueueWith({ maxCount: 3 });
    const { head, tail } = SHARED_TOKEN_QUEUE_LAYOUT.header;
    const words = new Uint32Array(queue.buffer);
    words[head / 4] = words[tail / 4] = 2 ** 32 - 2;
    for (let round = 0; round < 9; round++) {
      const tokens = [1, 2, 3].map((size) => messages.store(sized(size)));
      for (const token of tokens) expect(producer.push(token, messages).isAdmitted).toBe(true);
      expect(queue.occupancy()).toEqual({ count: 3, bytes: 6, mark: 'at-hard' });
      expect(rest(consumer)).toEqual(tokens);
      tokens.forEach((token) => messages.free(token));
    }
    expect(words[tail / 4]).toBe(25);
  });

  test('keeps its total of bytes beyond 2^32 and beyond 2^52', () => {
    const { queue, producer, consumer } = sharedQueueWith({ maxCount: 4 });
    const huge = { token: tokenOf(0, 1), payloadSize: 2 ** 32 - 1, qos: 'background' } as const;
    const append = () => producer.append({ ...huge, deadline: undefined });
    const { cells } = SHARED_TOKEN_QUEUE_LAYOUT.header;
    const { bytesBefore, end } = SHARED_TOKEN_QUEUE_LAYOUT.cell;
    append();
    const words = new Uint32Array(queue.buffer);
    words[(cells + bytesBefore) / 4 + 1] = 2 ** 20 - 1;
    append();
    expect(words[(cells + end + bytesBefore) / 4 + 1]).toBe(2 ** 20 - 1);
    append();
    expect(words[(cells + 2 * end + bytesBefore) / 4 + 1]).toBe(0);
    expect(queue.occupancy().bytes).toBe(3 * (2 ** 32 - 1));
    consumer.pop();
    expect(queue.occupancy().bytes).toBe(2 * (2 ** 32 - 1));
  });

  test('sends and receives as a queue in a memory does', () => {
    const limits = { maxCount: 2, whenFull: 'evict-oldest' } as const;
    const { messages, producer, consumer } = sharedQueueWith(limits, 2);
    const sent = [1, 2, 3].map((number) => send(producer, messages, numbered(number)));
    expect(sent[2]!.evicted).toEqual([sent[0]!.token]);
    expect(messages.has(sent[0]!.token!)).toBe(false);
    const fail = () =>
      receive(consumer, messages, () => {
        throw new Error('the handler fails');
      });
    expect(fail).toThrow('the handler fails');
    expect(fail).toThrow('the handler fails');
    const next = () => receive(consumer, messages, ({ header }) => header.traceId).result;
    expect([next(), next(), next()]).toEqual([2n, 3n, undefined]);
    expect([messages.available, messages.borrowed]).toEqual([2, 0]);
  });

  test('does not evict what the consumer has in hand', () => {
    const limits = { maxCount: 2, whenFull: 'evict-oldest' } as const;
    const { queue, messages, producer, consumer, push } = sharedQueueWith(limits);
    const [first, second, third] = [push(), push(), messages.store(sized(1))];
    expect(consumer.peek()!.token).toBe(first);
    expect(consumer.peek()!.token).toBe(first);
    expect(queue.occupancy().count).toBe(1);
    expect(producer.push(third, messages)).toEqual({ isAdmitted: true, evicted: [] });
    const fourth = messages.store(sized(1));
    expect(producer.push(fourth, messages)).toEqual({ isAdmitted: true, evicted: [second] });
    expect([consumer.isEmpty, rest(consumer)]).toEqual([false, [first, third, fourth]]);
  });

  test('removes the oldest token only if it is the one that is meant', () => {
    const { consumer, push } = sharedQueueWith({ maxCount: 9 });
    push();
    const second = push();
    const first = consumer.peek()!;
    expect([consumer.remove({ ...first, token: second }), consumer.remove(first)]).toEqual([
      false,
      true,
    ]);
    expect([consumer.remove(first), rest(consumer)]).toEqual([false, [second]]);
    expect(consumer.remove(first)).toBe(false);
  });

  test('takes out before it frees: where that fails, the message is the caller’s', () => {
    const { producer, consumer, push } = sharedQueueWith({ maxCount: 9 });
    const [first, second] = [push(), push()];
    const freed: MessageToken[] = [];
    const fail = (token: MessageToken) => {
      freed.push(token);
      throw new Error('held');
    };
    expect(() => producer.evict({ count: 0, bytes: 0 }, fail)).toThrow('held');
    expect([freed, rest(consumer)]).toEqual([[first], [second]]);
  });
});

describe('an end', () => {
  test('is taken once, and again when it was released', () => {
    const queue = SharedTokenQueue.create({ maxCount: 1 });
    for (const end of ['producer', 'consumer'] as const) {
      const held = queue[end]();
      expect(codeOf(() => queue[end]())).toBe('MEMORY_IN_USE');
      held.release();
      held.release();
      const again = queue[end]();
      held.release();
      expect(codeOf(() => queue[end]())).toBe('MEMORY_IN_USE');
      again[Symbol.dispose]();
      queue[end]();
    }
  });

  test('is of no use after its release', async () => {
    const { messages, producer, consumer, push } = sharedQueueWith({ maxCount: 9 });
    const token = push();
    producer.release();
    consumer.release();
    const item = { token, payloadSize: 1, qos: 'background', deadline: undefined } as const;
    for (const use of [
      () => producer.occupancy(),
      () => producer.push(token, messages),
      () => producer.decide(item),
      () => producer.evict({ count: 0, bytes: 0 }, nothing),
      () => producer.append(item),
      () => consumer.occupancy(),
      () => consumer.isEmpty,
      () => consumer.peek(),
      () => consumer.pop(),
      () => consumer.popBatch(1),
      () => consumer.remove(item),
      () => consumer.wait(0),
    ]) {
      expect(codeOf(use)).toBe('HANDLE_CLOSED');
    }
    await expect(consumer.waitAsync(0)).rejects.toMatchObject({ code: 'HANDLE_CLOSED' });
    expect(messages.borrowed).toBe(0);
  });

  test('is taken over from a thread that is dead, with what it had in hand', () => {
    const { queue, messages, consumer, push } = sharedQueueWith({ maxCount: 9 });
    const tokens = [push(), push()];
    consumer.peek();
    const heir = queue.consumer({ takeOver: true });
    expect(heir.peek()!.token).toBe(tokens[0]);
    const producer = queue.producer({ takeOver: true });
    const third = messages.store(sized(3));
    producer.push(third, messages);
    expect(queue.occupancy()).toEqual({ count: 2, bytes: 4, mark: 'below-soft' });
    expect(rest(heir)).toEqual([...tokens, third]);
    heir.release();
    expect(queue.consumer().isEmpty).toBe(true);
  });

  test('is not taken with what is no boolean', () => {
    const queue = SharedTokenQueue.create({ maxCount: 1 });
    for (const [, takeOver] of WRONG_BOOLEANS) {
      if (takeOver === undefined) continue;
      expect(() => queue.consumer({ takeOver: takeOver as boolean })).toThrow(TypeError);
    }
    queue.consumer();
  });
});

describe('waiting', () => {
  test('ends at once where there is a token, in the queue or in hand', async () => {
    const { consumer, push } = sharedQueueWith({ maxCount: 9 });
    push();
    expect([consumer.wait(), await consumer.waitAsync()]).toEqual([true, true]);
    consumer.peek();
    expect([consumer.wait(), await consumer.waitAsync()]).toEqual([true, true]);
  });

  test('ends when time is up', async () => {
    const { queue, consumer } = sharedQueueWith({ maxCount: 9 });
    expect([consumer.wait(0), consumer.wait(1)]).toEqual([false, false]);
    expect([await consumer.waitAsync(0), await consumer.waitAsync(1)]).toEqual([false, false]);
    const { waiting } = SHARED_TOKEN_QUEUE_LAYOUT.header;
    expect(new Uint32Array(queue.buffer)[waiting / 4]).toBe(0);
  });

  test('ends when a token comes, also of two that wait', async () => {
    const { consumer, push } = sharedQueueWith({ maxCount: 9 });
    const waits = [consumer.waitAsync(Infinity), consumer.waitAsync(Infinity)];
    push();
    expect(await Promise.all(waits)).toEqual([true, true]);
    consumer.pop();
    const [short, long] = [consumer.waitAsync(1), consumer.waitAsync(Infinity)];
    expect(await short).toBe(false);
    push();
    expect(await long).toBe(true);
  });

  test('asks nothing of a producer for whom nobody waits', () => {
    const notify = jest.spyOn(Atomics, 'notify');
    const { push } = sharedQueueWith({ maxCount: 9 });
    push();
    expect(notify).not.toHaveBeenCalled();
  });

  test('is refused where the thread must not block, or the engine cannot await', async () => {
    const { consumer } = sharedQueueWith({ maxCount: 9 });
    jest.spyOn(Atomics, 'wait').mockImplementation(() => {
      throw new TypeError('Atomics.wait cannot be called in this context');
    });
    expect(codeOf(() => consumer.wait(1))).toBe('UNSUPPORTED_OPERATION');
    const atomics = Atomics as { waitAsync?: unknown };
    const { waitAsync } = atomics;
    try {
      delete atomics.waitAsync;
      await expect(consumer.waitAsync(1)).rejects.toMatchObject({ code: 'UNSUPPORTED_OPERATION' });
    } finally {
      Object.defineProperty(Atomics, 'waitAsync', {
        value: waitAsync,
        writable: true,
        configurable: true,
      });
    }
    expect(await consumer.waitAsync(1)).toBe(false);
  });

  test('for what is no time is refused', async () => {
    const { consumer } = sharedQueueWith({ maxCount: 9 });
    for (const [, timeout] of WRONG_NUMBERS) {
      if (timeout === undefined) continue;
      expect(() => consumer.wait(timeout as number)).toThrow(TypeError);
      await expect(consumer.waitAsync(timeout as number)).rejects.toThrow(TypeError);
    }
    for (const timeout of [-1, NaN]) {
      expect(() => consumer.wait(timeout)).toThrow(RangeError);
      await expect(consumer.waitAsync(timeout)).rejects.toThrow(RangeError);
    }
  });
});

describe('what is refused changes nothing', () => {
  test('limits that are none, or of too many tokens', () => {
    expect(() => SharedTokenQueue.create({ maxCount: 0 })).toThrow(RangeError);
    expect(() => SharedTokenQueue.create({ maxCount: 2 ** 26 + 1 })).toThrow(RangeError);
    const { buffer } = SharedTokenQueue.create({ maxCount: 5 });
    expect(() => SharedTokenQueue.attach(buffer, { maxCount: 0 })).toThrow(RangeError);
    expect(SharedTokenQueue.attach(buffer, { maxCount: 8 }).policy.maxCount).toBe(8);
    expect(codeOf(() => SharedTokenQueue.attach(buffer, { maxCount: 9 }))).toBe(
      'INCOMPATIBLE_TYPE',
    );
  });

  test('an engine without shared memory', () => {
    const shared = globalThis.SharedArrayBuffer;
    try {
      globalThis.SharedArrayBuffer = undefined as unknown as typeof shared;
      expect(codeOf(() => SharedTokenQueue.create({ maxCount: 1 }))).toBe('UNSUPPORTED_OPERATION');
    } finally {
      globalThis.SharedArrayBuffer = shared;
    }
  });

  test('a token that its store refuses, and what no manager gives', () => {
    const limits = { maxCount: 1, whenFull: 'evict-oldest' } as const;
    const { queue, messages, producer, push } = sharedQueueWith(limits);
    push();
    const before = new Uint8Array(queue.buffer).slice();
    const freed = messages.store(sized(1));
    messages.free(freed);
    expect(codeOf(() => producer.push(freed, messages))).toBe('NOT_ALLOCATED');
    const unsized = HeapMessageManager.create({
      capacity: 1,
      describe: () => ({ byteLength: 0.5 }),
    });
    expect(() => producer.push(unsized.store(sized(1)), unsized)).toThrow(RangeError);
    const item = { token: 7n as MessageToken, payloadSize: 1, qos: 'background' } as const;
    expect(codeOf(() => producer.append({ ...item, deadline: undefined }))).toBe('GROW_FAILED');
    expect(Buffer.compare(new Uint8Array(queue.buffer), before)).toBe(0);
    producer.evict({ count: 0, bytes: 0 }, nothing);
    expect(codeOf(() => producer.append({ ...item, deadline: undefined }))).toBe('INVALID_VALUE');
    expect(queue.occupancy().count).toBe(0);
  });

  test('a count or a time that is none', () => {
    const { messages, producer, consumer, push } = sharedQueueWith({ maxCount: 9 });
    const token = push();
    for (const [, value] of WRONG_NUMBERS) {
      expect(() => consumer.popBatch(value as number)).toThrow(TypeError);
    }
    for (const [, value] of WRONG_SIZES) {
      expect(() => consumer.popBatch(value as number)).toThrow(RangeError);
    }
    for (const [, value] of WRONG_BIGINTS) {
      if (value === undefined) continue;
      expect(() => consumer.pop(value as bigint)).toThrow(TypeError);
      expect(() => producer.push(token, messages, value as bigint)).toThrow(TypeError);
    }
    expect(rest(consumer)).toEqual([token]);
  });
});

describe('damaged bytes', () => {
  const { header } = SHARED_TOKEN_QUEUE_LAYOUT;

  test.each([
    ['a magic', 0, 0, 'BAD_MAGIC'],
    ['a version', 3, 2, 'UNSUPPORTED_VERSION'],
    ['a number of cells that is no power of two', header.cellCount, 7, 'CORRUPTED'],
    ['no cells', header.cellCount, 0, 'CORRUPTED'],
    ['more cells than there are', header.cellCount, 16, 'CORRUPTED'],
    ['fewer cells than there are', header.cellCount, 4, 'CORRUPTED'],
    ['the first byte of the padding', header.padding, 1, 'CORRUPTED'],
    ['the last byte of the padding', header.tail - 1, 1, 'CORRUPTED'],
    ['the first byte behind the tail', header.tailPadding, 1, 'CORRUPTED'],
    ['the last byte before the head', header.head - 1, 1, 'CORRUPTED'],
    ['the first byte behind the hand', header.handPadding, 1, 'CORRUPTED'],
    ['the last byte before the cells', header.cells - 1, 1, 'CORRUPTED'],
  ])('%s are refused where the queue is attached', (_, offset, spoilt, code) => {
    const { buffer } = SharedTokenQueue.create({ maxCount: 8 });
    new Uint8Array(buffer)[offset] = spoilt;
    expect(codeOf(() => SharedTokenQueue.attach(buffer, { maxCount: 8 }))).toBe(code);
  });

  test('and what is no memory of threads', () => {
    for (const wrong of [undefined, null, 7, {}, new ArrayBuffer(200), new Uint8Array(200)]) {
      expect(() => SharedTokenQueue.attach(wrong as SharedArrayBuffer, { maxCount: 1 })).toThrow(
        TypeError,
      );
    }
    const short = new SharedArrayBuffer(8);
    new Uint8Array(short).set([0x54, 0x51, 0x43, 1]);
    expect(codeOf(() => SharedTokenQueue.attach(short, { maxCount: 1 }))).toBe('CORRUPTED');
    expect(codeOf(() => SharedTokenQueue.attach(new SharedArrayBuffer(0), { maxCount: 1 }))).toBe(
      'BAD_MAGIC',
    );
  });

  test('of a token are found where it is read', () => {
    const { queue, consumer, push } = sharedQueueWith({ maxCount: 8 });
    push();
    new Uint8Array(queue.buffer)[header.cells + TOKEN_CELL_LAYOUT.qos] = 4;
    expect(codeOf(() => consumer.peek())).toBe('CORRUPTED');
    expect(codeOf(() => consumer.pop())).toBe('CORRUPTED');
  });
});

test('limits and answers are those of a queue in a memory', () => {
  const someStep = fc.record({
    kind: fc.constantFrom('push', 'push', 'push', 'pop', 'batch'),
    size: fc.nat(25),
    qos: fc.constantFrom(...QUALITIES_OF_SERVICE),
    deadline: fc.option(fc.bigInt({ min: 48n, max: 52n }), { nil: undefined, freq: 8 }),
  });
  const someLimits = fc.record({
    maxCount: fc.integer({ min: 5, max: 9 }),
    softCount: fc.integer({ min: 2, max: 5 }),
    maxBytes: fc.integer({ min: 60, max: 90 }),
    softBytes: fc.integer({ min: 30, max: 60 }),
    whenSoft: fc.constantFrom('admit', 'evict-oldest', 'block'),
    whenFull: fc.constantFrom('reject', 'evict-oldest', 'drop-newest'),
  }) as fc.Arbitrary<AdmissionOptions>;
  const NOW = 50n;
  checkProperty(
    fc.property(
      someLimits,
      fc.array(someStep, { minLength: 10, maxLength: 60 }),
      (limits, steps) => {
        const inMemory = queueWith(limits);
        const { messages } = inMemory;
        const shared = SharedTokenQueue.create(limits);
        const [producer, consumer] = [shared.producer(), shared.consumer()];
        for (const { kind, size, qos, deadline } of steps) {
          const fields: HeaderFields = { qos, deadline };
          if (kind === 'push') {
            const token = messages.store(sized(size, fields));
            const answer = producer.push(token, messages, NOW);
            expectSame(answer, inMemory.queue.push(token, messages, NOW));
          } else if (kind === 'pop') {
            expectSame(consumer.pop(NOW), inMemory.queue.pop(NOW));
          } else {
            expectSame(consumer.popBatch(size % 4, NOW), inMemory.queue.popBatch(size % 4, NOW));
          }
          expectSame(shared.occupancy(), inMemory.queue.occupancy());
        }
      },
    ),
    { numRuns: 40 },
  );
});
