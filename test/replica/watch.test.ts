/** Watching a replica: who was called, and how it ended. */
import { expect, test } from '@jest/globals';

import type { MessageEnd, MessageStart } from '../../src/replica/watch.js';
import { Bench } from './support.js';

const TALKATIVE = `
  (data (i32.const 0) "because")
  (func (export "canister_update greet") (call $reply_i32 (i32.const 7)))
  (func (export "canister_query look") (call $reply_i32 (i32.const 7)))
  (func (export "canister_update refuse") (call $msg_reject (i32.const 0) (i32.const 7)))
  (func (export "canister_update fail") (call $trap (i32.const 0) (i32.const 7)))
  (func (export "canister_heartbeat"))`;

function heard(bench: Bench): { list: string[]; letGo: () => void; starts: MessageStart[] } {
  const list: string[] = [];
  const starts: MessageStart[] = [];
  const letGo = bench.replica.watch((start) => {
    starts.push(start);
    return ({ result, text }: MessageEnd) =>
      list.push(`${start.mode} ${start.method}: ${result} ${text}`.trim());
  });
  return { list, letGo, starts };
}

test('a watcher hears of calls, queries and system tasks, and how each ended', () => {
  const bench = new Bench();
  const id = bench.deploy(TALKATIVE);
  const { list, starts } = heard(bench);
  for (const method of ['greet', 'refuse', 'fail']) bench.update(id, method);
  bench.query(id, 'look');
  expect(list.filter((line) => !line.startsWith('heartbeat'))).toEqual([
    'update greet: replied',
    'update refuse: rejected because',
    expect.stringMatching(/^update fail: trapped .*because/),
    'non replicated query look: replied',
  ]);
  expect(list).toContain('heartbeat canister_heartbeat: done');
  expect(starts.every(({ canisterId }) => canisterId.toText() === id.toText())).toBe(true);
});

test('a watcher hears of calls to the management canister', () => {
  const bench = new Bench();
  const { list } = heard(bench);
  bench.create();
  expect(list).toEqual(['update provisional_create_canister_with_cycles: replied']);
});

test('a watcher that was let go hears no more', () => {
  const bench = new Bench();
  const { list, letGo } = heard(bench);
  letGo();
  bench.create();
  expect(list).toEqual([]);
});
