/**
 * How a value lives in stable memory, and what it owns there. Every value in a structure lies in a
 * *slot*, a fixed number of bytes: a number is its slot; a text lies in a block that its slot
 * points to; a structure has a header block that its slot points to. A type knows how to fill a
 * slot, how to read one, and what to free when the value goes.
 *
 * What stable ownership means is in four rules:
 *
 *     a value is written into stable memory     its handle is consumed: the place owns it now
 *     a value is read to be looked at           its handle is borrowed: the place still owns it
 *     a value is read to be taken away          its handle is owned: whoever has it owns it
 *     a handle is disposed of                   owned: everything is freed; borrowed: nothing is
 *
 * Most programs never see them: plain values go in, plain values come out.
 *
 * Source: the seed's drop-flag rules; `specs/ic-stable-memory.md` sections 4.1, 4.2 and 4.6.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import type { Codec } from '../codec.js';
import { boxed } from './boxed.js';
import { flat, isFlat } from './flat.js';

/**
 * A type of values in stable memory. `P` is the plain value, `H` what reading gives: the plain
 * value itself, or for a structure a handle of it.
 */
export interface StableType<P, H = P> {
  /** The type's name, such as `SVec(u64)`; stored with roots. */
  readonly name: string;

  /** Bytes of a slot. */
  readonly size: number;

  /** Whether there is more to a value than its slot. */
  readonly ownsBlocks: boolean;

  /** The plain value that a new root begins with, for types that have one. */
  readonly empty?: (() => P) | undefined;

  /**
   * Fills a slot with a plain value. Where it throws (`OUT_OF_MEMORY`, or what the codecs throw)
   * nothing stays allocated.
   */
  store(allocator: StableMemoryAllocator, value: P, slot: Uint8Array, offset: number): void;

  /**
   * Fills a slot with what a handle owns, which is then consumed; a plain value is stored. Throws
   * `VALUE_CONSUMED` for a handle that is not owned, `INCOMPATIBLE_TYPE` for one of another type or
   * allocator.
   */
  move(allocator: StableMemoryAllocator, handle: H, slot: Uint8Array, offset: number): void;

  /** The plain value of a slot. Throws `CORRUPTED`. */
  load(allocator: StableMemoryAllocator, slot: Uint8Array, offset: number): P;

  /** What reading a slot gives: of a structure a borrowed handle. Throws `CORRUPTED`. */
  view(allocator: StableMemoryAllocator, slot: Uint8Array, offset: number): H;

  /**
   * What a slot that nobody refers to any more gives: of a structure an owned handle; of anything
   * else the plain value, and what it owned is freed. Throws `CORRUPTED`.
   */
  take(allocator: StableMemoryAllocator, slot: Uint8Array, offset: number): H;

  /** Frees all that the value of a slot owns. Throws `CORRUPTED`. */
  drop(allocator: StableMemoryAllocator, slot: Uint8Array, offset: number): void;

  /** Names every block that the value of a slot owns. Throws `CORRUPTED`. */
  trace(
    allocator: StableMemoryAllocator,
    slot: Uint8Array,
    offset: number,
    visit: (ptr: StablePtr) => void,
  ): void;
}

/**
 * What may be an element: a codec of plain values, or a type of its own, such as `SVec.of(u64)`.
 */
export type Stable<P, H = P> = Codec<P> | StableType<P, H>;

/**
 * The type of an element. Values of a codec whose encodings have one size lie in their slots, all
 * others in blocks of their own. O(1).
 */
export function stableTypeOf<P, H = P>(element: Stable<P, H>): StableType<P, H> {
  if ('store' in element) return element;
  const type = isFlat(element) ? flat(element) : boxed(element);
  return type as unknown as StableType<P, H>;
}

/** The slot of a plain value, in an array of its own. Throws as {@link StableType.store} does. */
export function storeInSlot<P, H>(
  allocator: StableMemoryAllocator,
  type: StableType<P, H>,
  value: P,
): Uint8Array {
  const slot = new Uint8Array(type.size);
  type.store(allocator, value, slot, 0);
  return slot;
}
