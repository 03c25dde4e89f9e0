/** Time as PocketIC's users know it, through the unmodified client: one test for each rule. */
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CanisterCyclesCostSchedule, PocketIc, SubnetStateType } from '@dfinity/pic';

import { startReplica, type ReplicaServer } from '../../../src/replica/index.js';
import { canister } from '../support.js';

jest.setTimeout(60_000); // The first keys of a server take their time on a busy machine.

const WASM = canister('(func (export "canister_query time") (call $reply_i64 (call $time)))');
const START_IN_MS = 1_620_328_630_000;
const NANOSECONDS_PER_MS = 1_000_000n;

/** The client has its own copy of the principal library: same values, another class. */
type Principal = Awaited<ReturnType<PocketIc['createCanister']>>;

let server: ReplicaServer;
let pic: PocketIc;
let canisterId: Principal;

beforeAll(async () => {
  server = await startReplica();
});

afterAll(() => server.stop());

beforeEach(async () => {
  pic = await PocketIc.create(server.url);
  canisterId = await pic.createCanister();
  await pic.installCode({ canisterId, wasm: WASM });
});

/** The time that canisters see, in nanoseconds. */
async function seen(): Promise<bigint> {
  const data = await pic.queryCall({ canisterId, method: 'time', arg: new Uint8Array(0) });
  return new DataView(data.buffer, data.byteOffset).getBigUint64(0, true);
}

/** The time of the instance, in nanoseconds: the client itself gives milliseconds only. */
async function now(): Promise<bigint> {
  const instances = (await (await fetch(`${server.url}/instances`)).json()) as string[];
  const path = `/instances/${instances.length - 1}/read/get_time`;
  const text = await (await fetch(server.url + path)).text();
  return BigInt(/^\{"nanos_since_epoch":(\d+)\}$/.exec(text)![1]!);
}

function later(milliseconds: number): bigint {
  return BigInt(START_IN_MS + milliseconds) * NANOSECONDS_PER_MS;
}

test('begins on 6 May 2021', async () => {
  const fresh = await PocketIc.create(server.url);
  expect(await fresh.getTime()).toBe(START_IN_MS);
  expect(await now()).toBe(later(0));
});

test('moves by a nanosecond with each round, and not between them', async () => {
  const before = await seen();
  expect(await seen()).toBe(before);
  await pic.tick();
  expect(await seen()).toBe(before + 1n);
  await pic.tick(10);
  expect([await seen(), await now()]).toEqual([before + 11n, before + 11n]);
});

describe('that is set', () => {
  test('is kept, and seen by canisters after the next round, which runs exactly then', async () => {
    const before = await seen();
    await pic.setTime(START_IN_MS + 60_000);
    expect([await seen(), await now()]).toEqual([before, later(60_000)]);
    await pic.tick();
    expect(await seen()).toBe(later(60_000));
    await pic.tick();
    expect(await seen()).toBe(later(60_000) + 1n);
  });

  test('as certified time is seen at once, and exactly', async () => {
    await pic.setCertifiedTime(START_IN_MS + 60_000);
    expect([await seen(), await now()]).toEqual([later(60_000), later(60_000)]);
  });

  test('into the past is refused, both ways', async () => {
    await pic.setCertifiedTime(START_IN_MS + 60_000);
    const text = `SettingTimeIntoPast((${later(60_000)}, ${later(59_999)}))`;
    await expect(pic.setTime(START_IN_MS + 59_999)).rejects.toThrow(text);
    await expect(pic.setCertifiedTime(START_IN_MS + 59_999)).rejects.toThrow(text);
    expect(await now()).toBe(later(60_000));
  });

  test('to what it is stays what it is', async () => {
    await pic.setCertifiedTime(START_IN_MS + 60_000);
    await pic.setTime(START_IN_MS + 60_000);
    await pic.setCertifiedTime(START_IN_MS + 60_000);
    await pic.advanceCertifiedTime(0);
    expect([await seen(), await now()]).toEqual([later(60_000), later(60_000)]);
  });

  test('by the clock of the wall is the time of now', async () => {
    const before = Date.now();
    await pic.resetCertifiedTime();
    expect(await pic.getTime()).toBeGreaterThanOrEqual(before);
  });
});

test('advances by as much as is asked for', async () => {
  await pic.setCertifiedTime(START_IN_MS + 60_000);
  await pic.advanceTime(5_000);
  expect(await seen()).toBe(later(60_000));
  await pic.tick();
  expect(await seen()).toBe(later(65_000));
  await pic.advanceCertifiedTime(5_000);
  expect(await seen()).toBe(later(70_000));
});

test('of a live instance follows the wall clock, until it is live no more', async () => {
  const before = BigInt(Date.now()) * NANOSECONDS_PER_MS;
  await pic.makeLive();
  const first = await seen();
  expect(first).toBeGreaterThanOrEqual(before);
  while ((await seen()) === first) await new Promise((next) => setTimeout(next, 10));
  await pic.stopLive();
  const last = await seen();
  await new Promise((next) => setTimeout(next, 150));
  expect(await seen()).toBe(last);
});

test('that lies ahead of the wall clock goes on from where it is', async () => {
  const ahead = Date.now() + 86_400_000;
  await pic.setCertifiedTime(ahead);
  await pic.makeLive();
  const first = await seen();
  expect(first).toBeGreaterThanOrEqual(BigInt(ahead) * NANOSECONDS_PER_MS);
  while ((await seen()) < first + NANOSECONDS_PER_MS)
    await new Promise((next) => setTimeout(next, 10));
  await pic.stopLive();
});

test('costs cycles on any other subnet', async () => {
  const before = await pic.getCyclesBalance(canisterId);
  await pic.advanceTime(30 * 86_400_000);
  await pic.tick(2);
  expect(await pic.getCyclesBalance(canisterId)).toBeLessThan(before);
});

test('costs nothing on a free subnet', async () => {
  const state = { type: SubnetStateType.New } as const;
  const costSchedule = CanisterCyclesCostSchedule.Free;
  const free = await PocketIc.create(server.url, { application: [{ state, costSchedule }] });
  const id = await free.createCanister();
  await free.installCode({ canisterId: id, wasm: WASM });
  const before = await free.getCyclesBalance(id);
  await free.advanceTime(30 * 86_400_000);
  await free.tick(2);
  expect(await free.getCyclesBalance(id)).toBe(before);
});
