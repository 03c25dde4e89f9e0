/**
 * Cross-origin requests: a page from anywhere may talk to the replica. The answer to a preflight
 * says so beforehand, the headers of each answer say so again. Headers that are there already stay:
 * a canister may say it in its own words.
 *
 * Source: Fetch standard, "CORS protocol"; ic-gateway's CORS settings.
 */
import type { Headers, HttpAnswer } from './http.js';

const ALLOWED_METHODS = 'HEAD, GET, POST, PUT, DELETE, PATCH';

const ALLOWED_HEADERS =
  'user-agent, dnt, if-none-match, if-modified-since, cache-control, content-type, range, ' +
  'cookie, x-requested-with, x-ic-canister-id';

const EXPOSED_HEADERS =
  'accept-ranges, content-length, content-range, x-request-id, x-ic-canister-id';

const PREFLIGHT_AGE_IN_SECONDS = '600';

const ANY_ORIGIN: Headers = [
  ['access-control-allow-origin', '*'],
  ['vary', 'origin, access-control-request-method, access-control-request-headers'],
];

const PREFLIGHT: Headers = [
  ...ANY_ORIGIN,
  ['access-control-allow-methods', ALLOWED_METHODS],
  ['access-control-allow-headers', ALLOWED_HEADERS],
  ['access-control-max-age', PREFLIGHT_AGE_IN_SECONDS],
];

/** The answer to `OPTIONS`. */
export function preflightAnswer(): HttpAnswer {
  return { status: 200, headers: PREFLIGHT, body: '' };
}

/** The answer, open to pages of any origin. */
export function withCors(answer: HttpAnswer): HttpAnswer {
  const present = new Set(answer.headers.map(([name]) => name));
  const wanted: Headers = [...ANY_ORIGIN, ['access-control-expose-headers', EXPOSED_HEADERS]];
  const missing = wanted.filter(([name]) => !present.has(name));
  return { ...answer, headers: [...answer.headers, ...missing] };
}
