/**
 * A page of a map: from, to, prefix, direction, limit; and a cursor to go on with. A page ends
 * where the limit is reached or the next entry might not fit a reply any more, but it always has
 * at least one entry if there is one, so that a scan makes progress.
 */
import {
  compareWhole,
  concatBytes,
  encodeUtf8,
  type BTreeMap,
  type KeyCodec,
  type Range,
} from '../lib/index.js';
import type { MapEntry } from './catalogue.js';
import type { CertifiedEntries } from './certified-maps.js';
import type { EncodedVec } from '../lib/candid/encoded-vec.js';
import { decodeCursor, encodeCursor, invalidCursor, type CursorScope } from './cursor.js';
import { caseOf, prefixEnd, type Key } from './keys.js';
import { RefusalError } from './refusal.js';

const LIMIT_DEFAULT = 100;
/** Keeps a page well below the instructions that a query may use. */
const LIMIT_MAX = 1_000;
/** A replicated reply holds 2 MiB; the rest is room for what Candid writes around the entries. */
export const PAGE_SIZE_MAX = 1_800_000;
/** What Candid may need beside the bytes of key and value. */
export const ENTRY_OVERHEAD = 16;

/** The Candid record `ScanRequest`: every field may be absent. */
export interface ScanRequest {
  /** First key, inclusive. */
  readonly from: [] | [Key];
  /** Last key, exclusive. */
  readonly to: [] | [Key];
  /** Only keys that begin with these bytes (of a text, its UTF-8 bytes). */
  readonly prefix: [] | [Key];
  /** At most so many entries, 1 or more; 100 unless told, never more than 1,000. */
  readonly limit: [] | [number];
  /** Largest key first. */
  readonly reverse: [] | [boolean];
  /** The `next` of the page before. All other fields must be the same as then. */
  readonly cursor: [] | [Uint8Array];
}

export interface MapPair {
  key: Key;
  value: Uint8Array;
}

/** The Candid record `Page`. */
export interface Page<Entries = MapPair[]> {
  entries: Entries;
  /** Hand it back as `cursor` to get the next page; absent behind the last one. */
  next: [] | [Uint8Array];
}

/** The keys that a map yields to a scan are handled encoded: see {@link rawKeys}. */
type EncodedMap = BTreeMap<Uint8Array, Uint8Array> | CertifiedEntries;

/** One page of a scan. Refuses with `WrongKeyType`, `InvalidRange` or `InvalidCursor`. */
export function scanPage(
  map: EncodedMap,
  entry: MapEntry,
  codec: KeyCodec<Key>,
  request: ScanRequest,
): Page {
  return pageOf(map, codec, planOf(entry, codec, request));
}

/** As {@link scanPage}, for a reply: in a canister the entries are encoded already. */
export function scanReply(
  map: EncodedMap,
  entry: MapEntry,
  codec: KeyCodec<Key>,
  request: ScanRequest,
): Page<MapPair[] | EncodedVec> {
  const plan = planOf(entry, codec, request);
  const { range, scope, limit } = plan;
  if (!('encodeEntries' in map)) return pageOf(map, codec, plan);
  const encoded = map.encodeEntries(range, {
    keyKind: entry.keyType,
    caseIndex: caseOf(entry.keyType),
    limit,
    sizeMax: PAGE_SIZE_MAX,
    overhead: ENTRY_OVERHEAD,
  });
  if (encoded === undefined) return pageOf(map, codec, plan);
  const { elements, lastKey, hasMore } = encoded;
  return { entries: elements, next: hasMore ? [encodeCursor(scope, lastKey!)] : [] };
}

/** What a request comes to. */
interface ScanPlan {
  readonly range: Range<Uint8Array>;
  readonly scope: CursorScope;
  readonly limit: number;
}

function planOf(entry: MapEntry, codec: KeyCodec<Key>, request: ScanRequest): ScanPlan {
  const isReverse = request.reverse[0] ?? false;
  const edges = edgesOf(entry, codec, request);
  const scope = scopeOf(entry, edges, isReverse);
  const range = resume(codec, edges, isReverse, request.cursor[0], scope);
  return { range: { ...range, reverse: isReverse }, scope, limit: limitOf(request) };
}

function pageOf(map: EncodedMap, codec: KeyCodec<Key>, { range, scope, limit }: ScanPlan): Page {
  const page: Page = { entries: [], next: [] };
  let size = 0;
  let last: Uint8Array | undefined;
  for (const [key, value] of map.entries(range)) {
    size += key.length + value.length + ENTRY_OVERHEAD;
    if (page.entries.length >= limit || (last !== undefined && size > PAGE_SIZE_MAX)) {
      page.next = last === undefined ? [] : [encodeCursor(scope, last)];
      return page;
    }
    page.entries.push({ key: codec.decode(key), value });
    last = key;
  }
  return page;
}

/** A page without entries would look like the end of the map. */
function limitOf({ limit: [limit = LIMIT_DEFAULT] }: ScanRequest): number {
  if (limit > 0) return Math.min(limit, LIMIT_MAX);
  throw new RefusalError({ InvalidRange: 'a limit of 0; ask for one entry at least' });
}

/** The same order on keys that stay encoded, for maps whose keys are only handed through. */
export function rawKeys(codec: KeyCodec<Key>): KeyCodec<Uint8Array> {
  return {
    name: codec.name,
    bound: codec.bound,
    order: codec.order,
    encode: (key) => key,
    decode: (key) => key.slice(),
  };
}

interface Edges {
  readonly gte: Uint8Array | undefined;
  readonly lt: Uint8Array | undefined;
}

/** The narrower of range and prefix on each side. */
function edgesOf(entry: MapEntry, codec: KeyCodec<Key>, request: ScanRequest): Edges {
  const [from, to] = [request.from[0], request.to[0]].map((key) => key && codec.encode(key));
  if (from !== undefined && to !== undefined && compareWhole(codec.order, from, to) > 0) {
    throw new RefusalError({ InvalidRange: '`from` lies behind `to`; swap them or use `reverse`' });
  }
  const prefix = prefixBytes(entry, request.prefix[0]);
  if (prefix === undefined) return { gte: from, lt: to };
  const end = prefixEnd(prefix);
  return {
    gte: from !== undefined && compareWhole(codec.order, from, prefix) > 0 ? from : prefix,
    lt:
      to !== undefined && (end === undefined || compareWhole(codec.order, to, end) < 0) ? to : end,
  };
}

function prefixBytes(entry: MapEntry, prefix: Key | undefined): Uint8Array | undefined {
  if (prefix === undefined) return undefined;
  if (entry.keyType === 'text' && 'text' in prefix) return encodeUtf8(prefix.text);
  if (entry.keyType === 'blob' && 'blob' in prefix) return prefix.blob;
  throw new RefusalError({
    InvalidRange: 'a prefix goes with text keys (a text) and with blob keys (a blob)',
  });
}

/** The edges, narrowed to what lies behind the cursor. */
function resume(
  codec: KeyCodec<Key>,
  { gte, lt }: Edges,
  isReverse: boolean,
  cursor: Uint8Array | undefined,
  scope: CursorScope,
): Range<Uint8Array> {
  if (cursor === undefined) return { gte, lt };
  const last = decodeCursor(scope, cursor);
  const isWithin =
    (gte === undefined || compareWhole(codec.order, last, gte) >= 0) &&
    (lt === undefined || compareWhole(codec.order, last, lt) < 0);
  if (!isWithin) throw invalidCursor('its key lies outside the range');
  return isReverse ? { gte, lt: last } : { gt: last, lt };
}

/** Each part has its length in front, so that no two scans have the same fingerprint. */
function scopeOf(entry: MapEntry, { gte, lt }: Edges, isReverse: boolean): CursorScope {
  const parts = [gte, lt].flatMap((edge) => [
    Uint8Array.of(edge === undefined ? 0 : 1),
    encodeUtf8(`${edge?.length ?? 0}:`),
    edge ?? new Uint8Array(0),
  ]);
  const fingerprint = concatBytes(Uint8Array.of(isReverse ? 1 : 0), ...parts);
  return { memoryId: entry.memoryId, fingerprint };
}
