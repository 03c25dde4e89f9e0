/**
 * Damaged modules. Whatever the bytes are, the host refuses them or runs them within their limits;
 * it never throws, never hangs, and never harms another canister.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { checkProperty } from '../../support/property.js';
import { Bench, canister, dataOf } from '../support.js';

const BODY = `
  (table $table 2 funcref) (elem (i32.const 0) func $work) (elem $passive func $work)
  (data (i32.const 0) "some data") (data $more "more data")
  (global $count (mut i64) (i64.const 5))
  (type $plain (func))
  (func $work (local $i i32)
    (loop $turn
      (br_if $turn (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
    (block (br_table 0 0 (local.get $i)))
    (global.set $count (i64.div_s (global.get $count) (i64.const 3))))
  (func (export "canister_init") (call $work))
  (func (export "canister_update run")
    (call_indirect (type $plain) (i32.const 0))
    (memory.init $more (i32.const 20) (i32.const 0) (i32.const 4))
    (memory.copy (i32.const 30) (i32.const 20) (i32.const 4))
    (drop (memory.grow (i32.const 1)))
    (if (f64.lt (f64.const 1) (f64.const 2)) (then (call $msg_reply)) (else (unreachable))))`;

const LIMITS = {
  update: 200_000n,
  query: 200_000n,
  queryTree: 200_000n,
  installation: 200_000n,
  inspection: 200_000n,
};

/** One change of a module: bytes from a position on are replaced, dropped or doubled. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  drop: fc.integer({ min: 0, max: 4 }),
  add: fc.uint8Array({ maxLength: 4 }),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function damaged(wasm: Uint8Array, changes: readonly Change[]): Uint8Array {
  return changes.reduce((bytes, { at, drop, add }) => {
    const start = Math.floor(at * bytes.length);
    return Uint8Array.of(...bytes.subarray(0, start), ...add, ...bytes.subarray(start + drop));
  }, wasm);
}

/** As {@link damaged}, but no byte moves, so more of the module stays readable. */
function overwritten(wasm: Uint8Array, changes: readonly Change[]): Uint8Array {
  const bytes = wasm.slice();
  for (const { at, add } of changes) {
    const start = Math.floor(at * bytes.length);
    bytes.set(add.subarray(0, bytes.length - start), start);
  }
  return bytes;
}

test.each([
  ['with bytes lost and added', damaged],
  ['with bytes overwritten', overwritten],
])('modules %s', (_name, damage) => {
  const wasm = canister(BODY);
  const bench = new Bench({ instructionLimits: LIMITS });
  const healthy = bench.deploy(BODY);
  checkProperty(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const id = bench.create();
      bench.install(id, damage(wasm, changes));
      bench.update(id, 'run');
      bench.query(id, 'run');
      expect(dataOf(bench.update(healthy, 'run'))).toHaveLength(0);
    }),
  );
});

test('modules that end too early are refused, wherever they end', () => {
  const wasm = canister(BODY);
  const bench = new Bench();
  const id = bench.create();
  for (let length = 0; length < wasm.length; length += 7) {
    const response = bench.install(id, wasm.slice(0, length));
    const cutBetweenSections = response.kind === 'reply';
    if (cutBetweenSections) dataOf(bench.manageId('uninstall_code', id));
    else expect(response.rejection.errorCode).toBe(505);
  }
});
