/**
 * The functions and globals that metering adds to a module.
 *
 * Source: specs/replica.md section 6.1.
 */
import { assemble, EMPTY_BLOCK, type Instruction } from '../../../wasm/assemble.js';
import { functionType, NumberType } from '../../../wasm/function.js';

/** Where the additions stand in their index spaces. */
export interface Places {
  readonly counter: number;
  readonly heapLimit: number;
  readonly changed: number;
  readonly giveUp: number;
  readonly take: number;
  /** Only in modules with a memory. */
  readonly grow: number;
}

/** The counter of a module that stopped itself; by counting alone none comes that far. */
export const OUT_OF_INSTRUCTIONS = -(2n ** 63n);

/** The heap limit of a module that stopped because it passed the limit. */
export const HEAP_LIMIT_PASSED = -1;

/** () -> () and (i32) -> i32, the types of the added functions. */
export const ADDED_TYPES = [
  functionType({ parameters: [], results: [] }),
  functionType({ parameters: [NumberType.i32], results: [NumberType.i32] }),
];

/** The counter, the heap limit and the mark of a change: all mutable, and 0 at first. */
export const ADDED_GLOBALS = [
  Uint8Array.of(NumberType.i64, 1, ...assemble(['i64.const', 0], ['end'])),
  Uint8Array.of(NumberType.i32, 1, ...assemble(['i32.const', 0], ['end'])),
  Uint8Array.of(NumberType.i32, 1, ...assemble(['i32.const', 0], ['end'])),
];

/** Stops where nothing is left. What follows the call is never reached, and the engine may know. */
export function check(counter: Instruction, { giveUp }: Places): Instruction[] {
  return [
    counter,
    ['i64.const', 0],
    ['i64.lt_s'],
    ['if', EMPTY_BLOCK],
    ['call', giveUp],
    ['unreachable'],
    ['end'],
  ];
}

export interface AddedFunction {
  /** Which of {@link ADDED_TYPES} it has. */
  readonly type: number;
  readonly body: Uint8Array;
}

/** In the order of their places. */
export function addedFunctions(places: Places): AddedFunction[] {
  return [
    { type: 0, body: giveUp(places) },
    { type: 1, body: take(places) },
    { type: 1, body: grow(places) },
  ];
}

const NO_LOCALS = 0;

function giveUp({ counter }: Places): Uint8Array {
  const code = assemble(
    ['i64.const', Number(OUT_OF_INSTRUCTIONS)],
    ['global.set', counter],
    ['unreachable'],
    ['end'],
  );
  return Uint8Array.of(NO_LOCALS, ...code);
}

function take(places: Places): Uint8Array {
  const length = 0;
  const code = assemble(
    ['global.get', places.counter],
    ['local.get', length],
    ['i64.extend_i32_u'],
    ['i64.sub'],
    ['global.set', places.counter],
    ...check(['global.get', places.counter], places),
    ['local.get', length],
    ['end'],
  );
  return Uint8Array.of(NO_LOCALS, ...code);
}

function grow({ heapLimit }: Places): Uint8Array {
  const [pages, old] = [0, 1];
  const memory = 0;
  const code = assemble(
    ['local.get', pages],
    ['memory.grow', memory],
    ['local.tee', old],
    ['i32.const', -1],
    ['i32.ne'],
    ['if', EMPTY_BLOCK],
    ['local.get', old],
    ['local.get', pages],
    ['i32.add'],
    ['global.get', heapLimit],
    ['i32.gt_u'],
    ['if', EMPTY_BLOCK],
    ['i32.const', HEAP_LIMIT_PASSED],
    ['global.set', heapLimit],
    ['unreachable'],
    ['end'],
    ['end'],
    ['local.get', old],
    ['end'],
  );
  const oneLocal = [1, 1, NumberType.i32];
  return Uint8Array.of(...oneLocal, ...code);
}
