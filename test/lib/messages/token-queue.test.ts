import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { AdmissionOptions } from '../../../src/lib/messages/admission.js';
import { INVALID_TOKEN, tokenOf } from '../../../src/lib/messages/message-token.js';
import { TokenQueue } from '../../../src/lib/messages/token-queue.js';
import { TOKEN_CELL_LAYOUT } from '../../../src/lib/messages/token-queue/cell.js';
import { TOKEN_QUEUE_LAYOUT } from '../../../src/lib/messages/token-queue/ring.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import type { CountdownMemory } from '../../support/memories.js';
import { codeOf, DiskFull, imageOf } from '../../support/memories.js';
import { headOf, hex, spoil } from '../../support/stored.js';
import { queueWith, sized, tokensOf } from '../../support/token-queues.js';
import { WRONG_BIGINTS, WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

/** So many cells fit the first page. */
const FIRST_CAPACITY = 2_728;

describe('a queue of tokens', () => {
  test('that is new is empty and says so everywhere', () => {
    const { queue } = queueWith({ maxCount: 2 });
    expect([queue.length, queue.bytes, queue.isEmpty]).toEqual([0, 0, true]);
    expect([queue.peek(), queue.peekAt(0), queue.pop()]).toEqual([undefined, undefined, undefined]);
    expect([queue.popBatch(3), [...queue]]).toEqual([[], []]);
    expect(queue.occupancy()).toEqual({ count: 0, bytes: 0, mark: 'below-soft' });
    expect(queue.checkInvariants()).toBeUndefined();
  });

  test('writes nothing where it gives nothing', () => {
    const { queue, memory } = queueWith({ maxCount: 2 });
    memory.failWritesAfter(0);
    expect([
      queue.pop(),
      queue.popBatch(2),
      queue.evict({ count: 0, bytes: 0 }, () => undefined),
    ]).toEqual([undefined, [], []]);
    expect(memory.steps).toBe(0);
  });

  test('gives what came first, with what was true when it came', () => {
    const { queue, push } = queueWith({ maxCount: 9 });
    const first = push(sized(3, { deadline: 7n, qos: 'background' }));
    const second = push(sized(4));
    const [one, two] = [
      { token: first, payloadSize: 3, qos: 'background', deadline: 7n },
      { token: second, payloadSize: 4, qos: 'best-effort', deadline: undefined },
    ];
    expect([queue.peek(), queue.peekAt(1), queue.peekAt(2)]).toEqual([one, two, undefined]);
    expect([...queue]).toEqual([one, two]);
    expect(queue.occupancy()).toEqual({ count: 2, bytes: 7, mark: 'below-soft' });
    expect(queue.pop()).toEqual({ ...one, isExpired: false });
    expect([queue.length, queue.bytes, queue.isEmpty]).toEqual([1, 4, false]);
    expect(queue.pop()).toEqual({ ...two, isExpired: false });
    expect(queue.isEmpty).toBe(true);
  });

  test('says of what it gives whether its deadline is over', () => {
    const { queue, push } = queueWith({ maxCount: 9 });
    for (const deadline of [5n, 6n, undefined]) push(sized(1, { deadline }));
    expect(queue.popBatch(9, 5n).map(({ isExpired }) => isExpired)).toEqual([true, false, false]);
    push(sized(1, { deadline: 5n }));
    expect(queue.pop(4n)!.isExpired).toBe(false);
  });

  test('gives several at once, in order and no more than there are', () => {
    const { queue, push } = queueWith({ maxCount: 9 });
    const tokens = [1, 2, 3, 4].map((size) => push(sized(size)));
    expect(queue.popBatch(0)).toEqual([]);
    expect(queue.popBatch(3).map(({ token }) => token)).toEqual(tokens.slice(0, 3));
    expect(queue.bytes).toBe(4);
    expect(queue.popBatch(3).map(({ token }) => token)).toEqual(tokens.slice(3));
    expect(queue.checkInvariants()).toBeUndefined();
  });

  test('says whether it has taken a token, and why not', () => {
    const { queue, messages } = queueWith({ maxCount: 2, maxBytes: 9 });
    const answer = (size: number, deadline?: bigint) =>
      queue.push(messages.store(sized(size, { deadline })), messages, 100n);
    expect(answer(4)).toEqual({ isAdmitted: true, evicted: [] });
    const refused = (reason: string) => ({
      isAdmitted: false,
      evicted: [],
      refusal: { kind: 'reject', reason },
    });
    expect(answer(10)).toEqual(refused('too-large'));
    expect(answer(6)).toEqual(refused('full'));
    expect(answer(1, 100n)).toEqual(refused('expired'));
    expect(answer(5)).toEqual({ isAdmitted: true, evicted: [] });
    expect(answer(0)).toEqual(refused('full'));
    expect(queue.occupancy()).toEqual({ count: 2, bytes: 9, mark: 'at-hard' });
  });

  test('evicts as many of the oldest as the new one needs room, and names them', () => {
    const limits = { maxCount: 4, maxBytes: 10, whenFull: 'evict-oldest' } as const;
    const { queue, messages, push } = queueWith(limits);
    const [a, b, c, d] = [1, 2, 3, 4].map((size) => push(sized(size)));
    const e = messages.store(sized(1));
    expect(queue.push(e, messages)).toEqual({ isAdmitted: true, evicted: [a] });
    const f = messages.store(sized(6));
    expect(queue.push(f, messages)).toEqual({ isAdmitted: true, evicted: [b, c, d] });
    expect(tokensOf(queue)).toEqual([e, f]);
    expect(queue.bytes).toBe(7);
    expect([a, b, c, d].every((token) => messages.has(token!))).toBe(true);
  });

  test('evicts one between the marks', () => {
    const limits = { maxCount: 9, softCount: 2, whenSoft: 'evict-oldest' } as const;
    const { queue, push } = queueWith(limits);
    const tokens = [1, 2, 3].map((size) => push(sized(size)));
    expect(tokensOf(queue)).toEqual(tokens.slice(1));
  });

  test('looks at a header and lets go of it at once', () => {
    const { queue, messages, push } = queueWith({ maxCount: 1 });
    const token = push();
    expect(messages.borrowed).toBe(0);
    queue.push(messages.store(sized(1)), messages);
    expect(messages.borrowed).toBe(0);
    messages.free(token);
  });

  test('is there again when it is opened, and may be given other limits', () => {
    const { queue, messages, memory, push } = queueWith({ maxCount: 3 });
    const tokens = [push(sized(1)), push(sized(2)), push(sized(3))];
    queue.intoMemory();
    const reopened = TokenQueue.init(memory, { maxCount: 2, whenFull: 'evict-oldest' });
    expect(tokensOf(reopened)).toEqual(tokens);
    expect(reopened.occupancy()).toEqual({ count: 3, bytes: 6, mark: 'at-hard' });
    const token = messages.store(sized(4));
    expect(reopened.push(token, messages).evicted).toEqual(tokens.slice(0, 2));
    expect(tokensOf(reopened)).toEqual([tokens[2], token]);
    expect(reopened.policy.maxCount).toBe(2);
  });

  test('doubles its ring, also where the tokens have come round', () => {
    for (const popped of [0, 1, FIRST_CAPACITY - 1]) {
      const { queue, memory, push } = queueWith({ maxCount: 10_000 });
      for (let index = 0; index < popped; index++) push();
      queue.popBatch(popped);
      const tokens = Array.from({ length: FIRST_CAPACITY + 1 }, () => push());
      expect(tokensOf(queue)).toEqual(tokens);
      expect([memory.size(), queue.checkInvariants()]).toEqual([2, undefined]);
    }
  });

  test('writes over no token that its header names, also when it evicts from a full ring', () => {
    const limits = { maxCount: FIRST_CAPACITY, whenFull: 'evict-oldest' } as const;
    const { queue, messages, memory, push } = queueWith(limits);
    const tokens = Array.from({ length: FIRST_CAPACITY }, () => push());
    expect(memory.size()).toBe(1);
    const last = messages.store(sized(1));
    expect(queue.push(last, messages).evicted).toEqual([tokens[0]]);
    expect(tokensOf(queue)).toEqual([...tokens.slice(1), last]);
    expect([memory.size(), queue.checkInvariants()]).toEqual([2, undefined]);
  });

  test('takes no more pages than its ring has cells for', () => {
    const { queue, memory, push } = queueWith({ maxCount: 10 });
    for (let index = 0; index < 9_000; index++) {
      push();
      queue.pop();
    }
    expect(memory.size()).toBe(1);
  });

  test('is walked in either direction, and not after a change', () => {
    const { queue, push } = queueWith({ maxCount: 9 });
    for (const size of [1, 2, 3]) push(sized(size));
    const sizes = (range: object) => Array.from(queue.values(range), (each) => each.payloadSize);
    expect([sizes({ from: 1 }), sizes({ to: 2, reverse: true })]).toEqual([
      [2, 3],
      [2, 1],
    ]);
    const iterator = queue.values();
    iterator.next();
    queue.pop();
    expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
  });

  test('removes the oldest token only if it is the one that is meant', () => {
    const { queue, push } = queueWith({ maxCount: 9 });
    push();
    const second = push();
    const [first, other] = [...queue];
    expect([queue.remove(other!), queue.remove(first!), queue.remove(first!)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(tokensOf(queue)).toEqual([second]);
  });

  test('evicts down to what is to be kept, and stops where a message cannot be freed', () => {
    const { queue, push } = queueWith({ maxCount: 9 });
    const [a, b, c] = [1, 2, 3].map((size) => push(sized(size)));
    const freed: unknown[] = [];
    const free = (token: unknown) => {
      if (token === b) throw new DiskFull();
      freed.push(token);
    };
    expect(queue.evict({ count: 3, bytes: 6 }, free)).toEqual([]);
    expect(() => queue.evict({ count: 0, bytes: 6 }, free)).toThrow(DiskFull);
    expect([freed, tokensOf(queue), queue.bytes]).toEqual([[a], [b, c], 5]);
    expect(queue.evict({ count: 9, bytes: 4 }, () => undefined)).toEqual([b]);
  });
});

test('the total of bytes does not drift where a message is edited in the queue', () => {
  const { queue, messages, push } = queueWith({ maxCount: 9, maxBytes: 100 });
  const token = push(sized(10));
  messages.withWrite(token, (guard) => {
    guard.payload = new Uint8Array(90);
    guard.setHeader({ qos: 'background', deadline: 1n });
  });
  expect(queue.bytes).toBe(10);
  expect(queue.pop(5n)).toEqual({
    token,
    payloadSize: 10,
    qos: 'best-effort',
    deadline: undefined,
    isExpired: false,
  });
  expect([queue.bytes, queue.checkInvariants()]).toEqual([0, undefined]);
});

test('the bytes are frozen', () => {
  const { queue, memory, push } = queueWith({ maxCount: 9 });
  push(sized(1));
  push(sized(2, { qos: 'background', deadline: 258n }));
  push(sized(5, { qos: 'latency-critical', deadline: 0n }));
  queue.pop();
  const golden = readFileSync(new URL('../../golden/token-queue_v1.hex', import.meta.url), 'utf8');
  const digits = golden.replaceAll(/^#.*$/gm, '').replaceAll('\n', ' ');
  expect(headOf(memory)).toBe(hex(digits));
});

describe('opening', () => {
  test('creates in an empty memory only', () => {
    const memory = new VectorMemory();
    memory.grow(1);
    expect(codeOf(() => TokenQueue.create(memory, { maxCount: 1 }))).toBe('NOT_EMPTY');
    expect(codeOf(() => TokenQueue.init(memory, { maxCount: 1 }))).toBe('BAD_MAGIC');
    expect(headOf(memory)).toBe('');
    expect(codeOf(() => TokenQueue.load(new VectorMemory(), { maxCount: 1 }))).toBe('CORRUPTED');
    expect(codeOf(() => TokenQueue.init(new VectorMemory(0), { maxCount: 1 }))).toBe('GROW_FAILED');
  });

  test('refuses limits that are none, and leaves the memory alone', () => {
    const memory = new VectorMemory();
    expect(() => TokenQueue.init(memory, { maxCount: 0 })).toThrow(RangeError);
    expect(() => TokenQueue.init(memory, undefined as unknown as AdmissionOptions)).toThrow(
      TypeError,
    );
    expect(memory.size()).toBe(0);
    TokenQueue.init(memory, { maxCount: 1 }).intoMemory();
    expect(() => TokenQueue.init(memory, { maxCount: 0 })).toThrow(RangeError);
  });

  test('is refused while another handle holds the memory, and not after it', () => {
    const { queue, messages, memory, push } = queueWith({ maxCount: 9 });
    const token = push();
    expect(codeOf(() => TokenQueue.init(memory, { maxCount: 9 }))).toBe('MEMORY_IN_USE');
    expect(queue.intoMemory()).toBe(memory);
    const item = { token, payloadSize: 1, qos: 'background', deadline: undefined } as const;
    for (const use of [
      () => queue.length,
      () => queue.bytes,
      () => queue.isEmpty,
      () => queue.occupancy(),
      () => queue.push(token, messages),
      () => queue.decide(item),
      () => queue.append(item),
      () => queue.evict({ count: 0, bytes: 0 }, () => undefined),
      () => queue.peek(),
      () => queue.peekAt(0),
      () => queue.pop(),
      () => queue.popBatch(0),
      () => queue.remove(item),
      () => queue.values(),
      () => [...queue],
      () => queue.checkInvariants(),
      () => queue.intoMemory(),
    ]) {
      expect(codeOf(use)).toBe('HANDLE_CLOSED');
    }
    expect(messages.borrowed).toBe(0);
    expect(tokensOf(TokenQueue.init(memory, { maxCount: 9 }))).toEqual([token]);
  });
});

describe('what is refused changes nothing', () => {
  test('a token that its store refuses', () => {
    const { queue, messages, memory, push } = queueWith({ maxCount: 1, whenFull: 'evict-oldest' });
    const queued = push();
    const before = imageOf(memory);
    const freed = messages.store(sized(1));
    messages.free(freed);
    expect(codeOf(() => queue.push(freed, messages))).toBe('NOT_ALLOCATED');
    messages.store(sized(1));
    expect(codeOf(() => queue.push(freed, messages))).toBe('STALE_TOKEN');
    expect(codeOf(() => queue.push(INVALID_TOKEN, messages))).toBe('BAD_TOKEN');
    expect(codeOf(() => queue.push(tokenOf(7, 1), messages))).toBe('BAD_TOKEN');
    for (const [, token] of WRONG_BIGINTS) {
      expect(() => queue.push(token as never, messages)).toThrow(TypeError);
    }
    messages.withWrite(queued, () => {
      expect(codeOf(() => queue.push(queued, messages))).toBe('ALREADY_BORROWED');
    });
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
  });

  test('what no manager gives', () => {
    const { queue, memory } = queueWith({ maxCount: 1 });
    const before = imageOf(memory);
    const item = { token: tokenOf(0, 1), payloadSize: 1, qos: 'background', deadline: undefined };
    const append = (fields: object) => () => queue.append({ ...item, ...fields } as never);
    expect(codeOf(append({ token: 7n }))).toBe('INVALID_VALUE');
    expect(codeOf(append({ token: 2n ** 64n }))).toBe('INVALID_VALUE');
    expect(codeOf(append({ token: -1n }))).toBe('INVALID_VALUE');
    expect(append({ token: 7 })).toThrow(TypeError);
    expect(append({ payloadSize: 2 ** 32 })).toThrow(RangeError);
    expect(append({ payloadSize: '7' })).toThrow(TypeError);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    append({ token: INVALID_TOKEN, payloadSize: 2 ** 32 - 1 })();
    expect(queue.peek()).toEqual({ ...item, token: INVALID_TOKEN, payloadSize: 2 ** 32 - 1 });
  });

  test('an index, a count or a time that is none', () => {
    const { queue, messages, push } = queueWith({ maxCount: 3 });
    const token = push();
    for (const [, value] of WRONG_NUMBERS) {
      expect(() => queue.peekAt(value as number)).toThrow(TypeError);
      expect(() => queue.popBatch(value as number)).toThrow(TypeError);
    }
    for (const [, value] of WRONG_SIZES) {
      expect(() => queue.peekAt(value as number)).toThrow(RangeError);
      expect(() => queue.popBatch(value as number)).toThrow(RangeError);
    }
    for (const [, value] of WRONG_BIGINTS.slice(1)) {
      expect(() => queue.pop(value as bigint)).toThrow(TypeError);
      expect(() => queue.push(token, messages, value as bigint)).toThrow(TypeError);
    }
    expect(queue.length).toBe(1);
  });

  test('a refused grow', () => {
    const { queue, memory, messages, push } = queueWith({ maxCount: 10_000 });
    push();
    queue.pop();
    for (let index = 0; index < FIRST_CAPACITY; index++) push();
    const before = imageOf(memory);
    memory.refuseGrowsAfter(0);
    const token = messages.store(sized(1));
    expect(codeOf(() => queue.push(token, messages))).toBe('GROW_FAILED');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect([queue.length, queue.checkInvariants()]).toEqual([FIRST_CAPACITY, undefined]);
    memory.relent();
    expect(queue.push(token, messages).isAdmitted).toBe(true);
    expect(queue.checkInvariants()).toBeUndefined();
  });
});

test.each([
  ['push', 2, (each: ReturnType<typeof queueWith>) => each.push(sized(1))],
  ['a push that evicts', 2, (each: ReturnType<typeof queueWith>) => each.push(sized(4))],
  ['pop', 1, ({ queue }: ReturnType<typeof queueWith>) => queue.pop()],
  ['popBatch', 1, ({ queue }: ReturnType<typeof queueWith>) => queue.popBatch(2)],
  [
    'evict',
    1,
    ({ queue }: ReturnType<typeof queueWith>) =>
      queue.evict({ count: 2, bytes: 9 }, () => undefined),
  ],
] as const)(
  'a failed write in %s closes the handle, and the memory has the queue of before',
  (_, writesNeeded, change) => {
    for (let writes = 0; ; writes++) {
      const each = queueWith({ maxCount: 4, maxBytes: 10, whenFull: 'evict-oldest' });
      for (const size of [1, 2, 3]) each.push(sized(size));
      const before = tokensOf(each.queue);
      each.memory.failWritesAfter(writes);
      try {
        change(each);
        expect(writes).toBe(writesNeeded);
        expect(each.queue.checkInvariants()).toBeUndefined();
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      expect(codeOf(() => each.queue.length)).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => each.queue.pop())).toBe('PREVIOUS_FAILURE');
      const reopened = TokenQueue.load(VectorMemory.from(imageOf(each.memory)), { maxCount: 4 });
      expect([tokensOf(reopened), reopened.checkInvariants()]).toEqual([before, undefined]);
    }
  },
);

test('a failed write while the ring doubles leaves the queue of before', () => {
  for (let writes = 0; ; writes++) {
    const { queue, memory, push } = queueWith({ maxCount: 10_000 });
    push();
    queue.pop();
    const tokens = Array.from({ length: FIRST_CAPACITY }, () => push());
    memory.failWritesAfter(writes);
    try {
      push();
      expect(writes).toBe(4);
      return;
    } catch (error) {
      expect(error).toBeInstanceOf(DiskFull);
    }
    const reopened = TokenQueue.load(VectorMemory.from(imageOf(memory)), { maxCount: 1 });
    expect([tokensOf(reopened), reopened.checkInvariants()]).toEqual([tokens, undefined]);
  }
});

describe('damaged bytes', () => {
  const { padding, capacity, head, length, bytes, reserved, cells } = TOKEN_QUEUE_LAYOUT;
  const cell = TOKEN_CELL_LAYOUT;

  /** A queue of three, closed. */
  function closedQueue(): CountdownMemory {
    const { queue, memory, push } = queueWith({ maxCount: 9 });
    for (const size of [1, 2, 3]) push(sized(size));
    queue.intoMemory();
    return memory;
  }

  test.each([
    ['a magic', 0, '00', 'BAD_MAGIC'],
    ['a version', 3, '02', 'UNSUPPORTED_VERSION'],
    ['the first byte of the padding', padding, '01', 'CORRUPTED'],
    ['the last byte of the padding', padding + 11, '01', 'CORRUPTED'],
    ['the first reserved byte', reserved, '01', 'CORRUPTED'],
    ['the last reserved byte', reserved + 15, '01', 'CORRUPTED'],
    ['a capacity that ends beyond the memory', capacity, 'a90a', 'CORRUPTED'],
    ['a capacity of none', capacity, '0000', 'CORRUPTED'],
    ['a capacity beyond 2^53', capacity, 'ffffffffffffffff', 'CORRUPTED'],
    ['an oldest token beyond the ring', head, 'a80a', 'CORRUPTED'],
    ['more tokens than the ring has cells', length, 'a90a', 'CORRUPTED'],
    ['more bytes than so many messages can have', bytes, 'feffffff02', 'CORRUPTED'],
  ])('%s are refused at opening', (_, offset, spoilt, code) => {
    const memory = closedQueue();
    spoil(memory, offset, spoilt);
    const before = imageOf(memory);
    expect(codeOf(() => TokenQueue.init(memory, { maxCount: 9 }))).toBe(code);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
  });

  test.each([
    ['a token without a generation', cell.token, '0000000000000000'],
    ['a quality of service of none', cell.qos, '00'],
    ['a quality of service that there is not', cell.qos, '04'],
    ['a mark of a deadline that there is not', cell.hasDeadline, '02'],
    ['a deadline that is absent', cell.deadline, '01'],
    ['the first reserved byte of a cell', cell.reserved, '01'],
    ['the last reserved byte of a cell', cell.reserved + 1, '01'],
  ])('%s are found where the token is read, and the queue stays', (_, offset, spoilt) => {
    const memory = closedQueue();
    spoil(memory, cells + offset, spoilt);
    const queue = TokenQueue.load(memory, { maxCount: 9 });
    const before = imageOf(memory);
    expect(codeOf(() => queue.peek())).toBe('CORRUPTED');
    expect(codeOf(() => queue.pop())).toBe('CORRUPTED');
    expect(queue.checkInvariants()).toMatch(/^CORRUPTED/);
    expect(queue.peekAt(1)!.payloadSize).toBe(2);
    expect([queue.length, Buffer.compare(imageOf(memory), before)]).toEqual([3, 0]);
  });

  test('sizes above the total are refused where they are popped, below it by the check', () => {
    const memory = closedQueue();
    spoil(memory, cells + cell.payloadSize, '07');
    const queue = TokenQueue.load(memory, { maxCount: 9 });
    expect(queue.checkInvariants()).toBe('the sizes add up to 12, the header says 6');
    expect(codeOf(() => queue.pop())).toBe('CORRUPTED');
    spoil(memory, cells + cell.payloadSize, '00');
    expect(queue.checkInvariants()).toBe('the sizes add up to 5, the header says 6');
    expect([queue.pop()!.payloadSize, queue.bytes]).toEqual([0, 6]);
  });

  test('in the header of an open queue are found by the check', () => {
    for (const [offset, spoilt] of [
      [length, '02'],
      [head, '00'],
      [capacity, 'a70a'],
      [bytes, '01'],
    ] as const) {
      const { queue, memory, push } = queueWith({ maxCount: 9 });
      for (const size of [1, 2, 3, 4]) push(sized(size));
      queue.pop();
      spoil(memory, offset, spoilt);
      expect(queue.checkInvariants()).toBe('the header tells of another ring');
    }
  });
});
