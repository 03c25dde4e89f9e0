/**
 * A durable stack in a file: opens or creates it, and takes a file of the formats 0.1 and 0.2 over
 * into format 0.4.
 *
 * A migration writes the new file beside the old one, as `<file>.migrating`, and puts it in the old
 * one's place once it is whole:
 *
 *     STEP                                    A CRASH LEAVES
 *     make the new file, with equal rights    the old file, and an empty `.migrating`
 *     payload, sync, header, sync             the old file, and a part of the new one
 *     rename over the old file                the old file or the new one
 *     sync the folder                         the old file or the new one
 *     close the old file, open the new one    the new file
 *
 * What a crash has left as `.migrating` is removed at the next opening: only the rename makes it
 * count. All of it happens under the lock of the file; only between the last two steps another
 * process may be faster, and then this one gets `FILE_IN_USE` and the migration is done all the
 * same.
 *
 * LIMIT: there must be room for both files at a time, and the right to make one in the folder. A
 * hard link to the old file keeps the old file.
 *
 * Source: `specs/bstack.md` sections 1.8 (migration) and 6.2.
 */
import fs from 'node:fs';
import { BStack } from '../bstack.js';
import { isLegacyStack, migrateStack } from '../bstack/legacy.js';
import { DISPOSE } from '../dispose.js';
import { FileStorage, type FileMode } from './file-storage.js';
import { syncFolderOf } from './open-file.js';
import { onFile } from './system-error.js';

/** What is appended to a file's name for the one that takes its place. */
export const MIGRATING_SUFFIX = '.migrating';

/** How the file of a stack is opened. */
export interface FileStackOptions {
  /** `openOrCreate` unless told. */
  readonly mode?: FileMode;
  /** Whether a file of format 0.1 or 0.2 becomes one of 0.4. True unless told. */
  readonly migrate?: boolean;
}

/**
 * Opens the stack at `path`, which nobody else can open until it is closed. Finishes or undoes what
 * a crash has interrupted. 1 sync, up to 4 after a crash; a migration costs O(bytes) and 3 more.
 *
 * Throws what `FileStorage.open` and `BStack.open` throw; `UNSUPPORTED_VERSION` for a file of
 * format 0.1 or 0.2 that is not to be migrated, `GROW_FAILED` where there is no room to. In all
 * these cases the file is as it was.
 *
 * @example
 * const events = openFileStack('events.bstack');
 * events.push(Uint8Array.of(1, 2, 3)); // durable
 * events.close();
 */
export function openFileStack(path: string, options: FileStackOptions = {}): BStack {
  const { mode = 'openOrCreate', migrate = true } = options;
  const storage = FileStorage.open(path, { mode });
  try {
    onFile(path, () => fs.rmSync(storage.path + MIGRATING_SUFFIX, { force: true }));
    if (!migrate || !isLegacyStack(storage)) return BStack.open(storage);
    replaceByMigrated(storage);
    storage.close();
    return openFileStack(path, { mode: 'open', migrate: false });
  } catch (error) {
    storage[DISPOSE]();
    throw error;
  }
}

/** Puts a file of format 0.4 in the place of a legacy one. Until the rename nothing has changed. */
function replaceByMigrated(legacy: FileStorage): void {
  const path = legacy.path + MIGRATING_SUFFIX;
  try {
    onFile(path, () => makeWithRightsOf(legacy.path, path));
    const migrated = FileStorage.open(path, { mode: 'create', lock: false });
    try {
      migrateStack(legacy, migrated);
    } finally {
      migrated.close();
    }
    onFile(path, () => fs.renameSync(path, legacy.path));
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw error;
  }
  syncFolderOf(legacy.path);
}

/** Makes an empty file that nobody may read who may not read the other one, at no moment. */
function makeWithRightsOf(other: string, path: string): void {
  const { mode } = fs.statSync(other);
  fs.writeFileSync(path, '', { flag: 'wx', mode });
  fs.chmodSync(path, mode);
}
