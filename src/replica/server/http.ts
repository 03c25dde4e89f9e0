/**
 * A request and its answer, as the routes see them: plain values. The PocketIC interface, the IC's
 * own interface and the HTTP gateway all answer such requests, so that any of them can stand behind
 * any HTTP server.
 *
 * Source: RFC 9110.
 */

/** Names are in lower case; a name may come more than once. */
export type Headers = readonly (readonly [name: string, value: string])[];

export interface HttpRequest {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** What follows the question mark; empty where there is none. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Pieces are asked for one by one, as fast as the client takes them. */
  readonly body: string | Uint8Array | Iterable<Uint8Array>;
}

/** Whatever answers requests. */
export interface Site {
  /** How many bytes of body this site takes for a path; more is refused with status 413. */
  bodySizeMax(path: string): number;
  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
  /** How this site says that it could not answer. */
  refusal(thrown: unknown): HttpAnswer;
}

export function headerOf({ headers }: { headers: Headers }, name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1];
}

export function answerOf(
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Headers = [],
): HttpAnswer {
  return { status, headers: [['content-type', type], ...headers], body };
}

export function jsonAnswer(body: string, status = 200): HttpAnswer {
  return answerOf(status, 'application/json', body);
}

export function textAnswer(body: string, status = 200): HttpAnswer {
  return answerOf(status, 'text/plain; charset=utf-8', body);
}
