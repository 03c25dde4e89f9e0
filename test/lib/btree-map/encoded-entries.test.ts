/** Pages that the kernel encodes, against those whose entries JavaScript has decoded. */
import { IDL } from '@dfinity/candid';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { signatures } from '../../../src/canister/candid.js';
import { DataStore, type Caller } from '../../../src/canister/data-store.js';
import { keyCodec, KEY_TYPES, type Key, type KeyType } from '../../../src/canister/keys.js';
import { rawKeys, type ScanRequest } from '../../../src/canister/scan.js';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { compileArguments } from '../../../src/lib/candid/arguments.js';
import { EncodedVec } from '../../../src/lib/candid/encoded-vec.js';
import { bytes, u64 } from '../../../src/lib/codecs/index.js';
import { Principal } from '../../../src/lib/principal.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { anyBigint, anyBytes, anyPrincipal, anyText } from '../../support/arbitraries.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { checkProperty } from '../../support/property.js';
import { EVERYTHING } from '../../support/scan-requests.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

const caller: Caller = { principal: Principal.anonymous(), isController: true };
const reply = compileArguments([signatures(IDL).scan[1]]);

const KEYS: Record<KeyType, fc.Arbitrary<Key>> = {
  text: anyText(8).map((text) => ({ text })),
  nat64: anyBigint(0n, 2n ** 64n - 1n).map((nat64) => ({ nat64 })),
  int64: anyBigint(-(2n ** 63n), 2n ** 63n - 1n).map((int64) => ({ int64 })),
  principal: anyPrincipal().map((principal) => ({ principal })),
  blob: anyBytes(200).map((blob) => ({ blob })),
};

function storeOf(keyType: KeyType, pairs: readonly (readonly [Key, Uint8Array])[]): DataStore {
  const store = new DataStore(kernelMemory().memory, { bucketSizeInPages: 1 });
  const limits = { maxKeySize: undefined, maxValueSize: undefined };
  store.createMap(caller, { name: 'map', keyType, ...limits });
  store.insertMany(
    caller,
    'map',
    pairs.map(([key, value]) => ({ key, value })),
  );
  return store;
}

/** Scans a map to its end and expects the same of both ways; returns how long the pages are. */
function expectSamePages(store: DataStore, request: ScanRequest): number[] {
  const counts: number[] = [];
  for (let cursor = request.cursor; ;) {
    const asked = { ...request, cursor };
    const page = store.scan(caller, 'map', asked);
    const encoded = store.scanReply(caller, 'map', asked);
    expect(encoded.entries).toBeInstanceOf(EncodedVec);
    const message = Buffer.from(reply.encode([{ Ok: page }]));
    expect(message.equals(reply.encode([{ Ok: encoded }]))).toBe(true);
    counts.push(page.entries.length);
    if (page.next.length === 0) return counts;
    cursor = page.next;
  }
}

describe('pages of a range have the same bytes', () => {
  test.each(KEY_TYPES)('with keys of %s', (keyType) => {
    const value = fc.nat(300).map((length) => new Uint8Array(length).fill(length));
    const pairs = fc.array(fc.tuple(KEYS[keyType], value), { maxLength: 60, size: 'max' });
    checkProperty(
      fc.property(pairs, KEYS[keyType], fc.integer({ min: 5, max: 70 }), (pairs, key, limit) => {
        const store = storeOf(keyType, pairs);
        for (const reverse of [false, true]) {
          const request = { ...EVERYTHING, limit: [limit], reverse: [reverse] } as ScanRequest;
          expectSamePages(store, request);
          expectSamePages(store, { ...request, from: [key] });
          expectSamePages(store, { ...request, to: [key] });
        }
      }),
      { numRuns: 5 },
    );
  });

  test('also where more entries fill a page than a batch', () => {
    const pairs = Array.from({ length: 700 }, (_, index) => {
      return [{ nat64: BigInt(index) }, new Uint8Array(index % 90)] as const;
    });
    expect(expectSamePages(storeOf('nat64', pairs), { ...EVERYTHING, limit: [600] })).toEqual([
      600, 100,
    ]);
  });

  test.each([
    ['just fill it', 50_000 - 24, [36, 4]],
    ['are a byte too large for that', 50_000 - 23, [35, 5]],
    ['fill it in twos', 700_000, [2, 2, 1]],
    ['fill it by themselves', 1_572_864, [1, 1]],
  ])('where entries %s', (_name, size, expected) => {
    const pairs = Array.from({ length: expected.reduce((sum, part) => sum + part) }, (_, index) => {
      return [{ nat64: BigInt(index) }, new Uint8Array(size)] as const;
    });
    expect(expectSamePages(storeOf('nat64', pairs), EVERYTHING)).toEqual(expected);
  });
});

const REQUEST = { caseIndex: 0, limit: 5, sizeMax: 1000, overhead: 0 } as const;

/** A map with raw keys, in which these bytes were inserted. */
function mapOf(keyType: KeyType, keys: readonly Uint8Array[]): BTreeMap<Uint8Array, Uint8Array> {
  const raw = rawKeys(keyCodec(keyType));
  const bound = { maxSize: 40, fixedSize: false };
  const map = BTreeMap.init(kernelMemory().memory, { ...raw, bound }, bytes);
  for (const key of keys) map.insert(key, key);
  return map;
}

describe('left to TypeScript', () => {
  test.each([
    ['text', Uint8Array.of(0x61, 0xff)],
    ['nat64', new Uint8Array(7)],
    ['int64', new Uint8Array(9)],
    ['principal', new Uint8Array(30)],
  ] as const)('is a stored key that is no %s', (keyType, key) => {
    const map = mapOf(keyType, [key]);
    const request = { ...REQUEST, keyKind: keyType };
    expect(map.encodeEntries({}, request)).toBeUndefined();
    expect(map.encodeEntries({}, { ...request, keyKind: 'blob' })!.elements.count).toBe(1);
  });

  test('are maps without a kernel, and maps of numbers', () => {
    const request = { ...REQUEST, keyKind: 'blob' } as const;
    const without = BTreeMap.init(new VectorMemory(), bytes, bytes);
    expect(without.encodeEntries({}, request)).toBeUndefined();
    const numbers = BTreeMap.init(kernelMemory().memory, u64, bytes);
    expect(numbers.encodeEntries({}, request)).toBeUndefined();
  });

  test('are damaged nodes', () => {
    const { memory, stable } = kernelMemory();
    const map = BTreeMap.init(memory, bytes, bytes);
    map.insert(Uint8Array.of(1), Uint8Array.of(2));
    const damaged = new Uint8Array(65_536 - 100);
    stable.write(100, damaged);
    expect(map.encodeEntries({}, { ...REQUEST, keyKind: 'blob' })).toBeUndefined();
  });
});

test('an empty range has no last key', () => {
  expect(mapOf('blob', []).encodeEntries({}, { ...REQUEST, keyKind: 'blob' })).toEqual({
    elements: new EncodedVec(0, []),
    lastKey: undefined,
    hasMore: false,
  });
});
