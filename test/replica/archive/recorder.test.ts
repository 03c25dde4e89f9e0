/** What a replica is told is recorded, all of it; and told to another one, makes the same of it. */
import { describe, expect, test } from '@jest/globals';

import type { JournalEntry } from '../../../src/replica/archive/journal-entry.js';
import { INPUTS, record, replay } from '../../../src/replica/archive/recorder.js';
import { replicaKinds } from '../../../src/replica/archive/replica-kinds.js';
import { nodeHost } from '../../../src/replica/host/node-host.js';
import { Replica } from '../../../src/replica/index.js';
import { Bench, dataOf } from '../support.js';

const SEED = Uint8Array.of(7);
const KINDS = replicaKinds(nodeHost, SEED);

/** The methods of a replica that leave its state as it is. */
const READERS = [
  'constructor',
  'canister',
  'canisters',
  'certify',
  'clock',
  'defaultSubnet',
  'host',
  'ingress',
  'pendingOutcalls',
  'query',
  'rootKey',
  'subnetOf',
  'subnets',
  'takeUncountedQueries',
  'values',
  'watch',
];

test('every method of a replica is an input or changes nothing', () => {
  const methods = Object.getOwnPropertyNames(Replica.prototype);
  expect(methods.sort()).toEqual([...INPUTS, ...READERS].sort());
});

describe('a replay', () => {
  test('knows the time that a client has set', () => {
    const { bench, entries } = recorded();
    bench.replica.setTime(bench.replica.clock.now + 5n);
    expect(replayed(entries).clock.now).toBe(bench.replica.clock.now);
    bench.replica.setCertifiedTime(bench.replica.clock.now + 5n);
    expect(replayed(entries).clock.roundTime).toBe(bench.replica.clock.now);
  });

  test('counts queries, though it makes none', () => {
    const { bench, entries } = recorded();
    const id = bench.deploy(`(func (export "canister_query read") (call $msg_reply))`);
    for (let count = 0; count < 3; count++) dataOf(bench.query(id, 'read'));
    bench.replica.executeRound();
    const { queryStats } = bench.replica.canister(id)!;
    expect(queryStats.calls).toBe(3n);
    expect(replayed(entries).canister(id)!.queryStats).toEqual(queryStats);
  });
});

function recorded(): { bench: Bench; entries: JournalEntry[] } {
  const bench = new Bench({ seed: SEED });
  const entries: JournalEntry[] = [];
  record(bench.replica, KINDS, (entry) => entries.push(entry));
  return { bench, entries };
}

function replayed(entries: readonly JournalEntry[]): Replica {
  const { replica } = new Bench({ seed: SEED });
  replay(replica, entries, KINDS);
  return replica;
}
