import { beforeEach, describe, expect, test } from '@jest/globals';
import { DataStore, type Caller } from '../../src/canister/data-store.js';
import type { Key } from '../../src/canister/keys.js';
import { RefusalError } from '../../src/canister/refusal.js';
import type { Page, ScanRequest } from '../../src/canister/scan.js';
import { Principal } from '../../src/lib/principal.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';

const caller: Caller = { principal: Principal.anonymous(), isController: true };

let store: DataStore;

beforeEach(() => {
  store = new DataStore(new VectorMemory(), { bucketSizeInPages: 1 });
  for (const [name, keyType] of [
    ['ids', 'nat64'],
    ['names', 'text'],
    ['blobs', 'blob'],
    ['ints', 'int64'],
  ] as const) {
    store.createMap(caller, { name, keyType, maxKeySize: undefined, maxValueSize: undefined });
  }
});

function fill(map: string, keys: readonly Key[], size = 1): void {
  store.insertMany(
    caller,
    map,
    keys.map((key) => ({ key, value: new Uint8Array(size) })),
  );
}

const ids = (...numbers: number[]): Key[] => numbers.map((number) => ({ nat64: BigInt(number) }));

function request(fields: { [Field in keyof ScanRequest]?: ScanRequest[Field][0] }): ScanRequest {
  const optional = <T>(value: T | undefined): [] | [T] => (value === undefined ? [] : [value]);
  return {
    from: optional(fields.from),
    to: optional(fields.to),
    prefix: optional(fields.prefix),
    limit: optional(fields.limit),
    reverse: optional(fields.reverse),
    cursor: optional(fields.cursor),
  };
}

function scan(map: string, fields: Parameters<typeof request>[0]): Page {
  return store.scan(caller, map, request(fields));
}

const keysOf = (page: Page): unknown[] => page.entries.map(({ key }) => Object.values(key)[0]);

function refusalOf(action: () => unknown): object {
  try {
    action();
  } catch (error) {
    if (error instanceof RefusalError) return error.refusal;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('a range', () => {
  test('goes from its start up to before its end, in either direction', () => {
    fill('ids', ids(1, 2, 3, 4, 5));
    const range = { from: { nat64: 2n }, to: { nat64: 5n } };
    expect(keysOf(scan('ids', range))).toEqual([2n, 3n, 4n]);
    expect(keysOf(scan('ids', { ...range, reverse: true }))).toEqual([4n, 3n, 2n]);
    expect(keysOf(scan('ids', { from: { nat64: 3n }, to: { nat64: 3n } }))).toEqual([]);
  });

  test('orders integers by their sign', () => {
    fill('ints', [{ int64: 5n }, { int64: -1n }, { int64: -(2n ** 63n) }, { int64: 0n }]);
    expect(keysOf(scan('ints', { from: { int64: -1n } }))).toEqual([-1n, 0n, 5n]);
  });

  test('that starts behind its end is refused', () => {
    expect(refusalOf(() => scan('ids', { from: { nat64: 2n }, to: { nat64: 1n } }))).toMatchObject({
      InvalidRange: expect.any(String),
    });
  });
});

describe('a prefix', () => {
  const texts = ['ba', 'bern', 'berlin', 'be', 'bf', 'b', 'ber\u{10ffff}', 'bes'];

  test('finds the texts that begin with it, in either direction', () => {
    fill(
      'names',
      texts.map((text) => ({ text })),
    );
    const found = ['berlin', 'bern', 'ber\u{10ffff}'];
    expect(keysOf(scan('names', { prefix: { text: 'ber' } }))).toEqual(found);
    expect(keysOf(scan('names', { prefix: { text: 'ber' }, reverse: true }))).toEqual(
      found.reverse(),
    );
    expect(keysOf(scan('names', { prefix: { text: '' } }))).toHaveLength(texts.length);
  });

  test('is narrowed by a range', () => {
    fill(
      'names',
      texts.map((text) => ({ text })),
    );
    const range = { prefix: { text: 'be' }, from: { text: 'berlin' }, to: { text: 'bes' } };
    expect(keysOf(scan('names', range))).toEqual(['berlin', 'bern', 'ber\u{10ffff}']);
    expect(
      keysOf(scan('names', { prefix: { text: 'ber' }, from: { text: 'a' }, to: { text: 'z' } })),
    ).toHaveLength(3);
  });

  test('of 0xFF bytes has no end and needs none', () => {
    const blobs = [[254], [255], [255, 255], [255, 255, 7]].map((content) => ({
      blob: Uint8Array.from(content),
    }));
    fill('blobs', blobs);
    const page = scan('blobs', { prefix: { blob: Uint8Array.of(255, 255) } });
    expect(keysOf(page)).toEqual([Uint8Array.of(255, 255), Uint8Array.of(255, 255, 7)]);
  });

  test('is refused for keys that have none', () => {
    for (const prefix of [{ nat64: 1n }, { text: '1' }]) {
      expect(refusalOf(() => scan('ids', { prefix }))).toMatchObject({
        InvalidRange: expect.any(String),
      });
    }
  });
});

describe('pages', () => {
  test('have 100 entries unless told, and never more than 1,000', () => {
    fill('ids', ids(...Array.from({ length: 1_200 }, (_, index) => index)));
    expect(scan('ids', {}).entries).toHaveLength(100);
    expect(scan('ids', { limit: 5_000 }).entries).toHaveLength(1_000);
  });

  // A page of none has no cursor, and would pass for the end of the map.
  test('of no entries are refused', () => {
    fill('ids', ids(1));
    expect(() => scan('ids', { limit: 0 })).toThrow(RefusalError);
  });

  test('follow each other through the cursor, in either direction, without gap or overlap', () => {
    fill('ids', ids(...Array.from({ length: 95 }, (_, index) => index * 3)));
    for (const reverse of [false, true]) {
      const fields = { from: { nat64: 6n }, to: { nat64: 270n }, limit: 10, reverse };
      const found: unknown[] = [];
      let page = scan('ids', fields);
      for (; page.next[0] !== undefined; page = scan('ids', { ...fields, cursor: page.next[0] })) {
        expect(page.entries).toHaveLength(10);
        found.push(...keysOf(page));
      }
      found.push(...keysOf(page));
      const expected = Array.from({ length: 88 }, (_, index) => BigInt(index * 3 + 6));
      expect(found).toEqual(reverse ? expected.reverse() : expected);
    }
  });

  test('end where the next entry might not fit a reply', () => {
    fill('ids', ids(1, 2, 3, 4), 700_000);
    const page = scan('ids', {});
    expect(keysOf(page)).toEqual([1n, 2n]);
    expect(keysOf(scan('ids', { cursor: page.next[0]! }))).toEqual([3n, 4n]);
  });

  test('have no cursor behind the last entry, also where the limit was just reached', () => {
    fill('ids', ids(1, 2, 3));
    expect(scan('ids', { limit: 3 }).next).toEqual([]);
    expect(scan('ids', { limit: 2 }).next).toHaveLength(1);
    expect(scan('names', {})).toEqual({ entries: [], next: [] });
  });

  test('go on where they were, also after the key under the cursor was removed', () => {
    fill('ids', ids(1, 2, 3, 4));
    const { next } = scan('ids', { limit: 2 });
    store.remove(caller, 'ids', { nat64: 2n });
    expect(keysOf(scan('ids', { cursor: next[0]! }))).toEqual([3n, 4n]);
  });
});

describe('a cursor', () => {
  const fields = { from: { nat64: 2n }, limit: 2 };

  test('that was changed in any byte is refused', () => {
    fill('ids', ids(1, 2, 3, 4, 5, 6));
    const cursor = scan('ids', fields).next[0]!;
    expect(keysOf(scan('ids', { ...fields, cursor }))).toEqual([4n, 5n]);
    for (let index = 0; index < cursor.length; index++) {
      const tampered = cursor.slice();
      tampered[index]! ^= 1;
      expect(refusalOf(() => scan('ids', { ...fields, cursor: tampered }))).toMatchObject({
        InvalidCursor: expect.any(String),
      });
    }
    for (let length = 0; length < cursor.length; length++) {
      expect(
        refusalOf(() => scan('ids', { ...fields, cursor: cursor.slice(0, length) })),
      ).toMatchObject({ InvalidCursor: expect.any(String) });
    }
  });

  test('has frozen bytes: one from an older release must go on', () => {
    fill('ids', ids(1, 2, 3, 4, 5, 6));
    const cursor = scan('ids', fields).next[0]!;
    expect(Buffer.from(cursor).toString('hex')).toBe('0102ec00fd9f0000000000000003');
  });

  test('is good for the scan it came from and for no other', () => {
    fill('ids', ids(1, 2, 3, 4, 5, 6));
    fill('ints', [{ int64: 1n }]);
    const cursor = scan('ids', fields).next[0]!;
    for (const other of [
      () => scan('ids', { limit: 2, cursor }),
      () => scan('ids', { from: { nat64: 3n }, cursor }),
      () => scan('ids', { ...fields, to: { nat64: 9n }, cursor }),
      () => scan('ids', { ...fields, reverse: true, cursor }),
      () => scan('ints', { from: { int64: 2n }, cursor }),
    ]) {
      expect(refusalOf(other)).toMatchObject({ InvalidCursor: expect.any(String) });
    }
    expect(keysOf(scan('ids', { ...fields, limit: 1, cursor }))).toEqual([4n]);
  });
});
