import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { FileMemory } from '../../../src/lib/host/file-memory.js';
import { compareImages, imageInfo } from '../../../src/lib/host/image-info.js';
import { exportImage, importImage } from '../../../src/lib/host/image.js';
import { BTreeMap, MemoryManager, text, u32, VectorMemory } from '../../../src/lib/index.js';
import { WASM_PAGE_SIZE, type Memory } from '../../../src/lib/memory.js';
import { codeOf, CountdownMemory, imageOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';

const path = scratchFolder();
const BLOCK_SIZE = 512;

/** 50 pages, of which 4 were used. */
function sample(): VectorMemory {
  const memory = new VectorMemory();
  memory.grow(50);
  for (const page of [0, 15, 16, 49]) {
    memory.write(page * WASM_PAGE_SIZE + page, new Uint8Array(300).fill(page + 1));
  }
  return memory;
}

function pagesFilled(count: number, byte: number): VectorMemory {
  return VectorMemory.from(new Uint8Array(count * WASM_PAGE_SIZE).fill(byte));
}

/** Bytes that a file takes on the disk. */
const roomOf = (file: string): number => fs.statSync(file).blocks * BLOCK_SIZE;

afterEach(() => {
  jest.restoreAllMocks();
});

describe('an image', () => {
  test('is the memory, byte for byte, and comes back', () => {
    const file = path();
    exportImage(sample(), file);
    expect(Buffer.compare(fs.readFileSync(file), imageOf(sample()))).toBe(0);
    const memory = new VectorMemory();
    importImage(file, memory);
    expect(compareImages(memory, sample())).toBeUndefined();
  });

  test('of a memory without pages is a file without bytes', () => {
    const file = path();
    exportImage(new VectorMemory(), file);
    expect(fs.statSync(file).size).toBe(0);
    const memory = new VectorMemory();
    importImage(file, memory);
    expect(memory.size()).toBe(0);
  });

  test('opens as a memory: whatever lives in it is there', () => {
    const memory = new VectorMemory();
    const map = BTreeMap.init(MemoryManager.init(memory).get(7), u32, text);
    for (let number = 0; number < 100; number++) map.insert(number, `number ${number}`);
    const file = path();
    exportImage(memory, file);
    const opened = FileMemory.open(file);
    const found = BTreeMap.load(MemoryManager.load(opened).get(7), u32, text);
    expect([...found]).toEqual([...map]);
  });

  test('goes from one manager into another, beside what lives there', () => {
    const [one, other] = [new VectorMemory(), new VectorMemory()];
    const source = MemoryManager.init(one).get(3);
    BTreeMap.init(source, u32, text).insert(1, 'one');
    const manager = MemoryManager.init(other, { bucketSizeInPages: 2 });
    const beside = BTreeMap.init(manager.get(0), u32, text);
    beside.insert(2, 'two');
    importImage(source, manager.get(1));
    expect([...BTreeMap.load(manager.get(1), u32, text)]).toEqual([[1, 'one']]);
    expect([...beside]).toEqual([[2, 'two']]);
  });

  test('says how far it has come, there and back', () => {
    const file = path();
    const steps: number[] = [];
    const total = 50 * WASM_PAGE_SIZE;
    const onProgress = (done: number, of: number): void => {
      expect(of).toBe(total);
      steps.push(done);
    };
    exportImage(sample(), file, { onProgress });
    importImage(file, new VectorMemory(), { onProgress });
    const MIB = 2 ** 20;
    expect(steps).toEqual([MIB, 2 * MIB, 3 * MIB, total, MIB, 2 * MIB, 3 * MIB, total]);
  });
});

describe('holes', () => {
  const file = path;

  /** Nothing to be seen where the file system fills them. */
  function hasHoles(): boolean {
    const probe = path();
    fs.writeFileSync(probe, '');
    fs.truncateSync(probe, 2 ** 20);
    return roomOf(probe) < 2 ** 19;
  }

  test('are what pages of zeros become in a file, and stay in one that is copied', () => {
    if (!hasHoles()) return console.warn('skipped: this file system has no holes');
    const [one, other] = [file(), file()];
    exportImage(sample(), one);
    expect(roomOf(one)).toBeLessThan(5 * WASM_PAGE_SIZE);
    const memory = FileMemory.open(one);
    exportImage(memory, other);
    expect(roomOf(other)).toBeLessThan(5 * WASM_PAGE_SIZE);
    const copy = file();
    const target = FileMemory.open(copy);
    importImage(memory, target);
    target.sync();
    expect(roomOf(copy)).toBeLessThan(5 * WASM_PAGE_SIZE);
    expect(imageInfo(target).nonZeroPages).toBe(4);
    return undefined;
  });

  test('are not written into the memory that takes them', () => {
    const image = file();
    exportImage(sample(), image);
    const memory = new CountdownMemory(new VectorMemory());
    memory.failWritesAfter(4);
    importImage(image, memory);
    expect(memory.steps).toBe(5);
    expect(compareImages(memory, sample())).toBeUndefined();
  });
});

describe('a file of that name', () => {
  let file: string;
  beforeEach(() => {
    file = path();
    exportImage(pagesFilled(1, 7), file);
  });

  /** It is what it was, and nothing lies beside it. */
  function expectUntouched(): void {
    expect(Buffer.compare(fs.readFileSync(file), imageOf(pagesFilled(1, 7)))).toBe(0);
    expectNothingBeside();
  }

  function expectNothingBeside(): void {
    expect(['.new', '.lock'].filter((suffix) => fs.existsSync(file + suffix))).toEqual([]);
  }

  test('is not replaced unless that is wanted', () => {
    expect(codeOf(() => exportImage(sample(), file))).toBe('NOT_EMPTY');
    expectUntouched();
  });

  test('is replaced where it is wanted, also through a link', () => {
    const link = path();
    fs.symlinkSync(file, link);
    exportImage(sample(), link, { overwrite: true });
    expect(compareImages(file, sample())).toBeUndefined();
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
    expectNothingBeside();
  });

  test('is not replaced under those who have it open', () => {
    const memory = FileMemory.open(file);
    expect(codeOf(() => exportImage(sample(), file, { overwrite: true }))).toBe('FILE_IN_USE');
    expect(codeOf(() => exportImage(memory, file, { overwrite: true }))).toBe('FILE_IN_USE');
    expect(codeOf(() => importImage(file, new VectorMemory()))).toBe('FILE_IN_USE');
    memory.close();
    expectUntouched();
  });

  test('stays where the export ends early: by a throw, or by the system', () => {
    const options = { overwrite: true };
    const stop = (): never => {
      throw new RangeError('stopped');
    };
    expect(() => exportImage(sample(), file, { ...options, onProgress: stop })).toThrow('stopped');
    expectUntouched();
    for (const call of ['ftruncateSync', 'fdatasyncSync', 'renameSync'] as const) {
      jest.spyOn(fs, call).mockImplementation(() => {
        throw Object.assign(new Error('EIO: no, write'), { code: 'EIO', syscall: 'write' });
      });
      expect(codeOf(() => exportImage(sample(), file, options))).toBe('IO_FAILED');
      jest.restoreAllMocks();
      expectUntouched();
    }
  });

  test('is replaced although an export was killed that had begun to', () => {
    fs.writeFileSync(`${file}.new`, 'half an image');
    exportImage(sample(), file, { overwrite: true });
    expect(compareImages(file, sample())).toBeUndefined();
    expectNothingBeside();
  });

  test('is synced before it has its name, and its folder afterwards', () => {
    const calls: string[] = [];
    for (const call of ['fdatasyncSync', 'renameSync', 'fsyncSync'] as const) {
      const original = fs[call] as (...args: unknown[]) => void;
      jest.spyOn(fs, call).mockImplementation((...args: unknown[]) => {
        calls.push(call);
        original(...args);
      });
    }
    exportImage(sample(), file, { overwrite: true });
    expect(calls.slice(-3)).toEqual(['fdatasyncSync', 'renameSync', 'fsyncSync']);
  });
});

test.each([
  ['a folder', () => path('.'), 'NOT_A_FILE'],
  ['a missing folder', () => path('nowhere/image'), 'FILE_NOT_FOUND'],
])('an image is not written to %s', (_, name, code) => {
  expect(codeOf(() => exportImage(sample(), name()))).toBe(code);
});

describe('a memory that takes an image', () => {
  const image = (): string => {
    const file = path();
    exportImage(sample(), file);
    return file;
  };

  test('has its pages replaced, also by zeros', () => {
    const memory = pagesFilled(20, 9);
    importImage(image(), memory);
    expect(compareImages(memory, sample())).toBeUndefined();
  });

  test('must not be larger, for it never shrinks', () => {
    const memory = pagesFilled(51, 9);
    expect(codeOf(() => importImage(image(), memory))).toBe('NOT_EMPTY');
    expect(compareImages(memory, pagesFilled(51, 9))).toBeUndefined();
  });

  test('must not belong to an open structure', () => {
    const memory: Memory = new VectorMemory();
    BTreeMap.init(memory, u32, text);
    expect(codeOf(() => importImage(image(), memory))).toBe('MEMORY_IN_USE');
    expect(memory.size()).toBe(1);
  });

  test('must have room for it', () => {
    const memory = new VectorMemory(49);
    expect(codeOf(() => importImage(image(), memory))).toBe('GROW_FAILED');
    expect(memory.size()).toBe(0);
  });

  test('is left alone by a file that is no image', () => {
    const file = path();
    fs.writeFileSync(file, 'no pages');
    const memory = new VectorMemory();
    expect(codeOf(() => importImage(file, memory))).toBe('NOT_PAGE_ALIGNED');
    expect(codeOf(() => importImage(path(), memory))).toBe('FILE_NOT_FOUND');
    expect(memory.size()).toBe(0);
  });
});
