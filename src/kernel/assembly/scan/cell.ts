/**
 * A cell: eight bytes in which an element is handed over, or told where it lies.
 *
 *     CELL             HOLDS
 *     bytes            start and end, two u32
 *     number of 8      the number, u64
 *     smaller number   the number, f64
 *
 * Numbers have no sign and are big-endian where they are stored.
 *
 * Source: `src/lib/btree-map/batch.ts` and `lookup.ts` read them.
 */

/** Of a number's size: the elements are not numbers. */
export const BYTES: usize = 0;

export const CELL_SIZE: usize = 8;

/** Whether an element that should be a number has not the size of one. */
export function isOddNumber(numberSize: usize, length: usize): bool {
  return numberSize != BYTES && numberSize != length;
}

/** Puts a stored number into a cell. PRECONDITION: it has this size. */
export function putNumber(cell: usize, element: usize, numberSize: usize): void {
  if (numberSize == 8) store<u64>(cell, bswap<u64>(load<u64>(element)));
  else store<f64>(cell, <f64>bigEndian(element, numberSize));
}

function bigEndian(bytes: usize, length: usize): u32 {
  let number: u32 = 0;
  for (let at: usize = 0; at < length; at++) number = (number << 8) | load<u8>(bytes + at);
  return number;
}
