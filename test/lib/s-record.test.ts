import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { bool, text, u16, u32, u64, u8 } from '../../src/lib/codecs/index.js';
import { SBox } from '../../src/lib/s-box.js';
import { SBTreeMap } from '../../src/lib/s-btree-map.js';
import { SBTreeSet } from '../../src/lib/s-btree-set.js';
import { SHashMap } from '../../src/lib/s-hash-map.js';
import { SHashSet } from '../../src/lib/s-hash-set.js';
import { SLog } from '../../src/lib/s-log.js';
import { S_RECORD_LAYOUT, SRecord } from '../../src/lib/s-record.js';
import { SVec } from '../../src/lib/s-vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkEveryAllocation, expectSound } from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { codeOf, restarted } from '../support/memories.js';
import { WRONG_OBJECTS } from '../support/wrong-inputs.js';
import { HASH_KEY } from '../support/hash-key.js';

const newHeap = (): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { hashKey: HASH_KEY });

const AUTHOR = SRecord.of({ name: text, age: u16, posts: SVec.of(text) });
const ADA = { name: 'ada', age: 36, posts: ['Notes'] };

const openAuthor = (heap: StableMemoryAllocator) => heap.root('author', AUTHOR, ADA);
type Author = ReturnType<typeof openAuthor>;

describe('a record', () => {
  test('has fields of their own types, each of which is read and written alone', () => {
    const author = openAuthor(newHeap());
    const name: string = author.get('name');
    const posts: SVec<string> = author.get('posts');
    expect([name, author.get('age'), ...posts]).toEqual(['ada', 36, 'Notes']);
    posts.push('On the engine');
    expect(author.set('name', 'grace')).toBe('ada');
    expect(author.update('age', (age) => age + 1)).toBe(37);
    expect(author.toPlain()).toEqual({ name: 'grace', age: 37, posts: ['Notes', 'On the engine'] });
    expect(author.set('posts', [])).toEqual(['Notes', 'On the engine']);
    expect(codeOf(() => posts.length)).toBe('VALUE_CONSUMED');
    expectSound(author.allocator, author);
  });

  test('gives away what is in a field, and takes it, without a copy', () => {
    const heap = newHeap();
    const author = openAuthor(heap);
    const posts = author.detach('posts', ['new']);
    expect([posts.ownership, [...posts], author.toPlain().posts]).toEqual([
      'owned',
      ['Notes'],
      ['new'],
    ]);
    expectSound(heap, author);
    author.attach('posts', posts);
    expect(codeOf(() => author.attach('posts', posts))).toBe('VALUE_CONSUMED');
    expect(author.toPlain()).toEqual(ADA);
    expectSound(heap, author);
    heap.removeRoot('author', AUTHOR);
    expect(heap.allocatedSize).toBe(0);
  });

  test('is known by the names and types of its fields', () => {
    const memory = new VectorMemory();
    openAuthor(StableMemoryAllocator.init(memory));
    const heap = StableMemoryAllocator.load(restarted(memory));
    expect(heap.roots()).toEqual([
      { name: 'author', type: 'SRecord(name: text, age: u16, posts: SVec(text))' },
    ]);
    expect(openAuthor(heap).toPlain()).toEqual(ADA);
    const other = SRecord.of({ name: text, age: u32, posts: SVec.of(text) });
    expect(codeOf(() => heap.openRoot('author', other))).toBe('INCOMPATIBLE_TYPE');
  });

  test('may hold every structure there is', () => {
    const heap = newHeap();
    const type = SRecord.of({
      box: SBox.of(text),
      vec: SVec.of(text),
      log: SLog.of(u64),
      hashMap: SHashMap.of(u32, text),
      hashSet: SHashSet.of(u32),
      treeMap: SBTreeMap.of(text, SVec.of(bool)),
      treeSet: SBTreeSet.of(u8),
    });
    const plain = {
      box: 'b',
      vec: ['v', 'w'],
      log: [1n, 2n, 3n, 4n, 5n],
      hashMap: new Map([[1, 'one']]),
      hashSet: new Set([1, 2]),
      treeMap: new Map([['t', [true, false]]]),
      treeSet: new Set([3, 4]),
    };
    const { allocatedSize } = heap;
    const records = heap.root('records', SVec.of(type), [plain, plain]);
    expect(records.toPlain()).toEqual([plain, plain]);
    records.get(0)!.get('treeMap').get('t')!.push(true);
    expectSound(heap, records);
    expect(records.remove(1)).toEqual(plain);
    heap.removeRoot('records', SVec.of(type));
    expect(heap.allocatedSize).toBe(allocatedSize);
  });
});

describe('what is refused changes nothing', () => {
  test('the name of no field', () => {
    const author = openAuthor(newHeap());
    for (const name of ['Name', '', 'constructor', '__proto__', 7, Symbol('name')]) {
      expect(() => author.get(name as never)).toThrow(RangeError);
      expect(() => author.set(name as never, 7 as never)).toThrow(RangeError);
    }
    expect(author.toPlain()).toEqual(ADA);
  });

  test.each(WRONG_OBJECTS)('%s is no record', (_, value) => {
    const heap = newHeap();
    expect(() => heap.createRoot('other', SVec.of(AUTHOR), [value as never])).toThrow(TypeError);
    expect(heap.allocatedSize).toBe(0);
  });

  test('a field that its codec refuses', () => {
    const heap = newHeap();
    const author = openAuthor(heap);
    const { allocatedSize } = heap;
    expect(codeOf(() => author.set('age', -1))).toBe('INVALID_VALUE');
    expect(() => author.set('posts', ['x', 7 as never])).toThrow(TypeError);
    expect(() => heap.createRoot('other', AUTHOR, { ...ADA, posts: 'x' as never })).toThrow(
      TypeError,
    );
    expect(() => heap.createRoot('other', AUTHOR, { name: 'x' } as never)).toThrow(TypeError);
    expect(() => heap.root('other', AUTHOR)).toThrow(TypeError);
    expect([heap.allocatedSize, author.toPlain()]).toEqual([allocatedSize, ADA]);
    expectSound(heap, author);
  });

  test.each([
    ['set', (author: Author) => author.set('posts', ['x', 'y'])],
    ['update', (author: Author) => author.update('name', () => 'grace')],
    ['detach', (author: Author) => author.detach('posts', ['x'])[Symbol.dispose]()],
    ['insertion', (_: Author, heap: StableMemoryAllocator) => heap.create(AUTHOR, ADA).destroy()],
  ])('%s without room at any step', (_, act) => {
    expect(checkEveryAllocation({ type: AUTHOR, initial: ADA, act })).toBeGreaterThan(1);
  });
});

test('the bytes are frozen', () => {
  const type = SRecord.of({ age: u16, tags: SVec.of(u8) });
  const record = newHeap().root('record', type, { age: 36, tags: [] });
  const header = new Uint8Array(record.shape.headerSize);
  record.allocator.readBlock(record.ptr, header);
  expect(toHex(header)).toBe(
    `0901000001000000 0100000000005353 01${'00'.repeat(7)} 0024 4000000000000000`.replace(/ /g, ''),
  );
});

test.each([
  ['a state that says nothing is there', S_RECORD_LAYOUT.state, 0],
  ['a state that is none', S_RECORD_LAYOUT.state, 2],
  ['the first reserved byte', S_RECORD_LAYOUT.zero, 1],
  ['the last reserved byte', S_RECORD_LAYOUT.zero + 6, 1],
  ['a pointer to no block', S_RECORD_LAYOUT.slots, 0xff],
])('damaged bytes: %s', (_, offset, byte) => {
  const author = openAuthor(newHeap());
  const { allocator, ptr } = author;
  allocator.writeBytes(allocator.sliceAt(ptr).offset(offset, 1), Uint8Array.of(byte));
  expect(codeOf(() => author.get('name'))).toBe('CORRUPTED');
  expect(codeOf(() => author.set('name', 'grace'))).toBe('CORRUPTED');
  expect(author.checkInvariants()).toMatch(/^CORRUPTED/);
});
