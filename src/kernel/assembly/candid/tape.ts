/**
 * The tape: an array of JavaScript's on which a message's values stand as numbers, one after the
 * other, in the order of the message. Whoever reads it knows from the types what comes next.
 *
 *     TYPE                         ON THE TAPE
 *     null, reserved               nothing
 *     bool                         0 or 1
 *     nat8 to nat32, int8 to       the number, f64
 *     int32, float32, float64
 *     nat64, int64                 the number, 64 bits
 *     nat, int                     0, then the number, 64 bits; or for a longer one the size of its
 *                                  LEB128, then the offset of that in the message, f64
 *     text                         its length in UTF-16
 *     principal                    the length; the offset in the message
 *     packed vec                   the number of elements; the offset of the first in the message
 *     opt                          0 or 1; what is within
 *     vec                          the number of elements; the elements
 *     vec that is encoded          -1 minus the number of elements; how many bytes they are
 *     record                       the fields
 *     variant                      the index of the case; what is within
 *
 * The texts themselves travel joined in one. From JavaScript there are no offsets: it puts such
 * bytes into the arena, joined as well. Only from there do vecs come that are encoded.
 */

const SLOT_SIZE: usize = 8;
const SLOT_SIZE_LOG2: usize = 3;

/** The registered array, which JavaScript keeps alive. */
let tape: usize = 0;
let tapeEnd: usize = 0;

/** The slot that comes next. Beyond the end slots are counted, and neither read nor written. */
let next: usize = 0;

export function setTape(array: usize, length: usize): void {
  tape = array;
  tapeEnd = array + length;
}

export function rewind(): void {
  next = tape;
}

/** How many slots were passed since {@link rewind}. */
export function slotCount(): usize {
  return (next - tape) >> SLOT_SIZE_LOG2;
}

export function isTapeTooShort(): bool {
  return next > tapeEnd;
}

/** Writes a slot: an f64 for a number, or a word of 64 bits. */
export function put<T>(value: T): void {
  if (next < tapeEnd) store<T>(next, value);
  next += SLOT_SIZE;
}

/** Reads a slot; 0 beyond the end. */
export function take<T>(): T {
  const slot = next;
  next += SLOT_SIZE;
  return slot < tapeEnd ? load<T>(slot) : <T>0;
}

/** Passes a slot that holds nothing on the way to a message: an offset. */
export function skipSlot(): void {
  next += SLOT_SIZE;
}
