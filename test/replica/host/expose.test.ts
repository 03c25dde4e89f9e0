/** What the rewriter adds to a module, and what it leaves alone. */
import { expect, test } from '@jest/globals';

import { expose } from '../../../src/replica/host/expose.js';
import { readSections, writeSections } from '../../../src/wasm/module.js';
import { assemble } from '../support.js';

function exposed(wasm: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(writeSections(expose(readSections(wasm))) as BufferSource);
}

function exportsOf(wasm: Uint8Array): string[] {
  const module = exposed(wasm);
  return WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`);
}

test('memory, table and the globals of the state are exported, with their types', () => {
  const wasm = assemble(`(module
    (memory (export "memory") 1)
    (table 1 funcref)
    (elem (i32.const 0) $run)
    (global $constant i32 (i32.const 1))
    (global $known (export "known") i32 (i32.const 1))
    (global $first (mut i32) (i32.const 1))
    (global $second (mut i64) (i64.const 2))
    (func $run (export "canister_update run")
      (global.set $first (global.get $constant)) (global.set $second (i64.const 3))))`);
  expect(exportsOf(wasm)).toEqual([
    'memory memory',
    'global known',
    'function canister_update run',
    'global __replica_global_0 const i32',
    'global __replica_global_1 mut i32',
    'global __replica_global_2 mut i64',
    'memory __replica_memory',
    'table __replica_table',
  ]);
});

test('the start function is exported instead of run', () => {
  const wasm = assemble(`(module (start $begin)
    (global $x (mut i32) (i32.const 0))
    (func $begin (global.set $x (i32.const 7))))`);
  const { exports } = new WebAssembly.Instance(exposed(wasm));
  const global = exports['__replica_global_0 mut i32'] as WebAssembly.Global;
  expect(global.value).toBe(0);
  (exports['canister_start'] as () => void)();
  expect(global.value).toBe(7);
});

test('an empty module stays empty', () => {
  expect(exportsOf(assemble('(module)'))).toEqual([]);
});
