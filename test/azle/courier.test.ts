/** The courier with timers that are moved by hand; in a canister, see `acceptance/outbox.test.ts`. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Courier, type CourierOptions, type Deliver } from '../../src/azle/courier.js';
import { StorageError } from '../../src/lib/errors.js';
import { Outbox, text, VectorMemory, type Letter } from '../../src/lib/index.js';
import { FakeTimers, settled } from '../support/fake-timers.js';

const NOON = 1_000_000_000_000n;
const SECOND = 1_000_000_000n;
const CLEANUP = {
  type: 'CleanupCallback',
  rejectCode: 10_001,
  rejectMessage: 'executing within cleanup callback',
};

/** A delivery whose answer the test gives. */
interface Delivery {
  readonly letter: Letter<string>;
  readonly succeed: () => Promise<void>;
  readonly fail: (reason: unknown) => Promise<void>;
}

let timers: FakeTimers;
let outbox: Outbox<string>;
let deliveries: Delivery[];

beforeEach(() => {
  timers = new FakeTimers(NOON);
  outbox = Outbox.init(
    { messages: new VectorMemory(), schedule: new VectorMemory() },
    { codec: text, payloadSizeMax: 40, capacity: 100, attemptsMax: 3, lease: 30n * SECOND },
  );
  deliveries = [];
});

/** Answers when the test says so. */
const deliver: Deliver<string> = (letter) =>
  new Promise<void>((resolve, reject) => {
    const succeed = () => (resolve(), settled());
    const fail = (reason: unknown) => (reject(reason), settled());
    deliveries.push({ letter, succeed, fail });
  });

function courierOf(how = deliver, options: CourierOptions = {}): Courier<string> {
  return new Courier(outbox, how, options, timers);
}

function enqueue(count: number, delay = 0n): bigint[] {
  return Array.from({ length: count }, (_, index) =>
    outbox.enqueue(`letter ${index}`, { now: timers.time(), delay }),
  );
}

test('a courier with nothing to do sets no timer', () => {
  courierOf().arm();
  expect(timers.pending).toEqual([]);
});

test('a letter is delivered when it is due, or within the second after, and is gone then', async () => {
  const courier = courierOf();
  enqueue(1, SECOND / 2n);
  courier.arm();
  await timers.advance(0.9);
  expect(deliveries).toHaveLength(0);
  await timers.advance(0.1);
  expect(deliveries[0]?.letter.payload).toBe('letter 0');
  expect(courier.inFlight).toBe(1);
  await deliveries[0]!.succeed();
  expect([outbox.usage().pending, courier.inFlight]).toEqual([0, 0]);
  await timers.advance(1_000);
  expect([deliveries.length, timers.pending]).toEqual([1, []]);
});

test('to arm it once more does no harm, and an earlier letter comes in time', async () => {
  const courier = courierOf();
  enqueue(1, 50n * SECOND);
  for (let count = 0; count < 5; count++) courier.arm();
  expect(timers.pending).toEqual([50, 110]);
  enqueue(1, 10n * SECOND);
  courier.arm();
  expect(timers.pending).toEqual([10, 50, 70, 110]);
  await timers.advance(10);
  expect(deliveries).toHaveLength(1);
  expect(timers.pending).toEqual([30, 40, 60, 100]);
  await timers.advance(29);
  await deliveries[0]!.succeed();
  await timers.advance(10);
  expect(deliveries).toHaveLength(1);
  await timers.advance(1);
  expect(deliveries).toHaveLength(2);
});

test('a letter that is due next year wakes the courier once a day', async () => {
  const courier = courierOf();
  enqueue(1, 365n * 86_400n * SECOND);
  courier.arm();
  expect(timers.pending).toEqual([86_400, 86_400]);
  await timers.advance(365 * 86_400);
  expect(deliveries).toHaveLength(1);
});

test('a delivery that fails is tried again, and the letter is dead after the last', async () => {
  const [token] = enqueue(1);
  const reasons: [unknown, string][] = [
    [{ type: 'CallRejected', rejectCode: 3, rejectMessage: 'no' }, 'rejected with code 3: no'],
    [{ type: 'CallPerformFailed' }, 'the call could not be sent'],
    [new RangeError('far'), 'RangeError: far'],
  ];
  courierOf().arm();
  for (const [thrown, reason] of reasons) {
    await timers.advance(3);
    await deliveries.pop()!.fail(thrown);
    expect(outbox.find(token as never)?.reason).toBe(reason);
  }
  expect(outbox.usage()).toMatchObject({ pending: 0, dead: 1 });
  await timers.advance(1_000);
  expect(deliveries).toHaveLength(0);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no');
    },
    'Error: no',
  ],
  ['rejects at once', () => Promise.reject(new Error('no')), 'Error: no'],
  [
    'throws nothing',
    () => {
      throw undefined;
    },
    'undefined',
  ],
  [
    'throws what is not to be told',
    () => {
      throw { toString: () => Symbol('x') };
    },
    'something that cannot be told',
  ],
  [
    'lacks cycles',
    () => {
      throw { type: 'InsufficientLiquidCycleBalance', required: 7n, available: 5n };
    },
    'the call needs 7 cycles, and 5 are free',
  ],
] as [string, Deliver<string>, string][])(
  'a delivery that %s has failed',
  async (_, how, reason) => {
    const [token] = enqueue(1);
    courierOf(how).arm();
    await timers.advance(0);
    expect(outbox.find(token as never)).toMatchObject({ attempts: 1, state: 'waiting', reason });
    expect(timers.traps).toEqual([]);
  },
);

test('what a delivery returns at once counts as well', async () => {
  enqueue(3);
  courierOf(() => 'done').arm();
  await timers.advance(0);
  expect(outbox.usage().pending).toBe(0);
});

describe('attempts under way', () => {
  test('are as many as may be, and the next begins when one has ended', async () => {
    enqueue(25);
    const courier = courierOf(deliver, { inFlightMax: 4 });
    courier.arm();
    await timers.advance(0);
    expect([deliveries.length, courier.inFlight]).toEqual([4, 4]);
    await deliveries[0]!.succeed();
    await deliveries[1]!.fail('no');
    await timers.advance(0);
    expect([deliveries.length, courier.inFlight]).toEqual([6, 4]);
  });

  test('are ten unless told', async () => {
    enqueue(25);
    courierOf().arm();
    await timers.advance(0);
    expect(deliveries).toHaveLength(10);
  });

  test('that are never answered are forgotten with their lease, so that others go on', async () => {
    enqueue(2);
    const courier = courierOf(deliver, { inFlightMax: 1 });
    courier.arm();
    await timers.advance(29);
    expect(deliveries).toHaveLength(1);
    await timers.advance(200);
    expect(deliveries.map(({ letter }) => letter.attempts)).toContain(3);
    await timers.advance(300);
    expect(outbox.usage()).toMatchObject({ pending: 0, dead: 2 });
    expect(courier.inFlight).toBe(0);
  });

  test('that are answered late leave a newer one alone', async () => {
    const [token] = enqueue(1);
    const courier = courierOf();
    courier.arm();
    await timers.advance(30);
    expect(deliveries.map(({ letter }) => letter.attempts)).toEqual([1, 2]);
    await deliveries[0]!.fail('late');
    expect(courier.inFlight).toBe(1);
    expect(outbox.find(token as never)).toMatchObject({ state: 'in-flight', attempts: 2 });
    await deliveries[1]!.succeed();
    expect([courier.inFlight, outbox.usage().pending]).toEqual([0, 0]);
  });

  test.each([0, -1, 1.5, NaN, '7'])('are not %s', (inFlightMax) => {
    expect(() => courierOf(deliver, { inFlightMax: inFlightMax as number })).toThrow(RangeError);
  });
});

describe('after a trap', () => {
  test('of the callback with the answer, nothing is booked, and the lease runs out', async () => {
    const [token] = enqueue(1);
    const courier = courierOf();
    courier.arm();
    await timers.advance(0);
    await deliveries[0]!.fail(CLEANUP);
    expect(outbox.find(token as never)).toMatchObject({ state: 'in-flight', reason: undefined });
    expect([courier.inFlight, timers.traps]).toEqual([0, []]);
    await timers.advance(30);
    expect(deliveries).toHaveLength(2);
  });

  test('of a timer, the watch sets it again within a minute', async () => {
    enqueue(1);
    const courier = courierOf();
    courier.arm();
    timers.lose();
    await timers.advance(59);
    expect(deliveries).toHaveLength(0);
    await timers.advance(1);
    expect(deliveries).toHaveLength(1);
  });

  test('of a timer, so does whoever arms the courier', async () => {
    enqueue(1);
    const courier = courierOf();
    courier.arm();
    timers.lose();
    await timers.advance(1);
    courier.arm();
    await timers.advance(0);
    expect(deliveries).toHaveLength(1);
  });
});

describe('an outbox that cannot book what came of a delivery', () => {
  const booking = (error: Error) =>
    Object.assign(Object.create(outbox) as Outbox<string>, {
      nextDue: () => outbox.nextDue(),
      begin: (now: bigint) => outbox.begin(now),
      delivered: () => {
        throw error;
      },
    });

  test('for want of room keeps the letter, which is tried again', async () => {
    enqueue(1);
    const refused = booking(new StorageError('GROW_FAILED', 'no room'));
    new Courier(refused, () => 'done', {}, timers).arm();
    await timers.advance(0);
    expect([timers.traps, outbox.usage().pending]).toEqual([[], 1]);
  });

  test('half-way makes the message trap, for that undoes it', async () => {
    enqueue(1);
    new Courier(booking(new Error('half-way')), () => 'done', {}, timers).arm();
    await timers.advance(0);
    expect(timers.traps).toEqual(['Error: half-way']);
  });
});
