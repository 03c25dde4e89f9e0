/** Images of heaps: what they share, what they give back, and what they cost. */
import { expect, test } from '@jest/globals';

import { HeapImage } from '../../../src/replica/host/heap-image.js';

const PAGE = 65_536;

function heapOf(pages: number): Uint8Array {
  return new Uint8Array(pages * PAGE);
}

test('an image gives back the heap as it was', () => {
  const heap = heapOf(3);
  heap[5] = 1;
  heap[PAGE * 2] = 2;
  const image = HeapImage.empty.next(heap);
  heap.fill(9);
  image.copyTo(heap);
  expect([heap[5], heap[6], heap[PAGE], heap[PAGE * 2], heap.at(-1)]).toEqual([1, 0, 0, 2, 0]);
});

test('a later image leaves the earlier one as it is', () => {
  const heap = heapOf(2);
  heap[0] = 1;
  const first = HeapImage.empty.next(heap);
  heap[0] = 2;
  const second = first.next(heap);
  first.copyTo(heap);
  expect(heap[0]).toBe(1);
  second.copyTo(heap);
  expect(heap[0]).toBe(2);
});

test('a page that became zero again is zero', () => {
  const heap = heapOf(1);
  heap[7] = 7;
  const image = HeapImage.empty.next(heap);
  heap[7] = 0;
  const cleared = image.next(heap);
  heap[7] = 8;
  cleared.copyTo(heap);
  expect(heap[7]).toBe(0);
});

test('an image of a heap that grew has its new size', () => {
  const image = HeapImage.empty.next(heapOf(1));
  expect(image.next(heapOf(4)).size).toBe(4 * PAGE);
});

test('snapshots get the same bytes, and pages of zeroes cost nothing', () => {
  const heap = heapOf(4);
  heap[PAGE + 1] = 3;
  const memory = HeapImage.empty.next(heap).toStableMemory();
  expect(memory.size).toBe(4);
  expect(memory.pagesWritten).toBe(1);
  expect(memory.toBytes()).toEqual(heap);
});
