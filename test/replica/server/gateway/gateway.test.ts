/** The HTTP gateway, before canisters that are functions of this file. */
import { describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import { ErrorCode, type IngressCall, type Response } from '../../../../src/replica/index.js';
import { reject, reply } from '../../../../src/replica/rejection.js';
import { Gateway } from '../../../../src/replica/server/gateway/gateway.js';
import { QueryRequest, UpdateRequest } from '../../../../src/replica/server/gateway/idl.js';
import type { HttpAnswer, HttpRequest } from '../../../../src/replica/server/http.js';
import { RequestError } from '../../../../src/replica/server/wire.js';
import { bytesOf, textOf } from '../../support.js';

const ID = Principal.fromText('lxzze-o7777-77777-aaaaa-cai');

/** How a canister would define its own side of the protocol: its token is its own business. */
const Token = IDL.Record({ key: IDL.Text, index: IDL.Nat, hash: IDL.Opt(IDL.Vec(IDL.Nat8)) });
const Piece = IDL.Record({ body: IDL.Vec(IDL.Nat8), token: IDL.Opt(Token) });
const Answer = IDL.Record({
  status_code: IDL.Nat16,
  headers: IDL.Vec(IDL.Tuple(IDL.Text, IDL.Text)),
  body: IDL.Vec(IDL.Nat8),
  upgrade: IDL.Opt(IDL.Bool),
  streaming_strategy: IDL.Opt(
    IDL.Variant({
      Callback: IDL.Record({
        callback: IDL.Func([Token], [IDL.Opt(Piece)], ['query']),
        token: Token,
      }),
    }),
  ),
});

interface CanisterAnswer {
  status_code?: number;
  headers?: [string, string][];
  body?: Uint8Array;
  upgrade?: [] | [boolean];
  streaming_strategy?: unknown[];
}

function encode(answer: CanisterAnswer): Response {
  const whole = {
    status_code: 200,
    headers: [],
    body: bytesOf('hello'),
    upgrade: [],
    streaming_strategy: [],
    ...answer,
  };
  return reply(IDL.encode([Answer], [whole]));
}

type Canister = Partial<Record<string, (argument: Uint8Array) => Response>>;

class Fake {
  readonly queries: IngressCall[] = [];
  readonly updates: IngressCall[] = [];
  readonly gateway: Gateway;

  constructor(canister: Canister, domains?: readonly string[]) {
    const run = ({ method, argument }: IngressCall): Response =>
      canister[method]?.(argument) ??
      reject(ErrorCode.methodNotFound, `Canister has no query method '${method}'`);
    const access = {
      query: (call: IngressCall) => (this.queries.push(call), run(call)),
      update: (call: IngressCall) => (this.updates.push(call), run(call)),
    };
    this.gateway = new Gateway(access, domains);
  }

  get(request: Partial<HttpRequest> = {}): HttpAnswer {
    return this.gateway.answer({
      method: 'GET',
      path: '/',
      query: '',
      headers: [['host', `${ID.toText()}.localhost:8000`]],
      body: new Uint8Array(0),
      ...request,
    });
  }
}

function answering(answer: CanisterAnswer): Fake {
  return new Fake({ http_request: () => encode(answer) });
}

function bodyOf({ body }: HttpAnswer): string {
  if (typeof body === 'string') return body;
  return textOf(body instanceof Uint8Array ? body : Buffer.concat([...body]));
}

describe('a request', () => {
  test('reaches the canister whole', () => {
    const fake = answering({});
    const headers = [
      ['host', `${ID.toText()}.localhost`],
      ['x-list', 'a'],
      ['x-list', 'b'],
    ] as const;
    fake.get({ method: 'PUT', path: '/a%20b', query: 'c=1&d', headers, body: bytesOf('in') });
    const { canisterId, sender, argument } = fake.queries[0]!;
    expect(canisterId.toText()).toBe(ID.toText());
    expect(sender.isAnonymous()).toBe(true);
    expect(IDL.decode([QueryRequest], argument)[0]).toEqual({
      method: 'PUT',
      url: '/a%20b?c=1&d',
      headers,
      body: bytesOf('in'),
      certificate_version: [2],
    });
    expect(fake.updates).toEqual([]);
  });

  test('is made again as an update call where the canister wants that', () => {
    const fake = new Fake({
      http_request: () => encode({ upgrade: [true] }),
      http_request_update: () => encode({ status_code: 201, body: bytesOf('changed') }),
    });
    const answer = fake.get({ method: 'POST', path: '/x', body: bytesOf('in') });
    expect([answer.status, bodyOf(answer)]).toEqual([201, 'changed']);
    expect(IDL.decode([UpdateRequest], fake.updates[0]!.argument)[0]).toMatchObject({
      method: 'POST',
      url: '/x',
      body: bytesOf('in'),
    });
  });
});

describe('the canister is named', () => {
  const named = (
    request: Partial<HttpRequest>,
    domains?: readonly string[],
  ): string | undefined => {
    const fake = new Fake({ http_request: () => encode({}) }, domains);
    const { status } = fake.get(request);
    return status === 200 ? fake.queries[0]!.canisterId.toText() : undefined;
  };
  const other = 'rwlgt-iiaaa-aaaaa-aaaaa-cai';
  const host = (value: string): Partial<HttpRequest> => ({ headers: [['host', value]] });
  const from = (referer: string): Partial<HttpRequest> => ({
    headers: [
      ['host', 'localhost:8000'],
      ['referer', referer],
    ],
  });

  test.each([
    ['by the host', host(`${ID.toText()}.localhost`)],
    ['by the host with a port', host(`${ID.toText()}.LOCALHOST:4943`)],
    ['by a raw host', host(`${ID.toText()}.raw.localhost`)],
    [
      'by the host before the query',
      { ...host(`${ID.toText()}.localhost`), query: `canisterId=${other}` },
    ],
    ['by the query', { ...host('127.0.0.1:1'), query: `a=b&canisterId=${ID.toText()}` }],
    [
      'by the query before the referer',
      { ...from(`http://x/?canisterId=${other}`), query: `canisterId=${ID.toText()}` },
    ],
    ['by the query of the referer', from(`http://127.0.0.1:1/page?canisterId=${ID.toText()}`)],
    ['by the host of the referer', from(`http://${ID.toText()}.localhost:1/page`)],
  ])('%s', (_, request) => {
    expect(named(request)).toBe(ID.toText());
  });

  test('by a subdomain of the domains that the gateway was given, and of no other', () => {
    expect(named(host(`${ID.toText()}.example.com`), ['example.com'])).toBe(ID.toText());
    expect(named(host(`${ID.toText()}.localhost`), ['example.com'])).toBeUndefined();
    expect(named(host(`${ID.toText()}.notexample.com`), ['example.com'])).toBeUndefined();
  });

  test.each([
    ['nowhere', host('localhost')],
    ['by a text that is no principal', host('www.localhost')],
    ['by a wrong query', { ...host('localhost'), query: 'canisterId=nobody' }],
    ['by a referer that is no address', from('::')],
    ['without a host', { headers: [] }],
  ])('%s: the gateway says how to', (_, request) => {
    const answer = answering({}).get(request);
    expect(answer.status).toBe(400);
    expect(bodyOf(answer)).toMatch(/^canister_id_not_resolved: expected a canister id in the host/);
  });
});

describe('an answer', () => {
  test('comes with its status, its headers and its body', () => {
    const headers: [string, string][] = [
      ['Content-Type', 'text/html'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ];
    const answer = answering({ status_code: 404, headers, body: bytesOf('gone') }).get();
    expect([answer.status, bodyOf(answer)]).toEqual([404, 'gone']);
    expect(answer.headers.slice(0, 3)).toEqual([
      ['content-type', 'text/html'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(answer.headers).toContainEqual(['x-ic-canister-id', ID.toText()]);
  });

  test('leaves out what belongs to the connection', () => {
    const headers: [string, string][] = [
      ['Connection', 'close'],
      ['Content-Length', '99'],
      ['Transfer-Encoding', 'chunked'],
    ];
    const names = answering({ headers })
      .get()
      .headers.map(([name]) => name);
    expect(names).not.toEqual(expect.arrayContaining(['connection']));
    expect(names).not.toEqual(expect.arrayContaining(['content-length']));
    expect(names).not.toEqual(expect.arrayContaining(['transfer-encoding']));
  });

  test.each([
    ['a status below 200', { status_code: 101 }],
    ['a status above 599', { status_code: 600 }],
    ['a header name with a blank', { headers: [['a b', 'c']] as [string, string][] }],
    ['a header value with a line break', { headers: [['a', 'b\r\nc: d']] as [string, string][] }],
  ])('with %s is malformed', (_, answer) => {
    const { status, ...rest } = answering(answer).get();
    expect(status).toBe(502);
    expect(bodyOf({ status, ...rest })).toMatch(/^malformed_response: /);
  });

  test('that is no Candid is malformed', () => {
    const answer = new Fake({ http_request: () => reply(bytesOf('no')) }).get();
    expect([answer.status, bodyOf(answer)]).toEqual([
      502,
      expect.stringMatching(/^malformed_response: the reply does not decode/),
    ]);
  });
});

describe('a rejection says its codes and its text', () => {
  test.each([
    [reject(ErrorCode.canisterNotFound, 'Canister x not found'), 404, 'canister_not_found'],
    [reject(ErrorCode.trapped, 'Canister trapped: unreachable'), 503, 'canister_rejected'],
    [reject(ErrorCode.stopped, 'Canister x is stopped'), 503, 'canister_rejected'],
  ])('%#', (response, status, what) => {
    const answer = new Fake({ http_request: () => response }).get();
    const { rejectCode, errorCode, message } = (response as Response & { kind: 'reject' })
      .rejection;
    expect(answer.status).toBe(status);
    expect(bodyOf(answer)).toBe(
      `${what}: reject code ${rejectCode}, error code IC0${errorCode}: ${message}\n`,
    );
  });

  test('also where the update call is refused', () => {
    const fake = new Fake({ http_request: () => encode({ upgrade: [true] }) });
    expect(bodyOf(fake.get())).toContain(
      "IC0536: Canister has no query method 'http_request_update'",
    );
  });
});

describe('a long body', () => {
  const token = (index: bigint) => ({ key: 'k', index, hash: [Uint8Array.of(1, 2)] });
  const streaming = (callee = ID) => ({
    body: bytesOf('0'),
    streaming_strategy: [{ Callback: { callback: [callee, 'next'], token: token(1n) } }],
  });
  const next = (last: bigint) => (argument: Uint8Array) => {
    const [{ index, key, hash }] = IDL.decode([Token], argument) as never as [
      { index: bigint; key: string; hash: Uint8Array[] },
    ];
    expect([key, hash]).toEqual(['k', [Uint8Array.of(1, 2)]]);
    const following = index < last ? [token(index + 1n)] : [];
    return reply(
      IDL.encode([IDL.Opt(Piece)], [[{ body: bytesOf(String(index)), token: following }]]),
    );
  };

  test('is asked for piece by piece, with the token as the canister gave it', () => {
    const fake = new Fake({ http_request: () => encode(streaming()), next: next(5n) });
    const answer = fake.get();
    expect(fake.queries).toHaveLength(1); // Nothing is asked for before somebody takes it.
    expect(bodyOf(answer)).toBe('012345');
    expect(fake.queries.slice(1).map(({ method }) => method)).toEqual(Array(5).fill('next'));
  });

  test('ends where the canister has nothing more', () => {
    const none = (): Response => reply(IDL.encode([IDL.Opt(Piece)], [[]]));
    expect(bodyOf(new Fake({ http_request: () => encode(streaming()), next: none }).get())).toBe(
      '0',
    );
  });

  test('has no more than 1,000 pieces', () => {
    const fake = new Fake({ http_request: () => encode(streaming()), next: next(10_000n) });
    const answer = fake.get();
    expect(() => bodyOf(answer)).toThrow('more than 1000 pieces');
    expect(fake.queries).toHaveLength(1001);
  });

  test('breaks off where the canister fails', () => {
    const answer = new Fake({ http_request: () => encode(streaming()) }).get();
    expect(() => bodyOf(answer)).toThrow("Canister has no query method 'next'");
  });

  test('comes from the canister itself', () => {
    const other = Principal.fromText('rwlgt-iiaaa-aaaaa-aaaaa-cai');
    expect(answering(streaming(other)).get().status).toBe(502);
  });
});

describe('pages of other origins', () => {
  const valueOf = ({ headers }: HttpAnswer, name: string): string[] =>
    headers.filter(([each]) => each === name).map(([, value]) => value);

  test('may read answers, unless the canister says something else', () => {
    expect(valueOf(answering({}).get(), 'access-control-allow-origin')).toEqual(['*']);
    const headers: [string, string][] = [['Access-Control-Allow-Origin', 'https://a.example']];
    const own = answering({ headers }).get();
    expect(valueOf(own, 'access-control-allow-origin')).toEqual(['https://a.example']);
  });

  test('get a preflight from the gateway, or from a canister that knows what that is', () => {
    const unaware = answering({ status_code: 405 }).get({ method: 'OPTIONS' });
    expect(unaware.status).toBe(200);
    expect(valueOf(unaware, 'access-control-allow-methods')[0]).toContain('PATCH');
    const headers: [string, string][] = [['access-control-allow-methods', 'GET']];
    const aware = answering({ status_code: 204, headers, body: new Uint8Array(0) });
    expect(valueOf(aware.get({ method: 'OPTIONS' }), 'access-control-allow-methods')).toEqual([
      'GET',
    ]);
    const missing = new Fake({}).get({ method: 'OPTIONS', headers: [] });
    expect([missing.status, bodyOf(missing)]).toEqual([200, '']);
  });
});

test('a body beyond the limit, and a fault of ours, have a page too', () => {
  const { gateway } = new Fake({});
  expect(gateway.bodySizeMax()).toBe(2 ** 21);
  const tooLarge = gateway.refusal(new RequestError('the body has 9 bytes', 413));
  expect([tooLarge.status, bodyOf(tooLarge)]).toEqual([
    413,
    'payload_too_large: the body has 9 bytes\n',
  ]);
  expect(gateway.refusal(new Error('oops')).status).toBe(500);
});
