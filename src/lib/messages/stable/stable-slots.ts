/**
 * The table of slots behind a stable message manager. What each call costs in accesses of the
 * memory, however many slots there are:
 *
 *     CALL     READS  WRITES
 *     look         1       0  none for a slot never used, or looked at just before
 *     payload      0       0  one read where it ends beyond the first KiB of its slot
 *     put          1       2  no read for a slot never used; a grow for each page that begins
 *     replace      0       1  of the message alone
 *     vacate       0       2
 *
 * `replace` and `vacate` come after a look at their slot, which is kept until something changes.
 *
 * Source: `specs/limen.md` section 9.5.
 */
import { readU32 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import type { Lease } from '../../lease.js';
import { MESSAGE_HEADER_LAYOUT, MESSAGE_HEADER_SIZE } from '../header-bytes.js';
import type { MessageBytes } from '../message-bytes.js';
import type { MessageHeader } from '../message-header.js';
import { GENERATION_MAX, tokenOf, type MessageToken } from '../message-token.js';
import type { Message } from '../message.js';
import { noFreeSlots } from '../refusals.js';
import type { LiveSlot, Slot, SlotTable } from '../slot-manager.js';
import {
  FREE,
  generationIn,
  LIVE,
  nextIn,
  RETIRED,
  SLOT_HEAD_SIZE,
  stateIn,
  writeHead,
  writeNext,
  type SlotArea,
} from './slot-area.js';
import { NO_SLOT, writeCapacity, type SlotCounts, type StoreHeader } from './store-header.js';

/**
 * How much of a slot is read at first: in a canister a read of 1 KiB costs hardly more than one of
 * a few bytes, and two cost twice as much.
 */
const WINDOW_SIZE = 1_024;

const PAYLOAD_OFFSET = SLOT_HEAD_SIZE + MESSAGE_HEADER_SIZE;
const PAYLOAD_SIZE_OFFSET = SLOT_HEAD_SIZE + MESSAGE_HEADER_LAYOUT.payloadSize;

/** Slots in a memory. */
export class StableSlots<P> implements SlotTable<P> {
  readonly counts: SlotCounts;
  readonly area: SlotArea;
  readonly #windowSize: number;
  /** For the head of the slot that is used again. */
  readonly #head = new Uint8Array(SLOT_HEAD_SIZE);
  #capacity: number;
  /** What was looked at last, as long as nothing has changed. */
  #looked: StableSlot<P> | undefined;

  constructor(
    readonly lease: Lease,
    area: SlotArea,
    readonly messages: MessageBytes<P>,
    { capacity, counts }: StoreHeader,
  ) {
    this.area = area;
    this.counts = counts;
    this.#capacity = capacity;
    this.#windowSize = Math.min(area.slotSize, WINDOW_SIZE);
  }

  get capacity(): number {
    this.lease.assertUsable();
    return this.#capacity;
  }

  get live(): number {
    this.lease.assertUsable();
    return this.counts.live;
  }

  get retired(): number {
    this.lease.assertUsable();
    return this.counts.retired;
  }

  look(index: number): Slot<P> {
    this.lease.assertUsable();
    return index < this.counts.highWater ? this.#look(index) : NEVER_USED_SLOT;
  }

  put({ header, payload }: Message<P>): MessageToken {
    this.lease.assertUsable();
    const bytes = this.messages.encode(header, payload, SLOT_HEAD_SIZE);
    const { freeHead } = this.counts;
    return freeHead === NO_SLOT ? this.#putUnused(bytes) : this.#putAgain(freeHead, bytes);
  }

  replace(index: number, header: MessageHeader, payload: P): void {
    this.lease.assertUsable();
    const { messageSize } = this.#look(index);
    const message = this.messages.encode(header, payload);
    this.change(() => this.area.write(index, lengthened(message, messageSize), SLOT_HEAD_SIZE));
  }

  vacate(index: number): void {
    this.lease.assertUsable();
    const { generation, messageSize } = this.#look(index);
    const { counts } = this;
    const bytes = new Uint8Array(SLOT_HEAD_SIZE + messageSize);
    const isFree = generation < GENERATION_MAX;
    writeHead(bytes, generation, isFree ? FREE : RETIRED);
    if (isFree) writeNext(bytes, counts.freeHead);
    this.change(() => {
      this.area.write(index, bytes);
      counts.live -= 1;
      if (isFree) counts.freeHead = index;
      else counts.retired += 1;
      counts.write(this.area.memory);
    });
  }

  *liveSlots(): IterableIterator<LiveSlot> {
    for (let index = 0; index < this.counts.highWater; index++) {
      const { isLive, generation } = this.look(index);
      if (isLive) yield { index, generation };
    }
  }

  /** PRECONDITION: it is not below the high-water mark. */
  setCapacity(capacity: number): void {
    this.change(() => writeCapacity(this.area.memory, capacity));
    this.#capacity = capacity;
  }

  /** Takes the slot at the high-water mark. */
  #putUnused(bytes: Uint8Array): MessageToken {
    const { counts } = this;
    const index = counts.highWater;
    if (index === this.#capacity) throw noFreeSlots(this.#capacity, counts.retired);
    this.area.reserve(index + 1);
    writeHead(bytes, 1, LIVE);
    this.change(() => {
      this.area.write(index, bytes);
      counts.highWater += 1;
      counts.live += 1;
      counts.write(this.area.memory);
    });
    return tokenOf(index, 1);
  }

  /** Takes the slot at the top of the free list. */
  #putAgain(index: number, bytes: Uint8Array): MessageToken {
    const { counts } = this;
    const head = this.#head;
    this.area.read(index, head);
    const next = nextFree(index, head, counts.highWater);
    const generation = generationIn(head) + 1;
    writeHead(bytes, generation, LIVE);
    this.change(() => {
      this.area.write(index, bytes);
      counts.freeHead = next;
      counts.live += 1;
      counts.write(this.area.memory);
    });
    return tokenOf(index, generation);
  }

  /** Runs the writes of a change: what was looked at before is not to be relied on any more. */
  change<R>(write: () => R): R {
    this.#looked = undefined;
    return this.lease.change(write);
  }

  /** PRECONDITION: the slot is below the high-water mark. */
  #look(index: number): StableSlot<P> {
    const looked = this.#looked;
    if (looked !== undefined && looked.index === index) return looked;
    const window = new Uint8Array(this.#windowSize);
    this.area.read(index, window);
    const slot = new StableSlot(this, index, window);
    this.#looked = slot;
    return slot;
  }
}

/** A slot as it was when it was looked at. */
class StableSlot<P> implements Slot<P> {
  readonly generation: number;
  readonly isLive: boolean;
  #header: MessageHeader | undefined;

  constructor(
    readonly table: StableSlots<P>,
    readonly index: number,
    /** Its first bytes, or all of them. */
    readonly window: Uint8Array,
  ) {
    this.isLive = stateIn(index, window) === LIVE;
    this.generation = generationIn(window);
  }

  /** In bytes. */
  get messageSize(): number {
    return messageSizeIn(this.window, this.table.messages.payloadSizeMax);
  }

  readHeader(): MessageHeader {
    this.table.lease.assertUsable();
    this.#header ??= this.table.messages.readHeader(this.window, SLOT_HEAD_SIZE);
    return this.#header;
  }

  readPayload(): P {
    const { table, window } = this;
    const { payloadSize } = this.readHeader();
    if (PAYLOAD_OFFSET + payloadSize <= window.length) {
      return table.messages.readPayload(window, PAYLOAD_OFFSET, payloadSize);
    }
    const payload = new Uint8Array(payloadSize);
    table.area.read(this.index, payload, PAYLOAD_OFFSET);
    return table.messages.readPayload(payload, 0, payloadSize);
  }
}

/** The bytes of a live slot's message; never more than the slot has, whatever is stored. */
export function messageSizeIn(slot: Uint8Array, payloadSizeMax: number): number {
  return MESSAGE_HEADER_SIZE + Math.min(readU32(slot, PAYLOAD_SIZE_OFFSET), payloadSizeMax);
}

/** What is seen of every slot that was never used: there is no message to read. */
const NEVER_USED_SLOT: Slot<never> = {
  generation: 0,
  isLive: false,
  readHeader: neverRead,
  readPayload: neverRead,
};

function neverRead(): never {
  throw new RangeError('slot: expected one that holds a message, got one that was never used');
}

/** The slot behind this one in the free list. Throws `CORRUPTED` where this one is not in it. */
export function nextFree(index: number, head: Uint8Array, highWater: number): number {
  const state = stateIn(index, head);
  if (state !== FREE) throw corrupted(`state of slot ${index} in the free list`, FREE, state);
  const next = nextIn(head);
  if (next === NO_SLOT || next < highWater) return next;
  throw corrupted(`slot behind ${index} in the free list`, `below ${highWater}`, next);
}

/** The bytes with zeros behind them up to `size`, so that nothing of a longer message stays. */
function lengthened(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  const longer = new Uint8Array(size);
  longer.set(bytes);
  return longer;
}
