/**
 * A log in a heap: a vector for elements that come at the end, go at the end, and never move. What
 * it has grown to is never copied, and it takes what room there is, also in small pieces.
 *
 *     const events = heap.root('events', SLog.of(text));
 *     events.push('started');
 *     events.last(); // 'started'
 *
 * The elements lie in sectors that grow, see `s-log/sectors.ts`. The header block, behind the
 * fields of every structure:
 *
 *     OFFSET  SIZE  FIELD
 *         16     8  last sector; 0 where there is none
 *         24     8  number of elements
 *
 * INVARIANT: the sectors have a slot for each element, and no sector is without one; each slot is
 * one that its type reads.
 *
 * Promise: what throws has changed nothing. New sectors become part of the log with its header.
 *
 * Source: `specs/ic-stable-memory.md` section 5.2; defect 8.
 */
import type { StableMemoryAllocator } from './allocator.js';
import type { StablePtr } from './allocator/free-block.js';
import { rejecting } from './allocator/out-of-memory.js';
import { readU64, writeU64 } from './bytes.js';
import { wrongType } from './codecs/refusals.js';
import { firstViolation } from './errors.js';
import { assertSize } from './guards.js';
import { assertIndex } from './index-range.js';
import { SlotSequence } from './ownership/slot-sequence.js';
import {
  dropRun,
  firstElementViolation,
  readSlots,
  storeAll,
  traceRun,
  writeSlots,
  type SlotRun,
} from './ownership/slots.js';
import {
  FIELDS_OFFSET,
  STRUCTURE_KIND,
  type StructureShape,
} from './ownership/stable-structure.js';
import {
  stableTypeOf,
  storeInSlot,
  type Stable,
  type StableType,
} from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';
import { Sectors, type Sector } from './s-log/sectors.js';

const LAST_OFFSET = FIELDS_OFFSET;
const LENGTH_OFFSET = LAST_OFFSET + 8;
const HEADER_SIZE = LENGTH_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const S_LOG_LAYOUT = { last: LAST_OFFSET, length: LENGTH_OFFSET } as const;

/**
 * A log in a heap. `P` is an element's plain value, `H` what reading gives: the same, or for a
 * structure a handle of it.
 *
 * @example
 * const days = heap.root('days', SLog.of(SVec.of(text)));
 * days.push(['on the engine']);
 * days.last()?.push('notes');
 * [...days.values({ reverse: true, to: 10 })];
 */
export class SLog<P, H = P> extends SlotSequence<P, H> {
  readonly #sectors: Sectors;
  /** The revision that the sectors are of; -1 before they are known. */
  #sectorsRevision = -1;

  private constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    shape: StructureShape,
    type: StableType<P, H>,
  ) {
    super(allocator, ptr, shape, type);
    this.#sectors = new Sectors(allocator, type.size);
  }

  /** The type of logs of such elements; plain values of it are arrays. O(1). */
  static of<P, H = P>(element: Stable<P, H>): StableType<readonly P[], SLog<P, H>> {
    const type = stableTypeOf(element);
    const name = `SLog(${type.name})`;
    const shape = { kind: STRUCTURE_KIND.SLog, name, headerSize: HEADER_SIZE };
    return structureType<readonly P[], SLog<P, H>>({
      shape,
      empty: () => [],
      open: (allocator, ptr) => new SLog(allocator, ptr, shape, type),
      fill: (log, values) => log.#fill(values),
      toPlain: (log) => log.toPlain(),
    });
  }

  /** Number of elements. O(1). */
  override get length(): number {
    return this.#open();
  }

  /** Whether there is no element. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /**
   * The element with this index: its plain value, or a borrowed handle of the structure;
   * `undefined` beyond the end. O(size of the element); O(log n) sectors are looked at when it is
   * far from the end for the first time, and more if they had to be small.
   *
   * Throws `RangeError` for what is no index, `CORRUPTED`.
   */
  get(index: number): H | undefined {
    const length = this.#open();
    if (assertSize('index', index) >= length) return undefined;
    return this.type.view(this.allocator, this.#readSlot(index), 0);
  }

  /** The first element, or `undefined`. As {@link SLog.get}. */
  first(): H | undefined {
    return this.get(0);
  }

  /** The last element, or `undefined`. O(size of the element). */
  last(): H | undefined {
    return this.isEmpty ? undefined : this.get(this.length - 1);
  }

  /**
   * Adds an element at the end. O(size of the element), and of a block in O(log n) cases out of n.
   *
   * Throws `OUT_OF_MEMORY`, and what the codecs throw; nothing has changed then.
   */
  push(value: P): void {
    this.#open();
    rejecting(value, () => this.#append(1, () => storeInSlot(this.allocator, this.type, value)));
  }

  /** Adds many elements at the end, or none of them. Otherwise as {@link SLog.push}. */
  pushMany(values: Iterable<P>): void {
    const all = Array.isArray(values) ? (values as readonly P[]) : [...values];
    this.#open();
    rejecting(all, () => this.#append(all.length, () => storeAll(this.allocator, this.type, all)));
  }

  /**
   * Adds what an owned handle stands for at the end, without a copy; the handle is consumed. Throws
   * `VALUE_CONSUMED` for a handle that is not owned, `INCOMPATIBLE_TYPE` for one of another type or
   * heap. Otherwise as {@link SLog.push}.
   */
  attach(handle: H): void {
    this.#open();
    const slot = new Uint8Array(this.type.size);
    const move = (): Uint8Array => {
      this.type.move(this.allocator, handle, slot, 0);
      return slot;
    };
    rejecting(handle, () => this.#append(1, move));
  }

  /**
   * Overwrites an element where it lies and returns what was there, as a plain value; what that
   * owned is freed. O(size of both). Throws `RangeError` for an index beyond the end. Otherwise as
   * {@link SLog.push}.
   */
  set(index: number, value: P): P {
    assertIndex(index, this.length);
    const old = this.type.load(this.allocator, this.#readSlot(index), 0);
    this.#overwrite(index, value);
    return old;
  }

  /**
   * Overwrites an element with what `change` makes of its plain value, and returns that. Where it
   * throws, or its result finds no room, the element is as it was. Otherwise as {@link SLog.set}.
   */
  update(index: number, change: (value: P) => P): P {
    assertIndex(index, this.length);
    const value = change(this.type.load(this.allocator, this.#readSlot(index), 0));
    assertIndex(index, this.length);
    this.#overwrite(index, value);
    return value;
  }

  /**
   * Removes the last element and returns its plain value, or `undefined`; what it owned is freed,
   * and so is a sector that has no other element. O(its size). Throws `CORRUPTED`.
   */
  pop(): P | undefined {
    if (this.isEmpty) return undefined;
    const slot = this.#readSlot(this.length - 1);
    const value = this.type.load(this.allocator, slot, 0);
    this.#cutOff();
    this.type.drop(this.allocator, slot, 0);
    return value;
  }

  /**
   * Removes the last element without a copy: of a structure the caller gets an owned handle. Attach
   * it somewhere, or dispose of it. Otherwise as {@link SLog.pop}.
   */
  detach(): H | undefined {
    if (this.isEmpty) return undefined;
    const slot = this.#readSlot(this.length - 1);
    this.#cutOff();
    return this.type.take(this.allocator, slot, 0);
  }

  /** Frees all elements, unread, and all sectors. O(what they own). */
  clear(): void {
    const length = this.#open();
    const sectors = this.#sectors.all();
    this.#sectors.leaveAll();
    this.#change(0);
    this.#release(sectors, length);
  }

  checkInvariants(): string | undefined {
    return firstViolation(() => {
      this.#sectorsRevision = -1; // So that header and sectors are read anew.
      this.#open();
      this.#sectors.all();
      return firstElementViolation(this.values());
    });
  }

  protected releaseContents(): void {
    const length = this.#open();
    this.#release(this.#sectors.all(), length);
  }

  protected traceContents(visit: (ptr: StablePtr) => void): void {
    const length = this.#open();
    for (const { ptr, first, end, address } of this.#sectors.all()) {
      visit(ptr);
      const run = { first, end: Math.min(end, length), address };
      traceRun(this.allocator, this.type, run, visit);
    }
  }

  #fill(values: readonly P[]): void {
    if (!Array.isArray(values)) throw wrongType(this.shape.name, 'an array', values);
    this.pushMany(values);
  }

  /** Comes first in each operation, and returns the length. Throws as {@link sync} does. */
  #open(): number {
    this.sync();
    const length = readU64(this.header, LENGTH_OFFSET);
    if (this.revision !== this.#sectorsRevision) {
      this.#sectors.reset(readU64(this.header, LAST_OFFSET), length);
      this.#sectorsRevision = this.revision;
    }
    return length;
  }

  /** Makes another length real, and the sectors as they are by now. */
  #change(length: number): void {
    writeU64(this.header, LAST_OFFSET, this.#sectors.last);
    writeU64(this.header, LENGTH_OFFSET, length);
    this.publish();
    this.#sectorsRevision = this.revision;
  }

  /** Adds slots that `store` fills, or none. */
  #append(count: number, store: () => Uint8Array): void {
    const length = readU64(this.header, LENGTH_OFFSET);
    const added = this.#sectors.extend(length + count);
    let slots: Uint8Array;
    try {
      slots = store();
    } catch (error) {
      if (this.allocator.isUsable) this.#sectors.retract(added);
      throw error;
    }
    this.#writeAll(length, slots);
    this.#change(length + count);
  }

  /** Writes slots from an index on, sector by sector. */
  #writeAll(index: number, slots: Uint8Array): void {
    const { size } = this.type;
    for (let written = 0; written < slots.length;) {
      const start = index + written / size;
      const run = this.#sectors.runOf(start);
      const end = written + (run.end - start) * size;
      const part = slots.subarray(written, end);
      writeSlots(this.allocator, size, run, start, part);
      written += part.length;
    }
  }

  /** Removes the last slot, and frees nothing but its sector where that is then empty. */
  #cutOff(): void {
    const length = readU64(this.header, LENGTH_OFFSET) - 1;
    const left = this.#sectors.leave(length);
    this.#change(length);
    this.#sectors.free(left);
  }

  #overwrite(index: number, value: P): void {
    const old = this.#readSlot(index);
    const slot = rejecting(value, () => storeInSlot(this.allocator, this.type, value));
    this.#writeAll(index, slot);
    this.#change(this.length);
    this.type.drop(this.allocator, old, 0);
  }

  #release(sectors: readonly Sector[], length: number): void {
    for (const { first, end, address } of sectors) {
      dropRun(this.allocator, this.type, { first, end: Math.min(end, length), address });
    }
    this.#sectors.free(sectors);
  }

  #readSlot(index: number): Uint8Array {
    const run = this.#sectors.runOf(index);
    return readSlots(this.allocator, this.type.size, run, index, index + 1);
  }

  protected override runOf(index: number): SlotRun {
    return this.#sectors.runOf(index);
  }
}
