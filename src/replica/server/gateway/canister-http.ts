/**
 * One conversation with a canister: it is asked by a query, again by an update call if it wants to
 * be, and then for piece after piece of a long body if it streams.
 *
 * Source: HTTP Gateway Protocol Specification, "Upgrade to Update Calls" and "Response Body
 * Streaming".
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import { decodeCandid } from '../../candid/decode.js';
import type { IngressCall } from '../../ingress.js';
import { samePrincipal } from '../../principals.js';
import type { Response } from '../../rejection.js';
import type { GatewayAccess } from './access.js';
import { canisterRejected, malformedResponse } from './error-page.js';
import * as idl from './idl.js';

const CERTIFICATE_VERSION = 2;

/** As many as the real gateway asks for; a piece is at most the reply of a query, 3 MiB. */
const PIECES_MAX = 1000;

/** The answer of a canister, with a body that arrives in pieces. */
export interface AskedCanister {
  readonly answer: idl.CanisterAnswer;
  readonly body: Uint8Array | Iterable<Uint8Array>;
}

export function askCanister(
  access: GatewayAccess,
  canisterId: Principal,
  request: idl.CanisterRequest,
): AskedCanister {
  const versioned = { ...request, certificate_version: [CERTIFICATE_VERSION] };
  const asked = call(canisterId, 'http_request', IDL.encode([idl.QueryRequest], [versioned]));
  const answer = decode(idl.CanisterAnswer, access.query(asked)) as idl.CanisterAnswer;
  if (answer.upgrade[0] !== true) return withBody(access, canisterId, answer);
  const argument = IDL.encode([idl.UpdateRequest], [request]);
  const upgraded = access.update(call(canisterId, 'http_request_update', argument));
  const updated = decode(idl.CanisterAnswer, upgraded) as idl.CanisterAnswer;
  return withBody(access, canisterId, updated);
}

function withBody(
  access: GatewayAccess,
  canisterId: Principal,
  answer: idl.CanisterAnswer,
): AskedCanister {
  const [strategy] = answer.streaming_strategy;
  if (strategy === undefined) return { answer, body: answer.body };
  const { callback, token } = strategy.Callback;
  const [callee, method] = idl.methodOf(callback) ?? [];
  if (callee === undefined || method === undefined || !samePrincipal(callee, canisterId)) {
    throw malformedResponse('the streaming callback is no method of the canister itself');
  }
  return { answer, body: stream(access, callee, method, answer.body, token) };
}

/** A canister that breaks off in the middle breaks the connection: the status has been sent. */
function* stream(
  access: GatewayAccess,
  canisterId: Principal,
  method: string,
  first: Uint8Array,
  firstToken: idl.Token,
): Generator<Uint8Array> {
  yield first;
  let token: idl.Token | undefined = firstToken;
  for (let count = 0; token !== undefined; count++) {
    if (count === PIECES_MAX) throw malformedResponse(`a body of more than ${PIECES_MAX} pieces`);
    const response = access.query(call(canisterId, method, idl.encodeToken(token)));
    const [piece] = decode(idl.StreamedPiece, response) as [idl.StreamedPiece?];
    if (piece === undefined) return;
    yield piece.body;
    token = piece.token[0];
  }
}

function call(canisterId: Principal, method: string, argument: Uint8Array): IngressCall {
  return { sender: Principal.anonymous(), canisterId, method, argument };
}

function decode(type: IDL.Type, response: Response): unknown {
  if (response.kind === 'reject') throw canisterRejected(response.rejection);
  const decoded = decodeCandid([type], response.data);
  if ('values' in decoded) return decoded.values[0];
  throw malformedResponse(`the reply does not decode: ${decoded.invalid}`);
}
