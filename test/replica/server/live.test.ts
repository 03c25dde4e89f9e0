/** A live instance: agents talk to it through its gateway, and check all that they are told. */
import { Actor, HttpAgent } from '@icp-sdk/core/agent';
import { IDL } from '@dfinity/candid';
import { PocketIc } from '@dfinity/pic';
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
import { Principal as OurPrincipal } from '@dfinity/principal';

import { nodeHost, startReplica, type ReplicaServer } from '../../../src/replica/index.js';
import { encodeCbor } from '../../../src/replica/certification/cbor.js';
import { publicKeyToDer } from '../../../src/replica/certification/der.js';
import { TreeBuilder } from '../../../src/replica/certification/hash-tree.js';
import { encodeTree } from '../../../src/replica/certification/tree-encoding.js';
import { bytesOf, canister, watString } from '../support.js';
import { RawClient, toBase64 } from './raw-client.js';

jest.setTimeout(60_000); // The first keys of a server take their time on a busy machine.

/** Replies with the Candid number 7, certifies what it is told, and gives the certificate. */
const SEVEN = watString(IDL.encode([IDL.Nat32], [7]));
const WASM = canister(`
  (data (i32.const 0) ${SEVEN})
  (func (export "canister_query seven") (call $reply_bytes (i32.const 0) (i32.const 11)))
  (func (export "canister_update seven_by_update") (call $reply_bytes (i32.const 0) (i32.const 11)))
  (func (export "canister_update certify")
    (call $msg_arg_data_copy (i32.const 100) (i32.const 0) (call $msg_arg_data_size))
    (call $certified_data_set (i32.const 100) (call $msg_arg_data_size))
    (call $msg_reply))
  (func (export "canister_query certificate")
    (call $data_certificate_copy (i32.const 100) (i32.const 0) (call $data_certificate_size))
    (call $reply_bytes (i32.const 100) (call $data_certificate_size)))`);

type Principal = Awaited<ReturnType<PocketIc['createCanister']>>;

let server: ReplicaServer;
let client: RawClient;
let pic: PocketIc;
let canisterId: Principal;

beforeAll(async () => {
  server = await startReplica();
  client = new RawClient(server.url);
});

afterAll(() => server.stop());

beforeEach(async () => {
  pic = await PocketIc.create(server.url);
  canisterId = await pic.createCanister();
  await pic.installCode({ canisterId, wasm: WASM });
});

afterEach(() => pic.tearDown());

describe('an agent', () => {
  const service = ({ IDL: idl }: { IDL: typeof IDL }) =>
    idl.Service({
      seven: idl.Func([], [idl.Nat32], ['query']),
      seven_by_update: idl.Func([], [idl.Nat32], []),
    });
  type Seven = { seven(): Promise<number>; seven_by_update(): Promise<number> };

  const sevens = async (host: string): Promise<number[]> => {
    const agent = await HttpAgent.create({ host, shouldFetchRootKey: true });
    const actor = Actor.createActor<Seven>(service as never, {
      agent,
      canisterId: canisterId.toText(),
    });
    return [await actor.seven(), await actor.seven_by_update()];
  };

  test('calls through the gateway of a live instance', async () => {
    const port = await pic.makeLive();
    expect(await sevens(`http://127.0.0.1:${port}`)).toEqual([7, 7]);
    expect(await pic.makeLive()).toBe(port);
    await pic.stopLive();
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  test('calls below the path of a live instance', async () => {
    await pic.makeLive();
    const instances = (await client.get('/instances')).value as unknown[];
    expect(await sevens(`${server.url}/instances/${instances.length - 1}/`)).toEqual([7, 7]);
    await pic.stopLive();
  });
});

test('a page of another origin may call through the gateway', async () => {
  const port = await pic.makeLive();
  const url = `http://127.0.0.1:${port}/api/v2/status`;
  const preflight = await fetch(url, { method: 'OPTIONS' });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
    200,
    '*',
  ]);
  const answer = await fetch(url);
  expect(answer.headers.get('content-type')).toBe('application/cbor');
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  const body = new Uint8Array(4 * 2 ** 20 + 1);
  const call = `http://127.0.0.1:${port}/api/v3/canister/aaaaa-aa/call`;
  expect((await fetch(call, { method: 'POST', body })).status).toBe(413);
});

test('auto progress is started once, and stopped as often as one likes', async () => {
  const path = await client.instance();
  const started = await client.post(`${path}/auto_progress`, { artificial_delay_ms: 10 });
  expect(started).toEqual({ status: 200, value: null });
  expect(await client.get(`${path}/auto_progress`)).toEqual({ status: 200, value: true });
  expect(await client.post(`${path}/auto_progress`, {})).toEqual({
    status: 400,
    value: { message: 'Auto progress mode has already been enabled.' },
  });
  for (let count = 0; count < 2; count++) {
    expect((await client.post(`${path}/stop_progress`, {})).status).toBe(200);
    expect((await client.get(`${path}/auto_progress`)).value).toBe(false);
  }
});

test('the key of a subnet is the one that its id is made of', async () => {
  const [subnet] = await pic.getApplicationSubnets();
  const key = Uint8Array.from(await pic.getPubKey(subnet!.id));
  expect(key).toHaveLength(133);
  expect(OurPrincipal.selfAuthenticating(key).toText()).toBe(subnet!.id.toText());
  await expect(pic.getPubKey(canisterId)).rejects.toThrow('SubnetNotFound(Principal { len: 10');
});

describe('a canister signature', () => {
  const seed = bytesOf('seed');
  const message = bytesOf('message');
  const verify = async (change: object = {}) => {
    const builder = new TreeBuilder(nodeHost);
    const leaf = builder.labeled(nodeHost.sha256(message), new Uint8Array(0));
    const tree = builder.labeled('sig', builder.labeled(nodeHost.sha256(seed), leaf));
    await pic.updateCall({ canisterId, method: 'certify', arg: tree.hash });
    const call = { canisterId, method: 'certificate', arg: new Uint8Array(0) };
    const certificate = new Uint8Array(await pic.queryCall(call));
    const id = canisterId.toUint8Array();
    const key = Uint8Array.of(id.length, ...id, ...seed);
    const [subnet] = await pic.getApplicationSubnets();
    return client.post('/verify_signature', {
      msg: toBase64(message),
      sig: toBase64(encodeCbor({ certificate, tree: encodeTree(tree) })),
      pubkey: toBase64(publicKeyToDer({ algorithm: 'canister', key })),
      root_pubkey: toBase64(Uint8Array.from(await pic.getPubKey(subnet!.id))),
      ...change,
    });
  };

  test('is good where the canister made it', async () => {
    expect(await verify()).toEqual({ status: 200, value: { Ok: null } });
  });

  test.each([
    ['for another message', { msg: toBase64(bytesOf('other')) }, 406, /^Canister signature verif/],
    ['that is none', { sig: '' }, 406, /^Canister signature verification failed: .*malformed/],
    ['with a key that is none', { pubkey: 'AQID' }, 400, /^Failed to parse DER encoded public key/],
    ['with a root key that is none', { root_pubkey: '' }, 400, /encoded root public key$/],
  ])('%s is not', async (_, change, status, text) => {
    const answer = await verify(change);
    expect(answer.status).toBe(status);
    expect((answer.value as { Err: string }).Err).toMatch(text);
  });
});
