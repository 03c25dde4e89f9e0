/**
 * A stack in stable memory: over a `MemoryStorage` in a virtual memory, as a canister has it. There
 * a message that fails is undone as a whole, and an upgrade starts the program anew on the same
 * bytes.
 *
 * Source: `specs/bstack.md` sections 6.3, 6.4 and 6.6 (numbers 5 and 6).
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../src/lib/bstack.js';
import type { BStackAllocator } from '../../src/lib/bstack-allocators/allocator.js';
import { CheckedSlabBStackAllocator } from '../../src/lib/bstack-allocators/checked-slab.js';
import { FirstFitBStackAllocator } from '../../src/lib/bstack-allocators/first-fit.js';
import { GhostTreeBStackAllocator } from '../../src/lib/bstack-allocators/ghost-tree.js';
import { LinearBStackAllocator } from '../../src/lib/bstack-allocators/linear.js';
import { SlabBStackAllocator } from '../../src/lib/bstack-allocators/slab.js';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { text, u32 } from '../../src/lib/codecs/index.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { MemoryStorage } from '../../src/lib/memory-storage.js';
import type { Memory } from '../../src/lib/memory.js';
import type { Storage } from '../../src/lib/storage.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { crashStates } from '../support/crash/crash-states.js';
import { RecordingDisk } from '../support/crash/recording-disk.js';
import { codeOf, CountdownMemory, DiskFull, imageOf, restarted } from '../support/memories.js';
import { decode, encode } from '../support/stack-payload.js';

/** The stack of a program that has just been started on this stable memory. */
function stackIn(memory: Memory): BStack {
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
  return BStack.open(MemoryStorage.init(manager.get(0)));
}

/** A stable memory that holds a stack with these bytes. */
function memoryWith(content: string): VectorMemory {
  const memory = new VectorMemory();
  stackIn(restarted(memory)).push(encode(content));
  return memory;
}

const contentOf = (stack: BStack): string => decode(stack.get(0, stack.length));

/** Every kind of change, on a stack of 1,000 bytes. */
const CHANGES: readonly (readonly [string, (stack: BStack) => void])[] = [
  ['push', (stack) => stack.push(encode('hello'))],
  ['push of more than a page', (stack) => stack.push(new Uint8Array(70_000).fill(1))],
  ['extend', (stack) => stack.extend(70_000)],
  ['pop', (stack) => stack.pop(300)],
  ['discard', (stack) => stack.discard(300)],
  ['set', (stack) => stack.set(10, encode('hello'))],
  ['set across blocks', (stack) => stack.set(100, new Uint8Array(600).fill(3))],
  ['zero', (stack) => stack.zero(50, 900)],
  ['repeat', (stack) => stack.repeat(50, 300, encode('abc'))],
  ['copy', (stack) => stack.copy(0, 400, 300)],
  ['copy onto a part of itself', (stack) => stack.copy(0, 100, 300)],
  ['exchange', (stack) => stack.exchange(0, 401, 300)],
  ['atrunc', (stack) => stack.atrunc(300, new Uint8Array(500).fill(4))],
  ['splice', (stack) => stack.splice(300, new Uint8Array(100).fill(5))],
  ['replace', (stack) => stack.replace(300, (tail) => tail.slice(100).reverse())],
  ['swap', (stack) => stack.swap(10, encode('hello'))],
  ['cas', (stack) => stack.cas(0, encode('....0'), encode('abcde'))],
  ['process', (stack) => stack.process(3, 900, (bytes) => bytes.reverse())],
  ['resize', (stack) => stack.resize(70_000)],
  [
    'extendSparse',
    (stack) => stack.extendSparse(2_000, [{ offset: 1_500, bytes: encode('hello') }]),
  ],
  [
    'setBatched',
    (stack) =>
      stack.setBatched([
        { offset: 700, bytes: encode('hello') },
        { offset: 7, bytes: encode('world') },
      ]),
  ],
  [
    'edit',
    (stack) =>
      stack.edit((edit) => {
        edit.set(5, encode('one'));
        edit.set(500, encode('two'));
        edit.zero(900, 50);
      }),
  ],
];

const CONTENT = Array.from({ length: 200 }, (_, index) => String(index).padStart(5, '.')).join('');

describe('a stack in stable memory', () => {
  test('is there after an upgrade, beside a map', () => {
    const memory = new VectorMemory();
    const manager = MemoryManager.init(restarted(memory), { bucketSizeInPages: 1 });
    const stack = BStack.open(MemoryStorage.init(manager.get(0)));
    const map = BTreeMap.init(manager.get(1), text, u32);
    for (let index = 0; index < 120; index++) {
      map.insert(`record ${index}`, stack.push(encode(`content of ${index}`.padEnd(400))));
    }
    stack.discard(400);

    const upgraded = MemoryManager.init(restarted(memory));
    const again = BStack.open(MemoryStorage.init(upgraded.get(0)));
    const offsets = BTreeMap.init(upgraded.get(1), text, u32);
    expect([again.length, again.isAtomic]).toEqual([119 * 400, true]);
    const offset = offsets.get('record 101')!;
    expect(decode(again.get(offset, offset + 14))).toBe('content of 101');
    expect(codeOf(() => again.get(119 * 400, 120 * 400))).toBe('OUT_OF_BOUNDS');
    again.extend(400);
    expect(again.get(119 * 400, 120 * 400).every((byte) => byte === 0)).toBe(true);
  });

  test('holds its memory until it is closed', () => {
    const memory = MemoryManager.init(new VectorMemory()).get(0);
    const stack = BStack.open(MemoryStorage.init(memory));
    expect(codeOf(() => MemoryStorage.init(memory))).toBe('MEMORY_IN_USE');
    stack.close();
    const storage = MemoryStorage.init(memory);
    expect(BStack.open(storage).intoStorage()).toBe(storage);
    expect(storage.intoMemory()).toBe(memory);
  });

  test.each(CHANGES)('syncs nothing and keeps no journal: %s', (_, change) => {
    const storage = new LoggedStorage(MemoryStorage.init(new VectorMemory()));
    const stack = BStack.open(storage);
    stack.push(encode(CONTENT));
    storage.log.length = 0;
    change(stack);
    expect(storage.log).not.toContain('sync');
    // The fields of the journal, bytes 16 to 32, are never written.
    expect(storage.log.filter((entry) => /^write (1[6-9]|2\d|3[01])$/.test(entry))).toEqual([]);
    expect(storage.log.length).toBeLessThanOrEqual(3);
  });
});

/** Writes down what is done to a storage. */
class LoggedStorage implements Storage {
  readonly log: string[] = [];

  constructor(readonly base: Storage) {}

  get isAtomic(): boolean {
    return this.base.isAtomic;
  }

  length(): number {
    return this.base.length();
  }

  read(offset: number, target: Uint8Array): void {
    this.base.read(offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    this.log.push(`write ${offset}`);
    this.base.write(offset, source);
  }

  setLength(length: number): void {
    this.log.push('setLength');
    this.base.setLength(length);
  }

  sync(): void {
    this.log.push('sync');
    this.base.sync();
  }

  close(): void {
    this.base.close();
  }
}

describe('a message that fails', () => {
  test.each(CHANGES)('in %s is undone by the system, and the program goes on', (_, change) => {
    const before = imageOf(memoryWith(CONTENT));
    const expected = contentAfter(change);
    for (let writes = 0; ; writes++) {
      const memory = new CountdownMemory(VectorMemory.from(before));
      const stack = stackIn(memory);
      memory.failWritesAfter(writes);
      try {
        change(stack);
        expect(writes).toBeGreaterThan(0);
        expect(contentOf(stack)).toBe(expected);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      // The trap takes back the heap and the stable memory of the message.
      const restored = stackIn(VectorMemory.from(before));
      expect(contentOf(restored)).toBe(CONTENT);
      change(restored);
      expect(contentOf(restored)).toBe(expected);
    }
  });

  test.each(CHANGES)('in %s and is caught makes the stack refuse everything', (_, change) => {
    let refused = 0;
    for (let writes = 0; ; writes++) {
      const memory = new CountdownMemory(memoryWith(CONTENT));
      const stack = stackIn(memory);
      memory.failWritesAfter(writes);
      try {
        change(stack);
        expect(refused).toBeGreaterThan(0);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      memory.relent();
      // What failed first may have been the growing of the memory: then nothing has changed.
      if (hasContent(stack)) continue;
      refused += 1;
      expect(codeOf(() => stack.length)).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => stack.get(0, 1))).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => change(stack))).toBe('PREVIOUS_FAILURE');
    }
  });

  test.each(CHANGES)('for lack of room in %s has changed nothing', (_, change) => {
    const memory = new CountdownMemory(memoryWith(CONTENT));
    const stack = stackIn(memory);
    memory.refuseGrowsAfter(0);
    try {
      change(stack);
      expect(memory.steps).toBeLessThanOrEqual(4);
    } catch (error) {
      expect((error as { code: string }).code).toBe('GROW_FAILED');
      expect(contentOf(stack)).toBe(CONTENT);
    }
    memory.relent();
    const { length } = stack;
    expect(stack.push(encode('!'))).toBe(length);
  });
});

function hasContent(stack: BStack): boolean {
  try {
    return contentOf(stack) === CONTENT;
  } catch {
    return false;
  }
}

function contentAfter(change: (stack: BStack) => void): string {
  const stack = stackIn(memoryWith(CONTENT));
  change(stack);
  return contentOf(stack);
}

describe('a stack goes from stable memory to a file and back', () => {
  test('and is the same to the byte after every change', () => {
    for (const [, change] of CHANGES) {
      const file = new HeapStorage();
      const inMemory = MemoryStorage.init(new VectorMemory());
      for (const storage of [file, inMemory]) {
        const stack = BStack.open(storage);
        stack.push(encode(CONTENT));
        change(stack);
        stack.intoStorage();
      }
      expect(Buffer.compare(bytesOf(inMemory), file.toBytes())).toBe(0);
    }
  });

  test('and is changed on both sides', () => {
    let bytes = bytesOf(storageOf(new Uint8Array(0)));
    let expected = '';
    for (const [index, toStorage] of [storageOf, fileOf, storageOf, fileOf].entries()) {
      const storage = toStorage(bytes);
      const stack = BStack.open(storage);
      expect(contentOf(stack)).toBe(expected);
      stack.push(encode(`visit ${index}; `));
      stack.set(0, encode('V'));
      expected = contentOf(stack);
      stack.intoStorage();
      bytes = bytesOf(storage);
    }
    expect(expected).toBe('Visit 0; visit 1; visit 2; visit 3; ');
  });

  test('also from a file that a crash has left with an armed journal', () => {
    const start = new Map([['file', fileWith(CONTENT)]]);
    const found = new Set<string>();
    for (const [, change] of CHANGES) {
      const disk = new RecordingDisk(start);
      change(BStack.open(disk.open()));
      for (const { image } of crashStates(start, disk.events, { powerLosses: 0 })) {
        const bytes = image.get('file')!;
        const inMemory = BStack.open(storageOf(bytes));
        expect(contentOf(inMemory)).toBe(contentOf(BStack.open(fileOf(bytes))));
        found.add(contentOf(inMemory));
      }
    }
    const ends = CHANGES.map(([, change]) => contentAfter(change));
    expect(found).toEqual(new Set([CONTENT, ...ends]));
  });
});

/** A file in a memory with these bytes. */
function storageOf(bytes: Uint8Array): MemoryStorage {
  const storage = MemoryStorage.init(new VectorMemory());
  storage.write(0, bytes);
  return storage;
}

function fileOf(bytes: Uint8Array): HeapStorage {
  return new HeapStorage(bytes);
}

function fileWith(content: string): Uint8Array {
  const file = new HeapStorage();
  BStack.open(file).push(encode(content));
  return file.toBytes();
}

function bytesOf(storage: Storage): Uint8Array {
  const bytes = new Uint8Array(storage.length());
  storage.read(0, bytes);
  return bytes;
}

function openSlab(stack: BStack): SlabBStackAllocator {
  return stack.isEmpty ? SlabBStackAllocator.create(stack, 64) : SlabBStackAllocator.open(stack);
}

function openCheckedSlab(stack: BStack): CheckedSlabBStackAllocator {
  const { isEmpty } = stack;
  return isEmpty
    ? CheckedSlabBStackAllocator.create(stack, 64)
    : CheckedSlabBStackAllocator.open(stack);
}

describe('allocators in stable memory', () => {
  const ALLOCATORS: readonly (readonly [string, (stack: BStack) => BStackAllocator])[] = [
    ['Linear', (stack) => LinearBStackAllocator.open(stack)],
    ['Slab', openSlab],
    ['CheckedSlab', openCheckedSlab],
    ['GhostTree', (stack) => GhostTreeBStackAllocator.open(stack)],
    ['FirstFit', (stack) => FirstFitBStackAllocator.open(stack)],
  ];

  test.each(ALLOCATORS)('%s gives blocks that are there after an upgrade', (_, open) => {
    const memory = new VectorMemory();
    const allocator = open(stackIn(restarted(memory)));
    const saved: Uint8Array[] = [];
    for (let index = 0; index < 40; index++) {
      const block = allocator.alloc(20 + index);
      block.write(encode(`block ${index}`));
      saved.push(block.toBytes());
    }
    const upgraded = open(stackIn(restarted(memory)));
    for (const [index, bytes] of saved.entries()) {
      const block = upgraded.restore(bytes);
      expect(decode(block.read()).replaceAll('_', '')).toBe(`block ${index}`);
    }
    const last = upgraded.restore(saved.at(-1)!);
    upgraded.dealloc(last);
    expect(
      upgraded
        .alloc(59)
        .read()
        .every((byte) => byte === 0),
    ).toBe(true);
  });

  test.each(ALLOCATORS)('%s goes from stable memory to a file and back', (_, open) => {
    let bytes = bytesOf(storageOf(new Uint8Array(0)));
    const saved: Uint8Array[] = [];
    for (const [index, toStorage] of [storageOf, fileOf, storageOf, fileOf].entries()) {
      const storage = toStorage(bytes);
      const allocator = open(BStack.open(storage));
      expect(allocator.checkInvariants()).toBeUndefined();
      const found = saved.map((each) => decode(allocator.restore(each).read()));
      expect(found).toEqual(saved.map((_, number) => `visit ${number}`));
      const others = [50, 9, 30].map((length) => allocator.alloc(length));
      const block = allocator.alloc(7);
      block.write(encode(`visit ${index}`));
      saved.push(block.toBytes());
      for (const other of others) allocator.dealloc(other);
      expect(allocator.checkInvariants()).toBeUndefined();
      allocator.intoStack().intoStorage();
      bytes = bytesOf(storage);
    }
    expect(saved).toHaveLength(4);
  });
});
