/**
 * The bytes of a state directory, frozen: whoever has one must be able to open it with every later
 * version. A change here is a new layout version, next to this one.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import { CheckpointReader, writeCheckpoint } from '../../../src/replica/archive/checkpoint.js';
import { readEntry, writeEntry } from '../../../src/replica/archive/journal-entry.js';
import { replicaKinds } from '../../../src/replica/archive/replica-kinds.js';
import { Clock } from '../../../src/replica/clock.js';
import { readRecords, RecordFile } from '../../../src/replica/command/record-file.js';
import { fingerprintOf, writeIdentity } from '../../../src/replica/command/identity.js';
import { nodeHost } from '../../../src/replica/host/node-host.js';
import { Randomness } from '../../../src/replica/randomness.js';
import { StableMemory } from '../../../src/replica/stable-memory.js';

const SEED = new Uint8Array(32).fill(7);
const IDENTITY = { seed: SEED, time: 1000n, subnets: ['Application'], system: true } as const;
const KINDS = replicaKinds(nodeHost, SEED);
const FINGERPRINT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'golden-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the identity', () => {
  expect(writeIdentity(IDENTITY)).toBe(`{
  "version": 1,
  "seed": "${'07'.repeat(32)}",
  "time": "1000",
  "subnets": [
    "Application"
  ],
  "system": true
}
`);
  expect(Buffer.from(fingerprintOf(IDENTITY)).toString('hex')).toBe('2d16040a0561b219');
});

test('a journal', () => {
  const entry = {
    now: 1001n,
    roundTime: 1000n,
    input: 'submit',
    values: [{ sender: Principal.anonymous(), method: 'greet', argument: Uint8Array.of(9) }],
    outcome: 5,
  };
  const path = join(folder, 'journal');
  const file = RecordFile.create(path, 'RJN', FINGERPRINT);
  file.append(writeEntry(entry, KINDS));
  file.close();
  expect(readFileSync(path).toString('hex')).toBe(
    '524a4e01' + // RJN, version 1
      '0102030405060708' + // the fingerprint
      '4c000000' +
      '993886f0' +
      '5ce12361' + // a record of 76 bytes
      '0a05' +
      '06d20f' +
      '06d00f' + // now and round time
      '07067375626d6974' + // submit
      '0a01' +
      '0d03' + // one argument with three fields
      '0673656e646572' +
      '0e097072696e636970616c' +
      '080104' + // sender
      '066d6574686f64' +
      '07056772656574' + // method
      '08617267756d656e74' +
      '080109' + // argument
      '050000000000001440', // outcome
  );
  const read: unknown[] = [];
  readRecords(path, 'RJN', FINGERPRINT, (body) => read.push(readEntry(body, KINDS)));
  expect(read).toEqual([entry]);
});

test('a checkpoint', () => {
  const page = new Uint8Array(65_536);
  page[65_535] = 1;
  const memory = StableMemory.empty.with(3, [[2, page]]);
  const values = {
    clock: new Clock(7n, 6n),
    randomness: new Randomness(nodeHost, SEED, 3),
    memory,
    same: memory,
    map: new Map([['k', page]]),
  };
  const path = join(folder, 'checkpoint');
  const file = RecordFile.create(path, 'RCK', FINGERPRINT);
  const bodies: Uint8Array[] = [];
  writeCheckpoint(values, KINDS, nodeHost, (body) => {
    bodies.push(body);
    file.append(body);
  });
  file.close();
  expect(bodies.map((body) => body.length)).toEqual([65_537, bodies[1]!.length]);
  expect(Buffer.from(bodies[1]!).toString('hex')).toBe(
    '02' + // the state
      '0d05' + // five fields
      '05636c6f636b' +
      '0e05636c6f636b' +
      '0d02' + // clock
      '036e6f77' +
      '060e' +
      '09726f756e6454696d65' +
      '060c' +
      '0a72616e646f6d6e657373' +
      '0e0a72616e646f6d6e657373' +
      '050000000000000840' +
      '066d656d6f7279' +
      '0e066d656d6f7279' +
      '0d02' + // memory
      '0473697a65' +
      '050000000000000840' +
      '057061676573' +
      '0b01' +
      '050000000000000040' +
      '0900' + // page 2 is blob 0
      '0473616d65' +
      '0f06' + // the memory again, by its number
      '036d6170' +
      '0b01' +
      '07016b' +
      '0f03', // the page again, by its number
  );
  const reader = new CheckpointReader();
  readRecords(path, 'RCK', FINGERPRINT, (body) => reader.take(body));
  const read = reader.values(KINDS) as typeof values;
  expect([read.clock.now, read.clock.roundTime, read.randomness.counter]).toEqual([7n, 6n, 3]);
  expect(read.memory.size).toBe(3);
  expect(read.memory.page(0)).toBe(undefined);
  expect(Buffer.from(read.memory.page(2)!).equals(page)).toBe(true);
  expect(read.same).toBe(read.memory);
  expect(read.map.get('k')).toBe(read.memory.page(2));
});
