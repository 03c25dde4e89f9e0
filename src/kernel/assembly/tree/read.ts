/**
 * Reads nodes from memory into the workspace. The first page comes first; its overflow pages only
 * when somebody needs what lies in them, which a search in an internal node seldom does.
 *
 * No operation on one key has a reason to read a node twice, so an address that comes again is
 * damage; and that also ends every circle. In an operation on many it is the node that was edited
 * before, and circles end at the depth that no tree has. After a failure reading yields a
 * *stand-in*: a leaf that has room and can give entries away, so that whatever goes on with it
 * comes to its end.
 *
 * Source: `src/lib/btree-map/node-view.ts` and `node-store.ts`, whose checks these are.
 */
import { allocate, release } from '../workspace';
import { isPayload } from './allocator';
import {
  ADDRESS_SIZE,
  CAPACITY,
  childAt,
  childrenOf,
  DEGREE,
  elementOf,
  ENTRY_COUNT_OFFSET,
  keysOf,
  KIND_OFFSET,
  Node,
  NODE_HEADER_SIZE,
  NODE_MAGIC,
  NODE_SIZE,
  OVERFLOW_OFFSET,
  placeAt,
  PREFIX_SIZE,
  valuesOf,
} from './node';
import { PREFIXED, readMap } from './open-map';
import { readOverflow } from './overflow';
import { fail, map, SAFE_MAX } from './plan';

/** No tree is deeper, see `src/lib/btree-map/tree.ts`. */
const DEPTH_MAX: u32 = 24;

const LEAF: u32 = 0;
const INTERNAL: u32 = 1;

const CHAIN_SIZE: usize = sizeof<usize>();
/** A power of two: about as many nodes as the scratch region holds. */
const CHAINS_OF_MANY: usize = 2048;

/**
 * Where the chains of nodes begin that this operation has read or made, the last node of each: one
 * chain, or in an operation on many keys a number of them, by address.
 */
let chains: usize = 0;
let chainMask: u64 = 0;
/** Whether a node that comes again is the same one, and not damage. */
let mayComeAgain: bool = false;
let standIn: usize = 0;
/** Zeros that the elements of the stand-in lie in. */
let zeros: usize = 0;

/** Forgets the nodes of the operation before. False where the scratch region has no room. */
export function beginNodes(): bool {
  chains = allocate(CHAIN_SIZE);
  if (chains == 0) return false;
  store<usize>(chains, 0);
  chainMask = 0;
  mayComeAgain = false;
  standIn = allocate(NODE_SIZE);
  zeros = allocate(PREFIX_SIZE);
  return zeros != 0;
}

/** From here on a node that comes again is yielded as it is by now: for many changes in one. */
export function allowNodesAgain(): void {
  const many = allocate(CHAINS_OF_MANY * CHAIN_SIZE);
  mayComeAgain = true;
  if (many == 0) return fail();
  memory.fill(many, 0, CHAINS_OF_MANY * CHAIN_SIZE);
  chains = many;
  chainMask = CHAINS_OF_MANY - 1;
}

/** The child of a node whose depth is one less than `depth`; the root's is 0. */
export function readChild(parent: Node, index: u32, depth: u32): Node {
  return depth > DEPTH_MAX ? failedNode() : readNode(childAt(parent, index));
}

/** The node at an address, with its keys; after a failure the stand-in. */
export function readNode(address: u64): Node {
  const known = mayComeAgain ? knownNode(address) : null;
  if (known != null) return known;
  const node = newNode(address);
  if (node == null || !readFirstPage(node)) return failedNode();
  if (locateKeys(node)) return node;
  return !node.isComplete && complete(node) ? node : failedNode();
}

/** A node without anything in it, known to this operation by its address; `null` without room. */
export function newNode(address: u64): Node | null {
  if (knownNode(address) != null) return null;
  const place = allocate(NODE_SIZE);
  if (place == 0) return null;
  const node = changetype<Node>(place);
  node.address = address;
  node.previous = load<usize>(chainOf(address));
  node.entryCount = 0;
  node.overflowPages = 0;
  node.overflowCount = 0;
  node.children = childrenOf(node);
  node.isComplete = true;
  node.isUnpacked = true;
  store<usize>(chainOf(address), place);
  return node;
}

/** Nodes lie at least two times 64 bytes apart. */
function chainOf(address: u64): usize {
  return chains + <usize>((address >> 6) & chainMask) * CHAIN_SIZE;
}

function knownNode(address: u64): Node | null {
  for (let at = load<usize>(chainOf(address)); at != 0; at = changetype<Node>(at).previous) {
    const node = changetype<Node>(at);
    if (node.address == address) return node;
  }
  return null;
}

/** Fails, and yields the stand-in, as it was before anybody changed it. */
export function failedNode(): Node {
  fail();
  const node = changetype<Node>(standIn);
  node.address = 0;
  node.isLeaf = true;
  node.entryCount = DEGREE;
  node.overflowCount = 0;
  node.children = childrenOf(node);
  node.isComplete = true;
  node.isUnpacked = true;
  store<u32>(zeros, 0);
  for (let index: u32 = 0; index < DEGREE; index++) {
    store<u64>(placeAt(keysOf(node), index), elementOf(zeros, PREFIX_SIZE));
    store<u64>(placeAt(valuesOf(node), index), elementOf(zeros, PREFIX_SIZE));
  }
  return node;
}

/** Gives back the room of the node that was read last, with all that was taken since. */
export function forgetNode(node: Node): void {
  store<usize>(chainOf(node.address), node.previous);
  release(changetype<usize>(node));
}

/** Makes sure that the values are in their list. False after a failure; then they are empty. */
export function locateValues(node: Node): bool {
  if (node.isUnpacked) return true;
  if (node.isComplete || complete(node)) {
    const end = node.stream + node.streamSize;
    if (locatePrefixed(valuesOf(node), node.valuesAt, end, node.entryCount) != 0) return true;
  }
  memory.fill(valuesOf(node), 0, <usize>CAPACITY * sizeof<u64>());
  fail();
  return false;
}

/** Makes a node ready to be edited: all that it has is in its own lists. */
export function unpack(node: Node): void {
  if (node.isUnpacked) return;
  locateValues(node);
  if (!node.isLeaf) {
    const own = childrenOf(node);
    memory.copy(own, node.children, <usize>(node.entryCount + 1) * ADDRESS_SIZE);
    node.children = own;
  }
  node.isUnpacked = true;
}

function readFirstPage(node: Node): bool {
  const page = allocate(map.pageSize);
  if (page == 0 || !isPayload(node.address)) return false;
  if (!readMap(map, node.address, page, map.pageSize)) return false;
  const kind = <u32>load<u8>(page, KIND_OFFSET);
  const entryCount = <u32>load<u16>(page, ENTRY_COUNT_OFFSET);
  if (load<u32>(page) != NODE_MAGIC || kind > INTERNAL) return false;
  if (entryCount < 1 || entryCount > CAPACITY) return false;
  if (load<u64>(page, OVERFLOW_OFFSET) > SAFE_MAX) return false;
  node.isLeaf = kind == LEAF;
  node.entryCount = entryCount;
  node.isComplete = load<u64>(page, OVERFLOW_OFFSET) == 0;
  node.isUnpacked = false;
  node.stream = page;
  node.streamSize = map.pageSize;
  return true;
}

/** Reads the overflow pages; the stream then lies elsewhere, and its parts are located anew. */
function complete(node: Node): bool {
  return readOverflow(node) && locateKeys(node);
}

/** Fills the list of keys. False where they reach beyond what has been read. */
function locateKeys(node: Node): bool {
  const entryCount = node.entryCount;
  const end = node.stream + node.streamSize;
  const start = node.stream + NODE_HEADER_SIZE;
  const keysAt = node.isLeaf ? start : start + <usize>(entryCount + 1) * ADDRESS_SIZE;
  node.children = start;
  node.valuesAt =
    map.keySize == PREFIXED
      ? locatePrefixed(keysOf(node), keysAt, end, entryCount)
      : locateFixed(keysOf(node), keysAt, end, entryCount);
  return node.valuesAt != 0;
}

/** Puts elements of one size into a list; returns where they end, or 0 if that is beyond `end`. */
function locateFixed(list: usize, start: usize, end: usize, count: u32): usize {
  const size = <u64>map.keySize;
  if (<u64>start + size * count > <u64>end) return 0;
  for (let index: u32 = 0; index < count; index++) {
    store<u64>(placeAt(list, index), elementOf(start, <usize>size));
    start += <usize>size;
  }
  return start;
}

/** Puts elements with their lengths in front into a list; returns as {@link locateFixed}. */
function locatePrefixed(list: usize, start: usize, end: usize, count: u32): usize {
  for (let index: u32 = 0; index < count; index++) {
    const left = end - start;
    if (start > end || left < PREFIX_SIZE) return 0;
    const size = <u64>PREFIX_SIZE + <u64>load<u32>(start);
    if (size > <u64>left) return 0;
    store<u64>(placeAt(list, index), elementOf(start, <usize>size));
    start += <usize>size;
  }
  return start;
}
