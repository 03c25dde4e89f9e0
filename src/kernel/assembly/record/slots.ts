/**
 * The slots in which the values of one record cross, in the frame's text area: they and a text on
 * its way are never there at once.
 */
import { textLength, textStart } from '../frame';

const SLOT_SIZE: usize = 8;

let next: usize = 0;
let end: usize = 0;

/** Begins with the first slot. */
export function rewind(): void {
  next = textStart();
  end = next + textLength();
}

/** Writes the next slot: an f64, or a word of 64 bits. The client has counted that it is there. */
export function put<T>(value: T): void {
  store<T>(taken(), value);
}

/** Reads the next slot. */
export function take<T>(): T {
  return load<T>(taken());
}

/** Passes so many slots. */
export function skip(count: usize): void {
  next += count * SLOT_SIZE;
}

function taken(): usize {
  const slot = next;
  next += SLOT_SIZE;
  if (next > end) unreachable();
  return slot;
}
