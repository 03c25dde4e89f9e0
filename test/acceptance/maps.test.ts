/** What the methods of the data canister do with maps and entries, each over Candid. */
import type { PocketIc } from '@dfinity/pic';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KEY_TYPES, type Key, type KeyType } from '../../src/canister/keys.js';
import { Principal } from '../../src/lib/index.js';
import { connect, DataCanister, ok, scan, value } from './support/data-canister.js';

/** Five keys of each type in the order of their type, which for none is the order of their text. */
const ASCENDING: Record<KeyType, Key[]> = {
  text: ['', 'A', 'Z', 'a', 'é'].map((text) => ({ text })),
  nat64: [0n, 9n, 10n, 2n ** 53n + 1n, 2n ** 64n - 1n].map((nat64) => ({ nat64 })),
  int64: [-(2n ** 63n), -10n, -9n, 0n, 2n ** 63n - 1n].map((int64) => ({ int64 })),
  principal: [[], [255], [0, 1], [1, 0], Array(29).fill(0)].map((bytes) => ({
    principal: Principal.fromUint8Array(Uint8Array.from(bytes)),
  })),
  blob: [[], [0], [0, 255], [1], [255]].map((bytes) => ({ blob: Uint8Array.from(bytes) })),
};

let pic: PocketIc;
let data: DataCanister;

beforeAll(async () => {
  pic = await connect();
  data = await DataCanister.install(pic);
});

afterAll(() => pic.tearDown());

describe.each(KEY_TYPES)('a map with keys of type %s', (type) => {
  const keys = ASCENDING[type];
  const pairs = keys.map((key, number) => ({ key: plain(key), value: value(number) }));

  test('is created empty, with the bounds that it says', async () => {
    const created = await data.createMap(type, type);
    expect(created).toMatchObject({ name: type, key_type: { [type]: null }, length: 0n });
    expect(created).toMatchObject({
      closed: false,
      max_key_size: 1_024,
      max_value_size: 1_572_864,
    });
    expect(await data.actor.list_maps()).toContainEqual(created);
  });

  test('takes one entry, and gives back what it replaces', async () => {
    expect(ok(await data.actor.insert(type, keys[4]!, value(9)))).toEqual([]);
    expect(ok(await data.actor.insert(type, keys[4]!, value(8)))).toEqual([value(9)]);
    expect(ok(await data.actor.length(type))).toBe(1n);
  });

  test('takes many entries, and counts the new ones', async () => {
    expect(ok(await data.actor.insert_many(type, [...pairs].reverse()))).toBe(4n);
    expect(ok(await data.actor.length(type))).toBe(5n);
  });

  test('finds each entry, and nothing that is not there', async () => {
    const absent = keyBesides(type);
    expect(ok(await data.actor.get(type, keys[2]!))).toEqual([value(2)]);
    expect(ok(await data.actor.get(type, absent))).toEqual([]);
    expect(ok(await data.actor.contains(type, keys[0]!))).toBe(true);
    expect(ok(await data.actor.contains(type, absent))).toBe(false);
    const asked = [keys[3]!, absent, keys[0]!];
    expect(ok(await data.actor.get_many(type, asked))).toEqual([[value(3)], [], [value(0)]]);
  });

  test('shows its entries in the order of the type, in both directions', async () => {
    const page = ok(await data.actor.scan(type, scan()));
    expect({ ...page, entries: page.entries.map(plainPair) }).toEqual({ entries: pairs, next: [] });
    const reversed = ok(await data.actor.scan(type, scan({ reverse: [true] })));
    expect(reversed.entries.map(plainPair)).toEqual([...pairs].reverse());
  });

  test('shows a range, its end excluded', async () => {
    const request = scan({ from: [keys[1]!], to: [keys[3]!] });
    const page = ok(await data.actor.scan(type, request));
    expect(page.entries.map(plainPair)).toEqual(pairs.slice(1, 3));
  });

  test('shows pages of a limited length, one after the other by a cursor', async () => {
    const first = ok(await data.actor.scan(type, scan({ limit: [2] })));
    const second = ok(await data.actor.scan(type, scan({ limit: [2], cursor: first.next })));
    const third = ok(await data.actor.scan(type, scan({ limit: [2], cursor: second.next })));
    const pages = [first, second, third].map((page) => page.entries.map(plainPair));
    expect(pages).toEqual([pairs.slice(0, 2), pairs.slice(2, 4), pairs.slice(4)]);
    expect(third.next).toEqual([]);
  });

  test('removes an entry, and gives it back once', async () => {
    expect(ok(await data.actor.remove(type, keys[1]!))).toEqual([value(1)]);
    expect(ok(await data.actor.remove(type, keys[1]!))).toEqual([]);
    expect(ok(await data.actor.length(type))).toBe(4n);
  });
});

describe('a scan', () => {
  beforeAll(async () => {
    await data.createMap('towns', 'text');
    const towns = ['Bern', 'Bergen', 'Berlin', 'Basel', 'Zug'];
    const entries = towns.map((text, number) => ({ key: { text }, value: value(number, 800_000) }));
    ok(await data.actor.insert_many('towns', entries.slice(0, 2)));
    ok(await data.actor.insert_many('towns', entries.slice(2, 4)));
    ok(await data.actor.insert_many('towns', entries.slice(4)));
  });

  test('by a prefix shows what begins with it', async () => {
    const entries = await data.entries('towns', { prefix: [{ text: 'Ber' }] });
    expect(entries.map(({ key }) => key)).toEqual([
      { text: 'Bergen' },
      { text: 'Berlin' },
      { text: 'Bern' },
    ]);
  });

  test('never returns more than fits a reply, and goes on from there', async () => {
    const page = ok(await data.actor.scan('towns', scan({ limit: [1_000] })));
    expect(page.entries.map(({ key }) => key)).toEqual([{ text: 'Basel' }, { text: 'Bergen' }]);
    expect(page.next).toHaveLength(1);
    expect(await data.entries('towns')).toHaveLength(5);
  });

  test('goes on behind its last key, also where that was removed meanwhile', async () => {
    const page = ok(await data.actor.scan('towns', scan({ limit: [2] })));
    ok(await data.actor.remove('towns', { text: 'Bergen' }));
    const next = ok(await data.actor.scan('towns', scan({ limit: [2], cursor: page.next })));
    expect(next.entries.map(({ key }) => key)).toEqual([{ text: 'Berlin' }, { text: 'Bern' }]);
  });
});

test('all maps are listed by name, each with a memory of its own', async () => {
  const maps = await data.actor.list_maps();
  const names = maps.map(({ name }) => name);
  expect(names).toEqual(['blob', 'int64', 'nat64', 'principal', 'text', 'towns']);
  const ids = maps.map(({ memory_id }) => memory_id);
  expect([...ids].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7]);
});

/** A key that {@link ASCENDING} does not have. */
function keyBesides(type: KeyType): Key {
  const absent: Record<KeyType, Key> = {
    text: { text: 'm' },
    nat64: { nat64: 77n },
    int64: { int64: 77n },
    principal: { principal: Principal.anonymous() },
    blob: { blob: Uint8Array.of(7, 7) },
  };
  return absent[type];
}

/** Principals as text: the client's class is not ours. */
function plain(key: Key): Key {
  if (!('principal' in key)) return key;
  return { principal: Principal.fromText(key.principal.toText()) };
}

function plainPair<T extends { key: Key }>(pair: T): T {
  return { ...pair, key: plain(pair.key) };
}
