#!/usr/bin/env node
/**
 * The replica as a program that stands in for the PocketIC binary: set `POCKET_IC_BIN` to the
 * compiled file, and `PocketIcServer.start()` starts this.
 *
 *     --port-file FILE   write the port there; end quietly where the file exists already
 *     --port N           the port to listen on; any free one unless told
 *     --ttl SECONDS      end when no request came for so long; 60 unless told
 *
 * Source: specs/replica.md section 1.1.
 */
import { parseArgs } from 'node:util';

import { startReplica, type ReplicaServer } from './http-server.js';
import { PortFile } from './port-file.js';

const TTL_IN_SECONDS = 60;
const IDLE_CHECKS_PER_TTL = 10;

const { values } = parseArgs({
  options: {
    'port-file': { type: 'string' },
    port: { type: 'string', short: 'p', default: '0' },
    ttl: { type: 'string', default: String(TTL_IN_SECONDS) },
  },
});

/** The real program knows more options; those that it has and this one lacks are refused above. */
async function main(): Promise<void> {
  const path = values['port-file'];
  const portFile = path === undefined ? undefined : PortFile.claim(path);
  if (path !== undefined && portFile === undefined) return;
  if (portFile !== undefined) process.on('exit', () => portFile.remove());

  let lastRequest = Date.now();
  const onRequest = (): void => {
    lastRequest = Date.now();
  };
  const server = await startReplica({ port: wholeNumber('--port', values.port), onRequest });
  portFile?.write(server.port);
  process.stdout.write(`The replica listens on ${server.url}\n`);
  endWith(server, wholeNumber('--ttl', values.ttl) * 1000, () => Date.now() - lastRequest);
}

/** Ends the process on a signal, or when it was idle for too long. */
function endWith(server: ReplicaServer, ttlInMs: number, idleInMs: () => number): void {
  const end = (): void => {
    void server.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  setInterval(() => idleInMs() > ttlInMs && end(), Math.max(ttlInMs / IDLE_CHECKS_PER_TTL, 10));
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  process.stderr.write(`${option}: expected a whole number, got ${text}\n`);
  process.exit(2);
}

await main();
