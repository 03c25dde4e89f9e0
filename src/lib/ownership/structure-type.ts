/**
 * The type of a structure: its slot is a pointer to its header block. All structures make theirs
 * here, of what only they know: how to open a handle, how to put plain values in, and how to get
 * them out.
 *
 * Source: `specs/ic-stable-memory.md` sections 4.1 and 4.6, options A and B.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { readU64, writeU64 } from '../bytes.js';
import { StorageError } from '../errors.js';
import { POINTER_SIZE } from './boxed.js';
import { createHeader, type StableStructure, type StructureShape } from './stable-structure.js';
import type { StableType } from './stable-type.js';

/** What only the structure knows. */
export interface StructureParts<P, H extends StableStructure> {
  readonly shape: StructureShape;
  /** The plain value of an empty structure; absent where there is no empty one. */
  readonly empty?: (() => P) | undefined;
  /** A handle of the structure with this header block. Reads nothing. */
  open(allocator: StableMemoryAllocator, ptr: StablePtr): H;
  /** Puts the plain value into a structure whose fields are all zero. */
  fill(handle: H, value: P): void;
  /** The plain value of a structure. */
  toPlain(handle: H): P;
}

/** The type of structures that are made of these parts. */
export function structureType<P, H extends StableStructure>(
  parts: StructureParts<P, H>,
): StableType<P, H> {
  const { shape } = parts;
  const open = (allocator: StableMemoryAllocator, slot: Uint8Array, offset: number): H =>
    parts.open(allocator, readU64(slot, offset)).open();
  return {
    name: shape.name,
    size: POINTER_SIZE,
    ownsBlocks: true,
    empty: parts.empty,
    store(allocator, value, slot, offset) {
      writeU64(slot, offset, build(allocator, parts, value).ptr);
    },
    move(allocator, handle, slot, offset) {
      assertSameType(allocator, shape, handle);
      handle.consume();
      writeU64(slot, offset, handle.ptr);
    },
    load: (allocator, slot, offset) => parts.toPlain(open(allocator, slot, offset)),
    view: open,
    take: (allocator, slot, offset) => open(allocator, slot, offset).own(),
    drop: (allocator, slot, offset) => open(allocator, slot, offset).destroy(),
    trace: (allocator, slot, offset, visit) => open(allocator, slot, offset).trace(visit),
  };
}

/** A new structure with a plain value in it; where that throws, nothing is left of it. */
function build<P, H extends StableStructure>(
  allocator: StableMemoryAllocator,
  parts: StructureParts<P, H>,
  value: P,
): H {
  const handle = parts.open(allocator, createHeader(allocator, parts.shape));
  try {
    parts.fill(handle, value);
  } catch (error) {
    if (allocator.isUsable) handle.destroy();
    throw error;
  }
  return handle;
}

function assertSameType(
  allocator: StableMemoryAllocator,
  expected: StructureShape,
  handle: StableStructure,
): void {
  const found = handle.shape.name;
  if (handle.allocator === allocator && found === expected.name) return;
  throw new StorageError(
    'INCOMPATIBLE_TYPE',
    `expected a handle of type ${expected.name} of this allocator, found one of type ${found}` +
      `${handle.allocator === allocator ? '' : ' of another allocator'}. Copy its plain value.`,
    { expected: expected.name, found },
  );
}
