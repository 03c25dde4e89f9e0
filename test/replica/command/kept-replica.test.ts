/** A replica that survives its process: what was answered is there after any end. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { writeCheckpoint } from '../../../src/replica/archive/checkpoint.js';
import { replicaKinds } from '../../../src/replica/archive/replica-kinds.js';
import type { Kind } from '../../../src/replica/archive/value-format.js';
import { readValue } from '../../../src/replica/archive/value-reader.js';
import type { Identity } from '../../../src/replica/command/identity.js';
import { KeptReplica, type JournalLimits } from '../../../src/replica/command/kept-replica.js';
import { nodeHost } from '../../../src/replica/host/node-host.js';
import { Bench, numberOf, CONTROLLER } from '../support.js';

/** Counts on the heap, in a global and in stable memory; calls itself; prints. */
const COUNTER = `
  (global $global (mut i64) (i64.const 0))
  (data (i32.const 100) "count")
  (table 1 funcref)
  (elem (i32.const 0) $answered)
  (func (export "canister_init") (drop (call $stable64_grow (i64.const 1))))
  (func $count
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (global.set $global (i64.add (global.get $global) (i64.const 1)))
    (call $stable64_write (i64.const 8) (i64.const 0) (i64.const 4)))
  (func (export "canister_update count")
    (call $count)
    (call $reply_i32 (i32.load (i32.const 0))))
  (func (export "canister_query heap") (call $reply_i32 (i32.load (i32.const 0))))
  (func (export "canister_query global") (call $reply_i64 (global.get $global)))
  (func (export "canister_query stable")
    (call $stable64_read (i64.const 200) (i64.const 8) (i64.const 4))
    (call $reply_i32 (i32.load (i32.const 200))))
  (func $answered (param i32) (call $count) (call $reply_i32 (i32.load (i32.const 0))))
  (func (export "canister_update twice")
    (call $canister_self_copy (i32.const 300) (i32.const 0) (call $canister_self_size))
    (call $call_new
      (i32.const 300) (call $canister_self_size) (i32.const 100) (i32.const 5)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (drop (call $call_perform)))`;

let folder: string;
let directory: string;
const open: KeptReplica[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  directory = join(folder, 'state');
});

afterEach(() => {
  for (const kept of open.splice(0)) kept.close();
  rmSync(folder, { recursive: true });
});

/** A test that needs no real randomness has none. */
const IDENTITY: Identity = {
  seed: new Uint8Array(32).fill(7),
  time: 1000n,
  subnets: ['Application'],
  system: false,
};

function start(path = directory, limits?: JournalLimits): Kept {
  const kept = new KeptReplica({
    directory: path,
    freshIdentity: () => IDENTITY,
    fail: (error) => {
      throw error;
    },
    ...(limits && { limits }),
  });
  open.push(kept);
  return new Kept(kept);
}

/** A kept replica with the calls of a bench. */
class Kept extends Bench {
  constructor(readonly kept: KeptReplica) {
    super();
    Object.defineProperty(this, 'replica', { value: kept.replica });
  }

  end(): void {
    this.kept.close();
    open.splice(open.indexOf(this.kept), 1);
  }

  /** Its subnet charges: a canister needs cycles to live on. */
  override create(): Principal {
    return super.create(10n ** 15n);
  }

  numbers(id: Principal): number[] {
    return ['heap', 'global', 'stable'].map((name) => numberOf(this.query(id, name)));
  }
}

/** What a process leaves behind that is killed now: the files, and a lock that nobody holds. */
function killed(): string {
  const path = join(folder, `killed-${readdirSync(folder).length}`);
  cpSync(directory, path, { recursive: true });
  writeFileSync(join(path, 'lock'), '999999999\n');
  return path;
}

function journalOf(path: string): string {
  return join(
    path,
    readdirSync(path).find((name) => name.startsWith('journal-'))!,
  );
}

const KINDS = replicaKinds(nodeHost, IDENTITY.seed);

/** Every kind as its name and its parts, so that states can be compared. */
const PLAIN_KINDS = KINDS.map((one) => ({ ...one, make: (parts: unknown) => [one.name, parts] }));

/** The whole state of a replica as plain data, by way of a checkpoint; blobs as their hashes. */
function stateOf({ replica }: Bench): unknown {
  const bodies: Uint8Array[] = [];
  writeCheckpoint(replica.values(), KINDS, nodeHost, (body) => bodies.push(body));
  const hashes = bodies.map((body) => Buffer.from(nodeHost.sha256(body)).toString('hex'));
  return readValue(bodies.at(-1)!.subarray(1), PLAIN_KINDS as Kind[], hashes as unknown[] as []);
}

describe('what was answered is there again', () => {
  test('after a clean end, from the checkpoint alone', () => {
    const before = start();
    const id = before.deploy(COUNTER);
    for (let count = 0; count < 3; count++) before.update(id, 'count');
    before.end();
    const after = start();
    expect(after.kept.replayed).toBe(0);
    expect(after.numbers(id)).toEqual([3, 3, 3]);
    expect(numberOf(after.update(id, 'count'))).toBe(4);
  });

  test('after a kill, from the journal', () => {
    const before = start();
    const id = before.deploy(COUNTER);
    for (let count = 0; count < 3; count++) before.update(id, 'count');
    const after = start(killed());
    expect(after.kept.replayed).toBeGreaterThan(0);
    expect(after.numbers(id)).toEqual([3, 3, 3]);
    expect(numberOf(after.update(id, 'count'))).toBe(4);
  });

  test('after a kill that follows a checkpoint, from both', () => {
    const before = start();
    const id = before.deploy(COUNTER);
    before.update(id, 'count');
    before.kept.checkpoint();
    before.update(id, 'count');
    const after = start(killed());
    expect(after.kept.replayed).toBe(2);
    expect(after.numbers(id)).toEqual([2, 2, 2]);
  });

  test('in the middle of a call between canisters', () => {
    const before = start();
    const id = before.deploy(COUNTER);
    const call = { sender: CONTROLLER, canisterId: id, argument: new Uint8Array(0) };
    const submitted = before.replica.submit({ ...call, method: 'twice' });
    before.kept.checkpoint();
    const after = start(killed());
    for (const bench of [before, after]) {
      bench.replica.executeRound();
      if (submitted.kind !== 'accepted') throw new Error(submitted.kind);
      const status = bench.replica.ingress(submitted.messageId)!.status;
      expect(status).toEqual({ kind: 'reply', data: Uint8Array.of(2, 0, 0, 0) });
    }
  });

  test('and a replica that came back goes on like one that never stopped', () => {
    const before = start();
    const id = before.deploy(COUNTER);
    before.update(id, 'twice');
    before.kept.checkpoint();
    before.update(id, 'count');
    const after = start(killed());
    const other = start(killed());
    for (const bench of [before, after, other]) {
      for (const method of ['count', 'twice', 'missing', 'count']) bench.update(id, method);
      bench.deploy(COUNTER);
      bench.replica.addCycles(id, 5n);
    }
    expect(stateOf(after)).toEqual(stateOf(before));
    expect(stateOf(other)).toEqual(stateOf(before));
  });
});

describe('the journal', () => {
  test('has no entry for rounds in which nothing happened', () => {
    const bench = start();
    const id = bench.deploy(COUNTER);
    const size = statSync(journalOf(directory)).size;
    for (let round = 0; round < 100; round++) {
      bench.replica.clock.setCertified(bench.replica.clock.now + 1_000_000n);
      bench.replica.executeRound();
    }
    bench.query(id, 'heap');
    expect(statSync(journalOf(directory)).size).toBe(size);
    const { now } = bench.replica.clock;
    bench.update(id, 'count');
    expect(start(killed()).replica.clock.now).toBe(now + 1n);
  });

  test('cut at any byte of its last entry, gives the state before that entry', () => {
    const bench = start();
    const id = bench.create();
    const sizeBefore = statSync(journalOf(directory)).size;
    const whole = stateOf(start(killed()));
    bench.replica.addCycles(id, 1n);
    const size = statSync(journalOf(directory)).size;
    expect(size).toBeGreaterThan(sizeBefore);
    for (let cut = sizeBefore; cut < size; cut++) {
      const path = killed();
      truncateSync(journalOf(path), cut);
      const after = start(path);
      expect(stateOf(after)).toEqual(whole);
      after.end();
    }
    expect(stateOf(start(killed()))).toEqual(stateOf(bench));
  });

  test('goes on behind what was cut off', () => {
    const bench = start();
    const id = bench.deploy(COUNTER);
    bench.update(id, 'count');
    const path = killed();
    appendFileSync(journalOf(path), Uint8Array.of(9, 0, 0));
    const after = start(path);
    after.update(id, 'count');
    cpSync(path, `${path}-again`, { recursive: true });
    writeFileSync(join(`${path}-again`, 'lock'), '999999999');
    expect(start(`${path}-again`).numbers(id)).toEqual([2, 2, 2]);
  });

  test.each([
    ['entries', { size: Infinity, entries: 12 }],
    ['bytes', { size: 500, entries: Infinity }],
  ])('gives way to a checkpoint when it has many %s', (_, limits) => {
    const bench = start(directory, limits);
    const id = bench.create();
    for (let count = 0; count < 10; count++) bench.replica.addCycles(id, 1n);
    expect(
      readdirSync(directory)
        .filter((name) => /-/.test(name))
        .sort(),
    ).toEqual(['checkpoint-1', 'journal-1']);
    expect(start(killed()).cycles(id)).toBe(bench.cycles(id));
  });
});

describe('a damaged file is refused, and nothing is changed', () => {
  function flip(path: string, offset: number): void {
    const bytes = readFileSync(path);
    bytes[offset]! ^= 1;
    writeFileSync(path, bytes);
  }

  function contents(path: string): Record<string, string> {
    const names = readdirSync(path).filter((name) => !name.startsWith('lock'));
    return Object.fromEntries(
      names.map((name) => [name, readFileSync(join(path, name)).toString('hex')]),
    );
  }

  function refusal(path: string): unknown {
    const before = contents(path);
    try {
      start(path);
    } catch (thrown) {
      expect(contents(path)).toEqual(before);
      expect(readdirSync(path)).not.toContain('lock');
      return thrown;
    }
    throw new Error('expected a refusal');
  }

  test('a journal, at any byte but in its cut-off end', () => {
    const bench = start();
    bench.create();
    const size = statSync(journalOf(directory)).size;
    for (let offset = 0; offset < size; offset += 7) {
      const path = killed();
      flip(journalOf(path), offset);
      expect(refusal(path)).toMatchObject({
        code: offset === 3 ? 'UNSUPPORTED_VERSION' : 'DAMAGED',
      });
    }
  });

  test('a checkpoint, flipped or cut', () => {
    const bench = start();
    bench.deploy(COUNTER);
    bench.kept.checkpoint();
    for (const offset of [0, 5, 14, 20, 30]) {
      const path = killed();
      flip(join(path, 'checkpoint-1'), offset);
      expect(refusal(path)).toMatchObject({ code: 'DAMAGED' });
    }
    const path = killed();
    truncateSync(join(path, 'checkpoint-1'), statSync(join(path, 'checkpoint-1')).size - 1);
    expect(refusal(path)).toMatchObject({ code: 'DAMAGED' });
  });

  test.each([
    ['replica.json', '{}', 'UNSUPPORTED_VERSION'],
    ['replica.json', 'seed', 'DAMAGED'],
    ['replica.json', '{"version":1,"seed":"00","time":"0","subnets":[]}', 'DAMAGED'],
    ['replica.json', '{"version":2}', 'UNSUPPORTED_VERSION'],
  ])('%s with %s', (name, text, code) => {
    start().create();
    const path = killed();
    writeFileSync(join(path, name), text);
    expect(refusal(path)).toMatchObject({ code });
  });

  test('a journal of another directory', () => {
    start().create();
    const path = killed();
    const text = readFileSync(join(path, 'replica.json'), 'utf8').replace('0707', '0708');
    writeFileSync(join(path, 'replica.json'), text);
    expect(refusal(path)).toMatchObject({ code: 'DAMAGED' });
  });

  test('a journal that is missing', () => {
    start().create();
    const path = killed();
    rmSync(journalOf(path));
    expect(refusal(path)).toMatchObject({ code: 'DAMAGED' });
  });

  test('a journal that ends otherwise when it is carried out again', () => {
    const bench = start();
    bench.create();
    bench.kept.checkpoint();
    const older = killed();
    bench.create();
    const path = killed();
    bench.end();
    // The journal of the second creation on top of a state in which another one came first.
    const other = start(older);
    other.create();
    other.end();
    copyFileSync(journalOf(path), journalOf(older));
    expect(refusal(older)).toMatchObject({ code: 'DIVERGED' });
  });
});

describe('a directory', () => {
  test('is made where it is missing, for its owner alone', () => {
    directory = join(folder, 'a', 'b');
    start();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'replica.json')).mode & 0o777).toBe(0o600);
  });

  test('that holds something else is not touched', () => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    expect(() => start()).toThrow(expect.objectContaining({ code: 'FOREIGN' }));
    expect(readdirSync(directory)).toEqual(['notes.txt']);
  });

  test('that is a file is refused', () => {
    writeFileSync(directory, '');
    expect(() => start()).toThrow(expect.objectContaining({ code: 'UNWRITABLE' }));
  });

  test('belongs to one process at a time', () => {
    const first = start();
    expect(() => start()).toThrow(expect.objectContaining({ code: 'IN_USE' }));
    expect(() => start()).toThrow(`process ${process.pid} works on it`);
    first.end();
    expect(() => start()).not.toThrow();
  });

  test('whose owner is starting, or taking over, is in use', () => {
    start().end();
    writeFileSync(join(directory, 'lock'), '');
    expect(() => start()).toThrow(expect.objectContaining({ code: 'IN_USE' }));
    writeFileSync(join(directory, 'lock'), '999999999');
    writeFileSync(join(directory, 'lock.takeover'), '');
    expect(() => start()).toThrow(expect.objectContaining({ code: 'IN_USE' }));
  });

  test('forgets what was not finished', () => {
    const bench = start();
    bench.create();
    const path = killed();
    for (const name of ['checkpoint-1.new', 'journal-1']) writeFileSync(join(path, name), 'half');
    start(path);
    expect(readdirSync(path).sort()).toEqual(['journal-0', 'lock', 'replica.json']);
  });
});

test('a seed is kept, so that ids and keys stay the same', () => {
  const first = start();
  const subnet = first.replica.defaultSubnet.id.toText();
  first.end();
  expect(start().replica.defaultSubnet.id.toText()).toBe(subnet);
});
