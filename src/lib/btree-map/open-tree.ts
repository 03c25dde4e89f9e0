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
import type { Chunks } from './chunks.js';
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
import { Tree, type HeaderPlace } from './tree.js';

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
  const bytes = new Uint8Array(HEADER_SIZE);
  encodeHeader(bytes, header);
  const headerPlace = {
    read: () => readHeader(memory),
    stage: (root: number, length: number) => {
      updateHeader(bytes, root, length);
      staged.add(0, bytes);
    },
  };
  return treeOf({ memory, staged, chunks, tenure, header, headerPlace, isPureV1 }, keys);
}

/** What a tree is made of. */
export interface TreeParts {
  readonly memory: Memory;
  readonly staged: StagedWrites;
  readonly chunks: Chunks;
  readonly tenure: Tenure;
  readonly header: MapHeader;
  readonly headerPlace: HeaderPlace;
  readonly isPureV1: boolean;
}

/** The tree of these parts. Throws `CORRUPTED` and `INCOMPATIBLE_TYPE` as {@link openTree} does. */
export function treeOf<K>(parts: TreeParts, keys: KeyCodec<K>): Tree {
  const { memory, staged, chunks, tenure, header, headerPlace, isPureV1 } = parts;
  assertPlausible(header, chunks);
  const format = { keySize: fixedSizeOf(keys), slots: header.slots, isPureV1 };
  const store = new NodeStore(memory, staged, chunks, format);
  const tree = new Tree(tenure, store, keys.order, header.root, header.length, headerPlace);
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
