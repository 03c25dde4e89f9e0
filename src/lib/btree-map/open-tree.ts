/**
 * How a map comes to be: the first bytes of a new one, and the tree over the bytes of one that is
 * there. What cannot be right is refused before anything is read beyond the headers and the root.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.1 and 3.3.
 */
import type { KeyCodec } from '../codec.js';
import { StorageError } from '../errors.js';
import type { Tenure } from '../lease.js';
import { assertEmpty, type Memory } from '../memory.js';
import { ChunkAllocator } from './chunk-allocator.js';
import {
  ALLOCATOR_OFFSET,
  assertPlausible,
  encodeHeader,
  HEADER_SIZE,
  readHeader,
  updateHeader,
  type MapHeader,
} from './header.js';
import { PREFIXED } from './node-layout.js';
import { NodeStore } from './node-store.js';
import { StagedWrites } from './staged-writes.js';
import { Tree } from './tree.js';

/**
 * Writes what a new map has in memory: its header, that of its allocator, and one chunk. Throws
 * `NOT_EMPTY`, `GROW_FAILED`.
 */
export function writeEmptyMap(memory: Memory, header: MapHeader): void {
  assertEmpty(memory);
  const bytes = new Uint8Array(HEADER_SIZE);
  encodeHeader(bytes, header);
  const staged = new StagedWrites();
  const allocator = ChunkAllocator.create(memory, staged, ALLOCATOR_OFFSET, header.pageSize);
  allocator.stageHeader();
  staged.add(0, bytes);
  staged.reserve(memory);
  staged.flush(memory);
}

/**
 * The tree in `memory`. With `isPureV1` new nodes are of layout V1. O(1). Throws `BAD_MAGIC`,
 * `UNSUPPORTED_VERSION`, `CORRUPTED`, and `INCOMPATIBLE_TYPE` where its keys are of another type.
 */
export function openTree<K>(
  memory: Memory,
  tenure: Tenure,
  keys: KeyCodec<K>,
  isPureV1: boolean,
): Tree {
  const header = readHeader(memory);
  const staged = new StagedWrites();
  const chunks = ChunkAllocator.load(memory, staged, ALLOCATOR_OFFSET);
  assertPlausible(header, chunks);
  const format = { keySize: fixedSizeOf(keys), slots: header.slots, isPureV1 };
  const store = new NodeStore(memory, staged, chunks, format);
  const bytes = new Uint8Array(HEADER_SIZE);
  encodeHeader(bytes, header);
  const tree = new Tree(tenure, store, keys.order, header.root, header.length, (root, length) => {
    updateHeader(bytes, root, length);
    staged.add(0, bytes);
  });
  assertKeysFit(tree, keys);
  return tree;
}

function fixedSizeOf({ bound }: KeyCodec<unknown>): number {
  return bound !== 'unbounded' && bound.fixedSize ? bound.maxSize : PREFIXED;
}

/** The layout records no types, but keys of the root that this type does not have show another. */
function assertKeysFit(tree: Tree, { bound, name }: KeyCodec<unknown>): void {
  if (tree.root === 0 || bound === 'unbounded' || bound.fixedSize) return;
  const root = tree.store.borrow(tree.root, 0);
  for (let index = 0; index < root.entryCount; index++) {
    const size = root.keyEnd(index) - root.keyStart(index);
    if (size > bound.maxSize) throw incompatibleKeys(name, bound.maxSize, size);
  }
}

function incompatibleKeys(name: string, maxSize: number, size: number): StorageError {
  return new StorageError(
    'INCOMPATIBLE_TYPE',
    `keys: expected ${name} of at most ${maxSize} bytes, found a key of ${size}. ` +
      'Open the map with the codecs that it was made with.',
    { name, maxSize, size },
  );
}
