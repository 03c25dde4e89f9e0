/**
 * A memory in a file whose changes are all or nothing: `image.bin` is a flat memory image, as a
 * `FileMemory` has it, and `image.bin.journal` lies beside it. What a transaction has changed is
 * there when the process is killed or the power goes, and of one that did not end nothing is.
 *
 *     A COMMIT     one write and one fdatasync of the journal, then writes of the image
 *     A BATCH      costs the same: a thousand inserts in one transaction take one sync
 *     AN OPENING   O(bytes in the journal), whatever is in the image
 *
 * `journaled-memory.ts` says what is written when, and what a commit takes in bytes. The journal
 * keeps its length between checkpoints, because a disk writes faster over blocks that it has.
 *
 * The image has everything after {@link JournaledFileMemory.close}, and `FileMemory` opens it then;
 * before, it refuses an image whose journal is in use. Copy both files, or neither.
 *
 * Limits: as `JournaledMemory`; one process at a time, which a lock beside the image sees to.
 *
 * Source: issue "Memory in files that survives a crash", part 2; `specs/wasm-dbms.md` section 14.2.
 */
import {
  CommittedImage,
  type JournaledMemoryOptions,
} from '../journaled-memory/committed-image.js';
import { TransactionalMemory } from '../journaled-memory/transactional-memory.js';
import { FileStorage, type FileMode } from './file-storage.js';
import { JOURNAL_SUFFIX } from './image-journal.js';

/** How an image and its journal are opened. */
export interface JournaledFileMemoryOptions extends JournaledMemoryOptions {
  /** What may be at the path: `openOrCreate` unless told. */
  readonly mode?: FileMode;
}

/**
 * A memory in a file, with transactions.
 *
 * @example
 * using memory = JournaledFileMemory.open('image.bin');
 * const users = memory.transaction(() => BTreeMap.init(memory, text, u64));
 * memory.transaction(() => {
 *   users.insert('ada', 36n);
 *   users.insert('grace', 85n);
 * }); // both are durable
 */
export class JournaledFileMemory extends TransactionalMemory {
  private constructor(
    committed: CommittedImage,
    /** The real path of the image. */
    readonly path: string,
  ) {
    super(committed);
  }

  /**
   * Opens the image at `path` and its journal, or creates them, and puts the image in order after a
   * crash. O(bytes in the journal), 2 syncs.
   *
   * Throws what {@link FileStorage.open} throws, and what `JournaledMemory.open` does.
   */
  static open(path: string, options: JournaledFileMemoryOptions = {}): JournaledFileMemory {
    const { mode = 'openOrCreate' } = options;
    const opened: FileStorage[] = [];
    try {
      const image = FileStorage.open(path, { mode });
      opened.push(image);
      // The image's lock is enough for both: nobody opens a journal alone.
      const journal = FileStorage.open(image.path + JOURNAL_SUFFIX, { lock: false });
      opened.push(journal);
      return new JournaledFileMemory(CommittedImage.recover(image, journal, options), image.path);
    } catch (error) {
      for (const file of opened) file.close();
      throw error;
    }
  }

  override reopen(): JournaledFileMemory {
    return new JournaledFileMemory(this.release(), this.path);
  }
}
