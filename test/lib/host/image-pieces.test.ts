import { expect, test } from '@jest/globals';
import { FileMemory } from '../../../src/lib/host/file-memory.js';
import { isZero, pagesOf, piecesOf, withImage } from '../../../src/lib/host/image-pieces.js';
import { WASM_PAGE_SIZE } from '../../../src/lib/memory.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { codeOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';

const path = scratchFolder();
const MIB = 16 * WASM_PAGE_SIZE;

test('the pieces of a memory are all of it, in order', () => {
  const memory = new VectorMemory();
  memory.grow(35);
  for (let page = 0; page < 35; page++) memory.write(page * WASM_PAGE_SIZE, Uint8Array.of(page));
  const steps: number[][] = [];
  const pages: number[][] = [];
  for (const piece of piecesOf(memory, (done, total) => steps.push([done, total]))) {
    for (const { offset, bytes } of pagesOf(piece)) pages.push([offset, bytes.length, bytes[0]!]);
  }
  expect(pages).toEqual(
    Array.from({ length: 35 }, (_, page) => [page * WASM_PAGE_SIZE, WASM_PAGE_SIZE, page]),
  );
  const total = 35 * WASM_PAGE_SIZE;
  expect(steps).toEqual([
    [MIB, total],
    [2 * MIB, total],
    [total, total],
  ]);
});

test('a memory without pages has no pieces, and is done at once', () => {
  const steps: number[][] = [];
  const pieces = [...piecesOf(new VectorMemory(), (done, total) => steps.push([done, total]))];
  expect([pieces, steps]).toEqual([[], [[0, 0]]]);
});

test('a page of zeros is told from one with a last byte', () => {
  const page = new Uint8Array(WASM_PAGE_SIZE);
  expect(isZero(page)).toBe(true);
  page[WASM_PAGE_SIZE - 1] = 1;
  expect(isZero(page)).toBe(false);
});

test('a file is closed once it was looked into, also by somebody who throws', () => {
  const file = path();
  FileMemory.open(file).close();
  const failing = (): never => {
    throw new RangeError('no');
  };
  expect(() => withImage(file, failing)).toThrow(RangeError);
  expect(withImage(file, (memory) => memory.size())).toBe(0);
  const memory = FileMemory.open(file);
  expect(codeOf(() => withImage(file, failing))).toBe('FILE_IN_USE');
  expect(withImage(memory, (same) => same)).toBe(memory);
});
