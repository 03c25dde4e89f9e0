#!/usr/bin/env node
/**
 * The replica as a program that stands in for the PocketIC binary: set `POCKET_IC_BIN` to the
 * compiled file, and `PocketIcServer.start()` starts this.
 *
 *     --port-file FILE          write the port there; end quietly where the file exists already
 *     --ttl SECONDS             end when no request came for so long; 60 unless told
 *     --ip-addr ADDRESS         the address to listen at; 127.0.0.1 unless told
 *     --port N                  the port to listen at; any free one unless told
 *     --log-levels LEVELS       accepted: this program logs what canisters print, and nothing else
 *     --mainnet-routing-table F accepted: it gives mainnet's canister ids to subnets of a kind that
 *                               are made while the server runs, and here subnets are made at once
 *     --version                 print the version of the interface and end
 *
 * Source: specs/replica.md section 1.1; dfinity/ic, `pocket_ic_server/src/main.rs`.
 */
import { parseArgs } from 'node:util';

import { IdleTime } from './idle-time.js';
import { PortFile } from './port-file.js';
import { startReplica, type ReplicaServer } from './replica-server.js';

/** What clients compare before they talk to a server. */
const INTERFACE_VERSION = '14.0.0';

const TTL_IN_SECONDS = '60';
const TTL_CHECKS_PER_TTL = 10;
const TTL_CHECK_IN_MS_MAX = 1000;
const USAGE_FAILURE = 2;

const OPTIONS = {
  'port-file': { type: 'string' },
  ttl: { type: 'string', default: TTL_IN_SECONDS },
  'ip-addr': { type: 'string', short: 'i' },
  port: { type: 'string', short: 'p', default: '0' },
  'log-levels': { type: 'string', short: 'l' },
  'mainnet-routing-table': { type: 'string' },
  version: { type: 'boolean', short: 'V' },
} as const;

async function main(): Promise<void> {
  const options = readOptions();
  if (options.version === true) {
    process.stdout.write(`pocket-ic-server ${INTERFACE_VERSION}\n`);
    return;
  }
  const ttlInMs = wholeNumber('--ttl', options.ttl) * 1000;
  const port = wholeNumber('--port', options.port);
  const portFile = claim(options['port-file']);
  if (portFile === 'taken') return;

  const idle = new IdleTime();
  const server = await startReplica({
    address: options['ip-addr'],
    port,
    onRequest: (change) => idle.count(change),
  });
  portFile?.write(server.port);
  process.stdout.write(`The replica listens on ${server.url}\n`);
  endWith(server, ttlInMs, idle);
}

/** The file goes away with the process, however that ends. */
function claim(path: string | undefined): PortFile | 'taken' | undefined {
  if (path === undefined) return undefined;
  const portFile = PortFile.claim(path);
  if (portFile === undefined) return 'taken';
  process.on('exit', () => portFile.remove());
  return portFile;
}

/** Ends the process on a signal, or when it was idle for too long. */
function endWith(server: ReplicaServer, ttlInMs: number, idle: IdleTime): void {
  const end = (): void => {
    void server.stop().finally(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  const interval = Math.min(Math.max(ttlInMs / TTL_CHECKS_PER_TTL, 10), TTL_CHECK_IN_MS_MAX);
  setInterval(() => idle.inMs > ttlInMs && end(), interval);
}

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (thrown) {
    return fail((thrown as Error).message);
  }
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  return fail(`${option}: expected a whole number, got ${text}`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(USAGE_FAILURE);
}

await main();
