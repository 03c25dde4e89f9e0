/**
 * Runs the command `replica`: from its arguments to a replica that listens, and to its end.
 *
 * Source: own design.
 */
import type { Principal } from '@dfinity/principal';

import { StateError } from '../archive/state-error.js';
import { hex } from '../hex.js';
import { Replica } from '../replica.js';
import { listen, type Listener } from '../server/http-server.js';
import { Instance } from '../server/instance.js';
import { PACKAGE_VERSION } from '../server/package-version.js';
import type { SubnetKind } from '../topology.js';
import { freshIdentity, type Identity } from './identity.js';
import { KeptReplica, replicaOptions } from './kept-replica.js';
import { HELP, readOptions, type Options } from './options.js';
import { RecentCalls } from './recent-calls.js';
import { ReplicaSite } from './replica-site.js';
import { printable, withRequestLog } from './request-log.js';

export interface Surroundings {
  print(text: string): void;
  printError(text: string): void;
  /** Ends the process at once: the state cannot be kept any more. */
  abort(): void;
}

export interface RunningReplica {
  readonly url: string;
  readonly port: number;
  readonly replica: Replica;
  stop(): Promise<void>;
}

export const OK = 0;
export const FAILED = 1;
export const MISUNDERSTOOD = 2;

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** The running replica, or the exit code of a command that has nothing to run. */
export async function runCommand(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<RunningReplica | number> {
  const request = readOptions(args);
  switch (request.kind) {
    case 'help':
      surroundings.print(HELP);
      return OK;
    case 'version':
      surroundings.print(`replica ${PACKAGE_VERSION}\n`);
      return OK;
    case 'misunderstood':
      surroundings.printError(`${request.reason}\nTry 'replica --help'.\n`);
      return MISUNDERSTOOD;
    case 'run':
      return start(request.options, surroundings);
  }
}

/** The running replica, or the exit code where it cannot run. */
export async function start(
  options: Options,
  surroundings: Surroundings,
): Promise<RunningReplica | number> {
  let opened: OpenReplica | undefined;
  try {
    opened = open(options, surroundings);
    return await serve(options, opened, surroundings);
  } catch (thrown) {
    opened?.close();
    const reason = reasonOf(thrown, options);
    if (reason === undefined) throw thrown;
    surroundings.printError(`${reason}\n`);
    return FAILED;
  }
}

interface OpenReplica {
  readonly replica: Replica;
  readonly directory: string | undefined;
  close(): void;
}

function open(
  { state, verbose, subnets }: Options,
  { print, printError, abort }: Surroundings,
): OpenReplica {
  let isOpen = false;
  const hear = (canisterId: Principal, line: Uint8Array): void => {
    // What is carried out again from a journal was printed the first time.
    if (!verbose || !isOpen) return;
    print(`[Canister ${canisterId.toText()}] ${printable(new TextDecoder().decode(line))}\n`);
  };
  const now = (): Identity =>
    freshIdentity(BigInt(Date.now()) * NANOSECONDS_PER_MILLISECOND, subnets);
  if (state === undefined) {
    const replica = new Replica(replicaOptions(now(), hear));
    isOpen = true;
    return { replica, directory: undefined, close: () => undefined };
  }
  const fail = (error: Error): void => {
    printError(`The state cannot be written any more: ${error.message}\n`);
    abort();
  };
  const kept = new KeptReplica({ directory: state, freshIdentity: now, fail, print: hear });
  if (subnets !== undefined) assertSubnets(kept, subnets);
  isOpen = true;
  return { replica: kept.replica, directory: kept.path, close: () => kept.close() };
}

/** A state directory keeps the subnets that it began with; others are not made of them. */
function assertSubnets(kept: KeptReplica, expected: readonly SubnetKind[]): void {
  const found = kept.replica.subnets.map(({ kind }) => kind);
  if (found.join() === expected.join()) return;
  kept.close();
  const text = `${kept.path} has the subnets ${found.join(', ')}, asked for ${expected.join(', ')}`;
  throw new StateError('FOREIGN', `${text}. Ask for those, or name another directory`);
}

async function serve(
  { host, port, verbose, domains, delayInMs = 0 }: Options,
  { replica, directory, close }: OpenReplica,
  { print }: Surroundings,
): Promise<RunningReplica> {
  const calls = new RecentCalls();
  replica.watch(calls.watcher);
  const instance = new Instance(0, replica, true);
  const site = new ReplicaSite(
    instance,
    { replica, calls, version: PACKAGE_VERSION, directory },
    domains,
  );
  const listener = await listen(
    verbose ? withRequestLog(site, (line) => print(`${line}\n`)) : site,
    {
      address: host,
      port,
    },
  );
  instance.startProgress({ delayInMs });
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  print(greeting(url, replica, directory));
  return { url, port: listener.port, replica, stop: () => end(listener, instance, close) };
}

/** First nobody is listened to any more, then time stands still, then the state is written. */
async function end(listener: Listener, instance: Instance, close: () => void): Promise<void> {
  await listener.stop();
  instance.stopProgress();
  close();
}

function greeting(url: string, replica: Replica, directory: string | undefined): string {
  return [
    `The replica listens on ${url}`,
    `  Status page  ${url}/`,
    `  Root key     ${hex(replica.rootKey)}`,
    `  State        ${directory ?? 'in memory only, see --state'}`,
    '',
  ].join('\n');
}

/** What people are told of a failure; undefined where it is a fault of this program. */
function reasonOf(thrown: unknown, { host, port }: Options): string | undefined {
  if (thrown instanceof StateError) return thrown.message;
  switch ((thrown as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use. Choose another one by --port, or 0 for any`;
    case 'EACCES':
      return `Port ${port} of ${host} is not for everybody. Choose one above 1023 by --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine. Choose one by --host`;
  }
  return undefined;
}
