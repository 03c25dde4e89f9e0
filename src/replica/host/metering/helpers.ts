/**
 * The pieces of code that metering adds to a module: what it puts into the canister's functions,
 * and the functions and globals that it puts beside them.
 *
 * Source: specs/replica.md section 6.1.
 */
import { assemble, EMPTY_BLOCK, type Instruction } from '../../../wasm/assemble.js';
import { functionType, NumberType } from '../../../wasm/function.js';
import { WasmWriter } from '../../../wasm/leb128.js';

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

export function takeCost({ counter }: Places, cost: number): Uint8Array {
  return assemble(
    ['global.get', counter],
    ['i64.const', cost],
    ['i64.sub'],
    ['global.set', counter],
  );
}

/** Stops where nothing is left. What follows the call is never reached, and the engine may know. */
function check({ counter, giveUp }: Places): Instruction[] {
  return [
    ['global.get', counter],
    ['i64.const', 0],
    ['i64.lt_s'],
    ['if', EMPTY_BLOCK],
    ['call', giveUp],
    ['unreachable'],
    ['end'],
  ];
}

export function checkRest(places: Places): Uint8Array {
  return assemble(...check(places));
}

export function markChange({ changed }: Places): Uint8Array {
  return assemble(['i32.const', 1], ['global.set', changed]);
}

export function callOf(index: number): Uint8Array {
  return assemble(['call', index]);
}

/** The bodies of `give up`, `take` and `grow`, with their sizes before them. */
export function addedBodies(places: Places): Uint8Array[] {
  return [giveUp(places), take(places), grow(places)].map((body) =>
    new WasmWriter().sized(body).toBytes(),
  );
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
    ...check(places),
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
