import { expect, test } from '@jest/globals';
import { memoryMap } from '../../../scripts/start/memory-map.js';
import { MemoryManager, VectorMemory } from '../../../src/lib/index.js';

test('the memory map names the owner and the size of every virtual memory', () => {
  const memory = new VectorMemory();
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 16 });
  manager.get(0).grow(1);
  manager.get(2).grow(20);
  manager.get(9).grow(4);
  const lines = memoryMap(memory.toBytes(), [
    { name: 'cities', memory_id: 2, length: 7n, size_in_pages: 20n },
  ]);
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^ +0 +#+ +0\.06 MiB of 1\.00 MiB +catalogue of maps$/);
  expect(lines[1]).toMatch(/^ +2 +#{24} +1\.25 MiB of 2\.00 MiB +map cities, 7 entries$/);
  expect(lines[2]).toMatch(/^ +9 +#+ +0\.25 MiB of 1\.00 MiB +unknown$/);
  expect(lines[3]).toMatch(/4\.06 MiB.* buckets of 1\.00 MiB$/);
});
