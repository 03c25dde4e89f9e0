/**
 * What the kernel knows of a map for as long as it is open: how its nodes are laid out, and where
 * its memory lies in stable memory. All of it is fixed when the map is made, but for the size of
 * the memory and the buckets that it has got: JavaScript, which alone grows memories, tells those
 * each time. Root, length and free chunks are not here: they are read from the map's header.
 *
 * A virtual memory is a list of buckets, see `src/lib/memory-manager.ts`:
 *
 *     virtual address = ordinal * bucket size + within
 *     real address    = first bucket + buckets[ordinal] * bucket size + within
 *
 * A map right in stable memory has no buckets, and its addresses are the real ones.
 *
 * Source: `specs/ic-stable-structures.md` sections 2.3 and 3.1.
 */
import { keep } from '../workspace';
import * as ic0 from '../ic0';
import { BY_BYTES } from './order';

/** As many as a request has handles for. */
const MAPS_MAX: u32 = 256;

/** A key size that says: keys differ in size, so each has its length in front. */
export const PREFIXED: u32 = 0xffff_ffff;

const WASM_PAGE_SIZE: u64 = 65_536;

/** Lists of buckets begin with room for so many, and double. */
const BUCKETS_MIN: u32 = 16;
const BUCKET_SIZE: usize = 2;

@unmanaged
export class OpenMap {
  /** Bytes of a node's first page; 0 where the handle is free. */
  pageSize: u32;
  /** Bytes of every key, or {@link PREFIXED}. */
  keySize: u32;
  /** Whether keys are ordered by their bytes: nearly always. */
  isByBytes: bool;
  /** Where the order is written down, see `order.ts`, and for how many bytes there is room. */
  order: usize;
  orderCapacity: usize;
  bucketCount: u32;
  bucketCapacity: u32;
  /** Address of the list of buckets, two bytes each. */
  buckets: usize;
  /** In bytes; 0 for a map right in stable memory. */
  bucketSize: u64;
  /** The real address of bucket 0. */
  firstBucket: u64;
  /** Bytes of the memory. */
  end: u64;
}

let maps: usize = 0;

/** The map with this handle. A wrong one traps. */
export function openMapOf(handle: u32): OpenMap {
  if (maps == 0 || handle >= MAPS_MAX) unreachable();
  const map = changetype<OpenMap>(maps + handle * offsetof<OpenMap>());
  if (map.pageSize == 0) unreachable();
  return map;
}

/** A new handle, or -1 where all are taken or the heap may not grow. */
export function takeHandle(): i32 {
  if (maps == 0) maps = keep(MAPS_MAX * offsetof<OpenMap>());
  if (maps == 0) return -1;
  for (let handle: u32 = 0; handle < MAPS_MAX; handle++) {
    const map = changetype<OpenMap>(maps + handle * offsetof<OpenMap>());
    if (map.pageSize == 0) return handle;
  }
  return -1;
}

/**
 * What JavaScript says of a map when it is opened. Its memory has no bytes until they are told.
 * False without room for its order.
 */
export function describeMap(
  handle: u32,
  pageSize: u32,
  keySize: u32,
  bucketSizeInPages: u32,
  firstBucketPage: u32,
  order: usize,
  orderLength: usize,
): bool {
  const map = changetype<OpenMap>(maps + handle * offsetof<OpenMap>());
  if (!keepOrder(map, order, orderLength)) return false;
  map.pageSize = pageSize;
  map.keySize = keySize;
  map.bucketSize = <u64>bucketSizeInPages * WASM_PAGE_SIZE;
  map.firstBucket = <u64>firstBucketPage * WASM_PAGE_SIZE;
  map.bucketCount = 0;
  map.end = 0;
  return true;
}

function keepOrder(map: OpenMap, order: usize, length: usize): bool {
  if (length > map.orderCapacity) {
    const room = keep(length);
    if (room == 0) return false;
    map.order = room;
    map.orderCapacity = length;
  }
  memory.copy(map.order, order, length);
  map.isByBytes = load<u8>(order) == BY_BYTES;
  return true;
}

/** The handle is free again; its room for buckets and order stays for the next map. */
export function closeMap(map: OpenMap): void {
  map.pageSize = 0;
}

/** The memory has got bigger: these buckets come behind those known. False without room. */
export function extendMap(map: OpenMap, pages: u32, buckets: usize, count: u32): bool {
  if (!reserveBuckets(map, map.bucketCount + count)) return false;
  memory.copy(
    map.buckets + <usize>map.bucketCount * BUCKET_SIZE,
    buckets,
    <usize>count * BUCKET_SIZE,
  );
  map.bucketCount += count;
  map.end = <u64>pages * WASM_PAGE_SIZE;
  return true;
}

function reserveBuckets(map: OpenMap, count: u32): bool {
  if (count <= map.bucketCapacity) return true;
  const capacity = max(BUCKETS_MIN, max(count, map.bucketCapacity * 2));
  const list = keep(<usize>capacity * BUCKET_SIZE);
  if (list == 0) return false;
  memory.copy(list, map.buckets, <usize>map.bucketCount * BUCKET_SIZE);
  map.buckets = list;
  map.bucketCapacity = capacity;
  return true;
}

/** Fills `target` from the map's memory. False where the bytes do not lie within it. */
export function readMap(map: OpenMap, address: u64, target: usize, length: usize): bool {
  if (!isWithin(map, address, length)) return false;
  while (length > 0) {
    const size = runLength(map, address, length);
    ic0.stable64_read(target, realAddress(map, address), size);
    target += size;
    address += size;
    length -= size;
  }
  return true;
}

/** Copies bytes to the map's memory. PRECONDITION: they have room there. */
export function writeMap(map: OpenMap, address: u64, source: usize, length: usize): void {
  while (length > 0) {
    const size = runLength(map, address, length);
    ic0.stable64_write(realAddress(map, address), source, size);
    source += size;
    address += size;
    length -= size;
  }
}

/** Subtracts, so that no sum can pass 2^64. */
function isWithin(map: OpenMap, address: u64, length: usize): bool {
  return address <= map.end && <u64>length <= map.end - address;
}

/** So many of these bytes lie in one piece. */
function runLength(map: OpenMap, address: u64, length: usize): usize {
  if (map.bucketSize == 0) return length;
  const left = map.bucketSize - (address % map.bucketSize);
  return left < <u64>length ? <usize>left : length;
}

function realAddress(map: OpenMap, address: u64): u64 {
  if (map.bucketSize == 0) return address;
  const ordinal = <u32>(address / map.bucketSize);
  const bucket = <u64>load<u16>(map.buckets + <usize>ordinal * BUCKET_SIZE);
  return map.firstBucket + bucket * map.bucketSize + (address % map.bucketSize);
}
