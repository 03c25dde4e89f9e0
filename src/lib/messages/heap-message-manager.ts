/**
 * Messages on the heap, of any type of payload: for tests, caches and queues that need not outlive
 * the process. The fourth way to keep messages, beside a fixed block of bytes
 * (`static-message-manager.ts`), memory that threads share (`concurrent-message-manager.ts`) and
 * stable memory (`stable-message-manager.ts`).
 *
 * A payload is moved in and nothing is copied: whoever keeps a reference to it sees and makes edits
 * past every guard. The lowest free slot is taken first, as by the original.
 *
 * Source: `specs/limen.md` section 3; crate `limen-core`, `HeapMessageManager`.
 */
import { assertSize } from '../guards.js';
import { describeBytes, type Describe } from './buffer-descriptor.js';
import { LowestFree } from './lowest-free.js';
import { assertMemoryClass, MemoryClass } from './memory-class.js';
import type { MessageHeader } from './message-header.js';
import { CAPACITY_MAX, GENERATION_MAX, tokenOf, type MessageToken } from './message-token.js';
import type { Message } from './message.js';
import { noFreeSlots } from './refusals.js';
import { SlotManager, type LiveSlot, type Slot, type SlotTable } from './slot-manager.js';

/** How a heap manager is to be. */
export interface HeapMessageManagerOptions<P> {
  /** How many messages at most; from 0 to 2^32 - 1. */
  readonly capacity: number;
  /** The host's unless told. */
  readonly memoryClass?: MemoryClass;
  /** Tells the size of a payload. Payloads of bytes need none. */
  readonly describe?: Describe<P>;
}

/**
 * A message store on the heap.
 *
 * @example
 * const inbox = HeapMessageManager.create<Uint8Array>({ capacity: 100 });
 * const token = inbox.store(Message.of(Uint8Array.of(1, 2, 3)));
 * inbox.take(token).header.payloadSize; // 3
 */
export class HeapMessageManager<P> extends SlotManager<P> {
  /** An empty manager. Throws `RangeError` for a capacity that is none. O(capacity / 32). */
  static create<P>({
    capacity,
    memoryClass = MemoryClass.host,
    describe = describeBytes,
  }: HeapMessageManagerOptions<P>): HeapMessageManager<P> {
    assertSize('capacity', capacity, CAPACITY_MAX);
    assertMemoryClass(memoryClass);
    return new HeapMessageManager(new HeapSlots(capacity, memoryClass, describe), memoryClass);
  }
}

interface HeapSlot<P> {
  generation: number;
  content: { header: MessageHeader; payload: P } | undefined;
}

/** The slots of a heap manager. */
export class HeapSlots<P> implements SlotTable<P> {
  live = 0;
  retired = 0;
  /** As many as were ever used. */
  readonly #slots: HeapSlot<P>[];
  readonly #free: LowestFree;

  /** Counting on from `generations` where slots have held messages before. */
  constructor(
    readonly capacity: number,
    readonly memoryClass: MemoryClass,
    readonly describe: Describe<P>,
    generations: readonly number[] = [],
  ) {
    this.#slots = generations.map((generation) => ({ generation, content: undefined }));
    this.#free = new LowestFree(capacity);
  }

  look(index: number): Slot<P> {
    const slot = this.#slots[index];
    return {
      generation: slot?.generation ?? 0,
      isLive: slot?.content !== undefined,
      readHeader: () => slot!.content!.header,
      readPayload: () => slot!.content!.payload,
    };
  }

  put(message: Message<P>): MessageToken {
    const content = this.#stamped(message.header, message.payload);
    const index = this.#free.take();
    if (index < 0) throw noFreeSlots(this.capacity, this.retired);
    const slot = (this.#slots[index] ??= { generation: 0, content: undefined });
    slot.generation += 1;
    slot.content = content;
    this.live += 1;
    return tokenOf(index, slot.generation);
  }

  replace(index: number, header: MessageHeader, payload: P): void {
    this.#slots[index]!.content = this.#stamped(header, payload);
  }

  vacate(index: number): void {
    const slot = this.#slots[index]!;
    slot.content = undefined;
    this.live -= 1;
    if (slot.generation === GENERATION_MAX) this.retired += 1;
    else this.#free.give(index);
  }

  *liveSlots(): IterableIterator<LiveSlot> {
    for (const [index, slot] of this.#slots.entries()) {
      if (slot.content !== undefined) yield { index, generation: slot.generation };
    }
  }

  #stamped(header: MessageHeader, payload: P): { header: MessageHeader; payload: P } {
    const payloadSize = this.describe(payload).byteLength;
    return { header: { ...header, payloadSize, memoryClass: this.memoryClass }, payload };
  }
}
