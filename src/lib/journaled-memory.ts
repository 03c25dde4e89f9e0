/**
 * A memory whose changes are all or nothing: a transaction's writes are there together after a
 * crash, or none of them is. Two storages keep it, such as two files: the image, which is a flat
 * memory image, and a journal, where each transaction is written down before it touches the image.
 *
 *     const memory = JournaledMemory.open(image, journal);
 *     const users = BTreeMap.init(memory, text, u64);
 *     memory.transaction(() => {
 *       users.insert('ada', 1n);
 *       users.insert('grace', 2n);
 *     });
 *
 * Structures need not know of it. Within `transaction` their writes go to pages in RAM, and they
 * read them there; when it ends these become one record of the journal, with one sync; then they
 * are written to the image without one. A checkpoint now and then syncs the image and begins the
 * journal anew. A write or a grow outside of a transaction is a transaction of its own: an insert
 * into a map is about three, and a crash may come between them, so it belongs into one.
 *
 *     a commit      40 bytes + for each page of 4 KiB: 16 + what lies between the first and the
 *                   last byte that was written to it; 1 sync
 *     a checkpoint  2 syncs, every `checkpointBytes` of journal
 *     opening       2 syncs, and what the journal holds is written again
 *     a read        goes to the image; within a transaction to the pages first
 *
 * What a transaction does costs one sync, whether it is one insert or a thousand: batches are what
 * makes it fast. The image is written twice in all: that is the price of all or nothing.
 *
 * The image alone is a memory image after `close`, and after `checkpoint` until the next change.
 * While it is open, and after a crash, its journal belongs to it: `isJournalInUse` tells. An image
 * without a journal, or with a closed one, is taken as it is.
 *
 * INVARIANT: see `journaled-memory/committed-image.ts` for the order of writes and syncs,
 * `generation.ts` and `record.ts` there for the format.
 *
 * Limits: a transaction's pages are in RAM, and at its end its record as well; the records of a
 * journal are when it is opened. Storages of up to 2^53 bytes. One open memory for an image.
 *
 * Promise: survives. After a crash of the process or of the machine at any point the memory is as
 * the last committed transaction has left it, where the crash came within a commit also as that one
 * does.
 *
 * Source: issue "Memory in files that survives a crash", part 2; house style rules 9 and 11.
 */
import { CommittedImage, type JournaledMemoryOptions } from './journaled-memory/committed-image.js';
import { TransactionalMemory } from './journaled-memory/transactional-memory.js';
import type { Storage } from './storage.js';

/**
 * A memory over an image and its journal.
 *
 * @example
 * const memory = JournaledMemory.open(new HeapStorage(), new HeapStorage());
 * const counts = Vec.init(memory, u32);
 * memory.transaction(() => {
 *   for (let count = 0; count < 1000; count++) counts.push(count); // one sync for all of them
 * });
 * memory.close();
 */
export class JournaledMemory extends TransactionalMemory {
  /**
   * Opens an image with its journal, or creates both in empty storages, and puts the image in order
   * after a crash. The storages are the memory's from then on. O(bytes in the journal), 2 syncs.
   *
   * Throws and writes nothing: `BAD_MAGIC` where the journal is a file of somebody else,
   * `UNSUPPORTED_VERSION`; `NOT_PAGE_ALIGNED` for an image of other than whole pages; `CORRUPTED`
   * for a damaged journal, or where the image is shorter than its journal says: then they do not
   * belong together. Throws `GROW_FAILED`, `IO_FAILED`; then nothing is lost.
   */
  static open(
    image: Storage,
    journal: Storage,
    options: JournaledMemoryOptions = {},
  ): JournaledMemory {
    return new JournaledMemory(CommittedImage.recover(image, journal, options));
  }

  override reopen(): JournaledMemory {
    return new JournaledMemory(this.release());
  }
}
