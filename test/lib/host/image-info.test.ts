import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FileMemory } from '../../../src/lib/host/file-memory.js';
import { compareImages, imageInfo } from '../../../src/lib/host/image-info.js';
import * as lib from '../../../src/lib/index.js';
import { scratchFolder } from '../../support/scratch.js';

const { text, u32, VectorMemory, WASM_PAGE_SIZE } = lib;
const path = scratchFolder();

/** Makes each structure that has a magic of its own in a memory, or in two. */
const MAKERS: readonly [string[], (first: lib.Memory, second: lib.Memory) => unknown][] = [
  [['MemoryManager', 'empty'], (memory) => lib.MemoryManager.init(memory)],
  [['BTreeMap', 'empty'], (memory) => lib.BTreeMap.init(memory, u32, text)],
  [['BTreeMap', 'empty'], (memory) => lib.BTreeSet.init(memory, u32)],
  [['Vec', 'empty'], (memory) => lib.Vec.init(memory, u32)],
  [['MinHeap', 'empty'], (memory) => lib.MinHeap.init(memory, u32)],
  [['Cell', 'empty'], (memory) => lib.Cell.init(memory, u32, 1)],
  [['Deque', 'empty'], (memory) => lib.Deque.init(memory, u32)],
  [['Log index', 'Log data'], (index, data) => lib.Log.init(index, data, u32)],
  [
    ['UnboundedVec index', 'UnboundedVec data'],
    (index, data) => lib.UnboundedVec.init(index, data, u32),
  ],
  [['StableMemoryAllocator', 'empty'], (memory) => lib.StableMemoryAllocator.init(memory)],
  [['MemoryStorage', 'empty'], (memory) => lib.MemoryStorage.init(memory)],
  [['TokenQueue', 'empty'], (memory) => lib.TokenQueue.init(memory, { maxCount: 1 })],
];

/**
 * Magics that stand within a structure, in a file beside one, or in memory that threads share: no
 * memory starts with them.
 */
const WITHIN = ['BTA', 'BTN', 'CHK', 'JRN', 'NOF', 'TKC', 'TQC'];

/** A memory that begins with these letters. */
function startingWith(letters: string): lib.Memory {
  const memory = new VectorMemory();
  memory.grow(1);
  memory.write(0, new TextEncoder().encode(letters));
  return memory;
}

describe('the layout of an image', () => {
  test.each(MAKERS)('is told of a %p', (layouts, make) => {
    const memories = [new VectorMemory(), new VectorMemory()] as const;
    make(...memories);
    expect(memories.map((memory) => imageInfo(memory).layout)).toEqual(layouts);
  });

  test('is that of a stack in a file that was padded to whole pages', () => {
    const storage = new lib.HeapStorage();
    lib.BStack.open(storage).push(Uint8Array.of(1));
    const memory = startingWith('');
    memory.write(0, storage.toBytes());
    expect(imageInfo(memory).layout).toBe('BStack');
  });

  test('is known for each magic in the sources', () => {
    const folder = fileURLToPath(new URL('../../../src/lib', import.meta.url));
    const magics = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [
        ...readFileSync(join(folder, name), 'utf8').matchAll(
          /(?:MAGIC\w* = |magic: )'([A-Z]{3})'/g,
        ),
      ])
      .map(([, magic]) => magic!);
    expect(magics.length).toBeGreaterThan(12);
    const unknown = magics.filter((magic) => imageInfo(startingWith(magic)).layout === 'unknown');
    expect(unknown.sort()).toEqual(WITHIN);
  });

  test.each(['', 'abc', 'MG', 'mgr'])('is not guessed: %p is unknown', (letters) => {
    expect(imageInfo(startingWith(letters)).layout).toBe('unknown');
  });
});

test('an image has so many pages, and so many of them were used', () => {
  const file = path();
  const memory = FileMemory.open(file);
  expect(imageInfo(memory)).toEqual({ sizeInPages: 0, nonZeroPages: 0, layout: 'empty' });
  memory.grow(40);
  for (const page of [3, 17, 39]) memory.write(page * WASM_PAGE_SIZE + 77, Uint8Array.of(1));
  memory.write(5 * WASM_PAGE_SIZE, Uint8Array.of(0));
  memory.close();
  expect(imageInfo(file)).toEqual({ sizeInPages: 40, nonZeroPages: 3, layout: 'unknown' });
});

describe('two images', () => {
  /** Pages of zeros, with a byte here and there. */
  function memoryWith(pages: number, ...places: number[]): lib.Memory {
    const memory = new VectorMemory();
    memory.grow(pages);
    for (const place of places) memory.write(place, Uint8Array.of(1));
    return memory;
  }

  const END = 20 * WASM_PAGE_SIZE;

  test.each<[string, lib.Memory, lib.Memory, number | undefined]>([
    ['are the same', memoryWith(20, 5, END - 1), memoryWith(20, 5, END - 1), undefined],
    ['are the same without a page', memoryWith(0), memoryWith(0), undefined],
    ['differ in the first byte', memoryWith(20, 0), memoryWith(20), 0],
    ['differ in the last byte', memoryWith(20, 5), memoryWith(20, 5, END - 1), END - 1],
    ['differ twice', memoryWith(20, 70_000), memoryWith(20, 70_001, END - 1), 70_000],
    ['differ where one ends', memoryWith(20, 5), memoryWith(21, 5), END],
    ['differ before one ends', memoryWith(20, 5), memoryWith(40, 5, 6), 6],
  ])('%s', (_, one, other, offset) => {
    expect(compareImages(one, other)).toBe(offset);
    expect(compareImages(other, one)).toBe(offset);
  });

  test('may be files', () => {
    const files = [path(), path()] as const;
    for (const file of files) {
      const memory = FileMemory.open(file);
      memory.grow(2);
      memory.write(9, Uint8Array.of(files.indexOf(file)));
      memory.close();
    }
    expect(compareImages(...files)).toBe(9);
  });
});
