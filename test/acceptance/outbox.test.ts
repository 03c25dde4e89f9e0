/**
 * Calls that the data canister makes of another one, later, and again until they succeed; with
 * upgrades in between, and a receiver that is stopped for a while.
 */
import { IDL } from '@dfinity/candid';
import { createIdentity, type PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signatures } from '../../src/canister/candid.js';
import type { Key } from '../../src/canister/keys.js';
import { Principal } from '../../src/lib/index.js';
import {
  connect,
  controller,
  DataCanister,
  ok,
  value,
  type CallLetter,
  type CallRequest,
  type DataActor,
} from './support/data-canister.js';

const SECOND = 1_000_000_000n;
const sender = controller.getPrincipal();

let pic: PocketIc;
let data: DataCanister;
let receiver: DataCanister;

beforeAll(async () => {
  pic = await connect();
  data = await DataCanister.install(pic);
  receiver = await DataCanister.install(pic);
  await receiver.createMap('inbox', 'nat64');
  ok(await receiver.actor.grant('inbox', data.id));
});

afterAll(() => pic.tearDown());

/** A call that inserts an entry into a map of the receiver. */
function insertion(number: number, rest: Partial<CallRequest> = {}): CallRequest {
  const key: Key = { nat64: BigInt(number) };
  const [types] = signatures(IDL).insert;
  const arg = IDL.encode(types, ['inbox', key, value(number)]);
  const canister = receiver.id;
  return { canister, method: 'insert', arg, delay: [], deadline: [], ...rest };
}

async function enqueue(request: CallRequest): Promise<bigint> {
  return ok(await data.actor.outbox_enqueue(request));
}

async function letter(token: bigint): Promise<CallLetter | undefined> {
  return ok(await data.actor.outbox_letter(token))[0];
}

/** As {@link letter}, of a letter that must be there. */
async function known(token: bigint): Promise<CallLetter> {
  return (await letter(token))!;
}

async function isDelivered(number: number): Promise<boolean> {
  return ok(await receiver.actor.contains('inbox', { nat64: BigInt(number) }));
}

/** Lets time go by, and the canisters do what they have to do then. */
async function pass(seconds: number): Promise<void> {
  await pic.advanceTime(seconds * 1_000);
  await pic.tick(8);
}

/** As {@link pass}, up to the moment when the outbox has something to do. */
async function passUntilDue(): Promise<number> {
  const [due] = ok(await data.actor.outbox_status()).next_due;
  const now = BigInt(Math.floor(await pic.getTime())) * 1_000_000n;
  const seconds = Math.max(0, Number((due! - now) / (SECOND / 1_000n)) / 1_000);
  await pass(seconds + 1);
  return seconds;
}

test('a canister that never sent a letter has an empty outbox, also after an upgrade', async () => {
  await receiver.upgrade();
  expect(ok(await receiver.actor.outbox_status())).toEqual({
    capacity: 10_000,
    available: 10_000,
    pending: 0,
    dead: 0,
    next_due: [],
  });
  expect(ok(await receiver.actor.outbox_dead_letters([], []))).toEqual({ letters: [], next: [] });
});

describe('a letter', () => {
  test('is delivered soon, and is gone then', async () => {
    const token = await enqueue(insertion(1));
    await pass(1);
    expect(await isDelivered(1)).toBe(true);
    expect(await letter(token)).toBeUndefined();
    expect(ok(await data.actor.outbox_status())).toMatchObject({ available: 10_000, pending: 0 });
  });

  test('outlives an upgrade between enqueue and delivery, and is delivered after it', async () => {
    const token = await enqueue(insertion(2, { delay: [600n * SECOND] }));
    const before = await letter(token);
    expect(before).toMatchObject({ state: { waiting: null }, attempts: 0, method: 'insert' });
    await data.upgrade();
    expect(await letter(token)).toEqual(before);
    await pass(300);
    expect([await isDelivered(2), await letter(token)]).toEqual([false, before]);
    await pass(301);
    expect([await isDelivered(2), await letter(token)]).toEqual([true, undefined]);
  });

  test('is delivered also where an upgrade comes while it may be under way', async () => {
    const token = await enqueue(insertion(9));
    await data.upgrade();
    await pass(301);
    await pass(1);
    expect([await isDelivered(9), await letter(token)]).toEqual([true, undefined]);
  });

  test('of which there are many come all, some at a time', async () => {
    const numbers = Array.from({ length: 25 }, (_, index) => 100 + index);
    for (const number of numbers) await enqueue(insertion(number, { delay: [60n * SECOND] }));
    await data.upgrade();
    await pass(61);
    await pic.tick(10);
    const keys = numbers.map((number) => ({ nat64: BigInt(number) }));
    expect(ok(await receiver.actor.get_many('inbox', keys))).toEqual(
      numbers.map((number) => [value(number)]),
    );
    expect(ok(await data.actor.outbox_status())).toMatchObject({ pending: 0, dead: 0 });
  });

  test('that is discarded in time is never delivered', async () => {
    const token = await enqueue(insertion(3, { delay: [60n * SECOND] }));
    ok(await data.actor.outbox_discard(token));
    await pass(100);
    expect([await isDelivered(3), await letter(token)]).toEqual([false, undefined]);
  });
});

describe('a receiver that is stopped', () => {
  let token: bigint;

  beforeAll(async () => {
    await pic.stopCanister({ canisterId: receiver.id, sender });
    token = await enqueue(insertion(4));
  });

  afterAll(() => pic.startCanister({ canisterId: receiver.id, sender }));

  test('is tried again, after twice the time each, also across an upgrade, until it is enough', async () => {
    await pass(1);
    const waits: number[] = [];
    for (let found = await known(token); 'waiting' in found.state; found = await known(token)) {
      expect(found.reason[0]).toMatch(/^rejected with code \d: .*stopped/s);
      if (found.attempts === 5) await data.upgrade();
      waits.push(Number(found.due_at[0]! - found.enqueued_at) / Number(SECOND));
      await passUntilDue();
    }
    const spans = waits.map((wait, index) => wait - (waits[index - 1] ?? 0));
    expect(spans).toHaveLength(9);
    spans.slice(1).forEach((span, index) => expect(span).toBeGreaterThanOrEqual(2 ** (index + 1)));
    expect(await letter(token)).toMatchObject({ state: { dead: null }, attempts: 10, due_at: [] });
  });

  test('leaves a dead letter with its reason, which outlives an upgrade and is not tried', async () => {
    const before = await letter(token);
    await data.upgrade();
    await pass(10_000);
    expect(await letter(token)).toEqual(before);
    const { letters, next } = ok(await data.actor.outbox_dead_letters([], []));
    expect([letters, next]).toEqual([[before], []]);
    expect(ok(await data.actor.outbox_dead_letters([token], [])).letters).toEqual([]);
    expect(ok(await data.actor.outbox_status())).toMatchObject({ pending: 0, dead: 1 });
  });

  test('gets the letter when it is started, and the letter retried', async () => {
    await pic.startCanister({ canisterId: receiver.id, sender });
    ok(await data.actor.outbox_retry(token));
    await pass(1);
    expect([await isDelivered(4), await letter(token)]).toEqual([true, undefined]);
    expect(ok(await data.actor.outbox_status())).toMatchObject({ pending: 0, dead: 0 });
  });
});

describe('a letter that nobody can take', () => {
  test.each([
    [
      'a method that there is not',
      () => insertion(5, { method: 'nowhere' }),
      /has no update method/,
    ],
    [
      'a canister that there is not',
      () => insertion(5, { canister: Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai') }),
      /rejected with code/,
    ],
    ['an argument that is none', () => insertion(5, { arg: Uint8Array.of(1, 2, 3) }), /Failed to/],
  ])('%s is dead behind its deadline, and says why', async (_, request, reason) => {
    const now = BigInt(Math.floor(await pic.getTime())) * 1_000_000n;
    const token = await enqueue({ ...request(), deadline: [now + 5n * SECOND] });
    await pass(1);
    await pass(4);
    await pass(4);
    const found = await letter(token);
    expect(found).toMatchObject({ state: { dead: null } });
    expect(found!.attempts).toBeGreaterThan(0);
    expect(found!.reason[0]).toMatch(reason);
    ok(await data.actor.outbox_discard(token));
  });
});

describe('refusals', () => {
  const METHODS: Record<string, (actor: DataActor) => Promise<unknown>> = {
    outbox_enqueue: (actor) => actor.outbox_enqueue(insertion(6)),
    outbox_status: (actor) => actor.outbox_status(),
    outbox_letter: (actor) => actor.outbox_letter(1n << 32n),
    outbox_dead_letters: (actor) => actor.outbox_dead_letters([], []),
    outbox_retry: (actor) => actor.outbox_retry(1n << 32n),
    outbox_discard: (actor) => actor.outbox_discard(1n << 32n),
  };

  test('nobody but a controller may use the outbox', async () => {
    const stranger = data.as(createIdentity('a stranger'));
    ok(await receiver.actor.grant('inbox', createIdentity('a stranger').getPrincipal()));
    for (const [method, use] of Object.entries(METHODS)) {
      expect([method, await use(stranger)]).toEqual([method, { Err: { NotAuthorized: null } }]);
    }
    for (const method of ['outbox_enqueue', 'outbox_retry', 'outbox_discard']) {
      await expect(METHODS[method]!(data.as())).rejects.toThrow('Error code: 406');
    }
  });

  test('what is no letter, and what is too large, takes no slot', async () => {
    const before = ok(await data.actor.outbox_status());
    const invalid = { InvalidLetter: expect.any(String) };
    const wrong: [Partial<CallRequest>, object][] = [
      [{ method: '' }, invalid],
      [{ method: 'ä'.repeat(65) }, invalid],
      [{ delay: [2n ** 64n - 1n] }, invalid],
      [{ deadline: [2n ** 64n - 1n] }, invalid],
      [{ deadline: [1n] }, invalid],
      [{ arg: new Uint8Array(16_385) }, { ArgumentTooLarge: { max_size: 16_384, size: 16_385 } }],
    ];
    for (const [rest, refusal] of wrong) {
      expect(await data.actor.outbox_enqueue(insertion(7, rest))).toEqual({ Err: refusal });
    }
    expect(ok(await data.actor.outbox_status())).toEqual(before);
  });

  test('a token that stands for nothing', async () => {
    const token = await enqueue(insertion(8, { delay: [60n * SECOND] }));
    ok(await data.actor.outbox_discard(token));
    for (const wrong of [token, 0n, 2n ** 64n - 1n, 77n | (1n << 32n)]) {
      const unknown = { Err: { UnknownLetter: wrong } };
      expect(await data.actor.outbox_retry(wrong)).toEqual(unknown);
      expect(await data.actor.outbox_discard(wrong)).toEqual(unknown);
      expect(await data.actor.outbox_letter(wrong)).toEqual({ Ok: [] });
    }
  });
});
