/**
 * Translates what V8 throws when Wasm code fails into the words of the specification. V8 has no
 * codes for its traps, only texts, so the texts are matched here and nowhere else.
 *
 * The check goes by the name of the error, not by its class: under a test runner the engine's
 * errors may belong to another realm than ours.
 *
 * Source: specs/replica.md section 4.4.
 */
import { outOfMemory, TrapSignal, wasmTrap, type Trap, type WasmFault } from '../trap.js';

const FAULTS: readonly (readonly [RegExp, WasmFault])[] = [
  [/^unreachable/, 'unreachable'],
  [/memory access out of bounds|data segment/, 'heap out of bounds'],
  [/divide by zero|remainder by zero/, 'integer division by 0'],
  [/divide result unrepresentable/, 'integer overflow'],
  [/float unrepresentable/, 'invalid conversion to integer'],
  [/null function|signature mismatch/, 'null function or function signature mismatch'],
  [/table|element segment/, 'table out of bounds'],
];

const OUT_OF_MEMORY = /out of memory|allocat/i;

/** The trap behind something that was thrown; throws it again where it is no trap. */
export function trapOf(thrown: unknown): Trap {
  if (thrown instanceof TrapSignal) return thrown.trap;
  const { name, message } = thrown as { name?: string; message?: string };
  if (name === 'RangeError' && message?.includes('call stack')) return wasmTrap('stack overflow');
  if (name === 'RangeError' && OUT_OF_MEMORY.test(message ?? '')) return outOfMemory();
  if (name === 'RuntimeError') {
    const fault = FAULTS.find(([pattern]) => pattern.test(message ?? ''));
    if (fault !== undefined) return wasmTrap(fault[1]);
  }
  throw thrown;
}
