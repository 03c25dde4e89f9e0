/**
 * The HTTP server around a site. One process, one thread: a request is answered before the next one
 * is looked at, so no operation ever meets another half-way.
 *
 * What a client sends may be anything. A body is read to its end but kept only up to the limit of
 * the site; a client that goes away half-way is forgotten; and whatever goes wrong while answering
 * becomes an answer, or the end of that one connection.
 *
 * Source: specs/replica.md section 1.2.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { Headers, HttpAnswer, HttpRequest, Site } from './http.js';
import { RequestError } from './wire.js';

export interface ListenOptions {
  /** `127.0.0.1` unless told otherwise. */
  readonly address?: string | undefined;
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined;
  /** With a certificate and its key, both as PEM, the server speaks HTTPS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** Called when a request comes (1) and when it was answered (-1). */
  readonly onRequest?: ((change: 1 | -1) => void) | undefined;
}

export interface Listener {
  readonly port: number;
  stop(): Promise<void>;
}

const LOCALHOST = '127.0.0.1';
const KEEP_ALIVE_IN_MS = 600_000;
const CONNECTIONS_WAITING_MAX = 4096;

export async function listen(site: Site, options: ListenOptions = {}): Promise<Listener> {
  const { address = LOCALHOST, port = 0, tls, onRequest } = options;
  const onEach = (request: IncomingMessage, response: ServerResponse): void => {
    onRequest?.(1);
    void serve(site, request, response).finally(() => onRequest?.(-1));
  };
  const server = tls === undefined ? createServer(onEach) : createSecureServer(tls, onEach);
  // A long operation holds up the event loop. A client that was idle for so long must still find
  // its connection open, for it would take a reset for a failed call; and one that sends must not
  // be told that it was slow.
  server.keepAliveTimeout = KEEP_ALIVE_IN_MS;
  server.requestTimeout = 0;
  server.listen({ port, host: address, backlog: CONNECTIONS_WAITING_MAX });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => close(server) };
}

async function serve(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await send(response, await answerTo(site, request));
  } catch {
    // The client is gone, or the answer broke off: there is nobody, or no way, to tell.
    response.destroy();
  }
}

async function answerTo(site: Site, message: IncomingMessage): Promise<HttpAnswer> {
  try {
    const { path, query } = splitTarget(message.url ?? '/');
    const request: HttpRequest = {
      method: message.method ?? 'GET',
      path,
      query,
      headers: headersOf(message),
      body: await readBody(message, site.bodySizeMax(path)),
    };
    return await site.answer(request);
  } catch (thrown) {
    if (message.destroyed && !message.complete) throw thrown;
    return site.refusal(thrown);
  }
}

/** The target of a request is a path with a query; to a proxy it is a whole URL. */
function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const local = target.replace(/^https?:\/\/[^/?]*/, '');
  const mark = local.indexOf('?');
  if (mark < 0) return { path: local, query: '' };
  return { path: local.slice(0, mark), query: local.slice(mark + 1) };
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index]!.toLowerCase(), rawHeaders[index + 1]!]);
  }
  return headers;
}

/** Reads to the end even what is too large: a client hears the answer only when it was heard. */
async function readBody(message: IncomingMessage, sizeMax: number): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of message as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size <= sizeMax) pieces.push(piece);
    else pieces.length = 0;
  }
  if (size > sizeMax) {
    throw new RequestError(`the body has ${size} bytes, more than the limit of ${sizeMax}`, 413);
  }
  const joined = Buffer.concat(pieces);
  return new Uint8Array(joined.buffer, joined.byteOffset, joined.byteLength);
}

async function send(
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
): Promise<void> {
  const whole = typeof body === 'string' || body instanceof Uint8Array;
  const size: Headers = whole ? [['content-length', String(Buffer.byteLength(body))]] : [];
  response.writeHead(status, [...headers, ...size].flat());
  if (whole) {
    response.end(body);
    return;
  }
  if (response.req.method !== 'HEAD') await sendPieces(response, body);
  response.end();
}

async function sendPieces(response: ServerResponse, pieces: Iterable<Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece))
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
