/** The server’s own routes, and the forms that every route keeps to. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { startReplica, type ReplicaServer } from '../../../src/replica/index.js';
import { bytesOf, canister } from '../support.js';
import { messageOf, RawClient, rawPrincipal, toBase64 } from './raw-client.js';
import { PocketIc } from '@dfinity/pic';

jest.setTimeout(60_000); // The first keys of a server take their time on a busy machine.

let server: ReplicaServer;
let client: RawClient;

beforeAll(async () => {
  server = await startReplica();
  client = new RawClient(server.url);
});

afterAll(() => server.stop());

test('the server says that it is there', async () => {
  expect(await client.get('/status')).toEqual({ status: 200, value: null });
});

describe('instances', () => {
  test('are listed, deleted, and never numbered again', async () => {
    const first = await client.instance();
    const second = await client.instance();
    const list = async (): Promise<unknown> => (await client.get('/instances')).value;
    expect(await list()).toEqual(['Available', 'Available']);
    expect(await client.delete(first)).toEqual({ status: 200, value: undefined });
    expect(await list()).toEqual(['Deleted', 'Available']);
    expect((await client.delete(first)).status).toBe(200);
    expect(await client.post(`${first}/update/tick`, {})).toEqual({
      status: 400,
      value: { message: 'Instance was deleted' },
    });
    expect(await client.instance()).toBe('/instances/2');
    expect((await client.get(`${second}/read/get_time`)).status).toBe(200);
  });

  test.each(['/instances/99', '/instances/99999999999999999999'])(
    '%s is not there',
    async (path) => {
      const expected = { message: 'Instance not found' };
      expect(await client.get(`${path}/read/get_time`)).toEqual({ status: 400, value: expected });
      expect(await client.delete(path)).toEqual({ status: 404, value: expected });
    },
  );

  test('do not share their state', async () => {
    const [one, other] = [await client.instance(), await client.instance()];
    await client.post(`${one}/update/tick`, {});
    const times = await Promise.all(
      [one, other].map(async (path) => (await client.get(`${path}/read/get_time`)).value),
    );
    expect(times[0]).not.toEqual(times[1]);
  });
});

test('the interface of the IC takes 4 MiB, however much the instance takes elsewhere', async () => {
  const path = await client.instance();
  const post = (below: string, size: number) =>
    fetch(`${client.url}${path}${below}`, { method: 'POST', body: new Uint8Array(size) });
  const refused = await post('/api/v2/status', 4 * 2 ** 20 + 1);
  expect(refused.status).toBe(413);
  expect(await refused.text()).toContain('more than the limit of 4194304');
  expect((await post('/api/v2/status', 4 * 2 ** 20)).status).toBe(405);
  expect((await post('/update/tick', 4 * 2 ** 20 + 1)).status).toBe(400);
});

describe('every route', () => {
  test('serves its path with a slash at the end, and HEAD as GET', async () => {
    const path = await client.instance();
    expect((await client.get('/status/')).status).toBe(200);
    expect((await client.get(`${path}/read/get_time/`)).status).toBe(200);
    expect((await client.post(`${path}/update/tick/`, {})).status).toBe(200);
    expect((await fetch(`${client.url}/status`, { method: 'HEAD' })).status).toBe(200);
  });

  test('takes no body, and null, for an object without fields', async () => {
    const path = await client.instance();
    expect((await client.post(`${path}/update/tick`, '')).status).toBe(200);
    expect((await client.post(`${path}/update/tick`, 'null')).status).toBe(200);
  });

  test('ignores headers about how long to wait, and answers when it is done', async () => {
    const path = await client.instance();
    const headers = { 'processing-timeout-ms': '0', 'x-request-id': 'a' };
    expect(await client.post(`${path}/update/tick`, {}, headers)).toEqual({
      status: 200,
      value: null,
    });
  });

  test('may be asked from a page of any origin', async () => {
    const path = await client.instance();
    const preflight = await fetch(client.url + path, { method: 'OPTIONS' });
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    const answer = await fetch(`${client.url}${path}/read/get_time`);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  test.each([
    ['GET', '/'],
    ['GET', '/nothing'],
    ['POST', '/status'],
    ['PUT', '/instances'],
    ['POST', '/blobstore/00'],
    ['GET', '/http_gateway/0/stop'],
    ['GET', '/instances/0/read/nothing'],
    ['GET', '/instances/0'],
    ['GET', '/instances/0/constructor'],
    ['GET', '/instances/0/update/tick'],
  ])('that is not there says so: %s %s', async (method, path) => {
    await client.instance();
    const open = (await client.get('/instances')).value as string[];
    const known = path.replace('/0', `/${open.lastIndexOf('Available')}`);
    const answer = await fetch(client.url + known, { method });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ message: expect.stringContaining('does not serve') });
  });
});

test.each(['GET /read_graph/AAAA/op', 'DELETE /prune_graph/AAAA/op'])(
  'no operation is ever under way: %s',
  async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    const answer = await fetch(client.url + path, { method });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ message: 'state_label / op_id not found: AAAA / op' });
  },
);

describe('the blob store', () => {
  const put = (
    body: Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> => fetch(`${client.url}/blobstore`, { method: 'POST', body, headers });
  const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

  test('gives back what it was given, by its hash', async () => {
    const bytes = bytesOf('some bytes');
    const name = await (await put(new Uint8Array(bytes))).text();
    expect(name).toBe(hashOf(bytes));
    const got = await fetch(`${client.url}/blobstore/${name}`);
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
  });

  test('keeps compressed bytes as they are, and decompresses them for a canister', async () => {
    const page = new Uint8Array(65_536).fill(7);
    const gzipped = gzipSync(page);
    const name = await (await put(new Uint8Array(gzipped), { 'content-encoding': 'gzip' })).text();
    expect(name).toBe(hashOf(gzipped));
    const got = await fetch(`${client.url}/blobstore/${name}`);
    expect(got.headers.get('content-encoding')).toBe('gzip');
    expect(Buffer.from(await got.arrayBuffer()).equals(gunzipSync(gzipped))).toBe(true);

    const pic = await PocketIc.create(client.url);
    const canisterId = await pic.createCanister();
    await pic.installCode({ canisterId, wasm: canister('') });
    const open = (await client.get('/instances')).value as string[];
    await client.post(`/instances/${open.length - 1}/update/set_stable_memory`, {
      canister_id: toBase64(canisterId.toUint8Array()),
      blob_id: toBase64(Buffer.from(name, 'hex')),
    });
    expect(Buffer.from(await pic.getStableMemory(canisterId)).equals(page)).toBe(true);
    await pic.tearDown();
  });

  test.each([['another encoding', { 'content-encoding': 'br' }, "Only 'gzip' content encoding"]])(
    'refuses %s',
    async (_, headers, text) => {
      const answer = await put(new Uint8Array(1), headers);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({ message: expect.stringContaining(text) });
    },
  );

  test('knows only what it was given', async () => {
    expect((await client.get(`/blobstore/${'0'.repeat(64)}`)).status).toBe(404);
    expect((await client.get('/blobstore/nothing')).status).toBe(400);
  });
});

describe('an error of an operation', () => {
  const nowhere = 'aaaaa-aa';

  test.each([
    ['/read/get_cycles', {}, `CanisterNotFound(CanisterId(${nowhere}))`],
    ['/update/add_cycles', { amount: 1 }, `CanisterNotFound(CanisterId(${nowhere}))`],
    ['/read/get_controllers', {}, `CanisterNotFound(CanisterId(${nowhere}))`],
    ['/read/get_stable_memory', {}, `CanisterNotFound(CanisterId(${nowhere}))`],
    ['/update/set_stable_memory', { blob_id: '' }, `CanisterNotFound(CanisterId(${nowhere}))`],
  ])('has the form of the real server: %s', async (route, fields, text) => {
    const path = await client.instance();
    const answer = await client.post(path + route, { canister_id: '', ...fields });
    expect(answer).toEqual({ status: 400, value: { message: text } });
  });

  test('tells an empty canister and an unknown blob', async () => {
    const pic = await PocketIc.create(client.url);
    const canisterId = await pic.createCanister();
    const empty = `CanisterIsEmpty(CanisterId(${canisterId.toText()}))`;
    await expect(pic.getStableMemory(canisterId)).rejects.toThrow(empty);
    await expect(pic.setStableMemory(canisterId, new Uint8Array(1))).rejects.toThrow(empty);
    const open = (await client.get('/instances')).value as string[];
    const answer = await client.post(`/instances/${open.length - 1}/update/set_stable_memory`, {
      canister_id: toBase64(canisterId.toUint8Array()),
      blob_id: toBase64(new Uint8Array(32)),
    });
    expect(messageOf(answer)).toBe('ConversionError { message: "Bad blob id" }');
    await pic.tearDown();
  });

  test('names the block maker, which no instance has', async () => {
    const path = await client.instance();
    const { value } = await client.get(`${path}/_/topology`);
    const [subnet] = Object.keys((value as { subnet_configs: object }).subnet_configs);
    const { Principal } = await import('@dfinity/principal');
    const tick = (subnet_id: string): Promise<string> =>
      client
        .post(`${path}/update/tick`, {
          blockmakers: {
            blockmakers_per_subnet: [
              { subnet: { subnet_id }, blockmaker: { node_id: '' }, failed_blockmakers: [] },
            ],
          },
        })
        .then(messageOf);
    const known = rawPrincipal(Principal.fromText(subnet!));
    expect(await tick(known)).toBe('BlockmakerNotFound(aaaaa-aa)');
    expect(await tick('AQ==')).toMatch(/^SubnetNotFound\(Principal { len: 1, bytes: \[1, 0, 0/);
  });
});

describe('integers', () => {
  test('are exact beyond 2^53, in and out', async () => {
    const pic = await PocketIc.create(client.url);
    const canisterId = await pic.createCanister({ cycles: 0n });
    const open = (await client.get('/instances')).value as string[];
    const path = `/instances/${open.length - 1}`;
    const id = toBase64(canisterId.toUint8Array());
    const amount = 2n ** 120n + 1n;
    const { value } = await client.post(
      `${path}/update/add_cycles`,
      `{"canister_id":"${id}","amount":${amount}}`,
    );
    expect(value).toEqual({ cycles: (await pic.getCyclesBalance(canisterId)) as bigint });
    expect((value as { cycles: bigint }).cycles % 10n ** 6n).toBe(amount % 10n ** 6n);
    await pic.tearDown();
  });

  test.each([
    ['a fraction', '1.5'],
    ['less than nothing', '-1'],
    ['more than 128 bits', String(2n ** 128n)],
    ['a text', '"1"'],
    ['nothing', 'null'],
  ])('are refused where they are %s', async (_, amount) => {
    const pic = await PocketIc.create(client.url);
    const canisterId = await pic.createCanister();
    const open = (await client.get('/instances')).value as string[];
    const id = toBase64(canisterId.toUint8Array());
    const answer = await client.post(
      `/instances/${open.length - 1}/update/add_cycles`,
      `{"canister_id":"${id}","amount":${amount}}`,
    );
    expect(answer.status).toBe(400);
    expect(messageOf(answer)).toContain('amount: expected an integer');
    await pic.tearDown();
  });

  test('of time have 64 bits', async () => {
    const path = await client.instance();
    const set = (nanos: bigint): Promise<number> =>
      client
        .post(`${path}/update/set_time`, `{"nanos_since_epoch":${nanos}}`)
        .then(({ status }) => status);
    expect(await set(2n ** 64n)).toBe(400);
    expect(await set(2n ** 64n - 1n)).toBe(200);
    expect((await client.get(`${path}/read/get_time`)).value).toEqual({
      nanos_since_epoch: 2n ** 64n - 1n,
    });
  });
});
