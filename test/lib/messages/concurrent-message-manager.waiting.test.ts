/** What waits, for how long, and what never does. Two seats in one thread stand for two threads. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { text } from '../../../src/lib/codecs/index.js';
import { ConcurrentMessageManager } from '../../../src/lib/messages/concurrent-message-manager.js';
import { Bell } from '../../../src/lib/messages/concurrent/bell.js';
import { RINGS_OFFSET, WAITING_OFFSET } from '../../../src/lib/messages/concurrent/layout.js';
import type { Clock, Waiting } from '../../../src/lib/messages/concurrent/patience.js';
import type { MessageToken } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { codeOf } from '../../support/memories.js';
import { stateOf } from '../../support/messages.js';
import { WRONG_NUMBERS } from '../../support/wrong-inputs.js';

type Manager = ConcurrentMessageManager<string>;

const CODEC = { ...text, bound: { maxSize: 40, fixedSize: false } };
const FOR_EVER = { timeout: Infinity };

const atomics = Atomics as unknown as { wait: typeof Atomics.wait; waitAsync: unknown };
const { wait, waitAsync } = atomics;
afterEach(() => {
  Object.assign(atomics, { wait, waitAsync });
});

/** A thread that sleeps does `meanwhile` first, as if another one did it then. */
function whileAsleep(meanwhile: () => void): { slept: string[] } {
  const slept: string[] = [];
  atomics.wait = ((words: Int32Array, index: number, value: number, timeout: number) => {
    if (timeout === 0) return wait(words, index, value, timeout);
    meanwhile();
    slept.push(wait(words, index, value, Math.min(timeout, 2_000)));
    return slept.at(-1);
  }) as typeof wait;
  return { slept };
}

/** A clock on which so many milliseconds go by between two looks. */
function clockOf(step: number): Clock {
  let time = 0;
  return { now: () => (time += step) };
}

/** A full store of one message, in this thread and in another. */
function pairOf(clock?: Clock) {
  const codec = CODEC;
  const given = clock === undefined ? {} : { clock };
  const here: Manager = ConcurrentMessageManager.create({ codec, capacity: 1, ...given });
  const invitation = here.invite();
  const there: Manager = ConcurrentMessageManager.join(invitation, { codec, ...given });
  const token = here.store(Message.of('before'));
  const words = new Int32Array(invitation.buffer);
  const waiting = () => Atomics.load(words, WAITING_OFFSET / 4);
  const rings = () => Atomics.load(words, RINGS_OFFSET / 4);
  return { here, there, token, invitation, waiting, rings };
}

/** What can wait: how, what stands in its way, and what it is refused with. */
interface Call {
  readonly name: string;
  readonly block: (manager: Manager, token: MessageToken, waiting?: Waiting) => unknown;
  readonly obstruct: (manager: Manager, token: MessageToken) => () => void;
  readonly code: string;
}

const held = (manager: Manager, token: MessageToken) => {
  const guard = manager.readMut(token);
  guard.payload = 'after';
  return () => guard.commit();
};
const taken = (manager: Manager, token: MessageToken) => () => manager.free(token);

const CALLS: readonly Call[] = [
  {
    name: 'read',
    block: (manager, token, waiting) => manager.read(token, waiting).release(),
    obstruct: held,
    code: 'ALREADY_BORROWED',
  },
  {
    name: 'readMut',
    block: (manager, token, waiting) => manager.readMut(token, waiting).release(),
    obstruct: held,
    code: 'ALREADY_BORROWED',
  },
  {
    name: 'free',
    block: (manager, token, waiting) => manager.free(token, waiting),
    obstruct: held,
    code: 'BORROW_ACTIVE',
  },
  {
    name: 'store',
    block: (manager, _, waiting) => manager.store(Message.of('next'), waiting),
    obstruct: taken,
    code: 'NO_FREE_SLOTS',
  },
];

const ASYNC: Readonly<
  Record<string, (manager: Manager, token: MessageToken, waiting?: Waiting) => Promise<unknown>>
> = {
  read: async (manager, token, waiting) => (await manager.readAsync(token, waiting)).release(),
  readMut: async (manager, token, waiting) =>
    (await manager.readMutAsync(token, waiting)).release(),
  free: (manager, token, waiting) => manager.freeAsync(token, waiting),
  store: (manager, _, waiting) => manager.storeAsync(Message.of('next'), waiting),
};

describe.each(CALLS)('$name', ({ name, block, obstruct, code }) => {
  const later = ASYNC[name]!;

  test('waits for nobody unless it is asked to', async () => {
    const { here, there, token } = pairOf();
    obstruct(here, token);
    atomics.wait = atomics.waitAsync = () => {
      throw new Error('it waits');
    };
    for (const waiting of [undefined, {}, { timeout: 0 }]) {
      expect(codeOf(() => block(there, token, waiting))).toBe(code);
      await expect(later(there, token, waiting)).rejects.toMatchObject({ code });
    }
  });

  test('blocks until the other thread is done, which nobody can miss', () => {
    const { here, there, token, waiting } = pairOf();
    const { slept } = whileAsleep(obstruct(here, token));
    block(there, token, FOR_EVER);
    expect(slept).toEqual(['not-equal']);
    expect(waiting()).toBe(0);
  });

  test('awaits that the other thread is done', async () => {
    const { here, there, token, waiting } = pairOf();
    const finish = obstruct(here, token);
    const promise = later(there, token, FOR_EVER);
    await Promise.resolve();
    expect(waiting()).toBe(2);
    finish();
    await promise;
    expect(waiting()).toBe(0);
  });

  test('is refused when time is up, and has changed nothing', async () => {
    const { here, there, token, waiting } = pairOf(clockOf(10));
    const finish = obstruct(here, token);
    expect(codeOf(() => block(there, token, { timeout: 25 }))).toBe(code);
    await expect(later(there, token, { timeout: 25 })).rejects.toMatchObject({ code });
    expect([waiting(), there.borrowed]).toEqual([0, 0]);
    finish();
    expect(here.checkInvariants()).toBeUndefined();
  });

  test('needs a clock to wait for a limited time', async () => {
    const { there, token } = pairOf();
    const unsupported = { code: 'UNSUPPORTED_OPERATION' };
    expect(codeOf(() => block(there, token, { timeout: 25 }))).toBe(unsupported.code);
    await expect(later(there, token, { timeout: 25 })).rejects.toMatchObject(unsupported);
  });

  test('does not block a thread that must not, such as the main thread of a browser', async () => {
    const { here, there, token } = pairOf();
    const finish = obstruct(here, token);
    atomics.wait = () => {
      throw new TypeError('Atomics.wait cannot be called in this context');
    };
    expect(codeOf(() => block(there, token, FOR_EVER))).toBe('UNSUPPORTED_OPERATION');
    expect(codeOf(() => block(there, token))).toBe(code);
    const promise = later(there, token, FOR_EVER);
    finish();
    await promise;
    expect(here.checkInvariants()).toBeUndefined();
  });

  test('is refused where the engine cannot wait with a promise', async () => {
    const { here, there, token } = pairOf();
    obstruct(here, token)();
    const before = stateOf(here);
    atomics.waitAsync = undefined;
    await expect(later(there, token, FOR_EVER)).rejects.toMatchObject({
      code: 'UNSUPPORTED_OPERATION',
    });
    expect(stateOf(here)).toEqual(before);
  });

  test('refuses what is no timeout', async () => {
    const { there, token } = pairOf(clockOf(10));
    for (const [, wrong] of WRONG_NUMBERS.filter(([label]) => label !== 'undefined')) {
      const waiting = { timeout: wrong as number };
      expect(() => block(there, token, waiting)).toThrow(TypeError);
      await expect(later(there, token, waiting)).rejects.toThrow(TypeError);
    }
    for (const timeout of [-1, NaN, -Infinity]) {
      expect(() => block(there, token, { timeout })).toThrow(RangeError);
      await expect(later(there, token, { timeout })).rejects.toThrow(RangeError);
    }
  });
});

test.each(CALLS.filter(({ name }) => name !== 'store'))(
  'a thread does not wait for itself: $name is refused at once',
  async ({ name, block, code }) => {
    const { here, token } = pairOf();
    const finish = held(here, token);
    whileAsleep(() => {
      throw new Error('it waits for itself');
    });
    expect(codeOf(() => block(here, token, FOR_EVER))).toBe(code);
    await expect(ASYNC[name]!(here, token, FOR_EVER)).rejects.toMatchObject({ code });
    finish();
  },
);

test('what will not pass is refused at once: a message that is not there any more', async () => {
  const { here, there, token } = pairOf();
  here.free(token);
  expect(codeOf(() => there.read(token, FOR_EVER))).toBe('NOT_ALLOCATED');
  await expect(there.freeAsync(token, FOR_EVER)).rejects.toMatchObject({ code: 'NOT_ALLOCATED' });
});

test('a message that is freed while a reader waits is refused to it', () => {
  const { here, there, token } = pairOf();
  const finish = held(here, token);
  whileAsleep(() => {
    finish();
    here.free(token);
  });
  expect(codeOf(() => there.read(token, FOR_EVER))).toBe('NOT_ALLOCATED');
});

test('many that await at once are all served', async () => {
  const { here, there, token, waiting } = pairOf();
  const finish = held(here, token);
  const promises = [1, 2, 3].map(() => there.readAsync(token, FOR_EVER));
  await Promise.resolve();
  finish();
  const guards = await Promise.all(promises);
  expect(guards.map(({ payload }) => payload)).toEqual(['after', 'after', 'after']);
  expect([waiting(), there.borrowed]).toEqual([0, 1]);
  for (const guard of guards) guard.release();
  here.free(token);
});

test('the bell rings where somebody waits, and not else', async () => {
  const { here, there, token, rings } = pairOf();
  held(here, token)();
  here.free(token);
  const again = here.store(Message.of('again'));
  expect(rings()).toBe(0);
  const finish = held(here, again);
  const promise = there.readAsync(again, FOR_EVER);
  await Promise.resolve();
  finish();
  (await promise).release();
  const heard = rings();
  expect(heard).toBeGreaterThan(0);
  here.free(again);
  expect(rings()).toBe(heard);
});

test('a burial wakes who waited for the dead, and forgets that the dead one waited', async () => {
  const { here, there, token, waiting } = pairOf();
  const invitation = here.invite();
  const dead: Manager = ConcurrentMessageManager.join(invitation, { codec: CODEC });
  dead.readMut(token);
  new Bell(invitation.buffer, 2).listen();
  const promise = there.readAsync(token, FOR_EVER);
  await Promise.resolve();
  expect(waiting()).toBe(0b110);
  expect(here.bury(invitation.seat)).toBe(1);
  await expect(promise).rejects.toMatchObject({ code: 'POISONED' });
  expect(waiting()).toBe(0);
});
