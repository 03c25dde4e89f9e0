/**
 * What boxes and records have in common: the slots of their values lie in the header block itself,
 * behind a state that says whether they have been filled yet:
 *
 *     OFFSET  SIZE  FIELD
 *         16     1  1 where there are values, 0 while the structure is being made
 *         17     7  zero
 *         24        slots
 *
 * INVARIANT: a structure that can be reached has its values.
 *
 * Source: `specs/ic-stable-memory.md` sections 4.2 and 4.4.
 */
import { corrupted } from '../errors.js';
import { FIELDS_OFFSET, StableStructure } from './stable-structure.js';

const STATE_OFFSET = FIELDS_OFFSET;
const ZERO_OFFSET = STATE_OFFSET + 1;
/** Where the first slot lies in the header block. */
export const SLOTS_OFFSET = ZERO_OFFSET + 7;

const EMPTY = 0;
const FULL = 1;

/** Where each field lies, for the test that compares the table above with the code. */
export const SLOTTED_LAYOUT = {
  state: STATE_OFFSET,
  zero: ZERO_OFFSET,
  slots: SLOTS_OFFSET,
} as const;

/** A structure whose values have their slots in its header. */
export abstract class SlottedStructure extends StableStructure {
  /** Whether there may be values to free. */
  protected get isFilled(): boolean {
    return this.header[STATE_OFFSET] !== EMPTY;
  }

  /** Comes first in each operation: as {@link sync}; and throws `CORRUPTED` without values. */
  protected syncFilled(): void {
    this.sync();
    for (let offset = STATE_OFFSET; offset < SLOTS_OFFSET; offset++) {
      const expected = offset === STATE_OFFSET ? FULL : 0;
      const found = this.header[offset]!;
      if (found !== expected) throw corrupted(`state of the ${this.shape.name}`, expected, found);
    }
  }

  /** Publishes the first values, as the bytes of all slots. */
  protected fillSlots(slots: Uint8Array): void {
    this.header[STATE_OFFSET] = FULL;
    this.header.set(slots, SLOTS_OFFSET);
    this.publish();
  }

  /** Publishes another slot at an offset of the header, and returns the one that was there. */
  protected replaceSlot(offset: number, slot: Uint8Array): Uint8Array {
    const old = this.header.slice(offset, offset + slot.length);
    this.header.set(slot, offset);
    this.publish();
    return old;
  }
}
