/** The texts of V8, in the words of the specification. */
import { expect, test } from '@jest/globals';

import { trapOf } from '../../../src/replica/host/v8-trap.js';
import { explicitTrap, TrapSignal, type Trap } from '../../../src/replica/trap.js';
import { nodeHost } from '../../../src/replica/index.js';
import type { CompiledModule } from '../../../src/replica/host.js';
import { assemble } from '../support.js';

function trapFrom(code: string): Trap {
  const wasm = assemble(`(module (memory 1) (func (export "run") ${code}))`);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm as BufferSource));
  try {
    (exports['run'] as () => void)();
  } catch (thrown) {
    return trapOf(thrown);
  }
  throw new Error('the code did not trap');
}

test.each([
  ['unreachable', 'unreachable'],
  ['(drop (i64.load (i32.const 65530)))', 'heap out of bounds'],
  ['(memory.fill (i32.const 65530) (i32.const 0) (i32.const 10))', 'heap out of bounds'],
  ['(drop (i32.div_s (i32.const 1) (i32.const 0)))', 'integer division by 0'],
  ['(drop (i32.rem_u (i32.const 1) (i32.const 0)))', 'integer division by 0'],
  ['(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))', 'integer overflow'],
  ['(drop (i32.trunc_f32_s (f32.const nan)))', 'invalid conversion to integer'],
])('%s', (code, fault) => {
  expect(trapFrom(code)).toEqual({ errorCode: 502, text: `Canister trapped: ${fault}` });
});

test('a machine without room is IC0507', () => {
  const thrown = new RangeError(
    'WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory',
  );
  expect(trapOf(thrown).errorCode).toBe(507);
});

test.each([
  ['(data (i32.const 70000) "a")', 'heap out of bounds'],
  ['(table 1 funcref) (elem (i32.const 5) $f) (func $f)', 'table out of bounds'],
])('a segment that does not fit: %s', (segment, fault) => {
  const wasm = assemble(`(module (memory 1) ${segment})`);
  const compiled = nodeHost.compile(wasm) as CompiledModule;
  expect(compiled.instantiate()).toEqual({ errorCode: 502, text: `Canister trapped: ${fault}` });
});

test('a trap from a system call stays what it is', () => {
  const trap = explicitTrap('boom');
  expect(trapOf(new TrapSignal(trap))).toBe(trap);
});

test('what is no trap goes on as an exception', () => {
  expect(() => trapOf(new TypeError('our fault'))).toThrow('our fault');
});
