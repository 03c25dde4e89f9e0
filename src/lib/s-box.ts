/**
 * One value in a heap: of a text the text, of a structure the structure. A box gives something that
 * stands alone (a title, a configuration) a place among the roots, and gives a large value inside a
 * container a slot of 8 bytes.
 *
 *     const motto = heap.root('motto', SBox.of(text), 'Know thy bytes');
 *     motto.set('Free thy blocks'); // 'Know thy bytes'
 *
 * The value's slot lies in the header block, behind the fields of every structure:
 *
 *     OFFSET  SIZE  FIELD
 *         16     1  1 where there is a value, 0 while the box is being made
 *         17     7  zero
 *         24     s  slot of the value
 *
 * INVARIANT: a box that can be reached has a value.
 *
 * Limits: a new value is stored before the old one is freed, so both must fit the heap.
 *
 * Promise: what throws has changed nothing.
 *
 * Source: `specs/ic-stable-memory.md` section 4.4, `SBox`; defect 6.
 */
import type { StableMemoryAllocator } from './allocator.js';
import type { StablePtr } from './allocator/free-block.js';
import { rejecting } from './allocator/out-of-memory.js';
import { firstViolation } from './errors.js';
import { SLOTS_OFFSET, SLOTTED_LAYOUT, SlottedStructure } from './ownership/slotted-structure.js';
import {
  StableStructure,
  STRUCTURE_KIND,
  type StructureShape,
} from './ownership/stable-structure.js';
import { stableTypeOf, type Stable, type StableType } from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';

/** Where each field lies, for the test that compares the table above with the code. */
export const S_BOX_LAYOUT = {
  state: SLOTTED_LAYOUT.state,
  zero: SLOTTED_LAYOUT.zero,
  slot: SLOTS_OFFSET,
} as const;

/**
 * One value in a heap. `P` is the plain value, `H` what reading gives: the same, or for a structure
 * a handle of it.
 *
 * @example
 * const draft = heap.root('draft', SBox.of(text), 'first');
 * draft.update((words) => `${words} second`);
 * draft.get(); // 'first second'
 */
export class SBox<P, H = P> extends SlottedStructure {
  readonly #type: StableType<P, H>;

  private constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    shape: StructureShape,
    type: StableType<P, H>,
  ) {
    super(allocator, ptr, shape);
    this.#type = type;
  }

  /**
   * The type of boxes of such values; a plain value of it is that of what is in the box. There is
   * no empty box: a root needs an initial value. O(1).
   */
  static of<P, H = P>(content: Stable<P, H>): StableType<P, SBox<P, H>> {
    const type = stableTypeOf(content);
    const shape = {
      kind: STRUCTURE_KIND.SBox,
      name: `SBox(${type.name})`,
      headerSize: SLOTS_OFFSET + type.size,
    };
    return structureType<P, SBox<P, H>>({
      shape,
      open: (allocator, ptr) => new SBox(allocator, ptr, shape, type),
      fill: (box, value) => box.#fill(value),
      toPlain: (box) => box.toPlain(),
    });
  }

  /**
   * What is in the box: the plain value, or a borrowed handle of the structure, which is good for
   * as long as that is in the box. Throws `CORRUPTED`. O(size of the value).
   */
  get(): H {
    this.syncFilled();
    return this.#type.view(this.allocator, this.header, SLOTS_OFFSET);
  }

  /** A plain copy of what is in the box. Throws `CORRUPTED`. O(size of the value). */
  toPlain(): P {
    this.syncFilled();
    return this.#type.load(this.allocator, this.header, SLOTS_OFFSET);
  }

  /**
   * Puts a value into the box and returns what was there, as a plain value; what that owned is
   * freed. O(size of both).
   *
   * Throws `OUT_OF_MEMORY`, and what the codecs throw; the box is then as it was.
   */
  set(value: P): P {
    const old = this.toPlain();
    this.#type.drop(this.allocator, this.#replace(this.#store(value)), 0);
    return old;
  }

  /**
   * Puts into the box what `change` makes of the plain value in it, and returns that. Where it
   * throws, or its result finds no room, the box is as it was. Otherwise as {@link SBox.set}.
   */
  update(change: (value: P) => P): P {
    const value = change(this.toPlain());
    this.syncFilled();
    this.#type.drop(this.allocator, this.#replace(this.#store(value)), 0);
    return value;
  }

  /**
   * Moves what an owned handle stands for into the box, without a copy; the handle is consumed, and
   * what was in the box is freed. Throws `VALUE_CONSUMED` for a handle that is not owned,
   * `INCOMPATIBLE_TYPE` for one of another type or heap. O(what the old value owned).
   */
  attach(handle: H): void {
    this.syncFilled();
    const slot = new Uint8Array(this.#type.size);
    rejecting(handle, () => this.#type.move(this.allocator, handle, slot, 0));
    this.#type.drop(this.allocator, this.#replace(slot), 0);
  }

  /**
   * Takes what is in the box, without a copy, and puts a plain value in its place. Of a structure
   * the caller gets an owned handle: attach it somewhere, or dispose of it. Otherwise as
   * {@link SBox.set}.
   *
   * @example
   * using finished = pages.detach([]);
   */
  detach(replacement: P): H {
    this.syncFilled();
    const slot = this.#store(replacement);
    return this.#type.take(this.allocator, this.#replace(slot), 0);
  }

  checkInvariants(): string | undefined {
    return firstViolation(() => {
      const content = this.get();
      return content instanceof StableStructure ? content.checkInvariants() : undefined;
    });
  }

  protected releaseContents(): void {
    if (this.isFilled) this.#type.drop(this.allocator, this.header, SLOTS_OFFSET);
  }

  protected traceContents(visit: (ptr: StablePtr) => void): void {
    this.syncFilled();
    this.#type.trace(this.allocator, this.header, SLOTS_OFFSET, visit);
  }

  #fill(value: P): void {
    this.sync();
    this.fillSlots(this.#store(value));
  }

  #store(value: P): Uint8Array {
    const slot = new Uint8Array(this.#type.size);
    rejecting(value, () => this.#type.store(this.allocator, value, slot, 0));
    return slot;
  }

  /** Publishes another slot and returns the one that was there. */
  #replace(slot: Uint8Array): Uint8Array {
    return this.replaceSlot(SLOTS_OFFSET, slot);
  }
}
