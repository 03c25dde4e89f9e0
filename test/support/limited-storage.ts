/** A storage on a disk that is nearly full. */
import { StorageError } from '../../src/lib/errors.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';

/** A storage in RAM that has no room for more than `lengthMax` bytes. */
export class LimitedStorage extends HeapStorage {
  constructor(public lengthMax: number) {
    super();
  }

  override setLength(length: number): void {
    if (length > this.lengthMax) {
      throw new StorageError('GROW_FAILED', `no room for more than ${this.lengthMax} bytes.`);
    }
    super.setLength(length);
  }
}
