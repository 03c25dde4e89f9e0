/**
 * Whether a file may become longer. The system lengthens a file by a hole, which takes no room, and
 * says that the disk is full only when the hole is written: in the middle of a change. So it is
 * asked beforehand how much room there is.
 *
 * LIMIT: nothing is set aside. Others may fill the disk meanwhile, and a quota is not seen.
 *
 * Source: `specs/wasm-dbms.md` sections 4 and 14.2.
 */
import fs from 'node:fs';

/** Whether the disk that holds the file at `path` has so many bytes to spare, or does not tell. */
export function hasRoomFor(path: string, bytes: number): boolean {
  try {
    const { bavail, blocks, bsize } = fs.statfsSync(path);
    return blocks === 0 || bytes <= bavail * bsize;
  } catch {
    return true;
  }
}
