import { describe, expect, jest, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import type { Codec } from '../../src/lib/codec.js';
import { fixedBytes, text, u16, u32, u64, unit } from '../../src/lib/codecs/index.js';
import { STRUCTURE_KIND } from '../../src/lib/ownership/stable-structure.js';
import { SBTreeMap } from '../../src/lib/s-btree-map.js';
import { SHashMap } from '../../src/lib/s-hash-map.js';
import { SHashSet } from '../../src/lib/s-hash-set.js';
import { SVec } from '../../src/lib/s-vec.js';
import { SipHash } from '../../src/lib/sip-hash.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import '../support/byte-equality.js';
import { expectSound } from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { codeOf, CountingMemory, restarted } from '../support/memories.js';
import { hex } from '../support/stored.js';
import {
  WRONG_BIGINTS,
  WRONG_CODECS,
  WRONG_NUMBERS,
  WRONG_SIZES,
} from '../support/wrong-inputs.js';
import { HASH_KEY } from '../support/hash-key.js';

const NUMBERS = SHashMap.of(u64, u64);
const NESTED = SHashMap.of(text, SHashMap.of(u64, text));

const newHeap = (): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { hashKey: HASH_KEY });

function mapOf(count: number, heap = newHeap()): SHashMap<bigint, bigint> {
  const map = heap.root('map', NUMBERS);
  for (let key = 0; key < count; key++) map.insert(BigInt(key), BigInt(key * key));
  return map;
}

const keysOf = <K>(map: Iterable<[K, unknown]>): K[] => Array.from(map, ([key]) => key);

/** From here on hashes have so few bits that nearly all collide. Undone after the test. */
function shortenHashes(bits: number): void {
  const hash = SipHash.prototype.hash32;
  jest.spyOn(SipHash.prototype, 'hash32').mockImplementation(function (this: SipHash, bytes) {
    return ((hash.call(this, bytes) >>> (32 - bits)) << (32 - bits)) >>> 0;
  });
}

describe('a hash map', () => {
  test('that is new is empty, and nothing but its header is allocated', () => {
    const heap = newHeap();
    const map = heap.create(NUMBERS, new Map());
    expect([map.length, map.isEmpty, map.capacity]).toEqual([0, true, 0]);
    expect([map.get(1n), map.containsKey(1n), map.remove(1n), map.delete(1n)]).toEqual([
      undefined,
      false,
      undefined,
      false,
    ]);
    expect(map.detach(1n)).toBeUndefined();
    expect([...map, ...map.keys(), ...map.values({ reverse: true })]).toEqual([]);
    map.clear();
    map.retain(() => false);
    expect(map.checkInvariants()).toBeUndefined();
    expect(heap.allocatedSize).toBe(48 + 16);
    map[Symbol.dispose]();
    expect(heap.allocatedSize).toBe(0);
  });

  test('finds what was put in, and not what was taken out', () => {
    const map = mapOf(5);
    expect(map.get(3n)).toBe(9n);
    expect(map.insert(3n, 10n)).toBe(9n);
    expect(map.insert(5n, 1n)).toBeUndefined();
    expect(map.get(3n)).toBe(10n);
    expect(map.remove(3n)).toBe(10n);
    expect(map.delete(4n)).toBe(true);
    expect(map.delete(4n)).toBe(false);
    expect(map.length).toBe(4);
    expect([map.containsKey(3n), map.containsKey(2n)]).toEqual([false, true]);
    expect(new Map(map)).toEqual(
      new Map([
        [0n, 0n],
        [1n, 1n],
        [2n, 4n],
        [5n, 1n],
      ]),
    );
  });

  test('grows at three quarters, to 7, 13, 25, 49 and 97 slots', () => {
    const map = mapOf(0);
    const capacities: number[] = [];
    for (let key = 0n; key < 73n; key++) {
      map.insert(key, key);
      capacities.push(map.capacity);
    }
    expect([3, 4, 9, 10, 18, 19, 36, 37, 72, 73].map((count) => capacities[count - 1])).toEqual([
      7, 13, 13, 25, 25, 49, 49, 97, 97, 193,
    ]);
  });

  test('changes a value by what it was', () => {
    const map = mapOf(2);
    expect(map.update(1n, (old) => old! + 5n)).toBe(6n);
    expect(map.update(7n, (old) => old ?? 1n)).toBe(1n);
    expect([map.get(1n), map.get(7n)]).toEqual([6n, 1n]);
    expect(() =>
      map.update(1n, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(map.get(1n)).toBe(6n);
  });

  test('gives its entries slot by slot, forwards and backwards', () => {
    const map = mapOf(100);
    const keys = keysOf(map);
    expect(new Set(keys).size).toBe(100);
    expect(keysOf(map.entries({ reverse: true }))).toEqual(keys.toReversed());
    expect([...map.keys()]).toEqual(keys);
    expect([...map.values()]).toEqual(keys.map((key) => key * key));
    expect([...map.values({ reverse: true })]).toEqual(keys.map((key) => key * key).reverse());
  });

  test('tells an iterator that it was changed, by this handle or another one', () => {
    const heap = newHeap();
    const map = mapOf(5, heap);
    const changes: ((other: SHashMap<bigint, bigint>) => unknown)[] = [
      (other) => other.insert(9n, 9n),
      (other) => other.insert(9n, 8n),
      (other) => other.remove(9n),
      (other) => other.reserve(100),
      (other) => other.clear(),
    ];
    for (const change of changes) {
      const iterators = [map.entries(), map.keys({ reverse: true })];
      const fresh = map.values();
      for (const iterator of iterators) iterator.next();
      change(heap.root('map', NUMBERS));
      for (const iterator of [...iterators, fresh]) {
        expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
      }
      map.insert(0n, 0n);
      map.insert(1n, 0n);
    }
  });

  test('keeps what it is told to keep', () => {
    const map = mapOf(100);
    map.retain((key, value) => key % 7n === 0n && value > 0n);
    expect(keysOf(map).sort((a, b) => Number(a - b))).toEqual(
      Array.from({ length: 14 }, (_, index) => BigInt(7 * index + 7)),
    );
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('keeps everything where it is not told to the end what to keep', () => {
    const map = mapOf(20);
    let asked = 0;
    const failing = () => {
      asked += 1;
      if (asked > 10) throw new Error('no');
      return false;
    };
    expect(() => map.retain(failing)).toThrow('no');
    expect(codeOf(() => map.retain((key) => map.delete(key)))).toBe('CHANGED_WHILE_ITERATING');
    expect(map.length).toBe(19);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('holds values and keys without any bytes', () => {
    const map = newHeap().root('map', SHashMap.of(fixedBytes(0), unit));
    expect(map.insert(new Uint8Array(0), undefined)).toBeUndefined();
    expect(map.insert(new Uint8Array(0), undefined)).toBeUndefined();
    expect(map.length).toBe(1);
    expect([...map]).toEqual([[new Uint8Array(0), undefined]]);
    map.remove(new Uint8Array(0));
    expect(map.isEmpty).toBe(true);
  });

  test('is there again when the heap is opened', () => {
    const heap = newHeap();
    mapOf(50, heap);
    const reopened = StableMemoryAllocator.init(restarted(heap.intoMemory()));
    const map = reopened.root('map', NUMBERS);
    expect(map.length).toBe(50);
    expect(map.get(7n)).toBe(49n);
    expect(codeOf(() => reopened.root('map', SHashMap.of(u64, u32)))).toBe('INCOMPATIBLE_TYPE');
    expect(codeOf(() => reopened.root('map', SHashSet.of(u64)))).toBe('INCOMPATIBLE_TYPE');
  });

  test('grows and shrinks through all its handles alike', () => {
    const heap = newHeap();
    const [one, other] = [heap.root('map', NUMBERS), heap.root('map', NUMBERS)];
    for (let key = 0n; key < 40n; key++) {
      (key % 2n === 0n ? one : other).insert(key, key);
      expect([one.length, one.get(key)]).toEqual([other.length, other.get(key)]);
    }
    other.clear();
    expect([one.length, one.capacity]).toEqual([0, 0]);
  });
});

describe('a map of maps', () => {
  const plain = new Map([['ada', new Map([[1n, 'Notes']])]]);

  test('takes plain values, gives handles, and removes plain values', () => {
    const heap = newHeap();
    const posts = heap.root('posts', NESTED, plain);
    expect(posts.get('ada')!.insert(2n, 'On the engine')).toBeUndefined();
    expect(posts.get('ada')!.ownership).toBe('borrowed');
    expectSound(heap);
    expect(posts.remove('ada')).toEqual(new Map([...plain.get('ada')!, [2n, 'On the engine']]));
    expect(posts.insert('ada', plain.get('ada')!)).toBeUndefined();
    expect(posts.insert('ada', new Map())).toEqual(plain.get('ada'));
    posts.delete('ada');
    heap.removeRoot('posts', NESTED);
    expect(heap.allocatedSize).toBe(0);
  });

  test('has its like with vectors, or with ordered maps of sets', () => {
    const heap = newHeap();
    const lists = SHashMap.of(text, SVec.of(text));
    const names = heap.root('names', lists, new Map([['a', ['ada']]]));
    names.get('a')!.push('alan');
    expect(names.insert('g', ['grace'])).toBeUndefined();
    expect(names.remove('a')).toEqual(['ada', 'alan']);
    const deep = SHashMap.of(u64, SBTreeMap.of(u64, SHashSet.of(text)));
    const index = heap.root('index', deep, new Map([[1n, new Map([[2n, new Set(['x'])]])]]));
    expect(index.get(1n)!.get(2n)!.insert('y')).toBe(true);
    expectSound(heap, index);
    expect(index.remove(1n)).toEqual(new Map([[2n, new Set(['x', 'y'])]]));
    heap.removeRoot('names', lists);
    heap.removeRoot('index', deep);
    expect(heap.allocatedSize).toBe(0);
  });

  test('is freed as a whole', () => {
    const heap = newHeap();
    const posts = heap.root('posts', NESTED);
    for (let number = 0; number < 30; number++) {
      posts.insert(
        `author ${number}`,
        new Map([
          [1n, 'one'],
          [2n, 'two'],
        ]),
      );
    }
    expectSound(heap);
    posts.retain((key) => key.endsWith('7'));
    expect(keysOf(posts).sort()).toEqual(['author 17', 'author 27', 'author 7']);
    expectSound(heap);
    posts.clear();
    expect(heap.verify().allocatedBlockCount).toBe(2);
    heap.removeRoot('posts', NESTED);
    expect(heap.allocatedSize).toBe(0);
  });

  test('hands over inner maps without a copy', () => {
    const heap = newHeap();
    const posts = heap.root('posts', NESTED, plain);
    const { ptr } = posts.get('ada')!;
    const owned = posts.detach('ada')!;
    expect([owned.ownership, owned.ptr, posts.length]).toEqual(['owned', ptr, 0]);
    posts.attach('grace', owned);
    expect(posts.get('grace')!.ptr).toBe(ptr);
    expect(codeOf(() => owned.length)).toBe('VALUE_CONSUMED');
    expect(codeOf(() => posts.attach('ada', posts.get('grace')!))).toBe('VALUE_CONSUMED');
    posts.insert('ada', new Map());
    posts.attach('ada', posts.detach('grace')!);
    expect([...posts.get('ada')!]).toEqual([[1n, 'Notes']]);
    expectSound(heap);
  });

  test('refuses a handle of another type or heap, which stays owned', () => {
    const heap = newHeap();
    const posts = heap.root('posts', NESTED);
    const foreign = newHeap().create(SHashMap.of(u64, text), new Map());
    const other = heap.create(NUMBERS, new Map()) as unknown as typeof foreign;
    for (const handle of [foreign, other]) {
      expect(codeOf(() => posts.attach('ada', handle))).toBe('INCOMPATIBLE_TYPE');
      expect(handle.ownership).toBe('owned');
      handle[Symbol.dispose]();
    }
    expectSound(heap);
  });

  test('keeps views good whatever happens around them, and says when they are gone', () => {
    const heap = newHeap();
    const posts = heap.root('posts', NESTED, plain);
    const notes = posts.get('ada')!;
    for (let number = 0; number < 100; number++) posts.insert(`author ${number}`, new Map());
    notes.insert(7n, 'seven');
    expect(posts.get('ada')!.get(7n)).toBe('seven');
    posts.delete('ada');
    expect(codeOf(() => notes.get(7n))).toBe('VALUE_CONSUMED');
  });
});

describe('defect 9:', () => {
  test.each([0, 1, 2, 3, 4])('a map with room for %i entries from the start works', (count) => {
    const map = newHeap().root('map', NUMBERS);
    map.reserve(count);
    expect(map.capacity).toBe([0, 7, 7, 7, 13][count]);
    for (let key = 0n; key < 20n; key++) map.insert(key, key);
    expect(map.length).toBe(20);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('retain leaves every key that is kept where it is found, also where all collide', () => {
    for (const bits of [0, 1, 2, 32]) {
      shortenHashes(bits);
      for (let modulus = 2n; modulus < 7n; modulus++) {
        const map = mapOf(60);
        map.retain((key) => key % modulus === 0n);
        for (let key = 0n; key < 60n; key++) {
          expect(map.get(key)).toBe(key % modulus === 0n ? key * key : undefined);
        }
        expect(map.checkInvariants()).toBeUndefined();
      }
      jest.restoreAllMocks();
    }
  });

  test('where keys fall is a matter of the secret key', () => {
    const order = (byte: number) =>
      keysOf(mapOf(50, StableMemoryAllocator.init(new VectorMemory(), { hashKey: key(byte) })));
    expect(order(1)).not.toEqual(order(2));
    expect(order(1)).toEqual(order(1));
    expect(new Set(order(1))).toEqual(new Set(order(2)));
  });

  test('a flood that was made against one key is harmless under another', () => {
    const flood = floodAgainst(key(1), 300);
    const reads = (byte: number) => {
      const memory = new CountingMemory();
      const map = StableMemoryAllocator.init(memory, { hashKey: key(byte) }).root('map', NUMBERS);
      for (const each of flood) map.insert(each, 0n);
      memory.reads = 0;
      for (const each of flood) map.get(each);
      return memory.reads / flood.length;
    };
    expect(reads(1)).toBeGreaterThan(10);
    expect(reads(2)).toBeLessThan(3);
  });
});

function key(byte: number): Uint8Array {
  return new Uint8Array(16).fill(byte);
}

/** Keys that all have their homes in the first hundredth of any table, under a key that is known. */
function floodAgainst(hashKey: Uint8Array, count: number): bigint[] {
  const sip = new SipHash(hashKey);
  const keys: bigint[] = [];
  for (let each = 0n; keys.length < count; each++) {
    if (sip.hash32(u64.encode(each)) < 2 ** 32 / 100) keys.push(each);
  }
  return keys;
}

describe('keys whose hashes collide', () => {
  test.each([0, 1, 3])('are told apart, with hashes of %i bits', (bits) => {
    shortenHashes(bits);
    const map = newHeap().root('map', SHashMap.of(text, u32));
    for (let number = 0; number < 60; number++) map.insert(`key ${number}`, number);
    for (let number = 0; number < 60; number += 2) expect(map.remove(`key ${number}`)).toBe(number);
    for (let number = 0; number < 60; number++) {
      expect(map.get(`key ${number}`)).toBe(number % 2 === 0 ? undefined : number);
    }
    expect(map.checkInvariants()).toBeUndefined();
    jest.restoreAllMocks();
  });
});

describe('defect 11:', () => {
  test('the bytes are frozen, and of the same widths on every machine', () => {
    const heap = StableMemoryAllocator.init(new VectorMemory(), { hashKey: key(7) });
    const map = heap.create(SHashMap.of(u16, text), new Map([[5, 'five']]));
    const header = new Uint8Array(48);
    heap.readBlock(map.ptr, header);
    expect(toHex(header)).toBe(
      hex(
        `04 01 0000 02000000 010000000000 5353` +
          `4800000000000000 0700000000000000 0100000000000000 02000000 08000000`,
      ),
    );
    expect(map.ptr).toBe(8);
    const table = new Uint8Array(104);
    heap.readBlock(0x48, table);
    expect(toHex(table)).toBe(
      hex(
        `00000000 4d7b0e2a ${'00000000'.repeat(5)}` +
          `0000 0000000000000000 0005 c000000000000000 ${'00'.repeat(50 + 6)}`,
      ),
    );
    const box = new Uint8Array(8);
    heap.readBlock(0xc0, box);
    expect(toHex(box)).toBe(hex('04000000 66697665'));
  });
});

describe('a heap without a key', () => {
  test('refuses hash maps and sets until it has one', () => {
    const heap = StableMemoryAllocator.init(new VectorMemory());
    const sets = SHashSet.of(u64);
    expect(codeOf(() => heap.root('map', NUMBERS))).toBe('HASH_KEY_MISSING');
    expect(codeOf(() => heap.create(sets, new Set([1n])))).toBe('HASH_KEY_MISSING');
    expect([heap.allocatedSize, heap.roots()]).toEqual([0, []]);
    heap.keyHashes(HASH_KEY);
    heap.root('map', NUMBERS).insert(1n, 2n);
    expect(heap.root('map', NUMBERS).get(1n)).toBe(2n);
  });
});

describe('what is refused changes nothing', () => {
  test.each(WRONG_CODECS)('%s as a codec', (_, value) => {
    expect(() => SHashMap.of(value as Codec<number>, u64)).toThrow(TypeError);
    expect(() => SHashMap.of(u64, value as Codec<number>)).toThrow(TypeError);
  });

  test.each(WRONG_BIGINTS)('%s as a key or a value', (_, value) => {
    const heap = newHeap();
    const map = mapOf(3, heap);
    const wrong = value as bigint;
    const { allocatedSize, revision } = heap;
    for (const use of [
      () => map.get(wrong),
      () => map.containsKey(wrong),
      () => map.insert(wrong, 1n),
      () => map.insert(1n, wrong),
      () => map.remove(wrong),
      () => map.delete(wrong),
      () => map.detach(wrong),
      () => map.attach(wrong, 1n),
      () => map.attach(1n, wrong),
      () => map.update(wrong, () => 1n),
      () => map.update(1n, () => wrong),
    ]) {
      expect(use).toThrow(TypeError);
    }
    expect([heap.allocatedSize, heap.revision]).toEqual([allocatedSize, revision]);
    expect(map.get(1n)).toBe(1n);
  });

  test('values that their codecs cannot encode, also behind a key in a block', () => {
    const heap = newHeap();
    const map = heap.root('map', SHashMap.of(text, u64), new Map([['a', 1n]]));
    const { allocatedSize } = heap;
    expect(codeOf(() => map.insert('b', -1n))).toBe('INVALID_VALUE');
    expect(codeOf(() => map.insert('a', -1n))).toBe('INVALID_VALUE');
    expect(heap.allocatedSize).toBe(allocatedSize);
    expect([...map]).toEqual([['a', 1n]]);
    expectSound(heap);
  });

  test('counts that are none', () => {
    const map = mapOf(3);
    for (const [, value] of WRONG_NUMBERS) {
      expect(() => map.reserve(value as number)).toThrow(TypeError);
    }
    for (const [, value] of WRONG_SIZES) {
      expect(() => map.reserve(value as number)).toThrow(RangeError);
    }
    expect(map.capacity).toBe(7);
  });

  test('a value whose codec changes the very map that it is for', () => {
    const heap = newHeap();
    const meddling: Codec<bigint> = {
      ...u64,
      encodeInto: undefined as never,
      encode(value) {
        if (value === 99n) map.insert(1n, 1n);
        return u64.encode(value);
      },
    };
    const map: SHashMap<bigint, bigint> = heap.root('map', SHashMap.of(u64, meddling));
    expect(codeOf(() => map.insert(5n, 99n))).toBe('CHANGED_WHILE_ITERATING');
    expect([...map]).toEqual([[1n, 1n]]);
    expect(codeOf(() => map.insert(1n, 99n))).toBe('CHANGED_WHILE_ITERATING');
    expect([...map]).toEqual([[1n, 1n]]);
  });

  test('everything through a handle whose heap was closed', () => {
    const heap = newHeap();
    const map = mapOf(3, heap);
    heap.intoMemory();
    for (const use of [
      () => map.length,
      () => map.capacity,
      () => map.get(1n),
      () => map.containsKey(1n),
      () => map.insert(1n, 1n),
      () => map.remove(1n),
      () => map.delete(1n),
      () => map.detach(1n),
      () => map.attach(1n, 1n),
      () => map.update(1n, () => 1n),
      () => map.retain(() => true),
      () => map.reserve(1),
      () => map.clear(),
      () => map.entries(),
      () => map.keys(),
      () => map.values(),
      () => [...map],
    ]) {
      expect(codeOf(use)).toBe('HANDLE_CLOSED');
    }
  });
});

test('a map has the kind of hash maps, and the name of its types', () => {
  const map = newHeap().create(NESTED, new Map());
  expect(map.shape).toEqual({
    kind: STRUCTURE_KIND.SHashMap,
    name: 'SHashMap(text, SHashMap(u64, text))',
    headerSize: 48,
  });
});
