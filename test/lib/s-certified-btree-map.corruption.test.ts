/** Damaged bytes: every walk ends, and what cannot be is called CORRUPTED. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { readU32, writeU32, writeU64 } from '../../src/lib/bytes.js';
import { bytes, text, u64 } from '../../src/lib/codecs/index.js';
import { StorageError } from '../../src/lib/errors.js';
import type { Memory } from '../../src/lib/memory.js';
import { S_CERTIFIED_BTREE_MAP_LAYOUT as HEADER } from '../../src/lib/s-certified-btree-map/certified-queries.js';
import { ENTRY_BLOCK_LAYOUT as BLOCK } from '../../src/lib/s-certified-btree-map/entry-block.js';
import { SCertifiedBTreeMap } from '../../src/lib/s-certified-btree-map.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { toHex } from '../support/hex.js';
import { codeOf, CountdownMemory, DiskFull, imageOf, restarted } from '../support/memories.js';
import { checkProperty } from '../support/property.js';

/** The heap begins behind the page of its header. */
const PAGE = 65_536;

const NUMBERS = SCertifiedBTreeMap.of(u64, u64);
type Numbers = SCertifiedBTreeMap<bigint, bigint>;

/** A committed map of 8 entries, and the same one as another program finds it. */
function stored() {
  const memory = new VectorMemory();
  const map = StableMemoryAllocator.init(memory).root('map', NUMBERS);
  map.insertMany(Array.from({ length: 8 }, (_, key) => [BigInt(key), 7n]));
  map.commit();
  return { map, memory };
}

function openedIn(memory: Memory): Numbers {
  return StableMemoryAllocator.load(restarted(memory)).root('map', NUMBERS);
}

/** The block of the root's fork, and its bytes. */
function rootFork(map: Numbers) {
  const header = new Uint8Array(HEADER.stale + 4);
  map.allocator.readBlock(map.ptr, header);
  const ptr = readU32(header, HEADER.root);
  const fork = new Uint8Array(BLOCK.key + 16);
  map.allocator.readBlock(ptr, fork);
  const write = () => {
    map.allocator.writeBytes(map.allocator.blockAt(ptr).offset(0, fork.length), fork);
  };
  return { ptr, fork, write };
}

const USES: [string, (map: Numbers) => unknown][] = [
  ['get', (map) => map.get(3n)],
  ['entries', (map) => [...map]],
  ['entries backwards', (map) => [...map.entries({ reverse: true })]],
  ['insert', (map) => map.insert(100n, 1n)],
  ['remove', (map) => map.remove(0n)],
  ['witness', (map) => map.witness(3n)],
  ['witnessOfRange', (map) => map.witnessOfRange({})],
  ['clear', (map) => map.clear()],
];

describe('a fork', () => {
  test.each(USES)('that leads to itself is refused by %s', (_name, use) => {
    const { map } = stored();
    const { ptr, fork, write } = rootFork(map);
    writeU64(fork, BLOCK.left, ptr);
    writeU64(fork, BLOCK.right, ptr);
    write();
    expect(codeOf(() => use(map))).toBe('CORRUPTED');
  });

  test.each(USES)('with a side that is no block is refused by %s', (_name, use) => {
    for (const side of [0, 2, 7, 12_345 * 8, 2 ** 45]) {
      const { map } = stored();
      const { fork, write } = rootFork(map);
      writeU64(fork, BLOCK.left, side);
      writeU64(fork, BLOCK.right, side);
      write();
      expect(codeOf(() => use(map))).toBe('CORRUPTED');
    }
  });

  test('whose hash is wrong is found by the invariants, and is not believed by a client', () => {
    const { map } = stored();
    const { fork, write } = rootFork(map);
    fork[BLOCK.leftHash]! ^= 1;
    write();
    expect(map.checkInvariants()).toContain('hash');
  });

  test('with more stale sides than two is refused', () => {
    const { map } = stored();
    const { fork, write } = rootFork(map);
    writeU32(fork, BLOCK.stale, 4);
    write();
    expect(codeOf(() => map.get(1n))).toBe('CORRUPTED');
  });
});

test('an entry longer than its block is refused', () => {
  const { map } = stored();
  const { fork, write } = rootFork(map);
  writeU32(fork, BLOCK.valueSize, 1_000);
  write();
  expect(codeOf(() => [...map])).toBe('CORRUPTED');
});

test('a header with another number of entries is found out by a walk', () => {
  const { map } = stored();
  const header = new Uint8Array(HEADER.stale + 4);
  map.allocator.readBlock(map.ptr, header);
  writeU64(header, HEADER.length, 5);
  map.allocator.writeBytes(map.allocator.blockAt(map.ptr).offset(0, header.length), header);
  expect(codeOf(() => [...map])).toBe('CORRUPTED');
  expect(map.checkInvariants()).toBeDefined();
});

test('any byte may be damaged: nothing but a StorageError comes of it, and nothing hangs', () => {
  const { memory } = stored();
  // With the page of the heap's header: uses change that one too.
  const image = imageOf(memory);
  checkProperty(
    fc.property(
      fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...USES),
      (damages, [, use]) => {
        memory.write(0, image);
        const damaged = openedIn(memory);
        for (const [offset, byte] of damages) memory.write(PAGE + offset, Uint8Array.of(byte));
        try {
          use(damaged);
          damaged.checkInvariants();
        } catch (error) {
          expect(error).toBeInstanceOf(StorageError);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('after a write that failed half-way the heap refuses further use', () => {
  const memory = new CountdownMemory(new VectorMemory());
  const map = StableMemoryAllocator.init(memory).root('map', NUMBERS);
  map.insertMany(Array.from({ length: 8 }, (_, key) => [BigInt(key), 7n]));
  memory.failWritesAfter(3);
  expect(() => map.insert(9n, 9n)).toThrow(DiskFull);
  memory.relent();
  expect(codeOf(() => map.get(1n))).toBe('PREVIOUS_FAILURE');
});

test('the bytes of a map are frozen', () => {
  const heap = StableMemoryAllocator.init(new VectorMemory());
  const map = heap.root('map', SCertifiedBTreeMap.of(text, bytes));
  map.insert('a', Uint8Array.of(1, 2));
  map.insert('ab', Uint8Array.of(3));
  map.commit();
  const shown = (ptr: number, size: number) => {
    const block = new Uint8Array(size);
    heap.readBlock(ptr, block);
    return toHex(block);
  };
  expect(shown(map.ptr, HEADER.stale + 4)).toMatchInlineSnapshot(
    `"08010000030000000100000000005353020000000000000018010000000000008b11f0f1a6b0ec0df3c456b804bbea3e8715b74251f112e200e8c0b913f7984c00000000"`,
  );
  const header = new Uint8Array(HEADER.stale + 4);
  heap.readBlock(map.ptr, header);
  const ptr = readU32(header, HEADER.root);
  expect(shown(ptr, BLOCK.key + 3)).toMatchInlineSnapshot(
    `"0900000000000000a10000000000000019010000000000000ec85b3d2cac4679654e8e0d6d45288909bc64b9fd3a8b28afdfb10a870bc9d539ea8de77a5c7dceceb19bae403a771091c4e5e982dcd261bdf5295aa6f4fa340200000001000000616203"`,
  );
});
