/** What a V8 instance gives back after a message: heap and globals, and also tables and segments. */
import { describe, expect, test } from '@jest/globals';

import { Bench, errorOf, numberOf } from '../support.js';

const TABLES = `
  (data $data "\\2a")
  (table $table 2 funcref)
  (elem (i32.const 0) func $one)
  (elem $passive func $two)
  (type $number (func (result i32)))
  (global $kept (mut i32) (i32.const 0))
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $count (result i32)
    (global.set $kept (i32.add (global.get $kept) (i32.const 1)))
    (global.get $kept))
  (func (export "canister_update call_first")
    (call $reply_i32 (call_indirect (type $number) (i32.const 0))))
  (func (export "canister_update set")
    (table.set $table (i32.const 0) (ref.func $two))
    (i32.store (i32.const 8) (call $count))
    (call $reply_i32 (call_indirect (type $number) (i32.const 0))))
  (func (export "canister_update set_and_trap")
    (table.set $table (i32.const 0) (ref.func $two)) (unreachable))
  (func (export "canister_update grow")
    (call $reply_i32 (table.grow $table (ref.null func) (i32.const 3))))
  (func (export "canister_update use_data")
    (memory.init $data (i32.const 0) (i32.const 0) (i32.const 1))
    (data.drop $data)
    (call $reply_i32 (i32.load8_u (i32.const 0))))
  (func (export "canister_update use_elements")
    (table.init $table $passive (i32.const 1) (i32.const 0) (i32.const 1))
    (elem.drop $passive)
    (call $reply_i32 (call_indirect (type $number) (i32.const 1))))
  (func (export "canister_query counted") (call $reply_i32 (global.get $kept)))
  (func (export "canister_query stored") (call $reply_i32 (i32.load (i32.const 8))))`;

describe('each message finds tables and segments as the module defines them', () => {
  const bench = new Bench();
  const id = bench.deploy(TABLES);

  test('after a message that set an entry', () => {
    expect(numberOf(bench.update(id, 'set'))).toBe(2);
    expect(numberOf(bench.update(id, 'call_first'))).toBe(1);
  });

  test('while the heap and the globals of that message stay', () => {
    expect(numberOf(bench.query(id, 'counted'))).toBe(1);
    expect(numberOf(bench.query(id, 'stored'))).toBe(1);
  });

  test('after a message that set an entry and trapped', () => {
    expect(errorOf(bench.update(id, 'set_and_trap'))).toBe(502);
    expect(numberOf(bench.update(id, 'call_first'))).toBe(1);
  });

  test.each([
    ['grew the table', 'grow', 2],
    ['dropped its data', 'use_data', 42],
    ['dropped its elements', 'use_elements', 2],
  ])('after a message that %s', (_name, method, result) => {
    expect(numberOf(bench.update(id, method))).toBe(result);
    expect(numberOf(bench.update(id, method))).toBe(result);
  });
});
