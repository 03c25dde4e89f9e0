/**
 * Debugging aids: printing and giving up.
 *
 * Source: IC interface specification, "Debugging aids".
 */
import { explicitTrap } from '../trap.js';
import type { MessageExecution as Message } from '../message-execution.js';
import { ANY_AND_START, on, type SystemCalls } from './system-call.js';

const utf8 = new TextEncoder();

/** Of a longer text the rest is dropped: it could fill the heap, and nothing carries it further. */
const TEXT_SIZE_MAX = 2 * 2 ** 20;

export const DEBUG_CALLS: SystemCalls = {
  debug_print: on('(I I) -> ()', ANY_AND_START, (m, pointer: number, size: number) => {
    m.print(loadOr(m, '(debug_print message out of memory bounds)', pointer, size));
  }),
  trap: on('(I I) -> ()', ANY_AND_START, (m, pointer: number, size: number) => {
    const text = loadOr(m, '(trap message out of memory bounds)', pointer, size);
    m.fail(explicitTrap(new TextDecoder().decode(text)));
  }),
};

/** The bytes, or a text of the system's where they lie outside the heap: this must not trap. */
function loadOr(m: Message, outside: string, pointer: number, size: number): Uint8Array {
  if (pointer + size > m.instance.heap.length) return utf8.encode(outside);
  return m.load(pointer, Math.min(size, TEXT_SIZE_MAX));
}
