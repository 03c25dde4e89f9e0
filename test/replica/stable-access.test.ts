/** How much stable memory one message may touch, and what a large and empty one costs. */
import { describe, expect, test } from '@jest/globals';

import { MODE_WORDS, type Mode } from '../../src/replica/entry-point.js';
import { refuseAccess } from '../../src/replica/stable-access.js';
import { StableMemoryOverlay, StableMemory } from '../../src/replica/stable-memory.js';
import { Bench, dataOf, errorOf, messageOf } from './support.js';

const PAGES_PER_GIB = 2 ** 18;
const UPGRADE = ['s', 'I', 'G'];
const QUERY = ['NRQ', 'TQ', 'CQ', 'CRy', 'CRt', 'CC', 'F'];

test.each(Object.keys(MODE_WORDS) as Mode[])('in mode %s so many GiB, and no page more', (mode) => {
  const most = UPGRADE.includes(mode) ? 8 : QUERY.includes(mode) ? 1 : 2;
  expect(refuseAccess(mode, 'modified', most * PAGES_PER_GIB)).toBeUndefined();
  const trap = refuseAccess(mode, 'modified', most * PAGES_PER_GIB + 1);
  expect(trap?.errorCode).toBe(524);
  expect(trap?.text).toContain('number of modified pages in the stable memory');
});

describe('a message', () => {
  /** Reads 32 MiB at a time, as often as it is told. */
  const READING = `
    (func (export "canister_init")
      (drop (memory.grow (i32.const 512)))
      (drop (call $stable64_grow (i64.const 65536))))
    (func (export "canister_query read") (local $offset i64) (local $left i32)
      (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 4))
      (local.set $left (i32.load (i32.const 0)))
      (loop $next
        (call $stable64_read (i64.const 1024) (local.get $offset) (i64.const 33554432))
        (local.set $offset (i64.add (local.get $offset) (i64.const 33554432)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $next (local.get $left)))
      (call $msg_reply))`;

  test('that reads more than it may ends with IC0524', () => {
    const bench = new Bench();
    const id = bench.deploy(READING);
    const times = (count: number): Uint8Array => new Uint8Array(Uint32Array.of(count).buffer);
    dataOf(bench.query(id, 'read', times(32)));
    const response = bench.query(id, 'read', times(33));
    expect(errorOf(response)).toBe(524);
    expect(messageOf(response)).toContain('number of accessed pages in the stable memory');
  });
});

test('100 GiB of stable memory cost what was written of them', () => {
  const MIB = 2 ** 20;
  const overlay = new StableMemoryOverlay(StableMemory.empty);
  expect(overlay.grow((100 * 1024 * MIB) / 65_536)).toBe(0);
  const piece = new Uint8Array(MIB).fill(1);
  // Far apart, so that no page is shared: 50 MiB in all.
  for (let index = 0; index < 50; index++) overlay.write(index * 2 * 1024 * MIB, piece);
  const memory = overlay.commit();
  expect(memory.size * 65_536).toBe(100 * 1024 * MIB);
  expect(memory.pagesWritten * 65_536).toBe(50 * MIB);
});

test('500 GiB is the end of stable memory', () => {
  const overlay = new StableMemoryOverlay(StableMemory.empty);
  const most = (500 * 2 ** 30) / 65_536;
  expect(overlay.grow(most + 1)).toBe(-1);
  expect(overlay.grow(most)).toBe(0);
  expect(overlay.grow(1)).toBe(-1);
  expect(overlay.grow(0)).toBe(most);
});
