import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../../src/lib/allocator.js';
import { ALLOCATOR_HEADER_LAYOUT } from '../../../src/lib/allocator/header.js';
import { OutOfMemoryError } from '../../../src/lib/allocator/out-of-memory.js';
import { ROOT_LAYOUT, ROOTS_MAX } from '../../../src/lib/allocator/root-directory.js';
import { enumeration, optional, record, text, u32, u64 } from '../../../src/lib/codecs/index.js';
import { stableTypeOf } from '../../../src/lib/ownership/stable-type.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, imageOf, restarted } from '../../support/memories.js';
import { spoil } from '../../support/stored.js';
import { WRONG_TEXTS } from '../../support/wrong-inputs.js';

const texts = stableTypeOf(text);
const numbers = stableTypeOf(u64);

function start(maxPages = 0) {
  const memory = new VectorMemory();
  return { memory, heap: StableMemoryAllocator.create(memory, { maxPages }) };
}

describe('a root', () => {
  test('is made with its first value, and is there again after an upgrade', () => {
    const { memory, heap } = start();
    expect(heap.root('greeting', texts, 'hello')).toBe('hello');
    expect(heap.root('answer', numbers, 42n)).toBe(42n);
    const again = StableMemoryAllocator.load(restarted(memory));
    expect(again.root('greeting', texts, 'ignored')).toBe('hello');
    expect(again.openRoot('answer', numbers)).toBe(42n);
    expect(again.openRoot('nothing', numbers)).toBeUndefined();
    expect(again.roots()).toEqual([
      { name: 'greeting', type: 'text' },
      { name: 'answer', type: 'u64' },
    ]);
    expect(again.verify()).toMatchObject({ leaked: [], unknownRoots: [] });
  });

  test('takes all that it owns with it when it is removed (vector 11)', () => {
    const { memory, heap } = start();
    heap.root('a', texts, 'x'.repeat(1_000));
    const { allocatedSize } = heap;
    expect(StableMemoryAllocator.load(restarted(memory)).allocatedSize).toBe(allocatedSize);
    expect(heap.removeRoot('a', texts)).toBe(true);
    expect(heap.removeRoot('a', texts)).toBe(false);
    expect(heap.allocatedSize).toBe(0);
    expect(heap.roots()).toEqual([]);
  });

  test('gives its name to the next one', () => {
    const { memory, heap } = start();
    for (const name of ['a', 'b', 'c']) heap.root(name, numbers, 1n);
    heap.removeRoot('b', numbers);
    heap.createRoot('d', texts, 'in the place of b');
    heap.createRoot('b', texts, 'again');
    expect(heap.roots().map(({ name }) => name)).toEqual(['a', 'c', 'd', 'b']);
    const again = StableMemoryAllocator.load(restarted(memory));
    expect(again.roots().map(({ name }) => name)).toEqual(['a', 'd', 'c', 'b']);
    expect(again.openRoot('b', texts)).toBe('again');
  });

  test('can be taken off its name', () => {
    const { heap } = start();
    heap.root('a', texts, 'taken');
    expect(heap.detachRoot('a', texts)).toBe('taken');
    expect(heap.detachRoot('a', texts)).toBeUndefined();
    expect(heap.allocatedSize).toBe(0);
    heap.attachRoot('b', texts, 'given');
    expect(heap.openRoot('b', texts)).toBe('given');
  });

  test('is no leak for not having been opened, and says so', () => {
    const { memory, heap } = start();
    heap.root('a', texts, 'x');
    const again = StableMemoryAllocator.load(restarted(memory));
    expect(again.verify().unknownRoots).toEqual(['a']);
    expect(again.verify().leaked).toHaveLength(1);
    again.openRoot('a', texts);
    expect(again.verify()).toMatchObject({ leaked: [], unknownRoots: [] });
  });

  test('is one of very many', () => {
    const { memory, heap } = start();
    for (let index = 0; index < ROOTS_MAX; index++) heap.root(`root ${index}`, numbers, 0n);
    expect(() => heap.root('one more', numbers, 0n)).toThrow(/at most 908/);
    const again = StableMemoryAllocator.load(restarted(memory));
    expect(again.roots()).toHaveLength(ROOTS_MAX);
    expect(again.openRoot(`root ${ROOTS_MAX - 1}`, numbers)).toBe(0n);
  });
});

describe('the name of a root', () => {
  test('defect 5: is given once', () => {
    const { heap } = start();
    heap.createRoot('a', texts, 'first');
    const { allocatedSize } = heap;
    expect(codeOf(() => heap.createRoot('a', texts, 'second'))).toBe('ROOT_IN_USE');
    expect(codeOf(() => heap.attachRoot('a', texts, 'second'))).toBe('ROOT_IN_USE');
    expect(heap.openRoot('a', texts)).toBe('first');
    expect(heap.allocatedSize).toBe(allocatedSize);
  });

  test('defect 5: goes with the type', () => {
    const { heap } = start();
    heap.root('a', texts, 'text');
    expect(codeOf(() => heap.root('a', numbers, 1n))).toBe('INCOMPATIBLE_TYPE');
    expect(codeOf(() => heap.openRoot('a', numbers))).toBe('INCOMPATIBLE_TYPE');
    expect(codeOf(() => heap.removeRoot('a', numbers))).toBe('INCOMPATIBLE_TYPE');
    expect(codeOf(() => heap.detachRoot('a', numbers))).toBe('INCOMPATIBLE_TYPE');
    expect(heap.openRoot('a', texts)).toBe('text');
  });

  test('stays that of a record which gets a field, and of an enumeration which gets a word', () => {
    const { memory, heap } = start();
    heap.root('user', stableTypeOf(record({ name: text })), { name: 'Ada' });
    heap.root('state', stableTypeOf(enumeration('open')), 'open');
    const again = StableMemoryAllocator.load(restarted(memory));
    const later = stableTypeOf(record({ name: text, age: optional(u32) }));
    expect(again.openRoot('user', later)).toEqual({ name: 'Ada' });
    expect(again.openRoot('state', stableTypeOf(enumeration('open', 'closed')))).toBe('open');
  });

  test.each(WRONG_TEXTS)('cannot be %s', (_, name) => {
    const { heap } = start();
    expect(() => heap.root(name as string, numbers, 1n)).toThrow(TypeError);
    expect(heap.allocatedSize).toBe(0);
  });

  test('has 1 to 63 bytes', () => {
    const { heap } = start();
    const longest = 'ä'.repeat(31) + 'x';
    expect(heap.root(longest, numbers, 7n)).toBe(7n);
    expect(() => heap.root('', numbers, 1n)).toThrow(RangeError);
    expect(() => heap.root('ä'.repeat(32), numbers, 1n)).toThrow(RangeError);
    expect(heap.roots()).toEqual([{ name: longest, type: 'u64' }]);
  });

  test('needs a value where there is no empty one', () => {
    const { heap } = start();
    expect(() => heap.root('a', texts)).toThrow(TypeError);
    expect(heap.allocatedSize).toBe(0);
  });
});

describe('where a root cannot be made', () => {
  test('for lack of room, nothing is left of it, and the error has the value', () => {
    for (const size of [70_000, 65_450]) {
      const { memory, heap } = start(1);
      heap.root('a', numbers, 1n);
      const { allocatedSize } = heap;
      const before = imageOf(memory);
      const value = 'x'.repeat(size);
      const refused = errorOf(() => heap.root('b', texts, value));
      expect(refused.rejected).toBe(value);
      expect(heap.allocatedSize).toBe(allocatedSize);
      expect(heap.roots()).toEqual([{ name: 'a', type: 'u64' }]);
      expect(heap.checkInvariants()).toBeUndefined();
      expect(imageOf(memory).slice(0, ALLOCATOR_HEADER_LAYOUT.end)).toEqual(
        before.slice(0, ALLOCATOR_HEADER_LAYOUT.end),
      );
    }
  });

  test('for a value that is none, nothing is left of it', () => {
    const { heap } = start();
    expect(() => heap.root('a', numbers, -1n)).toThrow(/INVALID_VALUE/);
    expect(() => heap.attachRoot('a', numbers, -1n)).toThrow(/INVALID_VALUE/);
    expect(heap.allocatedSize).toBe(0);
    expect(heap.roots()).toEqual([]);
  });

  test('because a write fails, the heap latches', () => {
    for (let writes = 0; ; writes++) {
      const memory = new CountdownMemory(new VectorMemory());
      const heap = StableMemoryAllocator.create(memory);
      memory.failWritesAfter(writes);
      try {
        heap.root('a', texts, 'x');
        return;
      } catch {
        expect(codeOf(() => heap.root('a', texts, 'x'))).toBe('PREVIOUS_FAILURE');
      }
    }
  });
});

describe('stored bytes of a root', () => {
  const entry = ALLOCATOR_HEADER_LAYOUT.roots;

  test.each([
    ['a name that is too long', entry, '40', 'load'],
    ['a name that is no UTF-8', entry + ROOT_LAYOUT.entry.name, 'ff', 'load'],
    ['a pointer to nowhere', entry + ROOT_LAYOUT.entry.ptr, 'f8ff', 'open'],
    ['a pointer between blocks', entry + ROOT_LAYOUT.entry.ptr, '10', 'open'],
    ['a type that is longer than its block', 65_536 + 16, 'ffff', 'open'],
  ])('with %s are found out', (_, offset, bytes, when) => {
    const { memory, heap } = start();
    heap.root('a', numbers, 1n);
    spoil(memory, offset, bytes);
    const load = () => StableMemoryAllocator.load(restarted(memory));
    if (when === 'load') expect(codeOf(load)).toBe('CORRUPTED');
    else expect(codeOf(() => load().openRoot('a', numbers))).toBe('CORRUPTED');
  });
});

function errorOf(action: () => unknown): OutOfMemoryError {
  try {
    action();
  } catch (error) {
    if (error instanceof OutOfMemoryError) return error;
    throw error;
  }
  throw new Error('expected an OutOfMemoryError, nothing was thrown');
}
