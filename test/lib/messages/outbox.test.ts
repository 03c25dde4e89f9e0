import { beforeEach, describe, expect, test } from '@jest/globals';
import { text, u64 } from '../../../src/lib/codecs/index.js';
import type { Codec } from '../../../src/lib/codec.js';
import type { Memory } from '../../../src/lib/memory.js';
import { StorageError } from '../../../src/lib/errors.js';
import {
  INVALID_TOKEN,
  messageToken,
  type MessageToken,
} from '../../../src/lib/messages/message-token.js';
import { Outbox, type OutboxOptions } from '../../../src/lib/messages/outbox.js';
import type { Letter } from '../../../src/lib/messages/outbox/letter.js';
import type { OutboxMemories } from '../../../src/lib/messages/outbox/letter-book.js';
import { Patience, type PatienceOptions } from '../../../src/lib/messages/outbox/patience.js';
import { REASON_SIZE_MAX } from '../../../src/lib/messages/outbox/stored-letter.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, imageOf, restarted } from '../../support/memories.js';
import { toHex } from '../../support/hex.js';
import { WRONG_BIGINTS, WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

const NOON = 1_000_000_000_000n;
const SECOND = 1_000_000_000n;

/** Waits 1, 2 and then 3 seconds; dead after the fourth failure. */
const OPTIONS: OutboxOptions<string> = {
  codec: text,
  payloadSizeMax: 40,
  capacity: 50,
  attemptsMax: 4,
  retryDelay: SECOND,
  retryDelayMax: 3n * SECOND,
  lease: 60n * SECOND,
};

let memories: { messages: Memory; schedule: Memory };
let outbox: Outbox<string>;

beforeEach(() => {
  memories = { messages: new VectorMemory(), schedule: new VectorMemory() };
  outbox = Outbox.init(memories, OPTIONS);
});

/** As after an upgrade: the heap is gone, the memories stay. */
function upgraded<P = string>(options = OPTIONS as unknown as OutboxOptions<P>): Outbox<P> {
  return Outbox.init(copyOf(memories), options);
}

function copyOf({ messages, schedule }: OutboxMemories): OutboxMemories {
  return { messages: restarted(messages), schedule: restarted(schedule) };
}

/** Begins, and fails, until the letter is dead or no longer due. Returns when it ended. */
function failAll(now = NOON): bigint {
  let moment = now;
  for (let due = outbox.nextDue(); due !== undefined; due = outbox.nextDue()) {
    moment = due;
    outbox.failed(outbox.begin(due)!, `failed at ${(due - now) / SECOND} s`, due);
  }
  return moment;
}

function seen(letter: Letter<string> | undefined) {
  if (letter === undefined) return undefined;
  const { token, payload, state, attempts, dueAt, reason } = letter;
  return { token, payload, state, attempts, dueAt, reason };
}

describe('a letter', () => {
  test('is put in by one call, leased by another, and gone when it has arrived', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    const fresh = { token, payload: 'hello', attempts: 0, reason: undefined };
    expect(seen(outbox.find(token))).toEqual({ ...fresh, state: 'waiting', dueAt: NOON });
    const letter = outbox.begin(NOON)!;
    const leased = { ...fresh, state: 'in-flight', attempts: 1, dueAt: NOON + 60n * SECOND };
    expect([seen(letter), seen(outbox.find(token))]).toEqual([leased, leased]);
    expect(outbox.begin(NOON)).toBeUndefined();
    expect(outbox.delivered(token)).toBe(true);
    expect(outbox.find(token)).toBeUndefined();
    expect(outbox.nextDue()).toBeUndefined();
    expect(outbox.usage()).toEqual({ capacity: 50, available: 50, pending: 0, dead: 0 });
  });

  test('says who sent it and when, and keeps that through attempts and upgrades', () => {
    const fields = { qos: 'latency-critical', traceId: 7n, sequence: 8n } as const;
    const deadline = NOON + 90n * SECOND;
    const token = outbox.enqueue('hello', { now: NOON, deadline, ...fields });
    outbox.failed(outbox.begin(NOON)!, 'busy', NOON);
    expect(upgraded().find(token)).toMatchObject({ enqueuedAt: NOON, deadline, ...fields });
  });

  test('waits as long as it was told, and not a nanosecond longer', () => {
    outbox.enqueue('later', { now: NOON, delay: 5n });
    expect([outbox.nextDue(), outbox.begin(NOON + 4n)]).toEqual([NOON + 5n, undefined]);
    expect(outbox.begin(NOON + 5n)?.payload).toBe('later');
  });

  test('may be delayed beyond the end of time, and is never due then', () => {
    const token = outbox.enqueue('never', { now: NOON, delay: 2n ** 64n - 2n });
    expect(outbox.nextDue()).toBe(2n ** 64n - 2n);
    expect(outbox.find(token)?.state).toBe('waiting');
    expect(outbox.usage()).toMatchObject({ pending: 1, dead: 0 });
  });

  test('may carry nothing', () => {
    outbox.enqueue('', { now: NOON });
    expect(outbox.begin(NOON)?.payload).toBe('');
  });

  test('comes when it is due, not when it was put in', () => {
    for (const delay of [3n, 1n, 2n]) outbox.enqueue(`${delay}`, { now: NOON, delay });
    const order = [1, 2, 3].map(() => outbox.begin(NOON + 3n)?.payload);
    expect(order).toEqual(['1', '2', '3']);
  });
});

describe('an attempt', () => {
  test('that fails is followed by others, each after twice the wait up to the longest', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    const waits: unknown[] = [];
    let now = NOON;
    while (outbox.nextDue() !== undefined) {
      waits.push((outbox.nextDue()! - now) / SECOND);
      now = outbox.nextDue()!;
      outbox.failed(outbox.begin(now)!, 'busy', now);
    }
    expect(waits).toEqual([0n, 1n, 2n, 3n]);
    expect(seen(outbox.find(token))).toMatchObject({ state: 'dead', attempts: 4, reason: 'busy' });
    expect(outbox.find(token)?.dueAt).toBeUndefined();
  });

  test('that is never answered ends with its lease, and the letter is tried again', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    outbox.begin(NOON);
    const leaseEnd = outbox.nextDue()!;
    expect(outbox.begin(leaseEnd - 1n)).toBeUndefined();
    const second = outbox.begin(leaseEnd)!;
    expect(second).toMatchObject({ token, attempts: 2, reason: 'no answer to attempt 1' });
  });

  test('is the last one that is not answered: the letter is dead then, and says so', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    for (let due = outbox.nextDue(); due !== undefined; due = outbox.nextDue()) outbox.begin(due);
    const reason = 'no answer to attempt 4';
    expect(outbox.find(token)).toMatchObject({ state: 'dead', attempts: 4, reason });
  });

  test('whose lease has run out may still fail, as long as there is no newer one', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    const first = outbox.begin(NOON)!;
    expect(outbox.failed(first, 'slow', NOON + 100n * SECOND)).toBe(true);
    expect(outbox.find(token)).toMatchObject({ state: 'waiting', dueAt: NOON + 101n * SECOND });
  });

  test('that fails late harms no newer one', () => {
    outbox.enqueue('hello', { now: NOON });
    const first = outbox.begin(NOON)!;
    const second = outbox.begin(outbox.nextDue()!)!;
    const before = seen(outbox.find(second.token));
    expect(outbox.failed(first, 'late', NOON + 70n * SECOND)).toBe(false);
    expect(seen(outbox.find(second.token))).toEqual(before);
    expect(outbox.failed(second, 'busy', NOON + 70n * SECOND)).toBe(true);
  });

  test('that arrives late is an arrival, and what follows has nothing to change', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    const first = outbox.begin(NOON)!;
    const second = outbox.begin(outbox.nextDue()!)!;
    expect(outbox.delivered(first.token)).toBe(true);
    expect(outbox.failed(second, 'refused', NOON)).toBe(false);
    expect(outbox.delivered(second.token)).toBe(false);
    const other = outbox.enqueue('other', { now: NOON });
    expect([outbox.delivered(token), outbox.failed(second, 'late', NOON)]).toEqual([false, false]);
    expect(outbox.find(other)?.state).toBe('waiting');
    expect(other).not.toBe(token);
  });

  test('fails once: to say so again puts nothing off', () => {
    outbox.enqueue('hello', { now: NOON });
    const letter = outbox.begin(NOON)!;
    outbox.failed(letter, 'busy', NOON);
    const due = outbox.nextDue();
    expect(outbox.failed(letter, 'busy', NOON + 5n * SECOND)).toBe(false);
    expect(outbox.nextDue()).toBe(due);
  });

  test('keeps as much of its reason as 200 bytes hold, in whole characters', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    const kept = [
      ['x'.repeat(REASON_SIZE_MAX), 'x'.repeat(REASON_SIZE_MAX)],
      ['x'.repeat(1_000_000), 'x'.repeat(REASON_SIZE_MAX)],
      ['x' + 'ä'.repeat(100), 'x' + 'ä'.repeat(99)],
      ['ab' + '😀'.repeat(100), 'ab' + '😀'.repeat(49)],
      ['half \ud83d', 'half \ufffd'],
    ].map(([reason, expected]) => {
      const now = outbox.nextDue()!;
      outbox.failed(outbox.begin(now)!, reason!, now);
      const found = outbox.find(token)!.reason;
      outbox.retry(token, now);
      return found === expected ? '' : `${reason}: ${found}`;
    });
    expect(kept).toEqual(['', '', '', '', '']);
  });
});

test('the longest wait is the longest after any number of failures', () => {
  const patience = new Patience({ attemptsMax: 2 ** 32 - 1, retryDelayMax: 77n });
  expect([patience.delayAfter(2), patience.delayAfter(2 ** 32 - 1)]).toEqual([77n, 77n]);
  const restless = new Patience({ retryDelay: 0n });
  expect(restless.delayAfter(9)).toBe(0n);
});

describe('a deadline', () => {
  const deadline = NOON + 2n * SECOND;

  test('ends the attempts: from then on a letter is not begun', () => {
    const token = outbox.enqueue('hello', { now: NOON, deadline });
    expect(outbox.begin(deadline)).toBeUndefined();
    expect(outbox.find(token)).toMatchObject({ state: 'dead', attempts: 0 });
    expect(outbox.find(token)?.reason).toContain('deadline');
  });

  test('still lets a letter be begun a moment before', () => {
    outbox.enqueue('hello', { now: NOON, deadline });
    expect(outbox.begin(deadline - 1n)?.payload).toBe('hello');
  });

  test('makes a letter dead at once whose next attempt would come too late', () => {
    const token = outbox.enqueue('hello', { now: NOON, deadline });
    outbox.failed(outbox.begin(NOON)!, 'one', NOON);
    expect(outbox.find(token)?.state).toBe('waiting');
    const second = outbox.begin(NOON + SECOND)!;
    outbox.failed(second, 'two', NOON + SECOND);
    expect(outbox.find(token)).toMatchObject({ state: 'dead', attempts: 2, reason: 'two' });
  });

  test('that has passed counts no longer for a letter that is retried; one to come does', () => {
    const late = outbox.enqueue('late', { now: NOON, deadline });
    outbox.begin(deadline + 1n);
    outbox.retry(late, deadline + 1n);
    expect(outbox.begin(deadline + 1n)).toMatchObject({ token: late, deadline: undefined });
    const early = outbox.enqueue('early', { now: NOON, deadline });
    outbox.retry(early, NOON);
    expect(outbox.find(early)?.deadline).toBe(deadline);
  });
});

describe('dead letters', () => {
  test('are listed by their tokens, and from one on', () => {
    const tokens = ['a', 'b', 'c'].map((payload) => outbox.enqueue(payload, { now: NOON }));
    const living = outbox.enqueue('d', { now: NOON, delay: 3_600n * SECOND });
    for (let round = 0; round < 12; round++) {
      const now = outbox.nextDue()!;
      outbox.failed(outbox.begin(now)!, 'busy', now);
    }
    const payloads = (after?: bigint) =>
      Array.from(outbox.deadLetters({ after }), ({ payload }) => payload);
    expect(payloads()).toEqual(['a', 'b', 'c']);
    expect([payloads(tokens[0]), payloads(tokens[2])]).toEqual([['b', 'c'], []]);
    expect(outbox.usage()).toEqual({ capacity: 50, available: 46, pending: 1, dead: 3 });
    expect(outbox.nextDue()).toBe(NOON + 3_600n * SECOND);
    expect(outbox.begin(2n ** 64n - 2n)?.token).toBe(living);
  });

  test('live again when they are retried, with all attempts before them', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    const end = failAll();
    expect(outbox.retry(token, end)).toBe(true);
    expect(outbox.find(token)).toMatchObject({ state: 'waiting', dueAt: end, attempts: 4 });
    expect(outbox.begin(end)).toMatchObject({ attempts: 5, reason: 'failed at 6 s' });
    outbox.failed(outbox.find(token)!, 'again', end);
    expect(outbox.nextDue()).toBe(end + SECOND);
    failAll(end);
    expect(outbox.find(token)).toMatchObject({ state: 'dead', attempts: 8 });
  });

  test('hear nothing of the attempts before they were retried', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    const attempts = [1, 2, 3, 4].map(() => {
      const now = outbox.nextDue()!;
      const letter = outbox.begin(now)!;
      outbox.failed(letter, 'busy', now);
      return letter;
    });
    outbox.retry(token, NOON);
    outbox.begin(NOON);
    expect(attempts.map((attempt) => outbox.failed(attempt, 'late', NOON))).toEqual(
      attempts.map(() => false),
    );
  });

  test('are gone when they are delivered late, or discarded', () => {
    const [one, two] = ['one', 'two'].map((payload) => outbox.enqueue(payload, { now: NOON }));
    failAll();
    expect(outbox.delivered(one!)).toBe(true);
    outbox.discard(two!);
    expect(outbox.usage()).toEqual({ capacity: 50, available: 50, pending: 0, dead: 0 });
    expect(outbox.checkInvariants()).toBeUndefined();
  });

  test('take slots: an outbox full of them refuses, and takes letters again when one is gone', () => {
    const tokens = Array.from({ length: 50 }, () => outbox.enqueue('x', { now: NOON }));
    failAll();
    expect(codeOf(() => outbox.enqueue('y', { now: NOON }))).toBe('NO_FREE_SLOTS');
    outbox.discard(tokens[7]!);
    expect(outbox.find(outbox.enqueue('y', { now: NOON }))?.payload).toBe('y');
  });

  test('may be many at once: one begin gives up some, and leaves the rest to the next', () => {
    for (let count = 0; count < 40; count++) {
      outbox.enqueue('late', { now: NOON, deadline: NOON });
    }
    const last = outbox.enqueue('in time', { now: NOON + 1n });
    expect(outbox.begin(NOON + 1n)).toBeUndefined();
    expect(outbox.nextDue()).toBe(NOON);
    expect(outbox.usage()).toMatchObject({ pending: 9, dead: 32 });
    expect(outbox.begin(NOON + 1n)?.token).toBe(last);
  });

  test('are what a letter becomes that the codec cannot read, so that others go on', () => {
    const bad = outbox.enqueue('\u0000bad', { now: NOON });
    outbox.enqueue('good', { now: NOON + 1n });
    const reopened = upgraded({ ...OPTIONS, codec: picky });
    expect(reopened.begin(NOON + 1n)?.payload).toBe('good');
    const letter = reopened.find(bad)!;
    expect(letter).toMatchObject({ state: 'dead', attempts: 0 });
    expect(letter.reason).toBe('TypeError: not what I expected');
    expect(() => letter.payload).toThrow('not what I expected');
  });
});

test('a waiting letter that is retried is due now, and one in flight stays as it is', () => {
  const token = outbox.enqueue('hello', { now: NOON, delay: 100n * SECOND });
  expect(outbox.retry(token, NOON)).toBe(true);
  const letter = outbox.begin(NOON)!;
  const before = seen(letter);
  expect(outbox.retry(token, NOON)).toBe(false);
  expect(seen(outbox.find(token))).toEqual(before);
  outbox.discard(token);
  expect([outbox.failed(letter, 'late', NOON), outbox.delivered(token)]).toEqual([false, false]);
});

describe('after an upgrade', () => {
  test.each([
    ['between enqueue and begin', () => undefined, 'waiting', 0],
    ['while an attempt is under way', () => outbox.begin(NOON), 'in-flight', 1],
    ['between two attempts', () => outbox.failed(outbox.begin(NOON)!, 'no', NOON), 'waiting', 1],
    ['when the letter is dead', () => failAll(), 'dead', 4],
  ])('%s everything is as it was', (_, act, state, attempts) => {
    const token = outbox.enqueue('hello', { now: NOON });
    act();
    const before = [seen(outbox.find(token)), outbox.nextDue(), outbox.usage()];
    const after = upgraded();
    expect([seen(after.find(token)), after.nextDue(), after.usage()]).toEqual(before);
    expect(after.find(token)).toMatchObject({ state, attempts });
    expect(after.checkInvariants()).toBeUndefined();
    const due = after.nextDue();
    if (due !== undefined) expect(after.begin(due)?.token).toBe(token);
  });

  test('an answer to an attempt from before it still counts', () => {
    const token = outbox.enqueue('hello', { now: NOON });
    const letter = outbox.begin(NOON)!;
    expect(upgraded().failed(letter, 'busy', NOON)).toBe(true);
    expect(upgraded().find(token)?.reason).toBe('busy');
  });

  test('the patience may be another one', () => {
    outbox.enqueue('hello', { now: NOON });
    failAll();
    const impatient = upgraded({ ...OPTIONS, attemptsMax: 1, lease: 0n, capacity: 60 });
    const token = impatient.enqueue('other', { now: NOON });
    impatient.begin(NOON);
    impatient.begin(NOON);
    expect(impatient.find(token)).toMatchObject({ state: 'dead', attempts: 1 });
    expect(impatient.usage().capacity).toBe(60);
  });
});

describe('refusals', () => {
  test.each(WRONG_BIGINTS)('%s is no moment and no token', (_, wrong) => {
    const now = wrong as bigint;
    const token = outbox.enqueue('hello', { now: NOON });
    const calls: [string, () => unknown][] = [
      ['now', () => outbox.enqueue('x', { now })],
      ['begin', () => outbox.begin(now)],
      ['retry', () => outbox.retry(token, now)],
      ['failed', () => outbox.failed(outbox.begin(NOON)!, 'busy', now)],
      ['find', () => outbox.find(now as never)],
      ['delivered', () => outbox.delivered(now as never)],
    ];
    // An option that is left out is none that is wrong.
    if (wrong !== undefined) {
      calls.push(['delay', () => outbox.enqueue('x', { now: NOON, delay: now })]);
      calls.push(['deadline', () => outbox.enqueue('x', { now: NOON, deadline: now })]);
    }
    for (const [, call] of calls) expect(call).toThrow(TypeError);
    expect(outbox.usage()).toMatchObject({ pending: 1 });
  });

  test.each([-1n, 2n ** 64n - 1n, 2n ** 64n])('%s is no moment', (now) => {
    const token = outbox.enqueue('hello', { now: NOON });
    const calls = [
      () => outbox.enqueue('x', { now }),
      () => outbox.enqueue('x', { now: NOON, delay: now }),
      () => outbox.enqueue('x', { now: NOON, deadline: now }),
      () => outbox.begin(now),
      () => outbox.retry(token, now),
    ];
    for (const call of calls) expect(call).toThrow(RangeError);
    expect(outbox.usage()).toMatchObject({ pending: 1 });
  });

  test.each(WRONG_NUMBERS.filter(([, value]) => value !== undefined))(
    '%s is no number of attempts',
    (_, wrong) => {
      const options = { ...OPTIONS, attemptsMax: wrong as number };
      expect(() => Outbox.init(newMemories(), options)).toThrow(TypeError);
    },
  );

  test.each([...WRONG_SIZES, ['none', 0], ['too many', 2 ** 32]] as const)(
    '%s is no number of attempts',
    (_, wrong) => {
      const options = { ...OPTIONS, attemptsMax: wrong as number };
      expect(() => Outbox.init(newMemories(), options)).toThrow(RangeError);
    },
  );

  test.each(['retryDelay', 'retryDelayMax', 'lease'])('%s is a span', (name) => {
    for (const [wrong, kind] of [
      [7, TypeError],
      [-1n, RangeError],
      [2n ** 64n, RangeError],
    ] as const) {
      expect(() => Outbox.init(newMemories(), { ...OPTIONS, [name]: wrong })).toThrow(kind);
    }
  });

  test('a token that was never given is a mistake everywhere, one that is used up only here', () => {
    const calls: ((token: bigint) => unknown)[] = [
      (token) => outbox.retry(messageToken(token), NOON),
      (token) => outbox.discard(messageToken(token)),
      (token) => outbox.find(messageToken(token)),
      (token) => outbox.delivered(messageToken(token)),
      (token) => outbox.failed({ token: messageToken(token), attempts: 1 }, '', NOON),
    ];
    for (const wrong of [0n, 1n << 32n, INVALID_TOKEN, 50n | (1n << 32n), -1n, 2n ** 64n]) {
      expect(calls.map((call) => codeOf(() => call(wrong)))).toEqual(calls.map(() => 'BAD_TOKEN'));
    }
    const freed = outbox.enqueue('x', { now: NOON });
    outbox.discard(freed);
    const strict = calls.slice(0, 2);
    expect(strict.map((call) => codeOf(() => call(freed)))).toEqual(
      strict.map(() => 'NOT_ALLOCATED'),
    );
    outbox.enqueue('y', { now: NOON });
    expect(strict.map((call) => codeOf(() => call(freed)))).toEqual(
      strict.map(() => 'STALE_TOKEN'),
    );
    expect(calls.slice(2).map((call) => call(freed))).toEqual([undefined, false, false]);
  });

  test('a payload above the bound, or that is none, takes no slot', () => {
    expect(codeOf(() => outbox.enqueue('x'.repeat(41), { now: NOON }))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => outbox.enqueue('\ud800', { now: NOON }))).toBe('INVALID_VALUE');
    expect(() => outbox.enqueue(7 as never, { now: NOON })).toThrow(TypeError);
    const qos = 'urgent' as never;
    expect(codeOf(() => outbox.enqueue('x', { now: NOON, qos }))).toBe('INVALID_VALUE');
    expect(outbox.usage()).toMatchObject({ pending: 0, available: 50 });
    outbox.enqueue('x'.repeat(40), { now: NOON });
    expect(outbox.checkInvariants()).toBeUndefined();
  });

  test('a codec without a bound needs one', () => {
    const options = { codec: text, capacity: 1 };
    expect(codeOf(() => Outbox.init(newMemories(), options))).toBe('INCOMPATIBLE_TYPE');
    expect(Outbox.init(newMemories(), { codec: u64, capacity: 1 }).usage().capacity).toBe(1);
  });
});

describe('memories', () => {
  test('that do not belong together are refused, and free again', () => {
    outbox.enqueue('hello', { now: NOON });
    const { messages } = outbox.intoMemories();
    const mixed = { messages, schedule: new VectorMemory() };
    expect(codeOf(() => Outbox.init(mixed, OPTIONS))).toBe('CORRUPTED');
    expect(Outbox.init({ messages, schedule: memories.schedule }, OPTIONS).usage().pending).toBe(1);
  });

  test('of which one is something else are left as they are, and free again', () => {
    const foreign = VectorMemory.from(new Uint8Array(65_536).fill(7));
    for (const wrong of [
      { messages: foreign, schedule: new VectorMemory() },
      { messages: new VectorMemory(), schedule: foreign },
    ]) {
      expect(codeOf(() => Outbox.init(wrong, OPTIONS))).toBe('BAD_MAGIC');
      expect(codeOf(() => Outbox.init(wrong, OPTIONS))).toBe('BAD_MAGIC');
    }
    expect(foreign.toBytes().every((byte) => byte === 7)).toBe(true);
  });

  test('are held by one outbox at a time', () => {
    expect(codeOf(() => Outbox.init(memories, OPTIONS))).toBe('MEMORY_IN_USE');
    outbox.intoMemories();
    expect(codeOf(() => outbox.usage())).toBe('HANDLE_CLOSED');
    expect(Outbox.init(memories, OPTIONS).usage().pending).toBe(0);
  });
});

/** Reads no text that begins with a zero. */
const picky: Codec<string> = {
  name: text.name,
  bound: text.bound,
  encode: (value) => text.encode(value),
  decode: (bytes) => {
    if (bytes[0] === 0) throw new TypeError('not what I expected');
    return text.decode(bytes);
  },
};

function newMemories(): OutboxMemories {
  return { messages: new VectorMemory(), schedule: new VectorMemory() };
}

describe('stored bytes', () => {
  /** Behind the header of the store, the head of the slot and the header of the message. */
  const LETTER = 64 + 16 + 56;
  const read = (size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    memories.messages.read(LETTER, bytes);
    return bytes;
  };

  test('of a letter are frozen', () => {
    const token = outbox.enqueue('hi', { now: NOON });
    outbox.failed(outbox.begin(NOON)!, 'no', NOON);
    expect(toHex(read(28))).toBe(
      '01010200' +
        '01000000' +
        '00000000' +
        '00000000' +
        toHex(u64LittleEndian(NOON + SECOND)) +
        '6e6f' +
        '6869',
    );
    failAll();
    outbox.retry(token, 5n);
    outbox.begin(5n);
    outbox.failed(outbox.find(token)!, '', 5n);
    expect(toHex(read(26))).toBe(
      '01010000' +
        '05000000' +
        '04000000' +
        '00000000' +
        toHex(u64LittleEndian(5n + SECOND)) +
        '6869',
    );
  });

  test.each([
    ['another version', 0, 2],
    ['no state', 1, 0],
    ['a state too high', 1, 4],
    ['a state at odds with its moment', 1, 3],
    ['a reason that is too long', 2, 200],
    ['a reserved byte', 3, 1],
    ['more attempts forgotten than made', 8, 1],
    ['another reserved byte', 15, 1],
    ['a reason that is no text', 24, 0xff],
  ])('with %s are refused, and by whatever reads the letter', (_, offset, byte) => {
    const token = outbox.enqueue('hi', { now: NOON });
    if (offset === 24) outbox.failed(outbox.begin(NOON)!, 'no', NOON);
    memories.messages.write(LETTER + offset, Uint8Array.of(byte));
    const damaged = upgraded();
    const now = NOON + SECOND;
    const calls = [
      () => damaged.begin(now),
      () => damaged.find(token),
      () => damaged.retry(token, now),
      () => damaged.delivered(token),
      () => damaged.failed({ token, attempts: 1 }, '', now),
      () => damaged.discard(token),
    ];
    expect(calls.map(codeOf)).toEqual(calls.map(() => 'CORRUPTED'));
    expect(damaged.checkInvariants()).toContain('CORRUPTED');
  });

  test('of a letter that names another moment than the schedule are found by the check', () => {
    outbox.enqueue('hi', { now: NOON });
    memories.messages.write(LETTER + 16, Uint8Array.of(1));
    expect(upgraded().checkInvariants()).toContain('is not scheduled');
  });
});

function u64LittleEndian(value: bigint): Uint8Array {
  return u64.encode(value).reverse();
}

describe('failures', () => {
  const OPTIONS_OF_MANY = { ...OPTIONS, capacity: 8_000, attemptsMax: 1 };
  const tokenOf = (index: number) => messageToken((1n << 32n) | BigInt(index));

  /** Every kind of change, on an outbox as {@link build} makes it. */
  const CHANGES: Record<string, (outbox: Outbox<string>) => unknown> = {
    enqueue: (box) => box.enqueue('new', { now: NOON, delay: 7n }),
    begin: (box) => box.begin(NOON + 20n),
    'begin that gives up': (box) => box.begin(NOON + 21n),
    delivered: (box) => box.delivered(tokenOf(1)),
    'failed for the last time': (box) => box.failed(box.find(tokenOf(1))!, 'busy', NOON),
    'retry of a dead one': (box) => box.retry(tokenOf(0), NOON),
    'discard of a dead one': (box) => box.discard(tokenOf(0)),
    'discard of a waiting one': (box) => box.discard(tokenOf(9)),
  };

  /** Letter 0 is dead, 1 in flight, 2 the next that is due and soon too late, the others wait. */
  function build(count: number, patience: PatienceOptions = {}) {
    const counted = {
      messages: new CountdownMemory(new VectorMemory()),
      schedule: new CountdownMemory(new VectorMemory()),
    };
    const box = Outbox.init(counted, { ...OPTIONS_OF_MANY, ...patience });
    for (let index = 0; index < count; index++) {
      const delay = 10n * BigInt(index);
      const deadline = index === 2 ? NOON + 20n : undefined;
      box.enqueue(`letter ${index}`, { now: NOON, delay, deadline });
    }
    if (count > 0) box.failed(box.begin(NOON)!, 'no', NOON);
    box.begin(NOON + 10n);
    return { counted, box };
  }

  /** All that an outbox holds, in a text. */
  function content(box: Outbox<string>, slots: number): string {
    const { pending, dead } = box.usage();
    const lines = [`${box.nextDue()} ${pending} ${dead}`];
    for (let index = 0; index < slots; index++) {
      const letter = findIn(box, tokenOf(index));
      if (letter === undefined) continue;
      const { state, attempts, dueAt, reason, payload } = letter;
      lines.push(`${index} ${state} ${attempts} ${dueAt} ${reason} ${payload}`);
    }
    return lines.join('\n');
  }

  function findIn(box: Outbox<string>, token: MessageToken): Letter<string> | undefined {
    try {
      return box.find(token);
    } catch {
      return undefined;
    }
  }

  function outcomeOf(change: () => unknown): string {
    try {
      change();
      return 'done';
    } catch (error) {
      return error instanceof StorageError ? error.code : (error as Error).name;
    }
  }

  test('of the letters to grow leave no letter behind', () => {
    const { counted, box } = build(0);
    counted.messages.refuseGrowsAfter(0);
    let count = 0;
    const enqueue = (): unknown => box.enqueue('x', { now: NOON });
    while (outcomeOf(enqueue) === 'done') count += 1;
    expect([outcomeOf(enqueue), box.usage().pending, box.checkInvariants()]).toEqual([
      'GROW_FAILED',
      count,
      undefined,
    ]);
    counted.messages.relent();
    expect([outcomeOf(enqueue), box.usage().pending]).toEqual(['done', count + 1]);
  });

  test('of the schedule to grow change nothing, whatever was to be done', () => {
    const { counted, box } = build(0, { lease: 2_500n, retryDelay: 2_000n, attemptsMax: 9 });
    counted.schedule.refuseGrowsAfter(0);
    const state = (): string => [box.nextDue(), ...Object.values(box.usage())].join();
    const changed: string[] = [];
    const tokens: MessageToken[] = [];
    /** Whether the schedule has refused, after which everything has to be as it was. */
    const isRefused = (change: () => unknown): boolean => {
      const before = state();
      const outcome = outcomeOf(change);
      if (outcome !== 'done' && state() !== before) changed.push(outcome);
      return outcome === 'GROW_FAILED';
    };
    // So many are refused that most nodes of the tree are full.
    for (let [count, refused] = [0, 0]; refused < 200 && count < 8_000; count++) {
      const delay = BigInt((count * 7_919) % 5_000);
      if (isRefused(() => tokens.push(box.enqueue('x', { now: NOON, delay })))) refused += 1;
    }
    const refused = { begin: 0, failed: 0, retry: 0 };
    for (let count = 0; count < 100; count++) {
      const now = box.nextDue()!;
      let letter: Letter<string> | undefined;
      if (isRefused(() => (letter = box.begin(now)))) refused.begin += 1;
      if (letter === undefined)
        box.discard(tokens.find((token) => box.find(token)?.dueAt === now)!);
      else if (isRefused(() => box.failed(letter!, 'no', now))) refused.failed += 1;
      else if (isRefused(() => box.retry(letter!.token, now + 1_000n))) refused.retry += 1;
    }
    expect([changed, box.checkInvariants()]).toEqual([[], undefined]);
    expect(Object.values(refused).every((times) => times > 0)).toBe(true);
  });

  describe.each(['messages', 'schedule'] as const)('of a write to the %s', (which) => {
    test.each(Object.entries(CHANGES))(
      'stop the outbox, and a repair finds each letter as it was or as it was to be: %s',
      (_, change) => {
        const done = build(60);
        const states = [content(done.box, 70)];
        change(done.box);
        states.push(content(done.box, 70));
        let failures = 0;
        for (; ; failures++) {
          const { counted, box } = build(60);
          counted[which].failWritesAfter(failures);
          const outcome = outcomeOf(() => change(box));
          counted[which].relent();
          if (outcome === 'done') break;
          const next = [() => change(box), () => box.begin(NOON)].map(outcomeOf);
          const bases = { messages: counted.messages.base, schedule: counted.schedule.base };
          const mended = Outbox.repair(copyOf(bases), OPTIONS_OF_MANY);
          expect([outcome, ...next, mended.checkInvariants()]).toEqual([
            expect.stringMatching(/^(DiskFull|Error)$/),
            'PREVIOUS_FAILURE',
            'PREVIOUS_FAILURE',
            undefined,
          ]);
          expect(states).toContain(content(mended, 70));
        }
        expect(failures).toBeGreaterThan(0);
      },
    );
  });

  test.each(Object.entries(CHANGES))(
    'that trap in a canister are undone, and the same call works then: %s',
    (_, change) => {
      const done = build(60);
      const before = content(done.box, 70);
      change(done.box);
      const after = content(done.box, 70);
      for (const which of ['messages', 'schedule'] as const) {
        const { counted, box } = build(60);
        const images = [counted.messages, counted.schedule].map(imageOf);
        counted[which].failWritesAfter(0);
        expect(['DiskFull', 'Error']).toContain(outcomeOf(() => change(box)));
        const [messages, schedule] = images.map((image) => VectorMemory.from(image));
        const again = Outbox.init({ messages: messages!, schedule: schedule! }, OPTIONS_OF_MANY);
        expect(content(again, 70)).toBe(before);
        change(again);
        expect(content(again, 70)).toBe(after);
      }
    },
  );

  test('of nothing at all are repaired, too: an outbox that was sound stays as it is', () => {
    const { counted, box } = build(60);
    const before = content(box, 70);
    const bases = { messages: counted.messages.base, schedule: counted.schedule.base };
    expect(content(Outbox.repair(copyOf(bases), OPTIONS_OF_MANY), 70)).toBe(before);
    const fresh = { messages: restarted(bases.messages), schedule: new VectorMemory() };
    expect(content(Outbox.repair(fresh, OPTIONS_OF_MANY), 70)).toBe(before);
  });
});
