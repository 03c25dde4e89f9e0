/**
 * Elements of any size in chunks of one size, so that what one element leaves another can take and
 * nothing is lost to gaps. An element is a chain of as many chunks as it needs; one without bytes
 * needs none.
 *
 * Data memory (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "SUD"
 *          3     1  layout version = 1
 *          4    28  reserved, zero
 *         32    48  allocator header, see `btree-map/chunk-allocator.ts`
 *         80        first chunk
 *
 * Payload of a chunk:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  address of the next chunk's payload; 0 = last
 *          8        bytes of the element
 *
 * An operation is planned: chunks are taken and given back in RAM, writes are staged. Then
 * {@link ElementStore.reserve} makes room for them, and {@link ElementStore.flush} writes.
 *
 * Source: house style rules 1, 3 and 11.
 */
import { ALLOCATOR_HEADER_SIZE, ChunkAllocator } from '../btree-map/chunk-allocator.js';
import { StagedWrites } from '../btree-map/staged-writes.js';
import { readU64, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from '../magic.js';
import { readStored, type Memory } from '../memory.js';
import type { Place } from './place.js';

const MAGIC = 'SUD';
const LAYOUT_VERSION = 1;

const RESERVED_OFFSET = MAGIC_SIZE;
const RESERVED_SIZE = 28;
const ALLOCATOR_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

const NEXT_OFFSET = 0;
const CONTENT_OFFSET = NEXT_OFFSET + 8;

/** Where each field lies, for the test that compares the tables above with the code. */
export const ELEMENT_STORE_LAYOUT = {
  header: {
    magic: 0,
    reserved: RESERVED_OFFSET,
    allocator: ALLOCATOR_OFFSET,
    firstChunk: ALLOCATOR_OFFSET + ALLOCATOR_HEADER_SIZE,
  },
  payload: { next: NEXT_OFFSET, content: CONTENT_OFFSET },
} as const;

/** The most bytes of an element that a chunk can be made for. */
export const CHUNK_SIZE_IN_BYTES_MAX = 65_536;

export class ElementStore {
  readonly memory: Memory;
  readonly #staged: StagedWrites;
  readonly #allocator: ChunkAllocator;

  private constructor(memory: Memory, staged: StagedWrites, allocator: ChunkAllocator) {
    this.memory = memory;
    this.#staged = staged;
    this.#allocator = allocator;
  }

  /** Plans a new store whose chunks hold `chunkSize` bytes of an element each. */
  static create(memory: Memory, chunkSize: number): ElementStore {
    const staged = new StagedWrites();
    const payloadSize = CONTENT_OFFSET + chunkSize;
    const allocator = ChunkAllocator.create(memory, staged, ALLOCATOR_OFFSET, payloadSize);
    const header = new Uint8Array(ALLOCATOR_OFFSET);
    writeMagic(header, MAGIC, LAYOUT_VERSION);
    staged.add(0, header);
    return new ElementStore(memory, staged, allocator);
  }

  /** Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`. */
  static load(memory: Memory): ElementStore {
    const header = new Uint8Array(ALLOCATOR_OFFSET);
    readStored(memory, 0, header);
    assertMagic(header, MAGIC, LAYOUT_VERSION);
    assertReservedZero('element store', header, RESERVED_OFFSET, RESERVED_SIZE);
    const staged = new StagedWrites();
    const allocator = ChunkAllocator.load(memory, staged, ALLOCATOR_OFFSET);
    assertPlausible(allocator);
    return new ElementStore(memory, staged, allocator);
  }

  /** Bytes of an element that a chunk holds. */
  get chunkSize(): number {
    return this.#allocator.payloadSize - CONTENT_OFFSET;
  }

  /** The element's bytes. Throws `CORRUPTED`. O(size). */
  read(place: Place): Uint8Array {
    const bytes = new Uint8Array(this.#checkedSize(place));
    const payload = new Uint8Array(CONTENT_OFFSET + Math.min(this.chunkSize, bytes.length));
    let { address } = place;
    for (let start = 0; start < bytes.length; start += this.chunkSize) {
      const size = Math.min(this.chunkSize, bytes.length - start);
      const part = payload.subarray(0, CONTENT_OFFSET + size);
      this.#readPayload(address, part);
      bytes.set(part.subarray(CONTENT_OFFSET), start);
      address = readU64(part, NEXT_OFFSET);
    }
    if (address !== 0) throw corrupted('chunk behind the last of an element', 0, address);
    return bytes;
  }

  /** The addresses of the element's chunks, in order. Throws `CORRUPTED`. O(size). */
  chunksOf(place: Place): number[] {
    const chunks: number[] = [];
    const count = this.#chunksNeeded(this.#checkedSize(place));
    const next = new Uint8Array(CONTENT_OFFSET);
    let { address } = place;
    while (chunks.length < count) {
      this.#readPayload(address, next);
      chunks.push(address);
      address = readU64(next, NEXT_OFFSET);
    }
    if (address !== 0) throw corrupted('chunk behind the last of an element', 0, address);
    return chunks;
  }

  /** Plans a new element. */
  add(encoded: Uint8Array): Place {
    return this.#write(encoded, []);
  }

  /** Plans an element in the place of another one, whose chunks it takes as far as it needs. */
  replace(place: Place, encoded: Uint8Array): Place {
    return this.#write(encoded, this.chunksOf(place));
  }

  /** Plans to give the element's chunks back. */
  remove(place: Place): void {
    this.#write(new Uint8Array(0), this.chunksOf(place));
  }

  /** Plans to give all chunks back. O(1). */
  clear(): void {
    this.#allocator.clear();
  }

  /** Runs the planning of an operation; where it throws, nothing was planned. */
  plan<R>(operation: () => R): R {
    this.#allocator.begin();
    try {
      return operation();
    } catch (error) {
      this.#staged.discard();
      this.#allocator.restore();
      throw error;
    }
  }

  /** Makes room for what is planned. Throws `GROW_FAILED`, nothing changed. */
  reserve(): void {
    this.#allocator.stageHeader();
    this.#staged.reserve(this.memory);
  }

  /** Writes what is planned. PRECONDITION: {@link reserve} has succeeded. */
  flush(): void {
    this.#staged.flush(this.memory);
    this.#allocator.settle();
  }

  /** The first rule that does not hold, given the chunks of all elements. O(chunks). */
  checkInvariants(used: readonly number[]): string | undefined {
    const inUse = new Set(used);
    if (inUse.size !== used.length) return 'a chunk is used twice';
    return this.#allocator.firstViolation(inUse);
  }

  /** Writes a chain over `old` chunks and new ones, and gives back those that are left. */
  #write(encoded: Uint8Array, old: readonly number[]): Place {
    const count = this.#chunksNeeded(encoded.length);
    const chunks = old.slice(0, count);
    while (chunks.length < count) chunks.push(this.#allocator.allocate());
    chunks.forEach((address, index) => {
      const start = index * this.chunkSize;
      const content = encoded.subarray(start, start + this.chunkSize);
      const payload = new Uint8Array(CONTENT_OFFSET + content.length);
      writeU64(payload, NEXT_OFFSET, chunks[index + 1] ?? 0);
      payload.set(content, CONTENT_OFFSET);
      this.#staged.add(address, payload);
    });
    for (const address of old.slice(count)) this.#allocator.deallocate(address);
    return { address: chunks[0] ?? 0, size: encoded.length };
  }

  #chunksNeeded(size: number): number {
    return Math.ceil(size / this.chunkSize);
  }

  /** No element is larger than all chunks together: so room is made for no other. */
  #checkedSize({ size }: Place): number {
    const sizeMax = this.#allocator.countMax * this.chunkSize;
    if (size > sizeMax) throw corrupted('size of an element', `at most ${sizeMax}`, size);
    return size;
  }

  #readPayload(address: number, target: Uint8Array): void {
    this.#allocator.assertPayload(address);
    readStored(this.memory, address, target);
  }
}

/** Chunks must have a size that can be asked for, and lie within the memory. */
function assertPlausible(allocator: ChunkAllocator): void {
  const size = allocator.payloadSize - CONTENT_OFFSET;
  if (size < 1 || size > CHUNK_SIZE_IN_BYTES_MAX) {
    throw corrupted('size of chunks', `1 to ${CHUNK_SIZE_IN_BYTES_MAX}`, size);
  }
  allocator.assertWithinMemory();
}
