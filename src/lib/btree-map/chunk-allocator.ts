/**
 * Deals out chunks of one size, the places where nodes and their overflow pages live. Free chunks
 * form a list, last freed first taken. The chunk at its tail has never been used: whoever takes it
 * writes a new one behind it.
 *
 * Header, embedded in the map's header:
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "BTA"
 *          3     1  layout version = 1
 *          4     4  zero
 *          8     8  payload size of a chunk in bytes
 *         16     8  number of allocated chunks
 *         24     8  address of the first free chunk
 *         32    16  zero
 *
 * Chunk:
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "CHK"
 *          3     1  layout version = 1
 *          4     1  allocated: 0 or 1
 *          5     3  zero
 *          8     8  address of the next free chunk; 0 = none
 *         16        payload; its address is what users of the chunk know it by
 *
 * INVARIANT: exactly one chunk was never used; it lies behind all others and ends the free list.
 *
 * Source: `specs/ic-stable-structures.md` section 3.2; crate `btreemap/allocator.rs`.
 */
import { readU64, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import {
  assertMagic,
  assertReservedZero,
  assertStoredMagic,
  hasMagic,
  MAGIC_SIZE,
  writeMagic,
} from '../magic.js';
import { readStored, sizeInBytes, type Memory } from '../memory.js';
import type { Chunks } from './chunks.js';
import type { StagedWrites } from './staged-writes.js';

const HEADER_MAGIC = 'BTA';
const CHUNK_MAGIC = 'CHK';
const LAYOUT_VERSION = 1;
const ADDRESS_SIZE = 8;

const PADDING_OFFSET = MAGIC_SIZE;
const PADDING_SIZE = 4;
const PAYLOAD_SIZE_OFFSET = PADDING_OFFSET + PADDING_SIZE;
const ALLOCATED_COUNT_OFFSET = PAYLOAD_SIZE_OFFSET + ADDRESS_SIZE;
const FREE_HEAD_OFFSET = ALLOCATED_COUNT_OFFSET + ADDRESS_SIZE;
const RESERVED_OFFSET = FREE_HEAD_OFFSET + ADDRESS_SIZE;
const RESERVED_SIZE = 16;
/** Bytes of the allocator's header. */
export const ALLOCATOR_HEADER_SIZE = RESERVED_OFFSET + RESERVED_SIZE;

const ALLOCATED_OFFSET = MAGIC_SIZE;
const NEXT_OFFSET = ALLOCATED_OFFSET + 4;
/** Bytes in front of a chunk's payload. */
const CHUNK_HEADER_SIZE = NEXT_OFFSET + ADDRESS_SIZE;

/** Where each field lies, for the test that compares the tables above with the code. */
export const ALLOCATOR_LAYOUT = {
  header: {
    magic: 0,
    padding: PADDING_OFFSET,
    payloadSize: PAYLOAD_SIZE_OFFSET,
    allocatedCount: ALLOCATED_COUNT_OFFSET,
    freeHead: FREE_HEAD_OFFSET,
    reserved: RESERVED_OFFSET,
  },
  chunk: { magic: 0, allocated: ALLOCATED_OFFSET, next: NEXT_OFFSET, payload: CHUNK_HEADER_SIZE },
} as const;

interface ChunkHeader {
  readonly isAllocated: boolean;
  readonly next: number;
}

/** What its header says. */
interface AllocatorState {
  readonly allocatedCount: number;
  readonly freeHead: number;
}

export class ChunkAllocator implements Chunks {
  /** It may; but to make use of that would change the order of steps, which decides the bytes. */
  readonly areReusedAtOnce = false;
  /** Chunk headers that this operation has staged and the memory does not show yet. */
  readonly #pending = new Map<number, ChunkHeader>();
  #allocatedCount: number;
  #freeHead: number;
  /** The two as they were when the operation began. */
  #oldCount = 0;
  #oldHead = 0;
  #isDirty = false;

  private constructor(
    readonly memory: Memory,
    readonly staged: StagedWrites,
    /** Address of the allocator's header. */
    readonly address: number,
    /** In bytes. */
    readonly payloadSize: number,
    state: AllocatorState,
  ) {
    this.#allocatedCount = state.allocatedCount;
    this.#freeHead = state.freeHead;
  }

  /** A new allocator whose header lies at `address` and whose first chunk follows it. */
  static create(
    memory: Memory,
    staged: StagedWrites,
    address: number,
    payloadSize: number,
  ): ChunkAllocator {
    const state = { allocatedCount: 0, freeHead: address + ALLOCATOR_HEADER_SIZE };
    const allocator = new ChunkAllocator(memory, staged, address, payloadSize, state);
    allocator.clear();
    return allocator;
  }

  /** The allocator in these bytes. Throws `CORRUPTED`. */
  static load(memory: Memory, staged: StagedWrites, address: number): ChunkAllocator {
    const { payloadSize, state } = readAllocator(memory, address);
    return new ChunkAllocator(memory, staged, address, payloadSize, state);
  }

  reload(): void {
    this.#takeOver(readAllocator(this.memory, this.address).state);
  }

  /** All of them are allocated. */
  get countMax(): number {
    return this.#allocatedCount;
  }

  begin(): void {
    this.#oldCount = this.#allocatedCount;
    this.#oldHead = this.#freeHead;
  }

  /** Takes a chunk; returns the address of its payload. The payload is as it was. */
  allocate(): number {
    const chunk = this.#freeHead;
    const { isAllocated, next } = this.#readChunk(chunk);
    if (isAllocated) throw corrupted(`free chunk at address ${chunk}`, 'free', 'allocated');
    this.#writeChunk(chunk, { isAllocated: true, next });
    if (next !== 0) {
      this.#freeHead = next;
    } else {
      this.#freeHead = chunk + this.#chunkSize;
      this.#writeChunk(this.#freeHead, { isAllocated: false, next: 0 });
    }
    this.#allocatedCount += 1;
    this.#isDirty = true;
    return chunk + CHUNK_HEADER_SIZE;
  }

  /** Gives a chunk back by the address of its payload. The payload stays as it is. */
  deallocate(payload: number): void {
    const chunk = payload - CHUNK_HEADER_SIZE;
    if (!this.#readChunk(chunk).isAllocated) {
      throw corrupted(`chunk to free at address ${chunk}`, 'allocated', 'free');
    }
    this.#writeChunk(chunk, { isAllocated: false, next: this.#freeHead });
    this.#freeHead = chunk;
    this.#allocatedCount -= 1;
    this.#isDirty = true;
  }

  /** Forgets all chunks. Nothing but the first chunk's header is written. */
  clear(): void {
    this.#allocatedCount = 0;
    this.#freeHead = this.#firstChunk;
    this.#writeChunk(this.#freeHead, { isAllocated: false, next: 0 });
    this.#isDirty = true;
  }

  /** Stages the header if an allocation or deallocation has changed it. */
  stageHeader(): void {
    if (!this.#isDirty) return;
    const header = new Uint8Array(ALLOCATOR_HEADER_SIZE);
    writeMagic(header, HEADER_MAGIC, LAYOUT_VERSION);
    writeU64(header, PAYLOAD_SIZE_OFFSET, this.payloadSize);
    writeU64(header, ALLOCATED_COUNT_OFFSET, this.#allocatedCount);
    writeU64(header, FREE_HEAD_OFFSET, this.#freeHead);
    this.staged.add(this.address, header);
  }

  settle(): void {
    if (!this.#isDirty) return;
    this.#pending.clear();
    this.#isDirty = false;
  }

  restore(): void {
    this.#takeOver({ allocatedCount: this.#oldCount, freeHead: this.#oldHead });
  }

  firstViolation(inUse: ReadonlySet<number>): string | undefined {
    if (inUse.size !== this.#allocatedCount) {
      return `${this.#allocatedCount} chunks are allocated, ${inUse.size} are in use`;
    }
    const free = this.#freeChunks();
    const all = new Set([...inUse, ...free]);
    if (all.size !== inUse.size + free.length) return 'a chunk is both free and in use';
    const last = this.#firstChunk + (all.size - 1) * this.#chunkSize + CHUNK_HEADER_SIZE;
    if (free.at(-1) !== last) return 'the free list does not end with the chunk behind all others';
    return undefined;
  }

  /**
   * The free chunks, in the order of the list. Throws `CORRUPTED` where the list runs in a circle:
   * it can have no more chunks than the memory has room for.
   */
  #freeChunks(): number[] {
    const countMax = Math.floor(sizeInBytes(this.memory) / this.#chunkSize) + 1;
    const chunks: number[] = [];
    for (let chunk = this.#freeHead; chunk !== 0; chunk = this.#readChunk(chunk).next) {
      if (chunks.length > countMax)
        throw corrupted('free chunks', `at most ${countMax}`, 'a circle');
      chunks.push(chunk + CHUNK_HEADER_SIZE);
    }
    return chunks;
  }

  assertWithinMemory(): void {
    const end = this.#firstChunk + this.#allocatedCount * this.#chunkSize;
    const endMax = sizeInBytes(this.memory);
    if (end > endMax) throw corrupted('end of the chunks', `at most ${endMax}`, end);
  }

  /** Throws `CORRUPTED` unless the address is that of a chunk's payload. O(1). */
  assertPayload(payload: number): void {
    const distance = payload - CHUNK_HEADER_SIZE - this.#firstChunk;
    if (distance < 0 || distance % this.#chunkSize !== 0) {
      throw corrupted('stored address', 'that of a chunk', payload);
    }
  }

  /** Address of the first chunk's header. */
  get #firstChunk(): number {
    return this.address + ALLOCATOR_HEADER_SIZE;
  }

  /** Of header and payload, in bytes. */
  get #chunkSize(): number {
    return CHUNK_HEADER_SIZE + this.payloadSize;
  }

  #takeOver({ allocatedCount, freeHead }: AllocatorState): void {
    this.#allocatedCount = allocatedCount;
    this.#freeHead = freeHead;
    this.settle();
  }

  #readChunk(chunk: number): ChunkHeader {
    const pending = this.#pending.get(chunk);
    if (pending !== undefined) return pending;
    this.assertPayload(chunk + CHUNK_HEADER_SIZE);
    const header = new Uint8Array(CHUNK_HEADER_SIZE);
    readStored(this.memory, chunk, header);
    assertStoredMagic('chunk', chunk, header, CHUNK_MAGIC, LAYOUT_VERSION);
    return { isAllocated: header[ALLOCATED_OFFSET] === 1, next: readU64(header, NEXT_OFFSET) };
  }

  #writeChunk(chunk: number, { isAllocated, next }: ChunkHeader): void {
    const header = new Uint8Array(CHUNK_HEADER_SIZE);
    writeMagic(header, CHUNK_MAGIC, LAYOUT_VERSION);
    header[ALLOCATED_OFFSET] = isAllocated ? 1 : 0;
    writeU64(header, NEXT_OFFSET, next);
    this.staged.add(chunk, header);
    this.#pending.set(chunk, { isAllocated, next });
  }
}

/** What an allocator's header says. Throws `CORRUPTED`. */
function readAllocator(
  memory: Memory,
  address: number,
): { readonly payloadSize: number; readonly state: AllocatorState } {
  const header = new Uint8Array(ALLOCATOR_HEADER_SIZE);
  memory.read(address, header);
  if (!hasMagic(header, HEADER_MAGIC)) {
    throw corrupted('allocator magic', HEADER_MAGIC, 'other bytes');
  }
  assertMagic(header, HEADER_MAGIC, LAYOUT_VERSION);
  assertReservedZero('allocator', header, PADDING_OFFSET, PADDING_SIZE);
  assertReservedZero('allocator', header, RESERVED_OFFSET, RESERVED_SIZE);
  const state = {
    allocatedCount: readU64(header, ALLOCATED_COUNT_OFFSET),
    freeHead: readU64(header, FREE_HEAD_OFFSET),
  };
  return { payloadSize: readU64(header, PAYLOAD_SIZE_OFFSET), state };
}
