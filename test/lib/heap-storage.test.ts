import { expect, test } from '@jest/globals';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { describeStorage } from '../support/storage-conformance.js';

describeStorage('HeapStorage', () => new HeapStorage());

test('a heap storage copies the bytes that it begins with, and those it gives away', () => {
  const bytes = Uint8Array.of(1, 2);
  const storage = new HeapStorage(bytes);
  bytes[0] = 9;
  const copy = storage.toBytes();
  copy[1] = 9;
  expect([...storage.toBytes()]).toEqual([1, 2]);
  expect(storage.isAtomic).toBe(false);
});
