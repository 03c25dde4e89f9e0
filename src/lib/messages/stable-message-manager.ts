/**
 * Messages in a memory, so that tokens and messages survive an upgrade: a token that a queue, a
 * client or another structure has kept stands for the same message after it.
 *
 *     const outbox = StableMessageManager.init(memory.get(5), { codec: text, ... });
 *     const token = outbox.store(Message.of('wake up'));
 *
 * Behind a header (`stable/store-header.ts`) lie slots of one size (`stable/slot-area.ts`). The
 * slot that was freed last is taken first: free slots are a list through their heads. Where there
 * is none, the next slot that was never used is taken, and the memory grows by the pages that it
 * needs and no more, since a virtual memory rounds up to its buckets anyway. Every call costs the
 * same with a thousand slots and with a million; opening reads the header and nothing else.
 *
 * Borrows are never stored. After an upgrade all guards are gone, and every message is there.
 *
 * INVARIANT: the counts in the header are those in RAM; every slot below the high-water mark is
 * live, free or retired, and the free ones are one list; a slot above it was never used; no byte
 * of a freed message is left in the memory.
 *
 * Limits: payloads of at most `payloadSizeMax` bytes, each in a slot of its own, as large as the
 * largest; one open handle on a memory.
 *
 * Promise: what throws has changed nothing and taken no slot. In a canister, where a trap undoes
 * the whole message, and on a journaled memory nothing can be torn. On a plain file a process can
 * end between two writes, or a write can fail; the handle then refuses further use. Each change is
 * one write of a slot, then one of the header, and on room that was made before. So what is opened
 * next has every message that was there before, and no live slot is ever taken for a free one; but
 * a slot may be missing in the free list or in the counts, and a store that meets it throws
 * `CORRUPTED`. {@link StableMessageManager.repair} puts that right. A message whose store was cut
 * off may be there, under a token that nobody was given. All this holds as well where a write of a
 * slot breaks off within, but for an edit: that one message is damaged then.
 *
 * Source: `specs/limen.md` sections 9.4, 9.5 and 10.
 */
import { corrupted, StorageError } from '../errors.js';
import { assertSize } from '../guards.js';
import { Lease } from '../lease.js';
import { assertEmpty, reserve, sizeInBytes, type Memory } from '../memory.js';
import { MemoryClass } from './memory-class.js';
import { MessageBytes, type PayloadType } from './message-bytes.js';
import { CAPACITY_MAX } from './message-token.js';
import { SlotManager } from './slot-manager.js';
import { checkSlots, repairSlots, type Repairs } from './stable/repair.js';
import { SlotArea } from './stable/slot-area.js';
import { StableSlots } from './stable/stable-slots.js';
import {
  readStoreHeader,
  SlotCounts,
  SLOTS_OFFSET,
  writeStoreHeader,
  type StoreHeader,
} from './stable/store-header.js';

const STRUCTURE = 'StableMessageManager';

/** What the messages of a stable manager are. */
export interface StableMessageType<P> extends PayloadType<P> {
  /** The host's for a new store unless told; that of an existing one has to be the same. */
  readonly memoryClass?: MemoryClass;
}

/** How a stable manager is to be. */
export interface StableMessageManagerOptions<P> extends StableMessageType<P> {
  /** How many messages at most; from 0 to 2^32 - 1. Room is taken as it is needed. */
  readonly capacity: number;
}

/**
 * A message store in a memory.
 *
 * @example
 * const options = { codec: text, payloadSizeMax: 200, capacity: 1_000 };
 * const outbox = StableMessageManager.init(new VectorMemory(), options);
 * const token = outbox.store(Message.of('wake up'));
 * StableMessageManager.init(outbox.intoMemory(), options).take(token).payload; // 'wake up'
 */
export class StableMessageManager<P> extends SlotManager<P> {
  readonly #table: StableSlots<P>;

  private constructor(table: StableSlots<P>) {
    super(table, table.messages.memoryClass);
    this.#table = table;
  }

  /**
   * Opens the store in `memory`, or creates one where the memory is empty (0 pages). A capacity
   * above the stored one is taken over, as {@link StableMessageManager.setCapacity} does it. O(1).
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is;
   * `INCOMPATIBLE_TYPE` for a capacity below the stored one, another bound of the payloads (their
   * type itself is not recorded), another memory class, or no bound at all; `UNSUPPORTED_VERSION`,
   * `CORRUPTED`, `MEMORY_IN_USE`; `GROW_FAILED` without room.
   */
  static init<P>(memory: Memory, options: StableMessageManagerOptions<P>): StableMessageManager<P> {
    if (memory.size() === 0) return StableMessageManager.create(memory, options);
    const capacity = assertSize('capacity', options.capacity, CAPACITY_MAX);
    return Lease.open(STRUCTURE, [memory], (lease) => {
      const table = openTable(lease, memory, options);
      if (capacity < table.capacity) throw incompatible('capacity', table.capacity, capacity);
      const manager = new StableMessageManager(table);
      manager.setCapacity(capacity);
      return manager;
    });
  }

  /**
   * Creates a store in an empty memory. Throws `NOT_EMPTY` for any other, `INCOMPATIBLE_TYPE` for
   * a codec without a bound and no `payloadSizeMax`, `MEMORY_IN_USE`, `GROW_FAILED`; `RangeError`
   * for sizes that are none, or that no memory can have. O(1).
   */
  static create<P>(
    memory: Memory,
    options: StableMessageManagerOptions<P>,
  ): StableMessageManager<P> {
    const capacity = assertSize('capacity', options.capacity, CAPACITY_MAX);
    const messages = messagesOf(options, MemoryClass.host);
    return Lease.open(STRUCTURE, [memory], (lease) => {
      assertEmpty(memory);
      const area = new SlotArea(memory, messages.sizeMax);
      assertAddressable(area, capacity);
      const { payloadSizeMax, memoryClass } = messages;
      const header = { capacity, payloadSizeMax, memoryClass, counts: new SlotCounts() };
      reserve(memory, SLOTS_OFFSET);
      writeStoreHeader(memory, header);
      return new StableMessageManager(new StableSlots(lease, area, messages, header));
    });
  }

  /** Opens an existing store; never writes. Throws as {@link StableMessageManager.init} does. */
  static load<P>(memory: Memory, type: StableMessageType<P>): StableMessageManager<P> {
    return Lease.open(
      STRUCTURE,
      [memory],
      (lease) => new StableMessageManager(openTable(lease, memory, type)),
    );
  }

  /**
   * Makes it hold more messages, or fewer, though not below the number of slots that were ever
   * used. Takes no room before it is needed. O(1).
   *
   * Throws `INCOMPATIBLE_TYPE` below that number; `RangeError` for what is no capacity.
   */
  setCapacity(capacity: number): void {
    assertSize('capacity', capacity, CAPACITY_MAX);
    const table = this.#table;
    if (capacity === table.capacity) return;
    const { highWater } = table.counts;
    if (capacity < highWater) throw incompatible('number of slots used', highWater, capacity);
    assertAddressable(table.area, capacity);
    table.setCapacity(capacity);
  }

  /** Gives the memory back and closes the handle: each further use throws `HANDLE_CLOSED`. */
  intoMemory(): Memory {
    this.#table.lease.end();
    return this.#table.area.memory;
  }

  /**
   * Mends what a write that was cut off has left, and says what; see the promise above. Nobody has
   * to call it on a memory where nothing can be torn. O(slots used).
   *
   * Throws `CORRUPTED` for damage of another kind, after which the handle refuses further use.
   *
   * @example
   * const { recounted } = outbox.repair(); // false where nothing was wrong
   */
  repair(): Repairs {
    return this.#table.change(() => repairSlots(this.#table));
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    this.#table.lease.assertUsable();
    return checkSlots(this.#table);
  }
}

/** Throws as {@link StableMessageManager.init} does. */
function openTable<P>(lease: Lease, memory: Memory, type: StableMessageType<P>): StableSlots<P> {
  const header = readStoreHeader(memory);
  const messages = messagesOf(type, header.memoryClass);
  assertSameType(messages, header);
  const area = new SlotArea(memory, messages.sizeMax);
  const [end, endMax] = [area.addressOf(header.counts.highWater), sizeInBytes(memory)];
  if (end > endMax) throw corrupted('end of the slots', `at most ${endMax}`, end);
  return new StableSlots(lease, area, messages, header);
}

/** How messages of this type are stored. Throws as {@link MessageBytes} does. */
function messagesOf<P>(type: StableMessageType<P>, classUnlessTold: MemoryClass): MessageBytes<P> {
  return new MessageBytes(type, type.memoryClass ?? classUnlessTold);
}

function assertSameType<P>(messages: MessageBytes<P>, header: StoreHeader): void {
  const { payloadSizeMax, memoryClass } = messages;
  if (payloadSizeMax !== header.payloadSizeMax) {
    throw incompatible('largest size of a payload', header.payloadSizeMax, payloadSizeMax);
  }
  if (memoryClass !== header.memoryClass) {
    throw incompatible('memory class', `${header.memoryClass}`, `${memoryClass}`);
  }
}

/** Throws `RangeError` for a store whose last slots would have no exact address. */
function assertAddressable(area: SlotArea, capacity: number): void {
  if (area.addressOf(capacity) <= Number.MAX_SAFE_INTEGER) return;
  const capacityMax = Math.floor(Number.MAX_SAFE_INTEGER / area.slotSize) - 1;
  throw new RangeError(
    `capacity: expected at most ${capacityMax} slots of ${area.slotSize} bytes, got ${capacity}`,
  );
}

function incompatible(what: string, stored: number | string, asked: number | string): StorageError {
  return new StorageError(
    'INCOMPATIBLE_TYPE',
    `the ${STRUCTURE} has another ${what}: stored is ${stored}, asked for was ${asked}. ` +
      'Open it as it was made; setCapacity changes the capacity.',
    { what, stored, asked },
  );
}
