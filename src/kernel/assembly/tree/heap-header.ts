/**
 * The header of a map in a heap: the payload of a block.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  kind of the structure: 6 or 7
 *          1     1  layout version 1
 *          2     2  zero
 *          4     4  revision, which counts changes
 *          8     6  serial number
 *         14     2  "SS"
 *         16     8  root
 *         24     8  length
 *         32     4  node page size
 *         36     4  zero
 *
 * JavaScript has asked before whether it is still the structure that is meant.
 *
 * Source: `src/lib/s-btree-map/map-header.ts`, `src/lib/ownership/stable-structure.ts`.
 */
import { TAG_SIZE } from '../heap/tags';
import { allocate } from '../workspace';
import { readMap } from './open-map';
import { hasChanges, length, map, planWrite, root, setHeader } from './plan';

const MARK: u32 = 0x5353;

const REVISION_OFFSET: usize = 4;
const MARK_OFFSET: usize = 14;
const ROOT_OFFSET: usize = 16;
const LENGTH_OFFSET: usize = 24;
const PAGE_SIZE_OFFSET: usize = 32;
const ZERO_OFFSET: usize = 36;
const HEADER_SIZE: usize = 40;

let header: usize = 0;

/** Reads the header of the map that is meant; false for what is none. */
export function beginHeapHeader(): bool {
  header = allocate(HEADER_SIZE);
  if (header == 0 || !readMap(map, map.header + TAG_SIZE, header, HEADER_SIZE)) return false;
  const isKnown =
    <u32>load<u16>(header, MARK_OFFSET) == MARK &&
    load<u32>(header, PAGE_SIZE_OFFSET) == map.pageSize &&
    load<u32>(header, ZERO_OFFSET) == 0;
  return isKnown && setHeader(load<u64>(header, ROOT_OFFSET), load<u64>(header, LENGTH_OFFSET));
}

/** Plans the header, and counts the change, where there is any. */
export function planHeapHeader(): void {
  const isChanged =
    root != load<u64>(header, ROOT_OFFSET) || length != load<u64>(header, LENGTH_OFFSET);
  if (!isChanged && !hasChanges()) return;
  store<u32>(header, load<u32>(header, REVISION_OFFSET) + 1, REVISION_OFFSET);
  store<u64>(header, root, ROOT_OFFSET);
  store<u64>(header, length, LENGTH_OFFSET);
  planWrite(map.header + TAG_SIZE, header, HEADER_SIZE);
}
