/**
 * The heap of an allocator: its memory behind the header page, with addresses of its own, and the
 * state that the header keeps of it. Everything that changes it goes through here, so that changes
 * are counted, and so that a write that fails half-way is never built upon.
 *
 * Promise: it *latches*. A change is checked, and has its room, before its first write; where a
 * write fails nevertheless (outside a canister, where no trap rolls back), everything on this heap
 * refuses further use with `PREVIOUS_FAILURE`, until the memory is opened again from a snapshot.
 *
 * Source: `specs/ic-stable-memory.md` section 1; house style rule 11.
 */
import { writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import type { Lease } from '../lease.js';
import {
  asHeapMemory,
  assertWithin,
  WASM_PAGE_SIZE,
  type HeapMemory,
  type Memory,
} from '../memory.js';
import { moveBytes } from '../move-bytes.js';
import {
  FIRST_BLOCK,
  FreeBlock,
  peekTag,
  readTag,
  TAG_SIZE,
  writeTag,
  type StablePtr,
  type Tag,
} from './free-block.js';
import {
  encodeHeapState,
  HEAP_OFFSET,
  HEAP_STATE_OFFSET,
  readHeapState,
  type HeapState,
} from './header.js';
import { KernelHeap } from './kernel-heap.js';

export class Heap {
  /** The line to the kernel, in a canister. */
  line: KernelHeap | undefined;
  readonly #state: HeapState;
  /** Whether the kernel has changed what the header says. */
  #isStateStale = false;
  /** The memory, where its bytes lie in an array that can be looked at. */
  readonly #open: HeapMemory | undefined;
  readonly #word = new Uint8Array(TAG_SIZE);
  #seen: Uint8Array = this.#word;

  constructor(
    readonly memory: Memory,
    readonly lease: Lease,
    state: HeapState,
  ) {
    const open = asHeapMemory(memory);
    this.#open = open?.heap === undefined ? undefined : open;
    this.#state = state;
  }

  /**
   * Lets the kernel do what it can from now on; `addPages` grows the heap for it. The last step of
   * opening a heap.
   */
  connect(addPages: (count: number) => boolean): void {
    this.line = KernelHeap.open(this, addPages);
  }

  /** Gives the memory back. Throws `HANDLE_CLOSED`. */
  close(): void {
    this.lease.end();
    this.line?.close();
  }

  /** What the header says of the heap. Who changes it, saves it. */
  get state(): HeapState {
    if (this.#isStateStale) this.#rereadState();
    return this.#state;
  }

  /** Where the next page would begin: only TypeScript changes that. */
  get end(): StablePtr {
    return this.#state.end;
  }

  /** Pages of the heap. */
  get sizeInPages(): number {
    return this.end / WASM_PAGE_SIZE;
  }

  /** Where a block would begin behind all others. */
  get blocksEnd(): StablePtr {
    return Math.max(this.end, FIRST_BLOCK);
  }

  /** The kernel has changed the heap, and with it what the header says. */
  changedByKernel(): void {
    this.lease.revision += 1;
    this.#isStateStale = true;
  }

  /** The kernel has taken up pages. */
  extendedByKernel(end: StablePtr): void {
    this.#state.end = end;
    this.changedByKernel();
  }

  /** A number that no structure of this heap has had. */
  nextSerial(): number {
    this.lease.assertUsable();
    const served = this.line?.nextSerial();
    if (served !== undefined) return served;
    const { state } = this;
    const serial = state.nextSerial;
    this.lease.change(() => {
      state.nextSerial = serial + 1;
      this.saveState();
    });
    return serial;
  }

  /** A change that is one write. Throws `OUT_OF_BOUNDS`, and what a lease throws. */
  put(address: StablePtr, source: Uint8Array): void {
    const { lease } = this;
    lease.assertUsable();
    if (this.line?.write(address, source) === true) {
      lease.revision += 1;
      return;
    }
    this.assertWithin(address, source.length);
    lease.change(() => this.memory.write(HEAP_OFFSET + address, source));
  }

  /** Fills `target` from an address on. Throws `OUT_OF_BOUNDS` beyond the end of the heap. */
  read(address: StablePtr, target: Uint8Array): void {
    if (this.line?.read(address, target) === true) return;
    this.assertWithin(address, target.length);
    this.memory.read(HEAP_OFFSET + address, target);
  }

  /** Throws `OUT_OF_BOUNDS` unless so many bytes from an address on lie within the heap. */
  assertWithin(address: StablePtr, length: number): void {
    assertWithin(address, length, this.end);
  }

  /** Copies `source` to an address. Throws `OUT_OF_BOUNDS` and writes nothing beyond the end. */
  write(address: StablePtr, source: Uint8Array): void {
    if (this.line?.write(address, source) === true) return;
    this.assertWithin(address, source.length);
    this.memory.write(HEAP_OFFSET + address, source);
  }

  /** Copies bytes within the heap; the ranges may overlap. */
  move(source: StablePtr, target: StablePtr, size: number): void {
    moveBytes(this.memory, HEAP_OFFSET + source, HEAP_OFFSET + target, size);
  }

  /** As {@link move}, as a change of its own. Throws `OUT_OF_BOUNDS` beyond the end. */
  moveWithin(source: StablePtr, target: StablePtr, size: number): void {
    this.assertWithin(source, size);
    this.assertWithin(target, size);
    this.lease.change(() => this.move(source, target, size));
  }

  /** What {@link look} has found. Good until the next look, and until something is written. */
  get seen(): Uint8Array {
    return this.#seen;
  }

  /**
   * Lets the bytes from an address on be read, as many as `copy` has: in {@link seen}, from where
   * this says. They are copied only where they cannot be read in their place. Throws
   * `OUT_OF_BOUNDS`.
   */
  look(address: StablePtr, copy: Uint8Array): number {
    const open = this.#open;
    const at = open === undefined ? -1 : open.heapOffset(HEAP_OFFSET + address, copy.length);
    if (at < 0) {
      this.read(address, copy);
      this.#seen = copy;
      return 0;
    }
    this.assertWithin(address, copy.length);
    this.#seen = open!.heap!;
    return at;
  }

  writeWord(address: StablePtr, value: number): void {
    writeU64(this.#word, 0, value);
    this.write(address, this.#word);
  }

  /** The tag at an address. Throws `CORRUPTED` for what is none. */
  readTag(address: StablePtr): Tag {
    const at = this.look(address, this.#word);
    return readTag(this.#seen, at);
  }

  /** As {@link readTag}, of bytes that may be anything. */
  peekTag(address: StablePtr): Tag {
    const at = this.look(address, this.#word);
    return peekTag(this.#seen, at);
  }

  writeTag(address: StablePtr, tag: Tag): void {
    writeTag(this.#word, 0, tag);
    this.write(address, this.#word);
  }

  /** Writes both tags of a block. */
  writeTags(block: FreeBlock, isAllocated: boolean): void {
    const tag = { size: block.size, isAllocated };
    this.writeTag(block.ptr, tag);
    this.writeTag(block.rearTag, tag);
  }

  /** The block that begins at an address, where it is free. Throws `CORRUPTED`. */
  freeBlockAt(ptr: StablePtr): FreeBlock | undefined {
    if (ptr >= this.end) return undefined;
    const { size, isAllocated } = this.readTag(ptr);
    if (isAllocated) return undefined;
    const block = new FreeBlock(ptr, size);
    this.#assertTags(block);
    return block;
  }

  /** The block that ends at an address, where it is free. Throws `CORRUPTED`. */
  freeBlockBefore(end: StablePtr): FreeBlock | undefined {
    if (end <= FIRST_BLOCK) return undefined;
    const { size, isAllocated } = this.readTag(end - TAG_SIZE);
    if (isAllocated) return undefined;
    const block = new FreeBlock(end - new FreeBlock(0, size).totalSize, size);
    this.#assertTags(block);
    return block;
  }

  /** Writes what the header keeps of the heap. */
  saveState(): void {
    this.memory.write(HEAP_STATE_OFFSET, encodeHeapState(this.state));
  }

  #rereadState(): void {
    Object.assign(this.#state, readHeapState(this.memory));
    this.#isStateStale = false;
  }

  #assertTags({ ptr, size, end, rearTag }: FreeBlock): void {
    if (ptr < FIRST_BLOCK || end > this.end) {
      throw corrupted('size of a free block', 'one that fits the heap', size);
    }
    const [front, rear] = [this.readTag(ptr), this.readTag(rearTag)];
    if (front.size !== size || rear.size !== size || front.isAllocated || rear.isAllocated) {
      throw corrupted('tags of a free block', 'two equal ones', ptr);
    }
  }
}
