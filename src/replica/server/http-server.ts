/**
 * The HTTP server around the routes. One process, one thread: a request is answered before the next
 * one is looked at, so no operation ever meets another half-way.
 *
 * Source: specs/replica.md section 1.2.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ServerRoutes, type Answer } from './server-routes.js';
import { RequestError, stringify } from './wire.js';

export interface ReplicaServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Called for every request, so that an idle server can end itself. */
  readonly onRequest?: () => void;
}

const HOST = '127.0.0.1';

const KEEP_ALIVE_IN_MS = 600_000;

/**
 * Starts the replica in this process, with PocketIC's REST interface on it.
 *
 * @example
 * const replica = await startReplica();
 * const pic = await PocketIc.create(replica.url);
 * await pic.tearDown();
 * await replica.stop();
 */
export async function startReplica(options: ServerOptions = {}): Promise<ReplicaServer> {
  const routes = new ServerRoutes();
  const server = createServer((request, response) => {
    options.onRequest?.();
    void serve(routes, request, response);
  });
  // A long operation holds up the event loop, and a client that was idle for so long must still
  // find its connection open: it would take a reset for a failed call.
  server.keepAliveTimeout = KEEP_ALIVE_IN_MS;
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://${HOST}:${port}`,
    port,
    stop: () => {
      routes.close();
      return close(server);
    },
  };
}

async function serve(
  routes: ServerRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await answerTo(routes, request);
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function answerTo(routes: ServerRoutes, request: IncomingMessage): Promise<Answer> {
  try {
    const body = await readBody(request);
    return routes.answer({
      method: request.method ?? 'GET',
      path: new URL(request.url ?? '/', 'http://localhost').pathname,
      body,
      isCompressed: request.headers['content-encoding'] === 'gzip',
    });
  } catch (thrown) {
    return errorAnswer(thrown);
  }
}

/** A fault of the request is the client's to know; a fault of ours is too, but as status 500. */
function errorAnswer(thrown: unknown): Answer {
  const status = thrown instanceof RequestError ? thrown.status : 500;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { status, type: 'application/json', body: stringify({ message }) };
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const joined = Buffer.concat(pieces);
  return new Uint8Array(joined.buffer, joined.byteOffset, joined.byteLength);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
