/** The REST interface, as the unmodified client of PocketIC uses it. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { PocketIc, SubnetStateType } from '@dfinity/pic';
import { Principal as OurPrincipal } from '@dfinity/principal';

import { startReplica, type ReplicaServer } from '../../../src/replica/index.js';
import { bytesOf, canister } from '../support.js';

/** Echoes, keeps a number in stable memory, and fails in two ways. */
const WASM = canister(`
  (data (i32.const 100) "no")
  (func (export "canister_query echo")
    (drop (memory.grow (i32.const 40)))
    (call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (call $msg_arg_data_size))
    (call $reply_bytes (i32.const 1000) (call $msg_arg_data_size)))
  (func (export "canister_query time") (call $reply_i64 (call $time)))
  (func (export "canister_update store")
    (drop (call $stable64_grow (i64.const 1)))
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
    (call $stable64_write (i64.const 0) (i64.const 0)
      (i64.extend_i32_u (call $msg_arg_data_size)))
    (call $msg_reply))
  (func (export "canister_update fail") unreachable)
  (func (export "canister_update refuse") (call $msg_reject (i32.const 100) (i32.const 2)))`);

/** The client has its own copy of the principal library: same values, another class. */
type Principal = Awaited<ReturnType<PocketIc['createCanister']>>;

function principal(...bytes: number[]): Principal {
  return OurPrincipal.fromUint8Array(Uint8Array.from(bytes)) as unknown as Principal;
}

jest.setTimeout(60_000); // Modules are uploaded, which takes its time on a busy machine.

let server: ReplicaServer;
let pic: PocketIc;

beforeAll(async () => {
  server = await startReplica();
});

afterAll(async () => {
  await server.stop();
});

beforeEach(async () => {
  pic = await PocketIc.create(server.url);
});

afterEach(async () => {
  await pic.tearDown();
});

async function setup(): Promise<Principal> {
  const canisterId = await pic.createCanister();
  await pic.installCode({ canisterId, wasm: WASM });
  return canisterId;
}

describe('messages', () => {
  test('go through as updates and queries, small and large', async () => {
    const canisterId = await setup();
    for (const size of [0, 1, 1_500_000]) {
      const arg = new Uint8Array(size).map((_, index) => index % 251);
      const call = { canisterId, method: 'echo', arg, sender: principal(4) };
      for (const answer of [await pic.updateCall(call), await pic.queryCall(call)]) {
        expect(Buffer.from(answer).equals(arg)).toBe(true);
      }
    }
  });

  test('fail with the reject code, the error code and the text', async () => {
    const canisterId = await setup();
    const arg = new Uint8Array(0);
    await expect(pic.updateCall({ canisterId, method: 'fail', arg })).rejects.toThrow(
      /Canister trapped: unreachable.*Reject code: 5. Error code: 502. Certified: true/s,
    );
    await expect(pic.updateCall({ canisterId, method: 'refuse', arg })).rejects.toThrow(
      'Canister call failed: no. Reject code: 4. Error code: 406. Certified: true',
    );
    await expect(pic.updateCall({ canisterId, method: 'none', arg })).rejects.toThrow(
      /Error code: 536. Certified: false/,
    );
    await expect(
      pic.updateCall({ canisterId, method: 'echo', arg: new Uint8Array(2 ** 21 + 1) }),
    ).rejects.toThrow('BadIngressMessage');
  });
});

describe('code', () => {
  test('larger than a message comes in chunks', async () => {
    const filler = new Uint8Array(3_000_000);
    const name = bytesOf('filler');
    const size = filler.length + name.length + 1;
    const header = [
      0,
      0x80 | (size & 0x7f),
      0x80 | ((size >> 7) & 0x7f),
      0x80 | ((size >> 14) & 0x7f),
      size >> 21,
    ];
    const wasm = Buffer.concat([
      WASM,
      Uint8Array.from(header),
      Uint8Array.of(name.length),
      name,
      filler,
    ]);
    const canisterId = await pic.createCanister();
    await pic.installCode({ canisterId, wasm });
    const call = { canisterId, method: 'echo', arg: bytesOf('hello') };
    expect(await pic.queryCall(call)).toEqual(bytesOf('hello'));
  });

  test('is upgraded and reinstalled', async () => {
    const canisterId = await setup();
    await pic.updateCall({ canisterId, method: 'store', arg: bytesOf('kept') });
    const arg = new Uint8Array(0);
    await pic.upgradeCanister({ canisterId, wasm: WASM, arg });
    const stable = await pic.getStableMemory(canisterId);
    expect(stable.subarray(0, 4)).toEqual(bytesOf('kept'));
    await pic.reinstallCode({ canisterId, wasm: WASM, arg });
    expect(await pic.getStableMemory(canisterId)).toHaveLength(0);
  });
});

test('stable memory goes out and in', async () => {
  const canisterId = await setup();
  const memory = new Uint8Array(65_536).map((_, index) => index % 253);
  await pic.setStableMemory(canisterId, memory);
  expect(Buffer.from(await pic.getStableMemory(canisterId)).equals(memory)).toBe(true);
});

describe('time', () => {
  const START = 1_620_328_630_000;

  async function canisterTime(canisterId: Principal): Promise<bigint> {
    const data = await pic.queryCall({ canisterId, method: 'time', arg: new Uint8Array(0) });
    return new DataView(data.buffer, data.byteOffset).getBigUint64(0, true);
  }

  test('begins in 2021 and moves by a nanosecond a round', async () => {
    expect(Math.floor(await pic.getTime())).toBe(START);
    const canisterId = await setup();
    const before = await canisterTime(canisterId);
    await pic.tick(3);
    expect(await canisterTime(canisterId)).toBe(before + 3n);
  });

  test('that is set reaches canisters in the next round; certified time at once', async () => {
    const canisterId = await setup();
    await pic.setTime(START + 60_000);
    expect(await canisterTime(canisterId)).toBeLessThan(BigInt(START + 60_000) * 1_000_000n);
    await pic.tick();
    expect(await canisterTime(canisterId)).toBe(BigInt(START + 60_000) * 1_000_000n);
    await pic.setCertifiedTime(START + 90_000);
    expect(await canisterTime(canisterId)).toBe(BigInt(START + 90_000) * 1_000_000n);
    await expect(pic.setTime(START)).rejects.toThrow('SettingTimeIntoPast');
  });
});

test('cycles are exact beyond 2^53', async () => {
  const amount = 2n ** 100n + 1n;
  const canisterId = await pic.createCanister({ cycles: amount });
  expect(await pic.getCyclesBalance(canisterId)).toBe(amount);
  expect(await pic.addCycles(canisterId, 2n ** 70n)).toBe(amount + 2n ** 70n);
});

test('canisters have a subnet and controllers', async () => {
  const sender = principal(7);
  const canisterId = await pic.createCanister({ sender });
  const controllers = await pic.getControllers(canisterId);
  expect(controllers.map((one) => one.toText())).toEqual([sender.toText()]);
  const [subnet] = await pic.getApplicationSubnets();
  expect((await pic.getCanisterSubnetId(canisterId))!.toText()).toBe(subnet!.id.toText());
  expect((await pic.getDefaultEffectiveCanisterId()).toText()).toBe('lxzze-o7777-77777-aaaaa-cai');
  const nowhere = principal(9);
  expect(await pic.getCanisterSubnetId(nowhere)).toBeNull();
  await expect(pic.getControllers(nowhere)).rejects.toThrow('CanisterNotFound');
});

test('an instance can have several subnets', async () => {
  const state = { type: SubnetStateType.New } as const;
  const wide = await PocketIc.create(server.url, {
    nns: { state },
    application: [{ state }, { state }],
  });
  const topology = Object.values(await wide.getTopology());
  expect(topology.map(({ type }) => String(type))).toEqual(['NNS', 'Application', 'Application']);
  const target = (await wide.getNnsSubnet())!.id;
  const canisterId = await wide.createCanister({ targetSubnetId: target });
  expect(canisterId.toText()).toBe('rwlgt-iiaaa-aaaaa-aaaaa-cai');
  await wide.tearDown();
});

test('a subnet for benchmarks lets an update use what is too much elsewhere', async () => {
  const state = { type: SubnetStateType.New } as const;
  const wide = await PocketIc.create(server.url, {
    application: [{ state, enableBenchmarkingInstructionLimits: true }, { state }],
  });
  // Ten times 4 billion instructions, for texts that are not in the heap.
  const prints = '(call $debug_print (i32.const 0) (i32.const -1))'.repeat(10);
  const wasm = canister(`(func (export "canister_update work") ${prints} (call $msg_reply))`);
  const [benchmark, usual] = await wide.getApplicationSubnets();
  const work = async (targetSubnetId: Principal) => {
    const canisterId = await wide.createCanister({ targetSubnetId });
    await wide.installCode({ canisterId, wasm, targetSubnetId });
    return wide.updateCall({ canisterId, method: 'work', arg: new Uint8Array(0) });
  };
  await expect(work(benchmark!.id)).resolves.toEqual(new Uint8Array(0));
  await expect(work(usual!.id)).rejects.toThrow('exceeded the limit of 40000000000 instructions');
  await wide.tearDown();
});

test('a canister is stopped, started, and tells its status', async () => {
  const canisterId = await setup();
  await pic.stopCanister({ canisterId });
  const arg = new Uint8Array(0);
  await expect(pic.updateCall({ canisterId, method: 'echo', arg })).rejects.toThrow('is stopped');
  await pic.startCanister({ canisterId });
  const status = await pic.canisterStatus({ canisterId });
  expect(status.status).toEqual({ running: null });
  await pic.updateCanisterSettings({ canisterId, freezingThreshold: 9n });
  expect((await pic.canisterStatus({ canisterId })).settings.freezingThreshold).toBe(9n);
});

describe('what is not there', () => {
  test('says so, with a status', async () => {
    const post = async (path: string, body: string): Promise<[number, unknown]> => {
      const response = await fetch(server.url + path, { method: 'POST', body });
      return [response.status, await response.json()];
    };
    expect(await post('/instances/99/update/tick', '{}')).toEqual([
      400,
      { message: 'Instance not found' },
    ]);
    expect((await post('/instances/0/read/nonsense', '{}'))[0]).toBe(400);
    const open = await PocketIc.create(server.url);
    const instances = (await (await fetch(`${server.url}/instances`)).json()) as string[];
    const last = instances.lastIndexOf('Available');
    expect((await post(`/instances/${last}/read/nonsense`, '{}'))[0]).toBe(404);
    expect((await post(`/instances/${last}/read/query`, '{"sender":'))[0]).toBe(400);
    expect((await post(`/instances/${last}/read/query`, '{"sender":1}'))[0]).toBe(400);
    await open.tearDown();
    expect(await post(`/instances/${last}/update/tick`, '{}')).toEqual([
      400,
      { message: 'Instance was deleted' },
    ]);
  });

  test('an instance with features of the ICP system', async () => {
    const response = await fetch(`${server.url}/instances`, {
      method: 'POST',
      body: JSON.stringify({
        subnet_config_set: { application: [{ state_config: 'New' }] },
        icp_features: { ii: 'DefaultConfig' },
      }),
    });
    expect(response.status).toBe(400);
    const { Error: error } = (await response.json()) as { Error: { message: string } };
    expect(error.message).toContain("does not offer 'icp_features': it has no code for 'ii'");
  });
});
