/**
 * Pages of a map: so many entries, and where the next page begins. The position is the last key
 * of the page, as bytes that a client may keep:
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  layout version = 1
 *          1        the last key, as its codec encodes it
 *
 * It names a key, not a place in memory: so it survives upgrades, and entries that come and go.
 *
 * Source: `specs/users.md` (paging across calls); house style rule 3.
 */
import { concatBytes } from '../bytes.js';
import { compareValues, type KeyCodec } from '../codec.js';
import { StorageError } from '../errors.js';
import { assertBytes, assertSize } from '../guards.js';
import type { Range } from './map-queries.js';

const POSITION_VERSION = 1;

/** A range, how much of it, and where to go on. */
export interface ScanRequest<K> extends Range<K> {
  /** The most entries that a page may have, 1 or more. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: Uint8Array | undefined;
}

/** Some entries of a range. */
export interface Page<K, V> {
  readonly entries: [K, V][];
  /** What to ask for `after` to get the next page; absent where the range has ended. */
  readonly next?: Uint8Array;
}

/** The first entries of a range, up to `count`. */
export type TakeEntries<K, V> = (range: Range<K>, count: number) => [K, V][];

/** The page that `request` asks for. Throws `RangeError` or `INVALID_VALUE`. O(log n + limit). */
export function scanPage<K, V>(
  take: TakeEntries<K, V>,
  keys: KeyCodec<K>,
  request: ScanRequest<K>,
): Page<K, V> {
  const limit = assertSize('limit', request.limit);
  if (limit === 0) throw new RangeError('limit: expected at least 1, got 0');
  const entries = take(beyond(request, keys), limit + 1);
  if (entries.length <= limit) return { entries };
  entries.pop();
  return { entries, next: encodePosition(keys, entries.at(-1)![0]) };
}

/** The part of the range that lies behind the position, which may be anybody's: never more. */
function beyond<K>(request: ScanRequest<K>, keys: KeyCodec<K>): Range<K> {
  if (request.after === undefined) return request;
  const last = decodePosition(keys, request.after);
  const { gt = last, lt = last } = request;
  return request.reverse === true
    ? { ...request, lt: compareValues(keys, last, lt) < 0 ? last : lt }
    : { ...request, gt: compareValues(keys, last, gt) > 0 ? last : gt };
}

function encodePosition<K>(keys: KeyCodec<K>, key: K): Uint8Array {
  return concatBytes(Uint8Array.of(POSITION_VERSION), keys.encode(key));
}

function decodePosition<K>(keys: KeyCodec<K>, position: Uint8Array): K {
  assertBytes('after', position);
  if (position[0] !== POSITION_VERSION) throw noPosition();
  try {
    return keys.decode(position.subarray(1));
  } catch {
    throw noPosition();
  }
}

function noPosition(): StorageError {
  return new StorageError(
    'INVALID_VALUE',
    'after: expected the position that a scan of this map returned, got other bytes. ' +
      'Start again without it.',
  );
}
