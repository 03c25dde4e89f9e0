/**
 * Where the bytes of a memory lie in stable memory. A virtual memory is a list of buckets, see
 * `src/lib/memory-manager.ts`:
 *
 *     virtual address = ordinal * bucket size + within
 *     real address    = first bucket + buckets[ordinal] * bucket size + within
 *
 * A memory that is stable memory itself has no buckets, and its addresses are the real ones.
 *
 * JavaScript alone grows memories, and tells what one has got each time (all u32 but the buckets,
 * little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  size of the memory in pages
 *          4     4  number n of new buckets
 *          8    2n  new buckets
 *
 * Source: `specs/ic-stable-structures.md` section 2.3; `src/lib/stable-place.ts` is the other side.
 */
import * as ic0 from './ic0';
import { keep } from './workspace';

const WASM_PAGE_SIZE: u64 = 65_536;

const COUNT_OFFSET: usize = 4;
const BUCKETS_OFFSET: usize = 8;

/** Lists of buckets begin with room for so many, and double. */
const BUCKETS_MIN: u32 = 16;
const BUCKET_SIZE: usize = 2;

@unmanaged
export class Place {
  bucketCount: u32;
  bucketCapacity: u32;
  /** Address of the list of buckets, two bytes each. */
  buckets: usize;
  /** In bytes; 0 for stable memory itself. */
  bucketSize: u64;
  /** The real address of bucket 0. */
  firstBucket: u64;
  /** Bytes of the memory. */
  end: u64;
}

/** A place that has no bytes until they are told. Its list of buckets may be an old one. */
export function describePlace(place: Place, bucketSizeInPages: u32, firstBucketPage: u32): void {
  place.bucketSize = <u64>bucketSizeInPages * WASM_PAGE_SIZE;
  place.firstBucket = <u64>firstBucketPage * WASM_PAGE_SIZE;
  place.bucketCount = 0;
  place.end = 0;
}

/** The memory has got bigger: new buckets come behind those known. False without room for them. */
export function extendPlace(place: Place, news: usize, length: usize): bool {
  const count = load<u32>(news, COUNT_OFFSET);
  if (length != BUCKETS_OFFSET + <usize>count * BUCKET_SIZE) unreachable();
  if (!reserveBuckets(place, place.bucketCount + count)) return false;
  memory.copy(
    place.buckets + <usize>place.bucketCount * BUCKET_SIZE,
    news + BUCKETS_OFFSET,
    <usize>count * BUCKET_SIZE,
  );
  place.bucketCount += count;
  place.end = <u64>load<u32>(news) * WASM_PAGE_SIZE;
  return true;
}

function reserveBuckets(place: Place, count: u32): bool {
  if (count <= place.bucketCapacity) return true;
  const capacity = max(BUCKETS_MIN, max(count, place.bucketCapacity * 2));
  const list = keep(<usize>capacity * BUCKET_SIZE);
  if (list == 0) return false;
  memory.copy(list, place.buckets, <usize>place.bucketCount * BUCKET_SIZE);
  place.buckets = list;
  place.bucketCapacity = capacity;
  return true;
}

/** Fills `target` from a memory. False where the bytes do not lie within it. */
export function readPlace(place: Place, address: u64, target: usize, length: usize): bool {
  if (!isWithin(place, address, length)) return false;
  while (length > 0) {
    const size = runLength(place, address, length);
    ic0.stable64_read(target, realAddress(place, address), size);
    target += size;
    address += size;
    length -= size;
  }
  return true;
}

/** Copies bytes to a memory. PRECONDITION: they have room there. */
export function writePlace(place: Place, address: u64, source: usize, length: usize): void {
  while (length > 0) {
    const size = runLength(place, address, length);
    ic0.stable64_write(realAddress(place, address), source, size);
    source += size;
    address += size;
    length -= size;
  }
}

/** Whether bytes lie within a memory. Subtracts, so that no sum can pass 2^64. */
export function isWithin(place: Place, address: u64, length: usize): bool {
  return address <= place.end && <u64>length <= place.end - address;
}

/** So many of these bytes lie in one piece. */
function runLength(place: Place, address: u64, length: usize): usize {
  if (place.bucketSize == 0) return length;
  const left = place.bucketSize - (address % place.bucketSize);
  return left < <u64>length ? <usize>left : length;
}

function realAddress(place: Place, address: u64): u64 {
  if (place.bucketSize == 0) return address;
  const ordinal = <u32>(address / place.bucketSize);
  const bucket = <u64>load<u16>(place.buckets + <usize>ordinal * BUCKET_SIZE);
  return place.firstBucket + bucket * place.bucketSize + (address % place.bucketSize);
}
