/**
 * Damaged bytes give `CORRUPTED`: never a crash, never a loop, never another error.
 *
 * Source: house style rule 13.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { BTREE_MAP_LAYOUT } from '../../src/lib/btree-map/header.js';
import { ALLOCATOR_LAYOUT } from '../../src/lib/btree-map/chunk-allocator.js';
import { NODE_LAYOUT } from '../../src/lib/btree-map/node-layout.js';
import { OVERFLOW_LAYOUT } from '../../src/lib/btree-map/overflow.js';
import { readU16, readU64, writeU64 } from '../../src/lib/bytes.js';
import { bytes, u32 } from '../../src/lib/codecs/index.js';
import { StorageError } from '../../src/lib/errors.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, restarted } from '../support/memories.js';
import { checkProperty } from '../support/property.js';

/** A tree of two levels with overflow pages. */
function sound(): VectorMemory {
  const memory = new VectorMemory();
  const map = BTreeMap.init(memory, u32, bytes);
  for (let key = 0; key < 40; key++) map.insert(key, new Uint8Array(key * 100).fill(key));
  return memory;
}

function address(memory: VectorMemory, offset: number): number {
  const field = new Uint8Array(8);
  memory.read(offset, field);
  return readU64(field, 0);
}

function point(memory: VectorMemory, offset: number, target: number): void {
  const field = new Uint8Array(8);
  writeU64(field, 0, target);
  memory.write(offset, field);
}

function open(memory: VectorMemory) {
  return BTreeMap.load(restarted(memory), u32, bytes);
}

const { header, chunk } = ALLOCATOR_LAYOUT;
const allocator = BTREE_MAP_LAYOUT.allocator;

describe('opening refuses', () => {
  test.each([
    ['a page size that is not the chunks', BTREE_MAP_LAYOUT.pageSize, 1],
    ['an allocator without magic', allocator + header.magic, 0],
    ['a padding byte', allocator + header.padding, 1],
    ['a reserved byte', allocator + header.reserved + 15, 1],
    ['a root beyond 2^53', BTREE_MAP_LAYOUT.root + 7, 1],
    ['a length beyond 2^53', BTREE_MAP_LAYOUT.length + 7, 1],
  ])('%s', (_, offset, byte) => {
    const memory = sound();
    memory.write(offset, Uint8Array.of(byte));
    expect(codeOf(() => open(memory))).toBe('CORRUPTED');
  });

  test.each([
    ['more chunks than the memory holds', allocator + header.allocatedCount, 2 ** 30],
    ['more entries than the chunks hold', BTREE_MAP_LAYOUT.length, 2 ** 20],
    ['entries without a root', BTREE_MAP_LAYOUT.root, 0],
    ['a root without entries', BTREE_MAP_LAYOUT.length, 0],
  ])('%s', (_, offset, value) => {
    const memory = sound();
    point(memory, offset, value);
    expect(codeOf(() => open(memory))).toBe('CORRUPTED');
  });

  test('pages larger than the memory, before a buffer of that size is made', () => {
    const memory = sound();
    const size = Uint8Array.of(0xf0, 0xff, 0xff, 0xff);
    memory.write(BTREE_MAP_LAYOUT.pageSize, size);
    memory.write(allocator + header.payloadSize, size);
    expect(codeOf(() => open(memory))).toBe('CORRUPTED');
  });

  test('a memory that was cut off', () => {
    const cut = VectorMemory.from(sound().toBytes().slice(0, 65_536));
    expect(codeOf(() => [...open(cut)])).toBe('CORRUPTED');
  });
});

describe('walking the tree refuses', () => {
  test.each([
    ['a root that is no chunk', (_memory: VectorMemory, root: number) => root + 1],
    ['a root outside the memory', () => BTREE_MAP_LAYOUT.firstChunk + 16 + 1_040 * 9_999],
    [
      'a root among the overflow pages',
      (memory: VectorMemory, root: number) =>
        address(memory, leafOf(memory, root) + NODE_LAYOUT.overflow),
    ],
  ])('%s', (_, target) => {
    const memory = sound();
    const root = address(memory, BTREE_MAP_LAYOUT.root);
    point(memory, BTREE_MAP_LAYOUT.root, target(memory, root));
    expect(codeOf(() => [...open(memory)])).toBe('CORRUPTED');
  });

  test('a child that points at its parent', () => {
    const memory = sound();
    const root = address(memory, BTREE_MAP_LAYOUT.root);
    const entryCount = new Uint8Array(2);
    memory.read(root + NODE_LAYOUT.entryCount, entryCount);
    for (let child = 0; child <= readU16(entryCount, 0); child++)
      point(memory, root + NODE_LAYOUT.children + 8 * child, root);
    const map = open(memory);
    expect(codeOf(() => map.get(0))).toBe('CORRUPTED');
    expect(codeOf(() => [...map])).toBe('CORRUPTED');
    expect(codeOf(() => map.insert(0, bytesOf(1)))).toBe('CORRUPTED');
    expect(codeOf(() => map.remove(0))).toBe('CORRUPTED');
    expect(map.checkInvariants()).toMatch(/^CORRUPTED/);
  });

  test.each([
    ['no magic', NODE_LAYOUT.magic, 0],
    ['an unknown version', NODE_LAYOUT.magic + 3, 9],
    ['an unknown kind', NODE_LAYOUT.kind, 2],
    ['more entries than a node holds', NODE_LAYOUT.entryCount, 12],
    ['no entries', NODE_LAYOUT.entryCount, 0],
  ])('a node with %s', (_, offset, byte) => {
    const memory = sound();
    memory.write(address(memory, BTREE_MAP_LAYOUT.root) + offset, Uint8Array.of(byte));
    expect(codeOf(() => open(memory).get(1))).toBe('CORRUPTED');
  });

  test('overflow pages in a circle', () => {
    const memory = sound();
    const leaf = leafOf(memory, address(memory, BTREE_MAP_LAYOUT.root));
    const page = address(memory, leaf + NODE_LAYOUT.overflow);
    point(memory, page + OVERFLOW_LAYOUT.next, page);
    expect(codeOf(() => [...open(memory)])).toBe('CORRUPTED');
  });
});

describe('changing the tree refuses', () => {
  // A merge would write a node over itself, and free it.
  test('two children that are one node', () => {
    const memory = sound();
    const root = address(memory, BTREE_MAP_LAYOUT.root);
    const firstChild = address(memory, root + NODE_LAYOUT.children);
    point(memory, root + NODE_LAYOUT.children + 8, firstChild);
    expect(codeOf(() => open(memory).remove(0))).toBe('CORRUPTED');
  });

  test('a free list in a circle', () => {
    const memory = sound();
    const free = address(memory, allocator + header.freeHead);
    point(memory, free + chunk.next, free);
    const map = open(memory);
    expect(map.checkInvariants()).toMatch(/^CORRUPTED/);
    expect(codeOf(() => map.insert(99, new Uint8Array(9_000)))).toBe('CORRUPTED');
    expect(map.get(99)).toBeUndefined();
  });

  test('a free chunk that is in use', () => {
    const memory = sound();
    const free = address(memory, allocator + header.freeHead);
    memory.write(free + chunk.allocated, Uint8Array.of(1));
    expect(codeOf(() => open(memory).insert(99, new Uint8Array(9_000)))).toBe('CORRUPTED');
  });
});

test('any damage to any bytes is found as an error of this family, or does no harm', () => {
  const image = sound().toBytes();
  const damage = fc.record({
    offset: fc.nat(20_000),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  });
  checkProperty(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
      const memory = VectorMemory.from(image);
      for (const { offset, bytes: wrong } of damages) memory.write(offset, wrong);
      for (const use of USES) {
        try {
          use(memory);
        } catch (error) {
          expect(error).toBeInstanceOf(StorageError);
        }
      }
    }),
    { numRuns: 300 },
  );
});

const USES = [
  (memory: VectorMemory) => [...open(memory)],
  (memory: VectorMemory) => [...open(memory).keys({ reverse: true })],
  (memory: VectorMemory) => open(memory).checkInvariants(),
  (memory: VectorMemory) => open(memory).insert(17, new Uint8Array(4_000)),
  (memory: VectorMemory) => open(memory).remove(21),
  (memory: VectorMemory) => open(memory).popFirst(),
];

function leafOf(memory: VectorMemory, root: number): number {
  return address(memory, root + NODE_LAYOUT.children + 8);
}

function bytesOf(...content: number[]): Uint8Array {
  return Uint8Array.from(content);
}

// Once, a node in the cache passed for complete after its overflow pages could not be read.
test('what is damaged is refused each time, not only the first', () => {
  const memory = new VectorMemory();
  const map = BTreeMap.init(restarted(memory), u32, bytes);
  map.insert(1, new Uint8Array(5));
  const node = address(memory, BTREE_MAP_LAYOUT.root);
  point(memory, node + NODE_LAYOUT.overflow, 2);
  const opened = open(memory);
  for (const use of [() => opened.get(1), () => opened.get(1), () => opened.remove(1)]) {
    expect(codeOf(use)).toBe('CORRUPTED');
  }
});
