/** A folder on the disk for the tests of one file: it is gone when they are done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';

/** Gives the path of `name` in that folder; without a name, of a file that was never there. */
export function scratchFolder(): (name?: string) => string {
  let folder = '';
  let count = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stable-structures-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name = `file ${++count}`) => join(folder, name);
}
