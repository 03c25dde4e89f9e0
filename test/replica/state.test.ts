/** The state of a replica as values: a checkpoint that left one out would lose it. */
import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { Bench, canister, dataOf } from './support.js';

test('no field of the state is hidden from its values', () => {
  const source = readFileSync('src/replica/state.ts', 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  expect(source).not.toMatch(/#\w/);
});

test('a replica goes on where the one stood whose values it is given', () => {
  const bench = new Bench();
  const id = bench.create();
  const heir = new Bench({ values: bench.replica.values() });
  expect(heir.replica.canister(id)).toBe(bench.replica.canister(id));
  expect(heir.replica.clock.now).toBe(bench.replica.clock.now);
});

test('and keeps to its own options', () => {
  const old = new Bench({ instructionLimits: { update: 7n } });
  const id = old.create();
  const heir = new Bench({ values: old.replica.values() });
  dataOf(heir.install(id, canister('(func (export "canister_update go") (call $msg_reply))')));
  dataOf(heir.update(id, 'go'));
});
