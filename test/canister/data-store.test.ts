import { Cbor, lookup_path, lookupResultToBuffer, type HashTree } from '@dfinity/agent';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DataStore, type Caller } from '../../src/canister/data-store.js';
import type { Key } from '../../src/canister/keys.js';
import { RefusalError, type Refusal } from '../../src/canister/refusal.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { Principal } from '../../src/lib/principal.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { toHex } from '../support/hex.js';
import { imageOf, restarted } from '../support/memories.js';
import { EVERYTHING } from '../support/scan-requests.js';

/** Buckets of one page keep the images small that are compared. */
const SMALL_BUCKETS = { bucketSizeInPages: 1 };

const user = (byte: number): Principal => Principal.fromUint8Array(Uint8Array.of(byte, 1, 2));

const controller: Caller = { principal: user(1), isController: true };
const writer: Caller = { principal: user(2), isController: false };
const stranger: Caller = { principal: user(3), isController: false };
const anonymous: Caller = { principal: Principal.anonymous(), isController: false };

/** Of `ids`, which is made first. */
const FIRST_MAP_MEMORY = 2;

const one = Uint8Array.of(1);
const value = (text: string): Uint8Array => new TextEncoder().encode(text);
const id = (number: number): Key => ({ nat64: BigInt(number) });

let memory: VectorMemory;
let store: DataStore;

function createMap(name: string, keyType: 'text' | 'nat64' | 'int64' | 'principal' | 'blob'): void {
  store.createMap(controller, { name, keyType, maxKeySize: undefined, maxValueSize: undefined });
}

/** The refusal of a request, after a check that it changed nothing. */
function refusalOf(request: () => unknown): Refusal {
  const before = imageOf(memory);
  try {
    request();
  } catch (error) {
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    if (error instanceof RefusalError) return error.refusal;
    throw error;
  }
  throw new Error('expected a refusal');
}

beforeEach(() => {
  memory = new VectorMemory();
  store = new DataStore(memory, SMALL_BUCKETS);
  createMap('ids', 'nat64');
  createMap('names', 'text');
  store.grant(controller, 'ids', writer.principal);
});

describe('maps', () => {
  test('are listed by name with their types and sizes', () => {
    store.insertMany(controller, 'ids', [
      { key: id(1), value: one },
      { key: id(2), value: one },
    ]);
    expect(store.listMaps()).toMatchObject([
      { name: 'ids', keyType: 'nat64', length: 2, memoryId: 2, sizeInPages: 1, isClosed: false },
      { name: 'names', keyType: 'text', length: 0, memoryId: 3, sizeInPages: 1, isClosed: false },
    ]);
  });

  test('keep everything when the store is opened anew', () => {
    store.insert(writer, 'ids', { key: id(7), value: value('seven') });
    const reopened = new DataStore(restarted(memory), SMALL_BUCKETS);
    expect(reopened.get(stranger, 'ids', id(7))).toEqual(value('seven'));
    expect(reopened.insert(writer, 'ids', { key: id(8), value: one })).toBeUndefined();
    expect(refusalOf(() => reopened.insert(stranger, 'ids', { key: id(8), value: one }))).toEqual({
      NotAuthorized: null,
    });
  });

  test('that cannot be opened say so when they are used, and hinder no other', () => {
    store.insert(writer, 'ids', { key: id(7), value: one });
    const damaged = restarted(memory);
    MemoryManager.load(damaged).get(FIRST_MAP_MEMORY).write(0, value('XXX'));
    const reopened = new DataStore(restarted(damaged), SMALL_BUCKETS);
    expect(() => reopened.get(stranger, 'ids', id(7))).toThrow(
      expect.objectContaining({ code: 'BAD_MAGIC' }),
    );
    reopened.setClosed(controller, 'ids', true);
    expect(reopened.get(stranger, 'names', { text: 'Ada' })).toBeUndefined();
  });

  test('need a name of their own and of 1 to 64 characters', () => {
    expect(refusalOf(() => createMap('ids', 'blob'))).toEqual({ MapExists: 'ids' });
    expect(refusalOf(() => createMap('', 'text'))).toMatchObject({
      InvalidName: expect.any(String),
    });
    expect(refusalOf(() => createMap('x'.repeat(65), 'text'))).toMatchObject({
      InvalidName: expect.any(String),
    });
  });

  test('cannot have bounds beyond what fits a reply', () => {
    const spec = {
      name: 'big',
      keyType: 'blob',
      maxKeySize: undefined,
      maxValueSize: undefined,
    } as const;
    expect(refusalOf(() => store.createMap(controller, { ...spec, maxKeySize: 65_537 }))).toEqual({
      KeyTooLarge: { max_size: 65_536, size: 65_537 },
    });
    expect(
      refusalOf(() => store.createMap(controller, { ...spec, maxValueSize: 2_000_000 })),
    ).toEqual({
      ValueTooLarge: { max_size: 1_572_864, size: 2_000_000 },
    });
  });
});

describe('certified maps', () => {
  const certified: string[] = [];
  const system = { certify: (hash: Uint8Array) => void certified.push(toHex(hash)) };

  beforeEach(() => {
    memory = new VectorMemory();
    store = new DataStore(memory, SMALL_BUCKETS, system);
    createMap('plain', 'text');
    certified.length = 0;
    const spec = { maxKeySize: undefined, maxValueSize: undefined, isCertified: true };
    store.createMap(controller, { ...spec, name: 'names', keyType: 'text' });
    store.createMap(controller, { ...spec, name: 'owners', keyType: 'principal' });
  });

  test('are certified with every change, and with no other', () => {
    expect(certified).toHaveLength(2);
    store.insert(controller, 'names', { key: { text: 'ada' }, value: one });
    store.insertMany(controller, 'names', [{ key: { text: 'bo' }, value: one }]);
    expect(new Set(certified).size).toBe(4);
    store.remove(controller, 'names', { text: 'bo' });
    expect(certified.at(-1)).toBe(certified[2]);
    store.insert(controller, 'plain', { key: { text: 'ada' }, value: one });
    expect(certified).toHaveLength(5);
  });

  test('are certified again when the store is opened anew', () => {
    store.insert(controller, 'names', { key: { text: 'ada' }, value: one });
    const last = certified.at(-1);
    certified.length = 0;
    const reopened = new DataStore(restarted(memory), SMALL_BUCKETS, system);
    expect(certified).toEqual([]);
    reopened.certify();
    expect(certified).toEqual([last]);
    expect(reopened.listMaps().map(({ isCertified }) => isCertified)).toEqual([true, true, false]);
  });

  test('answer with a value and what proves it', () => {
    store.insert(controller, 'names', { key: { text: 'ada' }, value: value('36') });
    const { value: found, witness } = store.getCertified(stranger, 'names', { text: 'ada' });
    expect(found).toEqual(value('36'));
    const tree = Cbor.decode<HashTree>(witness);
    expect(lookupResultToBuffer(lookup_path(['names', 'ada'], tree))).toEqual(value('36'));
    expect(store.getCertified(stranger, 'names', { text: 'bo' }).value).toBeUndefined();
    expect(refusalOf(() => store.getCertified(stranger, 'plain', { text: 'ada' }))).toEqual({
      NotCertified: 'plain',
    });
  });

  test('are scanned in the order of the bytes of their keys, page by page', () => {
    const users = [user(9), Principal.fromUint8Array(Uint8Array.of(1)), user(3), user(200)];
    store.insertMany(
      controller,
      'owners',
      users.map((principal) => ({ key: { principal }, value: one })),
    );
    const found: string[] = [];
    let cursor: [] | [Uint8Array] = [];
    do {
      const page = store.scan(stranger, 'owners', { ...EVERYTHING, limit: [1], cursor });
      found.push(...page.entries.map(({ key }) => Object.values(key).join()));
      cursor = page.next;
    } while (cursor.length === 1);
    const sorted = [...users].sort((a, b) => Buffer.compare(a.toUint8Array(), b.toUint8Array()));
    expect(found).toEqual(sorted.map(String));
  });

  test('refuse what they have no room for, and stay as they were', () => {
    store = new DataStore(new VectorMemory(40), SMALL_BUCKETS, system);
    const spec = { keyType: 'nat64', maxKeySize: undefined, maxValueSize: undefined } as const;
    store.createMap(controller, { ...spec, name: 'full', isCertified: true });
    const insert = (number: number) =>
      store.insert(controller, 'full', { key: id(number), value: new Uint8Array(200_000) });
    const before = () => [store.length(stranger, 'full'), certified.length];
    let count = 0;
    let refused: unknown;
    for (; refused === undefined && count < 100; count++) {
      const state = before();
      try {
        insert(count);
      } catch (error) {
        refused = error;
        expect(before()).toEqual(state);
      }
    }
    expect(refused).toMatchObject({ code: expect.stringMatching(/OUT_OF_MEMORY|GROW_FAILED/) });
  });
});

describe('entries', () => {
  const keys: [string, 'text' | 'nat64' | 'int64' | 'principal' | 'blob', Key][] = [
    ['texts', 'text', { text: 'Zürich' }],
    ['naturals', 'nat64', { nat64: 2n ** 64n - 1n }],
    ['integers', 'int64', { int64: -(2n ** 63n) }],
    ['principals', 'principal', { principal: user(9) }],
    ['blobs', 'blob', { blob: Uint8Array.of(0, 255) }],
  ];

  test.each(keys)(
    'with %s as keys are inserted, found, overwritten and removed',
    (name, type, key) => {
      createMap(name, type);
      expect(store.insert(controller, name, { key, value: one })).toBeUndefined();
      expect(store.insert(controller, name, { key, value: value('two') })).toEqual(one);
      expect(store.get(anonymous, name, key)).toEqual(value('two'));
      expect(store.contains(anonymous, name, key)).toBe(true);
      expect(store.length(anonymous, name)).toBe(1);
      expect(store.scan(anonymous, name, EVERYTHING).entries).toMatchObject([
        { value: value('two') },
      ]);
      expect(store.remove(controller, name, key)).toEqual(value('two'));
      expect(store.remove(controller, name, key)).toBeUndefined();
      expect(store.contains(anonymous, name, key)).toBe(false);
    },
  );

  test('getMany answers in the order of the keys', () => {
    store.insert(controller, 'ids', { key: id(2), value: one });
    expect(store.getMany(anonymous, 'ids', [id(1), id(2)])).toEqual([undefined, one]);
  });

  test('getMany refuses what would not fit a reply', () => {
    store.insert(controller, 'ids', { key: id(1), value: new Uint8Array(1_000_000) });
    expect(refusalOf(() => store.getMany(anonymous, 'ids', [id(1), id(1)]))).toEqual({
      ReplyTooLarge: { max_size: 1_800_000 },
    });
  });

  test('insertMany counts new keys', () => {
    const pairs = [1, 2, 2].map((number) => ({ key: id(number), value: one }));
    expect(store.insertMany(writer, 'ids', pairs)).toBe(2);
    expect(store.insertMany(writer, 'ids', pairs)).toBe(0);
  });
});

describe('refusals', () => {
  test('an unknown map', () => {
    for (const request of [
      () => store.get(anonymous, 'none', id(1)),
      () => store.insert(controller, 'none', { key: id(1), value: one }),
      () => store.scan(anonymous, 'none', EVERYTHING),
      () => store.grant(controller, 'none', user(1)),
    ]) {
      expect(refusalOf(request)).toEqual({ UnknownMap: 'none' });
    }
  });

  test('a key of the wrong type', () => {
    const wrong = { WrongKeyType: { expected: { nat64: null }, found: { text: null } } };
    const key = { text: 'one' };
    expect(refusalOf(() => store.insert(controller, 'ids', { key, value: one }))).toEqual(wrong);
    expect(refusalOf(() => store.get(controller, 'ids', key))).toEqual(wrong);
    expect(refusalOf(() => store.remove(controller, 'ids', key))).toEqual(wrong);
    expect(refusalOf(() => store.scan(controller, 'ids', { ...EVERYTHING, from: [key] }))).toEqual(
      wrong,
    );
  });

  test('a key or value above its bound', () => {
    const spec = { name: 'small', keyType: 'text', maxKeySize: 3, maxValueSize: 2 } as const;
    store.createMap(controller, spec);
    expect(
      refusalOf(() => store.insert(controller, 'small', { key: { text: 'äö' }, value: one })),
    ).toEqual({ KeyTooLarge: { max_size: 3, size: 4 } });
    expect(
      refusalOf(() =>
        store.insert(controller, 'small', { key: { text: 'a' }, value: value('abc') }),
      ),
    ).toEqual({ ValueTooLarge: { max_size: 2, size: 3 } });
  });

  test('a batch of which one entry is wrong: none is inserted, and it says which', () => {
    const pairs = [
      { key: id(1), value: one },
      { key: { text: 'two' }, value: one },
      { key: id(3), value: one },
    ];
    expect(refusalOf(() => store.insertMany(controller, 'ids', pairs))).toEqual({
      InvalidEntry: {
        index: 1,
        reason: { WrongKeyType: { expected: { nat64: null }, found: { text: null } } },
      },
    });
    expect(store.length(anonymous, 'ids')).toBe(0);
  });
});

describe('rights', () => {
  test('only controllers create maps, grant, revoke and close', () => {
    for (const caller of [writer, stranger, anonymous]) {
      for (const request of [
        () =>
          store.createMap(caller, { name: 'x', keyType: 'text', maxKeySize: 1, maxValueSize: 1 }),
        () => store.grant(caller, 'ids', user(8)),
        () => store.revoke(caller, 'ids', writer.principal),
        () => store.setClosed(caller, 'ids', true),
      ]) {
        expect(refusalOf(request)).toEqual({ NotAuthorized: null });
      }
    }
  });

  test('a grant is for one map', () => {
    expect(store.insert(writer, 'ids', { key: id(1), value: one })).toBeUndefined();
    expect(
      refusalOf(() => store.insert(writer, 'names', { key: { text: 'a' }, value: one })),
    ).toEqual({ NotAuthorized: null });
  });

  test('a revoked writer writes no more', () => {
    store.revoke(controller, 'ids', writer.principal);
    const refused = { NotAuthorized: null };
    expect(refusalOf(() => store.insert(writer, 'ids', { key: id(1), value: one }))).toEqual(
      refused,
    );
    expect(refusalOf(() => store.insertMany(writer, 'ids', []))).toEqual(refused);
    expect(refusalOf(() => store.remove(writer, 'ids', id(1)))).toEqual(refused);
  });

  test('the anonymous caller never writes, not even where somebody granted it', () => {
    store.grant(controller, 'ids', anonymous.principal);
    expect(refusalOf(() => store.insert(anonymous, 'ids', { key: id(1), value: one }))).toEqual({
      NotAuthorized: null,
    });
  });

  test('a closed map is read by its writers only, until it is opened again', () => {
    store.setClosed(controller, 'ids', true);
    expect(store.length(writer, 'ids')).toBe(0);
    for (const request of [
      () => store.get(stranger, 'ids', id(1)),
      () => store.getMany(stranger, 'ids', []),
      () => store.contains(stranger, 'ids', id(1)),
      () => store.length(anonymous, 'ids'),
      () => store.scan(stranger, 'ids', EVERYTHING),
    ]) {
      expect(refusalOf(request)).toEqual({ NotAuthorized: null });
    }
    store.setClosed(controller, 'ids', false);
    expect(store.length(stranger, 'ids')).toBe(0);
  });
});

test('there are as many maps as virtual memories for them, and no more', () => {
  for (let index = 2; index < 250; index++) createMap(`map ${index}`, 'nat64');
  expect(refusalOf(() => createMap('one too many', 'nat64'))).toEqual({
    TooManyMaps: { limit: 250 },
  });
  expect(store.listMaps()).toHaveLength(250);
});

test('a memory without room is a refusal, and nothing is lost', () => {
  memory = new VectorMemory(60);
  store = new DataStore(memory, SMALL_BUCKETS);
  createMap('only', 'nat64');
  store.insert(controller, 'only', { key: id(1), value: one });
  let refused: unknown;
  for (let number = 2; refused === undefined && number < 20; number++) {
    try {
      store.insert(controller, 'only', { key: id(number), value: new Uint8Array(1_500_000) });
    } catch (error) {
      refused = error;
    }
  }
  expect(refused).toMatchObject({ code: 'GROW_FAILED' });
  expect(store.get(anonymous, 'only', id(1))).toEqual(one);
  expect(new DataStore(restarted(memory), SMALL_BUCKETS).get(anonymous, 'only', id(1))).toEqual(
    one,
  );
});
