/** The outbox of the data canister without the canister; nothing is called here. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DataStore, type Caller } from '../../src/canister/data-store.js';
import type { CallRequest } from '../../src/canister/outbox.js';
import { RefusalError, type OutboxRefusal } from '../../src/canister/refusal.js';
import {
  bool,
  BTreeMap,
  bytes,
  MemoryManager,
  optional,
  Principal,
  record,
  text,
  u32,
  u8,
  VectorMemory,
  type Outbox,
} from '../../src/lib/index.js';
import type { Call } from '../../src/canister/outbox.js';
import { imageOf, restarted } from '../support/memories.js';

const SMALL_BUCKETS = { bucketSizeInPages: 1 };
const NOON = 1_000_000_000_000n;

const controller: Caller = {
  principal: Principal.fromUint8Array(Uint8Array.of(1)),
  isController: true,
};
const stranger: Caller = {
  principal: Principal.fromUint8Array(Uint8Array.of(2)),
  isController: false,
};

const CALL: CallRequest = {
  canister: Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai'),
  method: 'transfer',
  arg: Uint8Array.of(1, 2, 3),
  delay: undefined,
  deadline: undefined,
};

let memory: VectorMemory;
let store: DataStore;

beforeEach(() => {
  memory = new VectorMemory();
  store = new DataStore(memory, SMALL_BUCKETS);
});

function refusalOf(request: () => unknown): OutboxRefusal {
  const before = imageOf(memory);
  try {
    request();
  } catch (error) {
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    if (error instanceof RefusalError) return error.refusal as unknown as OutboxRefusal;
    throw error;
  }
  throw new Error('expected a refusal');
}

function reopened(): DataStore {
  return new DataStore(restarted(memory), SMALL_BUCKETS);
}

/** Lets every attempt of every letter fail. */
function failAll(letters: Outbox<Call>): void {
  for (let due = letters.nextDue(); due !== undefined; due = letters.nextDue()) {
    letters.failed(letters.begin(due)!, 'no', due);
  }
}

test('a store without letters takes no memory for them', () => {
  const before = imageOf(memory);
  expect(store.outbox.letters).toBeUndefined();
  expect(store.outbox.status(controller)).toMatchObject({ available: 10_000, pending: 0 });
  expect(store.outbox.letter(controller, 1n)).toBeUndefined();
  expect(store.outbox.deadLetters(controller, undefined, undefined).letters).toEqual([]);
  expect(refusalOf(() => store.outbox.retry(controller, NOON, 1n))).toEqual({ UnknownLetter: 1n });
  expect(Buffer.compare(imageOf(memory), before)).toBe(0);
});

test('a letter is kept with all that it says when the store is opened anew', () => {
  const request = { ...CALL, delay: 5n, deadline: NOON + 10n };
  const token = store.outbox.enqueue(controller, NOON, request);
  const { outbox } = reopened();
  expect(outbox.letter(controller, token)).toMatchObject({
    payload: { canister: CALL.canister, method: 'transfer', arg: CALL.arg },
    state: 'waiting',
    dueAt: NOON + 5n,
    deadline: NOON + 10n,
  });
  expect(outbox.status(controller)).toEqual({
    capacity: 10_000,
    available: 9_999,
    pending: 1,
    dead: 0,
    nextDue: NOON + 5n,
  });
  expect(outbox.lettersToDeliver?.begin(NOON + 5n)?.token).toBe(token);
});

test('dead letters are listed page by page', () => {
  const tokens = Array.from({ length: 25 }, () => store.outbox.enqueue(controller, NOON, CALL));
  failAll(store.outbox.letters!);
  const list = (after?: bigint, limit?: number) => {
    const { letters, next } = store.outbox.deadLetters(controller, after, limit);
    return [letters.map(({ token }) => tokens.indexOf(token)), next];
  };
  const indices = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => from + index);
  expect(list()).toEqual([indices(0, 20), tokens[19]]);
  expect(list(tokens[19])).toEqual([indices(20, 25), undefined]);
  expect(list(undefined, 25)).toEqual([indices(0, 25), undefined]);
  expect(list(undefined, 0)).toEqual([[0], tokens[0]]);
  expect(list(2n ** 64n - 1n, 1_000)).toEqual([[], undefined]);
});

test('a hundred of the largest letters fit a reply', () => {
  const arg = new Uint8Array(16_384);
  const method = 'm'.repeat(128);
  for (let count = 0; count < 101; count++) {
    store.outbox.enqueue(controller, NOON, { ...CALL, arg, method });
  }
  failAll(store.outbox.letters!);
  const { letters, next } = store.outbox.deadLetters(controller, undefined, 2 ** 32 - 1);
  expect([letters.length, next]).toEqual([100, letters[99]!.token]);
  expect(letters.every(({ payload }) => payload.arg.length === 16_384)).toBe(true);
});

describe('refusals', () => {
  test('of whoever is no controller', () => {
    const { outbox } = store;
    for (const request of [
      () => outbox.enqueue(stranger, NOON, CALL),
      () => outbox.status(stranger),
      () => outbox.letter(stranger, 1n),
      () => outbox.deadLetters(stranger, undefined, undefined),
      () => outbox.retry(stranger, NOON, 1n),
      () => outbox.discard(stranger, 1n),
    ]) {
      expect(refusalOf(request)).toEqual({ NotAuthorized: null });
    }
  });

  test('of a letter that is no call, too large, or too late', () => {
    const invalid = { InvalidLetter: expect.any(String) };
    const wrong: [Partial<CallRequest>, object][] = [
      [{ method: '' }, invalid],
      [{ method: 'm'.repeat(129) }, invalid],
      [{ delay: 2n ** 64n - 1n }, invalid],
      [{ deadline: 2n ** 64n - 1n }, invalid],
      [{ deadline: NOON }, invalid],
      [{ deadline: NOON - 1n }, invalid],
      [{ deadline: NOON + 4n, delay: 5n }, invalid],
      [{ arg: new Uint8Array(16_385) }, { ArgumentTooLarge: { max_size: 16_384, size: 16_385 } }],
    ];
    for (const [rest, refusal] of wrong) {
      const enqueue = () => store.outbox.enqueue(controller, NOON, { ...CALL, ...rest });
      expect(refusalOf(enqueue)).toEqual(refusal);
    }
    expect(store.outbox.letters).toBeUndefined();
  });

  test('of a letter in flight to be retried, and of one that is gone', () => {
    const token = store.outbox.enqueue(controller, NOON, CALL);
    store.outbox.letters!.begin(NOON);
    const retry = () => store.outbox.retry(controller, NOON, token);
    expect(refusalOf(retry)).toEqual({ LetterInFlight: token });
    store.outbox.discard(controller, token);
    expect(refusalOf(retry)).toEqual({ UnknownLetter: token });
    expect(refusalOf(() => store.outbox.discard(controller, token))).toEqual({
      UnknownLetter: token,
    });
  });

  test('of one letter more than there may be', () => {
    const small = { ...CALL, arg: new Uint8Array(0) };
    for (let count = 0; count < 10_000; count++) store.outbox.enqueue(controller, NOON, small);
    expect(() => store.outbox.enqueue(controller, NOON, small)).toThrow('OutboxFull');
    expect(store.outbox.status(controller)).toMatchObject({ available: 0, pending: 10_000 });
  });
});

describe('a store from before there was an outbox', () => {
  /** As the catalogue stores maps: a store of today makes no more than 250 of them. */
  const mapRecord = record({
    memoryId: u8,
    keyType: u8,
    maxKeySize: u32,
    maxValueSize: u32,
    isClosed: bool,
    isCertified: optional(bool),
  });

  /** With maps in the virtual memories up to this one, each with an entry that tells which. */
  function withMapsUpTo(lastMemoryId: number): DataStore {
    const manager = MemoryManager.load(restarted(memory));
    const catalogue = BTreeMap.load(manager.get(0), text, mapRecord);
    for (let memoryId = 2; memoryId <= lastMemoryId; memoryId++) {
      const sizes = { maxKeySize: 100, maxValueSize: 100 };
      catalogue.insert(`map ${memoryId}`, { memoryId, keyType: 0, ...sizes, isClosed: false });
      BTreeMap.init(manager.get(memoryId), text, bytes).insert('id', Uint8Array.of(memoryId));
    }
    return reopened();
  }

  test.each([252, 253])('that has %i maps keeps them all, and has no outbox', (last) => {
    const old = withMapsUpTo(last);
    memory = VectorMemory.from(imageOf(memory));
    const found = old.listMaps().map(({ name }) => old.get(controller, name, { text: 'id' })?.[0]);
    expect(found.sort((a, b) => a! - b!)).toEqual(
      Array.from({ length: last - 1 }, (_, index) => index + 2),
    );
    const unavailable = { OutboxUnavailable: expect.stringContaining('252') };
    expect(refusalOf(() => old.outbox.enqueue(controller, NOON, CALL))).toEqual(unavailable);
    expect(refusalOf(() => old.outbox.status(controller))).toEqual(unavailable);
    expect([old.outbox.letters, old.outbox.lettersToDeliver]).toEqual([undefined, undefined]);
    const spec = { name: 'more', keyType: 'text', maxKeySize: 1, maxValueSize: 1 } as const;
    expect(refusalOf(() => old.createMap(controller, spec))).toEqual({
      TooManyMaps: { limit: 250 },
    });
    old.insert(controller, `map ${last}`, { key: { text: 'id' }, value: Uint8Array.of(1) });
    expect(old.get(controller, `map ${last}`, { text: 'id' })).toEqual(Uint8Array.of(1));
  });

  test('that has as many maps as a store may have today has an outbox as well', () => {
    const full = withMapsUpTo(251);
    const token = full.outbox.enqueue(controller, NOON, CALL);
    expect(reopened().outbox.letter(controller, token)?.payload.method).toBe('transfer');
    expect(reopened().get(controller, 'map 251', { text: 'id' })).toEqual(Uint8Array.of(251));
  });
});

test('an outbox that cannot be opened hinders nobody but whoever uses it', () => {
  store.outbox.enqueue(controller, NOON, CALL);
  MemoryManager.load(restarted(memory)).get(252).write(0, Uint8Array.of(7));
  const damaged = reopened();
  expect(damaged.listMaps()).toEqual([]);
  expect(damaged.outbox.lettersToDeliver).toBeUndefined();
  expect(() => damaged.outbox.status(controller)).toThrow('BAD_MAGIC');
  expect(() => damaged.outbox.enqueue(controller, NOON, CALL)).toThrow('BAD_MAGIC');
});
