/** What the rewriter adds to a module, and what it leaves alone. */
import { expect, test } from '@jest/globals';

import { expose } from '../../../src/replica/host/expose.js';
import { WasmFormatError } from '../../../src/wasm/leb128.js';
import { assemble, bytesOf } from '../support.js';

function exportsOf(wasm: Uint8Array): string[] {
  const module = new WebAssembly.Module(expose(wasm) as BufferSource);
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
  const module = new WebAssembly.Module(expose(wasm) as BufferSource);
  const { exports } = new WebAssembly.Instance(module);
  const global = exports['__replica_global_0 mut i32'] as WebAssembly.Global;
  expect(global.value).toBe(0);
  (exports['canister_start'] as () => void)();
  expect(global.value).toBe(7);
});

test('an empty module stays empty', () => {
  expect(exportsOf(assemble('(module)'))).toEqual([]);
});

test('a mutable vector is refused, since no host can restore it', () => {
  const vector = [0xfd, 0x0c, ...new Array<number>(16).fill(0), 0x0b];
  const section = [1, 0x7b, 1, ...vector];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const wasm = Uint8Array.of(...header, 6, section.length, ...section);
  expect(() => expose(wasm)).toThrow(WasmFormatError);
});

test.each([
  ['no module', bytesOf('nonsense')],
  ['a section that ends too early', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 6, 200, 1)],
])('%s is a format error', (_name, wasm) => {
  expect(() => expose(wasm)).toThrow(WasmFormatError);
});
