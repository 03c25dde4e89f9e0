/**
 * The pages in which a node's stream goes on where its first page, of P bytes, is full:
 *
 *     OFFSET  SIZE   FIELD
 *          0     3   "NOF"
 *          3     8   address of the next overflow page; 0 = last
 *         11   P-11  data
 *
 * Source: `src/lib/btree-map/overflow.ts` and `node-store.ts`.
 */
import { allocate } from '../workspace';
import { isPayload } from './allocator';
import { ADDRESS_SIZE, Node, OVERFLOW_OFFSET } from './node';
import { readMap } from './open-map';
import { allocatedCount, map } from './plan';

const OVERFLOW_MAGIC: u32 = 0x46_4f_4e;
const MAGIC_MASK: u32 = 0xff_ff_ff;
export const NEXT_OFFSET: usize = 3;
export const DATA_OFFSET: usize = 11;

/** How many overflow pages a stream of so many bytes needs. */
export function overflowPagesNeeded(streamSize: usize): u32 {
  if (streamSize <= map.pageSize) return 0;
  const dataSize = <usize>map.pageSize - DATA_OFFSET;
  return <u32>((streamSize - map.pageSize + dataSize - 1) / dataSize);
}

/** Reads a node's whole stream, of which the first page is there. False for damaged pages. */
export function readOverflow(node: Node): bool {
  if (!findPages(node)) return false;
  const pageSize = <usize>map.pageSize;
  const dataSize = pageSize - DATA_OFFSET;
  const size = pageSize + <usize>node.overflowCount * dataSize;
  const stream = allocate(size);
  if (stream == 0) return false;
  memory.copy(stream, node.stream, pageSize);
  for (let index: u32 = 0; index < node.overflowCount; index++) {
    const page = load<u64>(node.overflowPages + <usize>index * ADDRESS_SIZE);
    if (!readMap(map, page + DATA_OFFSET, stream + pageSize + <usize>index * dataSize, dataSize))
      return false;
  }
  node.stream = stream;
  node.streamSize = size;
  node.isComplete = true;
  return true;
}

/** Plans the header of an overflow page. */
export function writeOverflowHeader(header: usize, next: u64): void {
  store<u32>(header, OVERFLOW_MAGIC);
  store<u64>(header, next, NEXT_OFFSET);
}

/**
 * Follows the chain, and puts the pages into the node's list. There can be no more of them than
 * there are chunks: a longer chain runs in a circle.
 */
function findPages(node: Node): bool {
  const header = allocate(DATA_OFFSET);
  if (header == 0) return false;
  let page = load<u64>(node.stream, OVERFLOW_OFFSET);
  for (; page != 0; page = load<u64>(header, NEXT_OFFSET)) {
    // The list is one piece, because nothing else is allocated in between.
    const place = allocate(ADDRESS_SIZE);
    if (place == 0 || <u64>node.overflowCount >= allocatedCount) return false;
    if (!isPayload(page) || !readMap(map, page, header, DATA_OFFSET)) return false;
    if ((load<u32>(header) & MAGIC_MASK) != OVERFLOW_MAGIC) return false;
    store<u64>(place, page);
    if (node.overflowCount == 0) node.overflowPages = place;
    node.overflowCount += 1;
  }
  return true;
}
