/**
 * Values that hang off names: what `root`, `removeRoot` and the rest of them do. A name's block
 * holds the name of the value's type and its slot, see `root-directory.ts`.
 *
 * Source: `specs/ic-stable-memory.md` sections 1.5 and 4.6 (option B); defect 5.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { StorageError } from '../errors.js';
import { storeInSlot, type StableType } from '../ownership/stable-type.js';
import type { StablePtr } from './free-block.js';
import { rejecting } from './out-of-memory.js';
import { decodeRootBlock, encodeRootBlock, type RootDirectory } from './root-directory.js';
import type { Reachable } from './verify.js';

/** A type of whatever values. */
type AnyType = StableType<never, never>;

/** The slot of a root, within the bytes of its block. */
interface RootSlot {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

export class Roots {
  readonly #allocator: StableMemoryAllocator;
  readonly #directory: RootDirectory;
  /** The types of the roots that were opened: only with them can a walk see what a root owns. */
  readonly #types = new Map<string, AnyType>();

  constructor(allocator: StableMemoryAllocator, directory: RootDirectory) {
    this.#allocator = allocator;
    this.#directory = directory;
  }

  has(name: string): boolean {
    return this.#directory.find(name) !== undefined;
  }

  list(): { readonly name: string; readonly type: string }[] {
    return this.#directory.names().map((name) => {
      const { typeName } = decodeRootBlock(this.#readBlock(name));
      return { name, type: typeName };
    });
  }

  open<P, H>(name: string, type: StableType<P, H>): H | undefined {
    this.#allocator.assertUsable();
    if (!this.has(name)) return undefined;
    const { bytes, offset } = this.#slotOf(name, type);
    this.#remember(name, type);
    return type.view(this.#allocator, bytes, offset);
  }

  create<P, H>(name: string, type: StableType<P, H>, initial: P | undefined): H {
    const allocator = this.#allocator;
    allocator.assertUsable();
    this.#directory.assertFree(name);
    const value = initialOf(name, type, initial);
    rejecting(value, () => {
      const slot = storeInSlot(allocator, type, value);
      try {
        this.#add(name, type, slot);
      } catch (error) {
        if (allocator.isUsable) type.drop(allocator, slot, 0);
        throw error;
      }
    });
    return this.open(name, type)!;
  }

  attach<P, H>(name: string, type: StableType<P, H>, handle: H): void {
    const allocator = this.#allocator;
    this.#directory.assertFree(name);
    const slot = new Uint8Array(type.size);
    const block = rejecting(handle, () => this.#allocateBlock(type, slot));
    try {
      type.move(allocator, handle, slot, 0);
    } catch (error) {
      if (allocator.isUsable) allocator.deallocate(allocator.sliceAt(block));
      throw error;
    }
    this.#fill(name, type, slot, block);
  }

  remove<P, H>(name: string, type: StableType<P, H>): boolean {
    const slot = this.#takeOff(name, type);
    if (slot === undefined) return false;
    type.drop(this.#allocator, slot.bytes, slot.offset);
    return true;
  }

  detach<P, H>(name: string, type: StableType<P, H>): H | undefined {
    const slot = this.#takeOff(name, type);
    return slot && type.take(this.#allocator, slot.bytes, slot.offset);
  }

  /** Forgets everything. PRECONDITION: the directory in memory is gone. */
  clear(): void {
    for (const name of this.#directory.names()) this.#directory.forget(name);
    this.#types.clear();
  }

  assertNoLeaks(): void {
    const { owned } = this.#allocator;
    if (owned.size === 0) return;
    const names = Array.from(owned, ({ shape }) => shape.name).join(', ');
    throw new StorageError(
      'VALUE_CONSUMED',
      `expected no owned handles, found ${owned.size}: ${names}. What they own hangs off no root ` +
        'and is lost with the next upgrade: attach them, or dispose of them.',
      { count: owned.size },
    );
  }

  /** Every block that something points to, as far as the types of the roots are known. */
  reachable(): Reachable {
    const blocks: StablePtr[] = [];
    const unknownRoots: string[] = [];
    const visit = (ptr: StablePtr): void => void blocks.push(ptr);
    for (const name of this.#directory.names()) {
      visit(this.#directory.find(name)!);
      const type = this.#types.get(name);
      if (type === undefined) {
        unknownRoots.push(name);
        continue;
      }
      const { bytes, offset } = this.#slotOf(name, type);
      type.trace(this.#allocator, bytes, offset, visit);
    }
    for (const handle of this.#allocator.owned) handle.trace(visit);
    return { blocks, unknownRoots };
  }

  #add(name: string, type: AnyType | StableType<unknown, unknown>, slot: Uint8Array): void {
    this.#fill(name, type, slot, this.#allocateBlock(type, slot));
  }

  #allocateBlock({ name }: { readonly name: string }, slot: Uint8Array): StablePtr {
    return this.#allocator.allocate(encodeRootBlock(name, slot).length).ptr;
  }

  /** The name becomes real with its last write. */
  #fill(name: string, type: unknown, slot: Uint8Array, ptr: StablePtr): void {
    const allocator = this.#allocator;
    const block = encodeRootBlock((type as AnyType).name, slot);
    allocator.writeBytes(allocator.sliceAt(ptr).offset(0, block.length), block);
    this.#directory.add(name, ptr);
    this.#remember(name, type);
  }

  /** Frees a name and its block, but nothing that the value owns. */
  #takeOff<P, H>(name: string, type: StableType<P, H>): RootSlot | undefined {
    const allocator = this.#allocator;
    allocator.assertUsable();
    const ptr = this.#directory.find(name);
    if (ptr === undefined) return undefined;
    const slot = this.#slotOf(name, type);
    this.#directory.remove(name);
    this.#types.delete(name);
    allocator.deallocate(allocator.sliceAt(ptr));
    return slot;
  }

  /** Throws `INCOMPATIBLE_TYPE` for another type, `CORRUPTED`. */
  #slotOf(name: string, type: { readonly name: string; readonly size: number }): RootSlot {
    const bytes = this.#readBlock(name);
    const { typeName, slotOffset } = decodeRootBlock(bytes);
    if (typeName === type.name) return { bytes, offset: slotOffset };
    throw new StorageError(
      'INCOMPATIBLE_TYPE',
      `root "${name}": expected a ${type.name}, found a ${typeName}. Open it with the type that ` +
        'it was made with.',
      { name, expected: type.name, found: typeName },
    );
  }

  #readBlock(name: string): Uint8Array {
    const allocator = this.#allocator;
    const slice = allocator.blockAt(this.#directory.find(name)!);
    const bytes = new Uint8Array(slice.size);
    allocator.readBytes(slice.offset(0, bytes.length), bytes);
    return bytes;
  }

  #remember(name: string, type: unknown): void {
    this.#types.set(name, type as AnyType);
  }
}

function initialOf<P, H>(name: string, type: StableType<P, H>, initial: P | undefined): P {
  if (initial !== undefined) return initial;
  if (type.empty !== undefined) return type.empty();
  throw new TypeError(`root "${name}": expected an initial value, since no ${type.name} is empty`);
}
