/** A storage as one has it that forgets to sync: to see that a sweep finds the missing sync. */
import type { Storage } from '../../../src/lib/storage.js';

/** The same storage, whose syncs do nothing. */
export function withoutSyncs(storage: Storage): Storage {
  return {
    isAtomic: storage.isAtomic,
    length: () => storage.length(),
    read: (offset, target) => storage.read(offset, target),
    write: (offset, source) => storage.write(offset, source),
    setLength: (length) => storage.setLength(length),
    sync: () => undefined,
    close: () => storage.close(),
  };
}
