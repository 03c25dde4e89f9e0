/** The setting `wasm_memory_limit`: whom it binds, and what happens at it. */
import { describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import { Bench, canister, errorOf, messageOf, numberOf, dataOf } from './support.js';

const PAGE = 65_536;

/** The settings that are not named stay as they are. */
const UpdateHeapLimit = IDL.Record({
  canister_id: IDL.Principal,
  settings: IDL.Record({ wasm_memory_limit: IDL.Opt(IDL.Nat) }),
});

const GROWING = `
  (func (export "canister_update grow") (call $reply_i32 (memory.grow (i32.const 1))))
  (func (export "canister_query grow_in_query") (call $reply_i32 (memory.grow (i32.const 1))))
  (func (export "canister_update too_much") (call $reply_i32 (memory.grow (i32.const 65536))))
  (func (export "canister_query size") (call $reply_i32 (memory.size)))`;

function limitedTo(pages: number, body = GROWING): { bench: Bench; id: Principal } {
  const bench = new Bench();
  const id = bench.create();
  setLimit(bench, id, pages);
  dataOf(bench.install(id, canister(body)));
  return { bench, id };
}

function setLimit(bench: Bench, canister_id: Principal, pages: number): void {
  const settings = { wasm_memory_limit: [BigInt(pages * PAGE)] };
  dataOf(bench.manage('update_settings', UpdateHeapLimit, { canister_id, settings }));
}

describe('an update', () => {
  test('may grow the heap up to the limit and not beyond', () => {
    const { bench, id } = limitedTo(2);
    expect(numberOf(bench.update(id, 'grow'))).toBe(1);
    const response = bench.update(id, 'grow');
    expect(errorOf(response)).toBe(539);
    expect(messageOf(response)).toContain(
      `Canister exceeded its current Wasm memory limit of ${2 * PAGE} bytes. ` +
        `The peak Wasm memory usage was ${3 * PAGE} bytes`,
    );
    expect(numberOf(bench.query(id, 'size'))).toBe(2);
  });

  test('hears -1 where the heap cannot grow so far at all', () => {
    const { bench, id } = limitedTo(2);
    expect(numberOf(bench.update(id, 'too_much'))).toBe(2 ** 32 - 1);
  });

  test('is not limited where the limit is 0', () => {
    const { bench, id } = limitedTo(0);
    expect(numberOf(bench.update(id, 'grow'))).toBe(1);
  });

  test('feels a limit that is lowered later', () => {
    const { bench, id } = limitedTo(5);
    dataOf(bench.update(id, 'grow'));
    setLimit(bench, id, 1);
    expect(errorOf(bench.update(id, 'grow'))).toBe(539);
  });
});

test('a query is not bound by the limit', () => {
  const { bench, id } = limitedTo(1);
  expect(numberOf(bench.query(id, 'grow_in_query'))).toBe(1);
  expect(numberOf(bench.query(id, 'size'))).toBe(1);
});

test('init is bound by the limit', () => {
  const bench = new Bench();
  const id = bench.create();
  setLimit(bench, id, 1);
  const grow = '(func (export "canister_init") (drop (memory.grow (i32.const 1))))';
  expect(errorOf(bench.install(id, canister(grow)))).toBe(539);
});
