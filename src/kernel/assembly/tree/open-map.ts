/**
 * What the kernel knows of a map for as long as it is open: how its nodes are laid out, and where
 * its memory lies in stable memory. All of it is fixed when the map is made, but for the size of
 * the memory and the buckets that it has got: see `place.ts`. Root, length and free chunks are not
 * here: they are read from the map's header.
 *
 * Maps in a heap have no memory of their own but that heap's. All of one type share an open map,
 * which is *aimed* at the header of the one that is meant. Their addresses are those of the heap.
 *
 * Source: `specs/ic-stable-structures.md` sections 2.3 and 3.1.
 */
import { isWithinHeap, OpenHeap, readHeap, writeHeap } from '../heap/open-heap';
import { describePlace, Place, readPlace, writePlace } from '../place';
import { keep } from '../workspace';
import { BY_BYTES } from './order';

/** As many as a request has handles for. */
const MAPS_MAX: u32 = 256;

/** A key size that says: keys differ in size, so each has its length in front. */
export const PREFIXED: u32 = 0xffff_ffff;

@unmanaged
export class OpenMap extends Place {
  /** Bytes of a node's first page; 0 where the handle is free. */
  pageSize: u32;
  /** Bytes of every key, or {@link PREFIXED}. */
  keySize: u32;
  /** Whether keys are ordered by their bytes: nearly always. */
  isByBytes: bool;
  /** Where the order is written down, see `order.ts`, and for how many bytes there is room. */
  order: usize;
  orderCapacity: usize;
  /** The heap that its nodes are blocks of; 0 for a map with a memory of its own. */
  heap: usize;
  /** The header block of the map in that heap that is meant. */
  header: u64;
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
  map.heap = 0;
  describePlace(map, bucketSizeInPages, firstBucketPage);
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

/** Maps of this type lie in a heap. */
export function putIntoHeap(handle: u32, heap: OpenHeap): void {
  openMapOf(handle).heap = changetype<usize>(heap);
}

/** The heap of a map. PRECONDITION: it is in one. */
export function heapOf(map: OpenMap): OpenHeap {
  return changetype<OpenHeap>(map.heap);
}

/** The handle is free again; its room for buckets and order stays for the next map. */
export function closeMap(map: OpenMap): void {
  map.pageSize = 0;
}

/** Fills `target` from the map's memory. False where the bytes do not lie within it. */
export function readMap(map: OpenMap, address: u64, target: usize, length: usize): bool {
  if (map.heap == 0) return readPlace(map, address, target, length);
  const heap = heapOf(map);
  return isWithinHeap(heap, address, length) && readHeap(heap, address, target, length);
}

/** Copies bytes to the map's memory. PRECONDITION: they have room there. */
export function writeMap(map: OpenMap, address: u64, source: usize, length: usize): void {
  if (map.heap == 0) writePlace(map, address, source, length);
  else writeHeap(heapOf(map), address, source, length);
}
