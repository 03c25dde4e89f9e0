/**
 * What a V8 instance of a rewritten module offers to its host. The rewriters give each thing a name
 * among the exports; here the names become things again.
 *
 * Source: specs/replica.md sections 4.1 ("Binary shape") and 6.1.
 */
import type { GlobalType } from '../host.js';
import { GLOBAL_EXPORT_PREFIX, MEMORY_EXPORT, TABLE_EXPORT } from './expose.js';
import { CHANGED_EXPORT, COUNTER_EXPORT, HEAP_LIMIT_EXPORT } from './metering/meter.js';

export interface Handles {
  readonly exports: WebAssembly.Exports;
  readonly memory: WebAssembly.Memory | undefined;
  readonly table: WebAssembly.Table | undefined;
  /** The mutable globals, which a roll-back restores. */
  readonly globals: readonly WebAssembly.Global[];
  /** The globals that belong to the state of the canister, see `expose.ts`. */
  readonly stateGlobals: readonly StateGlobal[];

  /** How many instructions are left; these three belong to metering, see `metering/meter.ts`. */
  readonly counter: WebAssembly.Global<'i64'>;
  /** How far the heap may grow, in pages. */
  readonly heapLimit: WebAssembly.Global<'i32'>;
  /** Other than 0 where a table or a segment is not as the module defines it. */
  readonly changed: WebAssembly.Global<'i32'>;
}

export interface StateGlobal {
  readonly global: WebAssembly.Global;
  readonly mutable: boolean;
  readonly type: GlobalType;
}

export function handlesOf(exports: WebAssembly.Exports): Handles {
  const exported = (name: string): unknown => exports[name];
  const stateGlobals = Object.keys(exports)
    .filter((name) => name.startsWith(GLOBAL_EXPORT_PREFIX))
    .map((name) => stateGlobal(name, exported(name) as WebAssembly.Global));
  return {
    exports,
    memory: exported(MEMORY_EXPORT) as WebAssembly.Memory | undefined,
    table: exported(TABLE_EXPORT) as WebAssembly.Table | undefined,
    globals: stateGlobals.filter(({ mutable }) => mutable).map(({ global }) => global),
    stateGlobals,
    counter: exported(COUNTER_EXPORT) as WebAssembly.Global<'i64'>,
    heapLimit: exported(HEAP_LIMIT_EXPORT) as WebAssembly.Global<'i32'>,
    changed: exported(CHANGED_EXPORT) as WebAssembly.Global<'i32'>,
  };
}

/** Reads what `expose.ts` wrote into the name: `<prefix><position> <mut or const> <type>`. */
function stateGlobal(name: string, global: WebAssembly.Global): StateGlobal {
  const [, mutability, type] = name.split(' ');
  return { global, mutable: mutability === 'mut', type: type as GlobalType };
}
