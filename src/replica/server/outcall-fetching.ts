/**
 * HTTPS outcalls of a live instance: they are made, with real requests to the world outside, as
 * PocketIC makes them when time goes on by itself. An instance that stands still makes none; its
 * outcalls wait for the answers of a test.
 *
 * A response is passed on as it came: redirects are not followed, and nothing is decompressed.
 *
 * Source: dfinity/ic, `ProcessCanisterHttpInternal` and the HTTPS outcalls adapter.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { RESPONSE_SIZE_MAX, type Outcall, type OutcallAnswer } from '../outcalls.js';
import { RejectCode } from '../rejection.js';
import type { Replica } from '../replica.js';

const TIMEOUT_IN_MS = 30_000;
const USER_AGENT = 'ic/1.0';

export class OutcallFetching {
  readonly #replica: Pick<Replica, 'pendingOutcalls' | 'answerOutcall'>;
  readonly #underWay = new Set<number>();

  constructor(replica: Pick<Replica, 'pendingOutcalls' | 'answerOutcall'>) {
    this.#replica = replica;
  }

  /** Makes the outcalls that nobody has made yet. An answer by hand, meanwhile, is the answer. */
  start(): void {
    for (const outcall of this.#replica.pendingOutcalls()) {
      if (this.#underWay.has(outcall.id)) continue;
      this.#underWay.add(outcall.id);
      void fetchOutcall(outcall).then((answer) => {
        this.#underWay.delete(outcall.id);
        this.#replica.answerOutcall(outcall.id, answer);
      });
    }
  }
}

/** Never fails: a request that does is an answer too. */
async function fetchOutcall({ request }: Outcall): Promise<OutcallAnswer> {
  try {
    const response = await open(request);
    const sizeMax = request.responseSizeMax ?? RESPONSE_SIZE_MAX;
    const body = await readUpTo(response, sizeMax);
    return { kind: 'reply', status: response.statusCode ?? 0, headers: headersOf(response), body };
  } catch (thrown) {
    const message = `Connecting to ${request.url} failed: ${(thrown as Error).message}`;
    return { kind: 'reject', rejectCode: RejectCode.sysTransient, message };
  }
}

function open({ url, method, headers, body }: Outcall['request']): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = new URL(url).protocol === 'http:' ? httpRequest : httpsRequest;
    const request = send(url, { method, signal: AbortSignal.timeout(TIMEOUT_IN_MS) }, resolve);
    request.on('error', reject);
    request.setHeader('user-agent', USER_AGENT);
    for (const { name, value } of headers) request.setHeader(name, value);
    request.end(method === 'GET' || method === 'HEAD' ? undefined : body);
  });
}

/** One byte more than the limit is enough to be refused for it. */
async function readUpTo(response: IncomingMessage, sizeMax: number): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size > sizeMax) break;
  }
  return new Uint8Array(Buffer.concat(pieces));
}

function headersOf({ rawHeaders }: IncomingMessage): { name: string; value: string }[] {
  const pairs = rawHeaders.length / 2;
  return Array.from({ length: pairs }, (_, pair) => ({
    name: rawHeaders[2 * pair]!.toLowerCase(),
    value: rawHeaders[2 * pair + 1]!,
  }));
}
