import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StorageError } from '../../src/lib/errors.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { MemoryStorage, MEMORY_STORAGE_LAYOUT } from '../../src/lib/memory-storage.js';
import { WASM_PAGE_SIZE, type Memory } from '../../src/lib/memory.js';
import { u32 } from '../../src/lib/codecs/index.js';
import { Vec } from '../../src/lib/vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { toHex } from '../support/hex.js';
import { codeOf, CountdownMemory, DiskFull, imageOf, restarted } from '../support/memories.js';
import { checkProperty } from '../support/property.js';
import { describeStorage } from '../support/storage-conformance.js';
import { headOf, hex, spoil } from '../support/stored.js';

const { length: LENGTH, mark: MARK, bytes: BYTES } = MEMORY_STORAGE_LAYOUT;
/** Bytes of the file that fit the first page. */
const FIRST_PAGE = WASM_PAGE_SIZE - BYTES;

describeStorage('a MemoryStorage', () => MemoryStorage.init(new VectorMemory()));
describeStorage('a MemoryStorage in a virtual memory', () => {
  const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
  manager.get(1).grow(1);
  return MemoryStorage.init(manager.get(0));
});

function storageOf(bytes: readonly number[], memory: Memory = new VectorMemory()): MemoryStorage {
  const storage = MemoryStorage.init(memory);
  storage.write(0, Uint8Array.from(bytes));
  return storage;
}

function bytesOf(storage: MemoryStorage): number[] {
  const bytes = new Uint8Array(storage.length());
  storage.read(0, bytes);
  return [...bytes];
}

function expectZerosBehind(storage: MemoryStorage, head: readonly number[]): void {
  const expected = new Uint8Array(storage.length());
  expected.set(head);
  const found = new Uint8Array(storage.length());
  storage.read(0, found);
  expect(Buffer.compare(found, expected)).toBe(0);
}

const header = (length: string, mark: string) =>
  `53464c01 00000000 ${length.padEnd(16, '0')} ${mark.padEnd(16, '0')} ${'00'.repeat(40)}`;

test('the bytes are frozen', () => {
  const memory = new VectorMemory();
  const storage = MemoryStorage.create(memory);
  expect(headOf(memory)).toBe(hex(header('', '01')).replace(/(00)+$/, ''));
  storage.write(0, Uint8Array.of(1, 2, 3));
  storage.write(3, Uint8Array.of(4));
  expect(headOf(memory)).toBe(hex(`${header('04', '01')} 01020304`));
  storage.setLength(2);
  expect(headOf(memory)).toBe(hex(`${header('02', '01')} 01020304`));
  const firstBytes = () => toHex(imageOf(memory).subarray(0, BYTES + 4));
  storage.setLength(FIRST_PAGE + 1);
  expect(firstBytes()).toBe(hex(`${header('c1ff', '01')} 01020000`));
  storage.write(FIRST_PAGE, Uint8Array.of(9));
  expect(firstBytes()).toBe(hex(`${header('c1ff', '02')} 01020000`));
  expect(imageOf(memory)[WASM_PAGE_SIZE]).toBe(9);
});

describe('a file in a memory', () => {
  test('is atomic, since a message that fails is undone', () => {
    expect(storageOf([]).isAtomic).toBe(true);
  });

  test('is there again when it is opened, also after an upgrade', () => {
    const memory = storageOf([1, 2, 3]).intoMemory();
    expect(bytesOf(MemoryStorage.load(memory))).toEqual([1, 2, 3]);
    const upgraded = MemoryStorage.init(restarted(memory));
    expect(bytesOf(upgraded)).toEqual([1, 2, 3]);
    expect(upgraded.checkInvariants()).toBeUndefined();
  });

  test('takes no more pages than its bytes need, and keeps them', () => {
    const memory = new VectorMemory();
    const storage = MemoryStorage.init(memory);
    expect(memory.size()).toBe(1);
    storage.setLength(FIRST_PAGE);
    expect(memory.size()).toBe(1);
    storage.write(FIRST_PAGE, Uint8Array.of(1));
    expect(memory.size()).toBe(2);
    storage.setLength(0);
    expect(memory.size()).toBe(2);
  });

  test('writes no zeros where nothing was ever written', () => {
    const memory = new CountdownMemory(new VectorMemory());
    const storage = storageOf([1], memory);
    memory.failWritesAfter(2);
    storage.setLength(50 * WASM_PAGE_SIZE);
    expect(memory.steps).toBe(3); // a grow, the rest of the first page, the header
  });

  test('reads zeros where it was cut, page for page, and grows again', () => {
    const storage = storageOf([]);
    const length = 3 * WASM_PAGE_SIZE;
    storage.write(0, new Uint8Array(length).fill(7));
    storage.setLength(5);
    storage.setLength(length + 5);
    expectZerosBehind(storage, [7, 7, 7, 7, 7]);
    expect(storage.checkInvariants()).toBeUndefined();
  });

  test('writes its header only where it is lengthened', () => {
    const memory = new CountdownMemory(new VectorMemory());
    const storage = storageOf([1, 2, 3], memory);
    memory.failWritesAfter(1);
    storage.write(0, Uint8Array.of(4, 5, 6));
    expect(memory.steps).toBe(1);
    storage.write(3, new Uint8Array(0));
    storage.setLength(3);
    expect(memory.steps).toBe(1);
  });

  test('has its memory to itself until it is closed', () => {
    const memory = new VectorMemory();
    const storage = storageOf([1], memory);
    expect(codeOf(() => MemoryStorage.init(memory))).toBe('MEMORY_IN_USE');
    expect(codeOf(() => Vec.init(memory, u32))).toBe('MEMORY_IN_USE');
    storage.close();
    expect(codeOf(() => storage.intoMemory())).toBe('HANDLE_CLOSED');
    expect(codeOf(() => storage.checkInvariants())).toBe('HANDLE_CLOSED');
    const again = MemoryStorage.init(memory);
    expect(again.intoMemory()).toBe(memory);
    expect(codeOf(() => again.length())).toBe('HANDLE_CLOSED');
    expect(codeOf(() => again.close())).toBe('HANDLE_CLOSED');
  });

  test('is made in an empty memory only, and never over foreign bytes', () => {
    const memory = new VectorMemory();
    Vec.init(memory, u32).push(7);
    const foreign = restarted(memory);
    const before = imageOf(memory);
    expect(codeOf(() => MemoryStorage.init(foreign))).toBe('BAD_MAGIC');
    expect(codeOf(() => MemoryStorage.create(foreign))).toBe('NOT_EMPTY');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(codeOf(() => MemoryStorage.load(new VectorMemory()))).toBe('CORRUPTED');
    expect(codeOf(() => MemoryStorage.init(new VectorMemory(0)))).toBe('GROW_FAILED');
  });
});

describe('what is refused changes nothing', () => {
  test.each([
    ['write', (storage: MemoryStorage) => storage.write(2, new Uint8Array(FIRST_PAGE))],
    ['setLength', (storage: MemoryStorage) => storage.setLength(FIRST_PAGE + 1)],
    ['setLength to the longest', (storage: MemoryStorage) => storage.setLength(2 ** 53 - 65)],
  ])('a refused grow in %s', (_, change) => {
    const memory = new CountdownMemory(new VectorMemory());
    const storage = storageOf([1, 2, 3], memory);
    const before = imageOf(memory);
    memory.refuseGrowsAfter(0);
    memory.failWritesAfter(0);
    expect(codeOf(() => change(storage))).toBe('GROW_FAILED');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    memory.relent();
    expect(bytesOf(storage)).toEqual([1, 2, 3]);
    storage.write(3, Uint8Array.of(4));
    expect(bytesOf(storage)).toEqual([1, 2, 3, 4]);
  });

  test('a length of which an address in the memory would not be exact', () => {
    expect(() => storageOf([1]).setLength(2 ** 53 - 64)).toThrow(RangeError);
  });
});

describe('a failed write', () => {
  test.each([
    ['an append', (storage: MemoryStorage) => storage.write(3, new Uint8Array(FIRST_PAGE))],
    ['a cut', (storage: MemoryStorage) => storage.setLength(1)],
    ['an extension', (storage: MemoryStorage) => storage.setLength(FIRST_PAGE + 9)],
  ])('in %s closes the handle, and the file is as it was', (_, change) => {
    for (let writes = 0; ; writes++) {
      const memory = new CountdownMemory(new VectorMemory());
      const storage = storageOf([1, 2, 3, 4], memory);
      storage.setLength(3);
      memory.failWritesAfter(writes);
      try {
        change(storage);
        expect(writes).toBeGreaterThan(0);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      memory.relent();
      expect(codeOf(() => storage.length())).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => storage.read(0, new Uint8Array(1)))).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => storage.write(0, Uint8Array.of(9)))).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => storage.sync())).toBe('PREVIOUS_FAILURE');
      const reopened = MemoryStorage.load(storage.intoMemory());
      expect(bytesOf(reopened)).toEqual([1, 2, 3]);
      expect(reopened.checkInvariants()).toBeUndefined();
      reopened.setLength(2 * WASM_PAGE_SIZE);
      expectZerosBehind(reopened, [1, 2, 3]);
    }
  });

  test('defect: half an append is not read when the file grows over it', () => {
    const torn = new TearingMemory();
    const storage = storageOf([1], torn);
    torn.tearsNext = true;
    expect(() => storage.write(1, new Uint8Array(FIRST_PAGE + 50).fill(9))).toThrow(DiskFull);
    const reopened = MemoryStorage.load(storage.intoMemory());
    reopened.setLength(FIRST_PAGE + 60);
    expectZerosBehind(reopened, [1]);
  });
});

/** Does the longest part of the next long write, and throws. */
class TearingMemory extends VectorMemory {
  tearsNext = false;

  override write(offset: number, source: Uint8Array): void {
    if (!this.tearsNext || source.length < 100) return super.write(offset, source);
    super.write(offset, source.subarray(0, source.length - 1));
    this.tearsNext = false;
    throw new DiskFull();
  }
}

describe('damaged bytes', () => {
  test.each([
    ['a magic', 0, '00', 'BAD_MAGIC'],
    ['a version', 3, '02', 'UNSUPPORTED_VERSION'],
    ['the first byte of the padding', 4, '01', 'CORRUPTED'],
    ['the last byte of the padding', 7, '01', 'CORRUPTED'],
    ['the first reserved byte', 24, '01', 'CORRUPTED'],
    ['the last reserved byte', 63, '01', 'CORRUPTED'],
    ['a length beyond the memory', LENGTH, 'c1ff', 'CORRUPTED'],
    ['a length beyond 2^53', LENGTH, 'ffffffffffffffff', 'CORRUPTED'],
    ['a mark beyond the memory', MARK, '02', 'CORRUPTED'],
    ['no mark', MARK, '00', 'CORRUPTED'],
  ])('%s are refused at opening', (_, offset, bytes, code) => {
    const memory = storageOf([1, 2, 3]).intoMemory();
    spoil(memory, offset, bytes);
    const before = imageOf(memory);
    expect(codeOf(() => MemoryStorage.init(memory))).toBe(code);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
  });

  test('a file that ends with its memory is opened', () => {
    const memory = storageOf([1]).intoMemory();
    spoil(memory, LENGTH, 'c0ff');
    expect(MemoryStorage.load(memory).length()).toBe(FIRST_PAGE);
  });

  test('of the header of an open file, and above its mark, are found by the check', () => {
    const memory = new VectorMemory();
    const storage = storageOf([1, 2, 3], memory);
    storage.setLength(3 * WASM_PAGE_SIZE);
    expect(storage.checkInvariants()).toBeUndefined();
    spoil(memory, 2 * WASM_PAGE_SIZE, '01');
    expect(storage.checkInvariants()).toBe('page 2 above the mark is not zero');
    spoil(memory, MARK, '02');
    expect(storage.checkInvariants()).toBe('the header tells of another mark');
    spoil(memory, LENGTH, '05');
    expect(storage.checkInvariants()).toBe('the header tells of another length');
    spoil(memory, 0, '00');
    expect(storage.checkInvariants()).toMatch(/^BAD_MAGIC/);
  });

  test('any header is opened and of use, or refused with a code', () => {
    const change = fc.tuple(fc.nat(BYTES - 1), fc.nat(255));
    checkProperty(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const memory = storageOf([1, 2, 3]).intoMemory();
        for (const [offset, byte] of changes) memory.write(offset, Uint8Array.of(byte));
        try {
          const storage = MemoryStorage.init(memory);
          storage.read(0, new Uint8Array(storage.length()));
          storage.write(storage.length(), Uint8Array.of(4));
          expect(storage.checkInvariants()).toBeUndefined();
        } catch (error) {
          expect(error).toBeInstanceOf(StorageError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
