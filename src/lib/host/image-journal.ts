/**
 * The journal beside an image: a file of the same name with `.journal` behind it. While it is in
 * use, the image alone is not all there is: a crash may have left in the journal what was
 * committed, and who changed the image without it would lose one or the other.
 *
 * Source: issue "Memory in files that survives a crash", parts 1 and 2.
 */
import fs from 'node:fs';
import { StorageError } from '../errors.js';
import { isJournalInUse } from '../journaled-memory/journal.js';
import { FileStorage } from './file-storage.js';

/** What the name of a journal ends with, behind the name of its image. */
export const JOURNAL_SUFFIX = '.journal';

/**
 * Throws `FILE_IN_USE` where the image at `imagePath` has a journal that is in use. A file of that
 * name that is none of ours is nobody's journal.
 */
export function assertNoJournalInUse(imagePath: string): void {
  const path = imagePath + JOURNAL_SUFFIX;
  if (!fs.existsSync(path) || !isInUse(path)) return;
  throw new StorageError(
    'FILE_IN_USE',
    `${imagePath} has a journal that is in use. Open it with JournaledFileMemory, which puts it ` +
      'in order, and close that: then the image has everything.',
    { path: imagePath },
  );
}

function isInUse(path: string): boolean {
  const journal = FileStorage.open(path, { readOnly: true, lock: false });
  try {
    return isJournalInUse(journal);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'BAD_MAGIC') return false;
    throw error;
  } finally {
    journal.close();
  }
}
