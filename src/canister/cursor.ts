/**
 * The place where a scan stopped, as an opaque blob that the caller hands back to go on. It names
 * no entry of the tree, only the last key, so it stays good through changes and upgrades.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  layout version = 1
 *          1     1  memory id of the map
 *          2     4  CRC-32 of the scan that it belongs to (map, range, direction) and of the key
 *          6        the last key that was returned, encoded
 *
 * The checksum tells a damaged or misplaced cursor; it is no secret, and need not be: a cursor
 * gives no right that the scan itself does not check.
 */
import { concatBytes, crc32, readU32, writeU32 } from '../lib/index.js';
import { RefusalError } from './refusal.js';

const LAYOUT_VERSION = 1;
const MEMORY_ID_OFFSET = 1;
const CHECKSUM_OFFSET = MEMORY_ID_OFFSET + 1;
const KEY_OFFSET = CHECKSUM_OFFSET + 4;

/** What a cursor belongs to: it is good for no other scan. */
export interface CursorScope {
  readonly memoryId: number;
  /** Everything else that makes a scan another one, as bytes. */
  readonly fingerprint: Uint8Array;
}

export function encodeCursor(scope: CursorScope, lastKey: Uint8Array): Uint8Array {
  const cursor = new Uint8Array(KEY_OFFSET + lastKey.length);
  cursor[0] = LAYOUT_VERSION;
  cursor[MEMORY_ID_OFFSET] = scope.memoryId;
  writeU32(cursor, CHECKSUM_OFFSET, checksum(scope, lastKey));
  cursor.set(lastKey, KEY_OFFSET);
  return cursor;
}

/** The last key. Refuses with `InvalidCursor` what this scan has not returned. */
export function decodeCursor(scope: CursorScope, cursor: Uint8Array): Uint8Array {
  if (cursor.length < KEY_OFFSET) throw invalidCursor('it is too short');
  if (cursor[0] !== LAYOUT_VERSION) throw invalidCursor('it is not of this version');
  if (cursor[MEMORY_ID_OFFSET] !== scope.memoryId) throw invalidCursor('it is of another map');
  const lastKey = cursor.slice(KEY_OFFSET);
  if (readU32(cursor, CHECKSUM_OFFSET) !== checksum(scope, lastKey)) {
    throw invalidCursor('it is damaged or of a scan with another range or direction');
  }
  return lastKey;
}

export function invalidCursor(reason: string): RefusalError {
  return new RefusalError({ InvalidCursor: `${reason}; start the scan again without a cursor` });
}

function checksum(scope: CursorScope, lastKey: Uint8Array): number {
  return crc32(concatBytes(Uint8Array.of(scope.memoryId), scope.fingerprint, lastKey));
}
