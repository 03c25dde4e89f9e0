/**
 * `http_request`: checks what a canister wants from the world outside, takes the fee, and puts the
 * request where somebody will answer it, see `outcalls.ts`.
 *
 * Source: IC interface specification, "IC method http_request"; specs/replica.md section 4.3.
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import { withConsumed } from '../cycles-consumed.js';
import { feesOf, outcallCost } from '../fees.js';
import {
  byteLength,
  headersSize,
  RESPONSE_SIZE_MAX,
  type HttpHeader,
  type OutcallMethod,
} from '../outcalls.js';
import { samePrincipal } from '../principals.js';
import { ErrorCode, rejection } from '../rejection.js';
import type { Opt } from './idl.js';
import { HttpHeaderIdl, HttpResponseIdl, TransformArgsIdl } from './idl/http.js';
import { freeMethod, type ManagementCall, type Result } from './method.js';

const URL_SIZE_MAX = 8192;
const HEADERS_MAX = 64;
const HEADER_PART_SIZE_MAX = 8 * 1024;
const HEADERS_SIZE_MAX = 48 * 1024;
const REQUEST_SIZE_MAX = 2_000_000;

/**
 * What every node may ask for by itself. The other methods change something, and the nodes of a
 * subnet would change it at different times.
 */
const REPEATABLE: ReadonlySet<OutcallMethod> = new Set(['GET', 'HEAD', 'POST']);

interface HttpRequestArgs {
  readonly url: string;
  readonly max_response_bytes: Opt<bigint>;
  readonly method: Readonly<Record<string, null>>;
  readonly headers: HttpHeader[];
  readonly body: Opt<Uint8Array>;
  readonly is_replicated: Opt<boolean>;
  readonly transform: Opt<{ function: [Principal, string]; context: Uint8Array }>;
}

const HttpRequestArgs = IDL.Record({
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
  headers: IDL.Vec(HttpHeaderIdl),
  body: IDL.Opt(IDL.Vec(IDL.Nat8)),
  is_replicated: IDL.Opt(IDL.Bool),
  transform: IDL.Opt(
    IDL.Record({
      function: IDL.Func([TransformArgsIdl], [HttpResponseIdl], ['query']),
      context: IDL.Vec(IDL.Nat8),
    }),
  ),
});

export const httpRequest = freeMethod<HttpRequestArgs>(
  [HttpRequestArgs],
  [HttpResponseIdl],
  (call, args) => {
    const wrong = wrongRequest(call, args);
    if (wrong !== undefined) return rejection(ErrorCode.rejected, wrong);
    const fee = feeOf(call, args);
    if (call.cycles < fee) {
      const needed = `but ${fee} cycles are required.`;
      const text = `http_request request sent with ${call.cycles} cycles, ${needed}`;
      return rejection(ErrorCode.rejected, text);
    }
    const canister = call.state.canister(call.caller);
    if (canister !== undefined) call.state.put(withConsumed(canister, 'http_outcalls', fee));
    return send(call, args, call.cycles - fee);
  },
);

function send(call: ManagementCall, args: HttpRequestArgs, refund: bigint): Result {
  const { state, origin, caller, subnetId } = call;
  const [transform] = args.transform;
  const [sizeMax] = args.max_response_bytes;
  state.addOutcall({
    subnetId,
    canisterId: caller,
    origin,
    since: state.clock.roundTime,
    refund,
    request: {
      url: args.url,
      method: methodOf(args),
      headers: args.headers,
      body: args.body[0] ?? new Uint8Array(0),
      responseSizeMax: sizeMax === undefined ? undefined : Number(sizeMax),
    },
    transform: transform && { method: transform.function[1], context: transform.context },
  });
  return 'answered later';
}

/** The name of the variant in capitals. */
function methodOf({ method }: HttpRequestArgs): OutcallMethod {
  return Object.keys(method)[0]!.toUpperCase() as OutcallMethod;
}

function wrongRequest({ caller }: ManagementCall, args: HttpRequestArgs): string | undefined {
  const sizeMax = args.max_response_bytes[0] ?? 0n;
  if (sizeMax > RESPONSE_SIZE_MAX) {
    const range = `[0..${RESPONSE_SIZE_MAX}]`;
    return `max_response_bytes expected to be in the range ${range}, got ${sizeMax}`;
  }
  const urlSize = byteLength(args.url);
  if (urlSize > URL_SIZE_MAX) return `url length ${urlSize} exceeds ${URL_SIZE_MAX}`;
  if (!REPEATABLE.has(methodOf(args)) && args.is_replicated[0] !== false) {
    return 'The requested HTTP method is only allowed for non-replicated requests.';
  }
  const owner = args.transform[0]?.function[0] ?? caller;
  if (!samePrincipal(owner, caller)) {
    const parties = `expected: ${caller.toText()}, actual: ${owner.toText()}`;
    return `transform needs to be exported by a requester canister, ${parties}`;
  }
  return wrongSizes(args);
}

function wrongSizes({ headers, body }: HttpRequestArgs): string | undefined {
  const total = headersSize(headers);
  const limits: readonly (readonly [string, number, number])[] = [
    ['number of http headers', headers.length, HEADERS_MAX],
    ['some http header name', longest(headers, 'name'), HEADER_PART_SIZE_MAX],
    ['some http header value', longest(headers, 'value'), HEADER_PART_SIZE_MAX],
    ['all http header names and values', total, HEADERS_SIZE_MAX],
    ['all http headers and the body', total + (body[0]?.length ?? 0), REQUEST_SIZE_MAX],
  ];
  const broken = limits.find(([, size, most]) => size > most);
  if (broken === undefined) return undefined;
  const [what, size, most] = broken;
  const subject = what.startsWith('number') ? what : `number of bytes to represent ${what}`;
  return `${subject} ${size} exceeds ${most}`;
}

function longest(headers: readonly HttpHeader[], part: keyof HttpHeader): number {
  return headers.reduce((most, header) => Math.max(most, byteLength(header[part])), 0);
}

function feeOf({ state, caller }: ManagementCall, args: HttpRequestArgs): bigint {
  const [transform] = args.transform;
  const transformSize =
    transform === undefined ? 0 : byteLength(transform.function[1]) + transform.context.length;
  const bodySize = args.body[0]?.length ?? 0;
  const size = byteLength(args.url) + headersSize(args.headers) + bodySize + transformSize;
  const responseSize = args.max_response_bytes[0] ?? BigInt(RESPONSE_SIZE_MAX);
  return outcallCost(feesOf(state.subnetOf(caller)), BigInt(size), responseSize);
}
