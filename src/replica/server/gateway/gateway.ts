/**
 * The HTTP gateway: it turns a web request into a call to a canister, and the canister's reply into
 * a web response.
 *
 * The gateways of the Internet Computer verify what they pass on: a response comes with a
 * certificate that its subnet signed, since the node that answered might lie. This gateway runs in
 * one process with the replica that it asks. There is no node in between, and whoever could forge
 * an answer here could as well forge its verification. So nothing is verified, and `raw` makes no
 * difference; the canister's certificate headers are passed on for a client that wants to check.
 *
 * Source: HTTP Gateway Protocol Specification; ic-gateway.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';

import { preflightAnswer, withCors } from '../cors.js';
import type { Headers, HttpAnswer, HttpRequest, Site } from '../http.js';
import { RequestError } from '../wire.js';
import type { GatewayAccess } from './access.js';
import { askCanister, type AskedCanister } from './canister-http.js';
import { canisterOfRequest, DEFAULT_DOMAINS } from './canister-of-request.js';
import {
  bodyTooLarge,
  canisterNotNamed,
  errorPage,
  GatewayError,
  malformedResponse,
} from './error-page.js';

/** A message holds 2 MiB; what is larger no canister would ever see. */
const BODY_SIZE_MAX = 2 * 1024 * 1024;

const STATUS_MIN = 200;
const STATUS_MAX = 599;

/** These say how bytes travel on one connection, and are for the HTTP server to set. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export class Gateway implements Site {
  readonly #access: GatewayAccess;
  readonly #domains: readonly string[];

  constructor(access: GatewayAccess, domains: readonly string[] = DEFAULT_DOMAINS) {
    this.#access = access;
    this.#domains = domains;
  }

  bodySizeMax(): number {
    return BODY_SIZE_MAX;
  }

  answer(request: HttpRequest): HttpAnswer {
    try {
      return withCors(this.#ask(request));
    } catch (thrown) {
      if (request.method === 'OPTIONS') return preflightAnswer();
      return this.refusal(thrown);
    }
  }

  refusal(thrown: unknown): HttpAnswer {
    return withCors(errorPage(gatewayError(thrown)));
  }

  #ask(request: HttpRequest): HttpAnswer {
    const canisterId = canisterOfRequest(request, this.#domains);
    if (canisterId === undefined) throw canisterNotNamed();
    const { method, path, query, headers, body } = request;
    const url = query === '' ? path : `${path}?${query}`;
    const asked = askCanister(this.#access, canisterId, { method, url, headers, body });
    const answer = httpAnswer(asked);
    if (method === 'OPTIONS' && !answersPreflight(answer)) return preflightAnswer();
    return { ...answer, headers: [...answer.headers, ['x-ic-canister-id', canisterId.toText()]] };
  }
}

function httpAnswer({ answer, body }: AskedCanister): HttpAnswer {
  const { status_code: status } = answer;
  if (status < STATUS_MIN || status > STATUS_MAX) {
    throw malformedResponse(`expected a status from ${STATUS_MIN} to ${STATUS_MAX}, got ${status}`);
  }
  return { status, headers: answer.headers.map(checkHeader).filter(travels), body };
}

function checkHeader([name, value]: readonly [string, string]): readonly [string, string] {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (thrown) {
    throw malformedResponse((thrown as Error).message);
  }
  return [name.toLowerCase(), value];
}

function travels([name]: Headers[number]): boolean {
  return !CONNECTION_HEADERS.has(name);
}

/** A canister that knows nothing of preflights says so by any status or body of its own. */
function answersPreflight({ status, headers, body }: HttpAnswer): boolean {
  const isEmpty = body instanceof Uint8Array && body.length === 0;
  return status < 300 && isEmpty && headers.some(([name]) => name.startsWith('access-control-'));
}

function gatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const isTooLarge = thrown instanceof RequestError && thrown.status === 413;
  return isTooLarge ? bodyTooLarge(message) : new GatewayError(500, 'general_error', message);
}
