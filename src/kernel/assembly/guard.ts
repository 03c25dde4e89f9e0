/**
 * The guard of page 0. Azle's Rust runtime has a memory manager of its own over the same header in
 * page 0 of stable memory, and both sides keep a copy of it on the heap. Once JavaScript's manager
 * has attached, the Rust one must neither write that header nor grow the memory: it would hand out
 * pages that are already given away. A trap undoes the whole message, so nothing is lost.
 */
import * as ic0 from './ic0';

const WASM_PAGE_SIZE: u64 = 65_536;

/** The trap's message in JavaScript's memory, which keeps it alive; 0 while nothing is guarded. */
let message: usize = 0;
let messageLength: usize = 0;

/** From now on only JavaScript changes page 0 and the size of stable memory. */
export function attach(source: usize, length: usize): void {
  message = source;
  messageLength = length;
}

/** Azle's own writes: all of them until the guard is attached, then those beyond page 0. */
export function guardedWrite(offset: u64, source: u64, length: u64): void {
  if (message != 0 && length != 0 && offset < WASM_PAGE_SIZE) refuse();
  ic0.stable64_write(offset, source, length);
}

/** Azle's own growing: only until the guard is attached. */
export function guardedGrow(pages: u64): i64 {
  if (message != 0 && pages != 0) refuse();
  return ic0.stable64_grow(pages);
}

function refuse(): void {
  ic0.trap(message, messageLength);
  unreachable();
}
