/** HTTPS outcalls through the client of PocketIC: shown, answered by a test, or really made. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { IDL } from '@dfinity/candid';
import { CanisterHttpMethod, PocketIc } from '@dfinity/pic';
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

import { RejectCode, startReplica, type ReplicaServer } from '../../../src/replica/index.js';
import {
  HttpHeaderIdl,
  HttpResponseIdl,
  TransformArgsIdl,
} from '../../../src/replica/management/idl/http.js';
import {
  bytesOf,
  canister,
  MANAGEMENT,
  PROXY,
  proxied,
  proxyArgument,
  textOf,
  watString,
} from '../support.js';
import { reply } from '../../../src/replica/rejection.js';
import { ANONYMOUS, fromBase64, messageOf, RawClient, toBase64 } from './raw-client.js';

jest.setTimeout(60_000); // The first keys of a server take their time on a busy machine.

/** Its transform leaves nothing of what came, so that all nodes agree. */
const Answered = IDL.encode([HttpResponseIdl], [{ status: 200n, headers: [], body: bytesOf('-') }]);
const WASM = canister(`${PROXY}
  (data (i32.const 100) ${watString(Answered)})
  (func (export "canister_query same") (call $reply_bytes (i32.const 100) (i32.const ${Answered.byteLength})))`);

const Request = IDL.Record({
  url: IDL.Text,
  max_response_bytes: IDL.Opt(IDL.Nat64),
  method: IDL.Variant({ get: IDL.Null, head: IDL.Null, post: IDL.Null }),
  headers: IDL.Vec(HttpHeaderIdl),
  body: IDL.Opt(IDL.Vec(IDL.Nat8)),
  transform: IDL.Opt(
    IDL.Record({
      function: IDL.Func([TransformArgsIdl], [HttpResponseIdl], ['query']),
      context: IDL.Vec(IDL.Nat8),
    }),
  ),
});

type Principal = Awaited<ReturnType<PocketIc['createCanister']>>;

let server: ReplicaServer;
let client: RawClient;
let pic: PocketIc;
let path: string;
let canisterId: Principal;

beforeAll(async () => {
  server = await startReplica();
  client = new RawClient(server.url);
});

afterAll(() => server.stop());

beforeEach(async () => {
  pic = await PocketIc.create(server.url);
  path = `/instances/${await client.newestInstance()}`;
  canisterId = await pic.createCanister();
  await pic.installCode({ canisterId, wasm: WASM });
});

afterEach(() => pic.tearDown());

/** Makes the canister ask; what it hears comes later. */
async function ask(request: object = {}): Promise<() => Promise<ReturnType<typeof proxied>>> {
  const whole = {
    url: 'https://example.com/path?query',
    max_response_bytes: [],
    method: { get: null },
    headers: [],
    body: [],
    transform: [],
    ...request,
  };
  const argument = new Uint8Array(IDL.encode([Request], [whole]));
  const arg = proxyArgument(MANAGEMENT, 'http_request', { argument, cycles: 10n ** 11n });
  const { value } = await client.post(`${path}/update/submit_ingress_message`, {
    sender: ANONYMOUS,
    canister_id: toBase64(canisterId.toUint8Array()),
    effective_principal: 'None',
    method: 'proxy',
    payload: toBase64(arg),
  });
  const submitted = (value as { Ok: object }).Ok;
  await pic.tick(2);
  return async () => {
    const answer = await client.post(`${path}/update/await_ingress_message`, submitted);
    return proxied(reply(fromBase64((answer.value as { Ok: string }).Ok)));
  };
}

interface Heard {
  readonly status: bigint;
  readonly headers: readonly { name: string; value: string }[];
  readonly body: Uint8Array;
}

function replyOf(response: ReturnType<typeof proxied>): Heard {
  if (response.kind !== 'reply') throw new Error(response.rejection.message);
  return IDL.decode([HttpResponseIdl], response.data)[0] as unknown as Heard;
}

const success = (body: string) =>
  ({
    type: 'success',
    statusCode: 200,
    headers: [['a', 'b']] as [string, string][],
    body: bytesOf(body),
  }) as const;

describe('an outcall waits', () => {
  test('and shows what was asked for', async () => {
    await ask({
      method: { post: null },
      headers: [{ name: 'accept', value: 'text/plain' }],
      body: [bytesOf('ping')],
      max_response_bytes: [1000n],
    });
    const [outcall, ...others] = await pic.getPendingHttpsOutcalls();
    expect(others).toEqual([]);
    expect(outcall).toMatchObject({
      httpMethod: CanisterHttpMethod.POST,
      url: 'https://example.com/path?query',
      headers: [['accept', 'text/plain']],
      body: bytesOf('ping'),
      maxResponseBytes: 1000,
    });
    expect(outcall!.subnetId.toText()).toBe((await pic.getCanisterSubnetId(canisterId))!.toText());
  });

  test('for a response, which the canister gets', async () => {
    const heard = await ask();
    const [{ subnetId, requestId }] = (await pic.getPendingHttpsOutcalls()) as [never];
    await pic.mockPendingHttpsOutcall({ subnetId, requestId, response: success('pong') });
    expect(await pic.getPendingHttpsOutcalls()).toEqual([]);
    const { status, headers, body } = replyOf(await heard());
    expect([status, headers, textOf(body)]).toEqual([200n, [{ name: 'a', value: 'b' }], 'pong']);
  });

  test('for a rejection, which the canister gets', async () => {
    const heard = await ask();
    const [{ subnetId, requestId }] = (await pic.getPendingHttpsOutcalls()) as [never];
    const response = { type: 'reject', statusCode: 2, message: 'no route' } as const;
    await pic.mockPendingHttpsOutcall({ subnetId, requestId, response });
    expect(await heard()).toMatchObject({
      kind: 'reject',
      rejection: { rejectCode: RejectCode.sysTransient, message: 'no route' },
    });
  });
});

describe('the nodes of a subnet', () => {
  const answer = async (
    others: string[],
    request: object = {},
  ): Promise<ReturnType<typeof proxied>> => {
    const heard = await ask(request);
    const [{ subnetId, requestId }] = (await pic.getPendingHttpsOutcalls()) as [never];
    const additionalResponses = others.map(success);
    const response = success('yes');
    await pic.mockPendingHttpsOutcall({ subnetId, requestId, response, additionalResponses });
    return heard();
  };
  const yes = (count: number): string[] => Array<string>(count).fill('yes');

  test('agree where nine of thirteen do', async () => {
    expect(textOf(replyOf(await answer([...yes(8), 'a', 'b', 'c', 'd'])).body)).toBe('yes');
  });

  test('do not agree where fewer do', async () => {
    const response = await answer([...yes(7), 'a', 'a', 'a', 'a', 'b']);
    expect(response).toMatchObject({
      kind: 'reject',
      rejection: {
        rejectCode: RejectCode.sysTransient,
        message: expect.stringMatching(
          /^No consensus could be reached\. Replicas had different responses\. Details: request_id: \d+, hashes: \[[0-9a-f]{64}: 8\], \[[0-9a-f]{64}: 4\], \[[0-9a-f]{64}: 1\]$/,
        ),
      },
    });
  });

  test('agree on what the canister makes of their answers', async () => {
    const transform = [{ function: [canisterId, 'same'], context: new Uint8Array(0) }];
    expect(textOf(replyOf(await answer([...'abcdefghijkl'], { transform })).body)).toBe('-');
  });
});

describe('an answer is refused', () => {
  const reply200 = { CanisterHttpReply: { status: 200, headers: [], body: '' } };

  test.each([
    ['for an unknown request', { request_id: 99 }, /^InvalidCanisterHttpRequestId\(\(.*, 99\)\)$/],
    ['for an unknown subnet', { subnet_id: { subnet_id: '' } }, /^SubnetNotFound\(/],
    [
      'of two nodes',
      { additional_responses: [reply200] },
      'InvalidMockCanisterHttpResponses((2, 13))',
    ],
    [
      'with an unknown code',
      { response: { CanisterHttpReject: { reject_code: 7, message: '' } } },
      'InvalidRejectCode(7)',
    ],
    ['that is none', { response: {} }, 'status: expected an integer'],
    [
      'with a status of 17 bits',
      { response: { CanisterHttpReply: { status: 65_536 } } },
      'from 0 to 65535',
    ],
    [
      'with a header of number',
      { response: { CanisterHttpReply: { status: 1, headers: [1] } } },
      'headers: expected an object',
    ],
  ])('%s', async (_, change, text) => {
    await ask();
    const [{ subnetId, requestId }] = (await pic.getPendingHttpsOutcalls()) as [never];
    const subnet_id = toBase64((subnetId as Principal).toUint8Array());
    const answer = await client.post(`${path}/update/mock_canister_http`, {
      subnet_id: { subnet_id },
      request_id: requestId,
      response: reply200,
      additional_responses: [],
      ...change,
    });
    expect(answer.status).toBe(400);
    if (typeof text === 'string') expect(messageOf(answer)).toContain(text);
    else expect(messageOf(answer)).toMatch(text);
    expect(await pic.getPendingHttpsOutcalls()).toHaveLength(1);
  });
});

describe('a live instance makes the request', () => {
  let world: Server;
  let url: string;

  beforeAll(async () => {
    world = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => (body += String(piece)));
      request.on('end', () => {
        if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' });
        response.end(`${request.method} ${request.url} ${request.headers['x-a']} ${body}`);
      });
    }).listen(0, '127.0.0.1');
    await once(world, 'listening');
    url = `http://127.0.0.1:${(world.address() as AddressInfo).port}`;
  });

  afterAll(() => void world.close());

  const live = async (request: object): Promise<ReturnType<typeof proxied>> => {
    await pic.makeLive();
    const heard = await ask(request);
    while ((await pic.getPendingHttpsOutcalls()).length > 0)
      await new Promise((next) => setTimeout(next, 10));
    return heard();
  };

  test('and brings the response as it is', async () => {
    const headers = [{ name: 'x-a', value: 'b' }];
    const response = await live({
      url: `${url}/x`,
      method: { post: null },
      body: [bytesOf('ping')],
      headers,
    });
    expect(textOf(replyOf(response).body)).toBe('POST /x b ping');
  });

  test('and follows no redirect', async () => {
    const { status, headers } = replyOf(await live({ url: `${url}/moved` }));
    expect(status).toBe(302n);
    expect(headers).toContainEqual({ name: 'location', value: '/elsewhere' });
  });

  test('and says where it cannot', async () => {
    const response = await live({ url: 'http://127.0.0.1:1/' });
    expect(response).toMatchObject({
      kind: 'reject',
      rejection: {
        rejectCode: 2,
        message: expect.stringContaining('Connecting to http://127.0.0.1:1/'),
      },
    });
  });

  test('and takes no more than the canister wants', async () => {
    const response = await live({ url: `${url}/x`, max_response_bytes: [10n] });
    expect(response).toMatchObject({
      kind: 'reject',
      rejection: { message: 'Http body exceeds size limit of 10 bytes.' },
    });
  });
});
