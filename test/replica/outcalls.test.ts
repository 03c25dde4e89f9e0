/** HTTPS outcalls: a canister asks, somebody answers, the canister transforms what it gets. */
import { IDL } from '@dfinity/candid';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { HttpResponseIdl, TransformArgsIdl } from '../../src/replica/management/idl/http.js';
import {
  Bench,
  bytesOf,
  dataOf,
  MANAGEMENT,
  messageOf,
  PROXY,
  proxied,
  proxyArgument,
  STRANGER,
  textOf,
} from './support.js';

const Transform = IDL.Record({
  function: IDL.Func([TransformArgsIdl], [HttpResponseIdl], ['query']),
  context: IDL.Vec(IDL.Nat8),
});

const Header = IDL.Record({ name: IDL.Text, value: IDL.Text });

const Request = IDL.Record({
  url: IDL.Text,
  max_response_bytes: IDL.Opt(IDL.Nat64),
  method: IDL.Variant({
    get: IDL.Null,
    head: IDL.Null,
    post: IDL.Null,
    put: IDL.Null,
    delete: IDL.Null,
    patch: IDL.Null,
  }),
  headers: IDL.Vec(Header),
  body: IDL.Opt(IDL.Vec(IDL.Nat8)),
  is_replicated: IDL.Opt(IDL.Bool),
  transform: IDL.Opt(Transform),
});

const REQUEST = {
  url: 'https://example.com/',
  max_response_bytes: [] as [] | [bigint],
  method: { post: null } as Record<string, null>,
  headers: [{ name: 'accept', value: 'text/plain' }],
  body: [bytesOf('ping')] as [] | [Uint8Array],
  is_replicated: [] as [] | [boolean],
  transform: [] as [] | [{ function: [Principal, string]; context: Uint8Array }],
};

/** Transforms reply with the size of the argument, trap, and try to call. */
const ASKING = `${PROXY}
  (data (i32.const 100) "transformed")
  (func (export "canister_query transform")
    (call $msg_caller_copy (i32.const 0) (i32.const 0) (call $msg_caller_size))
    (call $msg_arg_data_copy (i32.const 200) (i32.const 0) (call $msg_arg_data_size))
    (call $msg_reply_data_append (i32.const 100) (i32.const 11))
    (call $msg_reply_data_append (i32.const 200) (call $msg_arg_data_size))
    (call $msg_reply))
  (func (export "canister_query trap") unreachable)
  (func (export "canister_query refuse") (call $msg_reject (i32.const 100) (i32.const 5)))
  (func (export "canister_query info") (drop (call $msg_caller_info_data_size)))
  (func (export "canister_composite_query composite") (call $msg_reply))`;

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.deploy(ASKING);
});

function ask(request: Partial<typeof REQUEST> = {}): string {
  const argument = new Uint8Array(IDL.encode([Request], [{ ...REQUEST, ...request }]));
  const message = bench.submit(
    id,
    'proxy',
    proxyArgument(MANAGEMENT, 'http_request', { argument }),
  );
  bench.replica.executeRound();
  return message;
}

function answered(message: string): ReturnType<typeof proxied> {
  bench.replica.executeRound();
  return proxied(bench.answer(message));
}

const transform = (method: string): { transform: typeof REQUEST.transform } => ({
  transform: [{ function: [id, method], context: bytesOf('context') }],
});

const OK = { kind: 'reply', status: 200, headers: [], body: bytesOf('pong') } as const;

describe('an outcall', () => {
  test('waits until it is answered', () => {
    const message = ask({ max_response_bytes: [1000n] });
    const [outcall, ...others] = bench.replica.pendingOutcalls();
    expect(others).toEqual([]);
    expect(outcall!.canisterId.toText()).toBe(id.toText());
    expect(outcall!.request).toEqual({
      url: 'https://example.com/',
      method: 'POST',
      headers: [{ name: 'accept', value: 'text/plain' }],
      body: bytesOf('ping'),
      responseSizeMax: 1000,
    });
    expect(bench.replica.answerOutcall(outcall!.id, OK)).toBe(true);
    const [response] = IDL.decode([HttpResponseIdl], dataOf(answered(message)));
    expect(response).toEqual({ status: 200n, headers: [], body: bytesOf('pong') });
    expect(bench.replica.pendingOutcalls()).toEqual([]);
    expect(bench.replica.answerOutcall(outcall!.id, OK)).toBe(false);
  });

  test('is answered by a rejection too', () => {
    const message = ask();
    const answer = { kind: 'reject', rejectCode: 2, message: 'no route' } as const;
    bench.replica.answerOutcall(bench.replica.pendingOutcalls()[0]!.id, answer);
    expect(answered(message)).toMatchObject({ rejection: { rejectCode: 2, message: 'no route' } });
  });

  test.each([
    [10n, 10, undefined],
    [10n, 11, 'Http body exceeds size limit of 10 bytes.'],
    [undefined, 2_000_001, 'Http body exceeds size limit of 2000000 bytes.'],
  ])('with a limit of %p brings %d bytes: %p', (limit, size, refusal) => {
    const message = ask({ max_response_bytes: limit === undefined ? [] : [limit] });
    const { id: outcall } = bench.replica.pendingOutcalls()[0]!;
    bench.replica.answerOutcall(outcall, { ...OK, body: new Uint8Array(size) });
    const response = answered(message);
    expect(response.kind === 'reject' ? messageOf(response) : undefined).toBe(refusal);
  });
});

test.each([
  ['waits', 60n, 1],
  ['is rejected', 61n, 0],
])('an outcall that nobody answers %s after %d seconds', (_, wait, left) => {
  const message = ask();
  const { clock } = bench.replica;
  clock.set(clock.roundTime + wait * 1_000_000_000n);
  bench.replica.executeRound();
  expect(bench.replica.pendingOutcalls()).toHaveLength(left);
  if (left > 0) return;
  const text = 'Canister http request timed out';
  expect(answered(message)).toMatchObject({ rejection: { rejectCode: 2, message: text } });
});

describe('a method', () => {
  test.each(['get', 'head', 'post'])('%s may be asked of every node', (method) => {
    ask({ method: { [method]: null } });
    const [outcall] = bench.replica.pendingOutcalls();
    expect(outcall!.request.method).toBe(method.toUpperCase());
  });

  test.each(['put', 'delete', 'patch'])('%s may be asked of one node only', (method) => {
    ask({ method: { [method]: null }, is_replicated: [false] });
    const [outcall] = bench.replica.pendingOutcalls();
    expect(outcall!.request.method).toBe(method.toUpperCase());
    for (const is_replicated of [[], [true]] as ([] | [boolean])[]) {
      const refused = bench.answer(ask({ method: { [method]: null }, is_replicated }));
      expect(messageOf(proxied(refused))).toBe(
        'IC0406: The requested HTTP method is only allowed for non-replicated requests.',
      );
    }
  });
});

describe('a transform', () => {
  const through = (method: string): ReturnType<typeof proxied> => {
    const message = ask(transform(method));
    bench.replica.answerOutcall(bench.replica.pendingOutcalls()[0]!.id, OK);
    return answered(message);
  };

  test('gets the response and its context, and its reply goes to the caller as it is', () => {
    const data = dataOf(through('transform'));
    expect(textOf(data.subarray(0, 11))).toBe('transformed');
    const [argument] = IDL.decode([TransformArgsIdl], data.slice(11));
    expect(argument).toEqual({
      response: { status: 200n, headers: [], body: bytesOf('pong') },
      context: bytesOf('context'),
    });
  });

  test.each([
    ['trap', 5, 'Canister trapped: unreachable'],
    ['refuse', 4, 'trans'],
    ['missing', 5, "Canister has no query method 'missing'"],
    ['composite', 5, 'Composite query cannot be used as transform in canister http outcalls.'],
    ['info', 5, '"ic0_msg_caller_info_data_size" cannot be executed in transform query mode'],
  ])('that does not reply gives its failure: %s', (method, code, text) => {
    const response = through(method);
    expect(response).toMatchObject({ rejection: { rejectCode: code } });
    expect(messageOf(response)).toContain(text);
  });
});

test.each([
  ['a long url', { url: 'x'.repeat(8193) }, 'url length 8193 exceeds 8192'],
  [
    'a large response',
    { max_response_bytes: [2_000_001n] as [bigint] },
    'max_response_bytes expected to be in the range [0..2000000], got 2000001',
  ],
  [
    'many headers',
    { headers: Array.from({ length: 65 }, () => ({ name: 'a', value: 'b' })) },
    'number of http headers 65 exceeds 64',
  ],
  [
    'a long name',
    { headers: [{ name: 'a'.repeat(8193), value: '' }] },
    'number of bytes to represent some http header name 8193 exceeds 8192',
  ],
  [
    'a long value',
    { headers: [{ name: 'a', value: 'b'.repeat(8193) }] },
    'number of bytes to represent some http header value 8193 exceeds 8192',
  ],
  [
    'long headers',
    { headers: Array.from({ length: 7 }, () => ({ name: 'a', value: 'b'.repeat(8192) })) },
    'number of bytes to represent all http header names and values 57351 exceeds 49152',
  ],
  [
    'a large body',
    { body: [new Uint8Array(2_000_000)] as [Uint8Array], headers: [{ name: 'a', value: '' }] },
    'number of bytes to represent all http headers and the body 2000001 exceeds 2000000',
  ],
  [
    'another’s transform',
    { transform: [{ function: [STRANGER, 'x'] as [Principal, string], context: bytesOf('') }] },
    'transform needs to be exported by a requester canister, expected: ',
  ],
])('a request with %s is refused', (_, request, text) => {
  const message = ask(request as Partial<typeof REQUEST>);
  expect(bench.replica.pendingOutcalls()).toEqual([]);
  expect(messageOf(proxied(bench.answer(message)))).toContain(text);
});

test('a request at the limits is let through', () => {
  const headers = Array.from({ length: 6 }, () => ({ name: '', value: 'b'.repeat(8192) }));
  const body = new Uint8Array(2_000_000 - 6 * 8192);
  ask({ url: 'x'.repeat(8192), max_response_bytes: [2_000_000n], headers, body: [body] });
  expect(bench.replica.pendingOutcalls()).toHaveLength(1);
});
