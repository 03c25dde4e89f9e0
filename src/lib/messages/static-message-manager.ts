/**
 * Messages in a block of bytes that is allocated once and never grows: for a fixed budget of the
 * heap, without garbage. How many messages there can be is part of the manager's type.
 *
 *     slot 0                    slot 1                    slot 2
 *     [header, payload, rest]   [zeros]                   [header, payload, rest]
 *
 * A slot has room for a header and the largest payload (`message-bytes.ts`); what the payload does
 * not fill is zero, and so is a slot without a message: nothing of what was freed is left behind.
 * Beside the block lie the generations of the slots, a number each. All that is read is decoded
 * anew, so whoever keeps a payload cannot change what is stored.
 *
 * The lowest free slot is taken first, as by the original.
 *
 * Limits: payloads of a bounded size; all slots together have at most 2^31 - 1 bytes, the longest
 * array that every engine has. Nothing outlives the process.
 *
 * Source: `specs/limen.md` sections 3 and 9.4; crate `limen-core`, `StaticMemoryManager`.
 */
import { assertSize } from '../guards.js';
import { MESSAGE_HEADER_SIZE } from './header-bytes.js';
import { LowestFree } from './lowest-free.js';
import { MemoryClass } from './memory-class.js';
import { MessageBytes, type PayloadType } from './message-bytes.js';
import type { MessageHeader } from './message-header.js';
import { CAPACITY_MAX, GENERATION_MAX, tokenOf, type MessageToken } from './message-token.js';
import type { Message } from './message.js';
import { noFreeSlots } from './refusals.js';
import { SlotManager, type LiveSlot, type Slot, type SlotTable } from './slot-manager.js';

const BLOCK_SIZE_MAX = 0x7fff_ffff;

/** How a static manager is to be. */
export interface StaticMessageManagerOptions<P, Depth extends number> extends PayloadType<P> {
  /** How many messages at most: a number as it stands in the program, such as 16. */
  readonly depth: Depth;
  /** The host's unless told. */
  readonly memoryClass?: MemoryClass;
}

/**
 * A message store of a fixed size.
 *
 * @example
 * const samples = StaticMessageManager.create({ depth: 16, codec: u32 });
 * const token = samples.store(Message.of(7));
 * samples.capacity; // 16, and of the type 16
 */
export class StaticMessageManager<P, Depth extends number = number> extends SlotManager<P> {
  /**
   * An empty manager, with all the memory that it will ever need. O(depth * size of a slot).
   *
   * Throws `RangeError` for a depth that is no count, or for slots that have more than 2^31 - 1
   * bytes together; `INCOMPATIBLE_TYPE` for a codec without a bound, where `payloadSizeMax` gives
   * none either.
   */
  static create<P, Depth extends number>({
    depth,
    memoryClass = MemoryClass.host,
    ...type
  }: StaticMessageManagerOptions<P, Depth>): StaticMessageManager<P, Depth> {
    assertSize('depth', depth, CAPACITY_MAX);
    const slots = new StaticSlots(depth, new MessageBytes(type, memoryClass));
    return new StaticMessageManager<P, Depth>(slots, memoryClass);
  }

  override get capacity(): Depth {
    return super.capacity as Depth;
  }
}

/** The slots of a static manager. */
export class StaticSlots<P> implements SlotTable<P> {
  live = 0;
  retired = 0;
  readonly #bytes: MessageBytes<P>;
  readonly #slotSize: number;
  /** All the slots, one behind the other. */
  readonly #block: Uint8Array;
  /** 1 for a slot that holds a message. */
  readonly #isLive: Uint8Array;
  readonly #generations: Uint32Array;
  readonly #free: LowestFree;

  /** Counting on from `generations` where slots have held messages before. */
  constructor(
    readonly capacity: number,
    bytes: MessageBytes<P>,
    generations?: Uint32Array,
  ) {
    this.#bytes = bytes;
    this.#slotSize = bytes.sizeMax;
    this.#block = new Uint8Array(blockSize(capacity, bytes.sizeMax));
    this.#isLive = new Uint8Array(capacity);
    this.#generations = generations ?? new Uint32Array(capacity);
    this.#free = new LowestFree(capacity);
  }

  look(index: number): Slot<P> {
    const start = index * this.#slotSize;
    const readHeader = (): MessageHeader => this.#bytes.readHeader(this.#block, start);
    return {
      generation: this.#generations[index]!,
      isLive: this.#isLive[index] === 1,
      readHeader,
      readPayload: () =>
        this.#bytes.readPayload(this.#block, start + MESSAGE_HEADER_SIZE, readHeader().payloadSize),
    };
  }

  put({ header, payload }: Message<P>): MessageToken {
    const encoded = this.#bytes.encode(header, payload);
    const index = this.#free.take();
    if (index < 0) throw noFreeSlots(this.capacity, this.retired);
    this.#write(index, encoded);
    this.#isLive[index] = 1;
    this.live += 1;
    this.#generations[index]! += 1;
    return tokenOf(index, this.#generations[index]!);
  }

  replace(index: number, header: MessageHeader, payload: P): void {
    this.#write(index, this.#bytes.encode(header, payload));
  }

  vacate(index: number): void {
    this.#write(index, new Uint8Array(0));
    this.#isLive[index] = 0;
    this.live -= 1;
    if (this.#generations[index] === GENERATION_MAX) this.retired += 1;
    else this.#free.give(index);
  }

  *liveSlots(): IterableIterator<LiveSlot> {
    for (const [index, isLive] of this.#isLive.entries()) {
      if (isLive === 1) yield { index, generation: this.#generations[index]! };
    }
  }

  /** Writes what a slot holds, and zeros behind it. */
  #write(index: number, content: Uint8Array): void {
    const start = index * this.#slotSize;
    this.#block.set(content, start);
    this.#block.fill(0, start + content.length, start + this.#slotSize);
  }
}

/** Bytes of all slots. Throws `RangeError` where they are too many for one array. */
function blockSize(depth: number, slotSize: number): number {
  const depthMax = Math.floor(BLOCK_SIZE_MAX / slotSize);
  if (depth <= depthMax) return depth * slotSize;
  throw new RangeError(
    `depth: expected at most ${depthMax} slots of ${slotSize} bytes, so that all have at most ` +
      `${BLOCK_SIZE_MAX}, got ${depth}`,
  );
}
