/** A map in a file that gets ten entries at a time, for a process that writes and one that checks. */
import { BTreeMap } from '../../src/lib/btree-map.js';
import { blob, u32 } from '../../src/lib/codecs/index.js';
import { JournaledFileMemory } from '../../src/lib/host/journaled-file-memory.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';

/** Opens or creates it. Checkpoints come every few transactions. */
export function openTens(path: string) {
  const memory = JournaledFileMemory.open(path, { checkpointBytes: 60_000 });
  const map = memory.transaction(() => {
    const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
    return BTreeMap.init(manager.get(0), u32, blob(50));
  });
  return { memory, map };
}
