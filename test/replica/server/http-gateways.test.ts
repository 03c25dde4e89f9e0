/** Gateways before instances: where they listen, what they serve, and when they end. */
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
import { PocketIc } from '@dfinity/pic';
import { IDL } from '@dfinity/candid';

import { startReplica, type ReplicaServer } from '../../../src/replica/index.js';
import { CanisterAnswer } from '../../../src/replica/server/gateway/idl.js';
import { bytesOf, canister, watString } from '../support.js';
import { messageOf, RawClient } from './raw-client.js';

jest.setTimeout(60_000); // The first keys of a server take their time on a busy machine.

/** Counts, by update calls, how often its page was asked for. */
function site(page: string): Uint8Array {
  const Answer = IDL.Record(
    Object.fromEntries(
      CanisterAnswer._fields.slice(0, 5).filter(([name]) => name !== 'streaming_strategy'),
    ),
  );
  const answer = (body: string, upgrade: boolean[]): Uint8Array =>
    IDL.encode(
      [Answer],
      [
        {
          status_code: 200,
          headers: [['content-type', 'text/html']],
          body: bytesOf(body),
          upgrade,
        },
      ],
    );
  const query = answer('', [true]);
  const update = answer(page, []);
  return canister(`
    (data (i32.const 1000) ${watString(query)})
    (data (i32.const 5000) ${watString(update)})
    (global $count (mut i32) (i32.const 0))
    (func (export "canister_query http_request")
      (call $reply_bytes (i32.const 1000) (i32.const ${query.length})))
    (func (export "canister_update http_request_update")
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (call $reply_bytes (i32.const 5000) (i32.const ${update.length})))
    (func (export "canister_query count") (call $reply_i32 (global.get $count)))`);
}

let server: ReplicaServer;
let client: RawClient;
let pic: PocketIc;
let instanceId: number;

/** What the server told about requests: one came (1), one was answered (-1). */
const changes: number[] = [];

beforeAll(async () => {
  server = await startReplica({ onRequest: (change) => changes.push(change) });
  client = new RawClient(server.url);
});

afterAll(() => server.stop());

beforeEach(async () => {
  pic = await PocketIc.create(server.url);
  instanceId = await client.newestInstance();
});

afterEach(() => client.delete(`/instances/${instanceId}`));

interface Info {
  readonly instance_id: number;
  readonly port: number;
}

async function start(config: object = {}): Promise<Info> {
  const forward_to = { PocketIcInstance: instanceId };
  const { status, value } = await client.post('/http_gateway', { forward_to, ...config });
  expect(status).toBe(201);
  return (value as { Created: Info }).Created;
}

describe('a gateway', () => {
  test('brings a page of a canister to a browser', async () => {
    const canisterId = await pic.createCanister();
    await pic.installCode({ canisterId, wasm: site('<p>hello</p>') });
    const { port } = await start();
    const url = `http://127.0.0.1:${port}/?canisterId=${canisterId.toText()}`;
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([200, '<p>hello</p>']);
    expect(answer.headers.get('content-type')).toBe('text/html');
    expect(answer.headers.get('x-ic-canister-id')).toBe(canisterId.toText());
    const count = await pic.queryCall({ canisterId, method: 'count', arg: new Uint8Array(0) });
    expect(count[0]).toBe(1);
    await pic.stopCanister({ canisterId });
    const refused = await fetch(url);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toMatch(/^canister_rejected: reject code 5, error code IC0508: /);
  });

  test('serves the pages of its instance', async () => {
    const { port } = await start();
    const gateway = new RawClient(`http://127.0.0.1:${port}`);
    const { value } = await client.get(`/instances/${instanceId}/_/topology`);
    expect((await gateway.get('/_/topology')).value).toEqual(value);
    const canisterId = await pic.createCanister();
    const dashboard = await fetch(`${gateway.url}/_/dashboard`);
    expect(dashboard.headers.get('content-type')).toContain('text/html');
    expect(await dashboard.text()).toContain(canisterId.toText());
  });

  test('keeps the server from idling', async () => {
    const { port } = await start();
    changes.length = 0;
    await fetch(`http://127.0.0.1:${port}/_/topology`);
    expect(changes).toEqual([1, -1]);
  });

  test('says so where a page is no canister’s', async () => {
    const { port } = await start();
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringMatching(/^canister_id_not_resolved/),
    ]);
  });

  test('refuses bodies that no message could hold', async () => {
    const { port } = await start();
    const body = new Uint8Array(2 ** 21 + 1);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    expect(answer.status).toBe(413);
  });
});

describe('gateways are listed', () => {
  test('with what they were asked for, until they are stopped', async () => {
    const domains = ['example.com'];
    const plain = await start();
    const { instance_id, port } = await start({ domains });
    const forward_to = { PocketIcInstance: instanceId };
    const expected = { instance_id, port, forward_to, domains, https_config: null };
    const list = async (): Promise<unknown> => (await client.get('/http_gateway/')).value;
    expect(await list()).toEqual([expect.objectContaining({ domains: null, ...plain }), expected]);
    expect(await client.post(`/http_gateway/${plain.instance_id}/stop`, {})).toEqual({
      status: 200,
      value: null,
    });
    expect(await list()).toEqual([expected]);
    await expect(fetch(`http://127.0.0.1:${plain.port}/`)).rejects.toThrow();
    expect((await client.post(`/http_gateway/${plain.instance_id}/stop`, {})).status).toBe(200);
    expect((await client.post('/http_gateway/99/stop', {})).status).toBe(200);
  });

  test('with the address by which their instance was named, as dfx does', async () => {
    const Replica = `${server.url}/instances/${instanceId}/`;
    const { port } = await start({ forward_to: { Replica } });
    expect((await client.get('/http_gateway')).value).toEqual([
      expect.objectContaining({ forward_to: { Replica }, port }),
    ]);
    expect((await fetch(`http://127.0.0.1:${port}/_/topology`)).status).toBe(200);
    await client.delete(`/instances/${instanceId}`);
    expect((await client.get('/http_gateway')).value).toEqual([]);
  });

  test('and end with their instance', async () => {
    const { port } = await start();
    await client.delete(`/instances/${instanceId}`);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    expect((await client.get('/http_gateway')).value).toEqual([]);
  });
});

describe('a gateway is refused', () => {
  const own = (): object => ({ PocketIcInstance: instanceId });

  test.each([
    ['without a target', () => ({}), 400, 'forward_to: this gateway forwards to an instance'],
    ['before another replica', () => ({ forward_to: { Replica: 'http://a' } }), 400, 'of its own'],
    ['at no address', () => ({ forward_to: { Replica: 'instances/0' } }), 400, 'of its own'],
    [
      'at another port',
      () => ({ forward_to: { Replica: `http://127.0.0.1:1/instances/${instanceId}` } }),
      400,
      '/instances/<number>/',
    ],
    ['before no instance', () => ({ forward_to: { PocketIcInstance: 99 } }), 400, 'not found'],
    ['under a domain of number', () => ({ forward_to: own(), domains: [7] }), 400, 'list of texts'],
    [
      'at a port that is taken',
      () => ({ forward_to: own(), port: server.port }),
      502,
      'Failed to bind to address 127.0.0.1',
    ],
    [
      'with a certificate that is not there',
      () => ({ forward_to: own(), https_config: { cert_path: '/none', key_path: '/none' } }),
      502,
      'TLS config could not be created',
    ],
    [
      'with a certificate that is none',
      () => ({
        forward_to: own(),
        https_config: { cert_path: '/dev/null', key_path: 'package.json' },
      }),
      502,
      'TLS config could not be created',
    ],
  ])('%s', async (_, config, status, text) => {
    const answer = await client.post('/http_gateway', config());
    expect(answer.status).toBe(status);
    expect(messageOf(answer)).toContain(text);
    expect((await client.get('/http_gateway')).value).toEqual([]);
  });
});
