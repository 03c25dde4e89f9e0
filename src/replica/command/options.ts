/**
 * The arguments of the command `replica`. What is wrong with them is said to people, with what was
 * expected and what was found.
 *
 * Source: own design; the default port is the one of dfx.
 */
import { parseArgs } from 'node:util';

import type { SubnetKind } from '../topology.js';

export interface Options {
  readonly host: string;
  readonly port: number;
  /** Where the state is kept; undefined where it goes with the process. */
  readonly state: string | undefined;
  readonly verbose: boolean;
  /** One for applications, unless told; a state directory keeps those that it began with. */
  readonly subnets?: readonly SubnetKind[];
  /** Canisters live at subdomains of these; `localhost` unless told. */
  readonly domains?: readonly string[];
  /** From one round to the next, at least. */
  readonly delayInMs?: number;
}

/** What a command line asks for: to run, to hear something, or what cannot be understood. */
export type Request =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'misunderstood'; readonly reason: string };

const PORT_MAX = 65_535;

export const HELP = `An Internet Computer on your machine, for dfx, icp, agents and browsers.

Usage: replica [options]

  --port N       the port to listen on; 0 takes any free one (default 4943)
  --host ADDRESS the address to listen on (default 127.0.0.1: this machine only)
  --state DIR    keep everything in this directory, across restarts and crashes;
                 without it, everything goes with the process
  --verbose      print every request, and what canisters print
  --help         print this text
  --version      print the version
`;

const OPTIONS = {
  port: { type: 'string', short: 'p', default: '4943' },
  host: { type: 'string', default: '127.0.0.1' },
  state: { type: 'string' },
  verbose: { type: 'boolean', short: 'v', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'V', default: false },
} as const;

export function readOptions(args: readonly string[]): Request {
  const values = parse(args);
  if (typeof values === 'string') return { kind: 'misunderstood', reason: values };
  const { host, port, state, verbose } = values;
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  if (!/^\d{1,5}$/.test(port) || Number(port) > PORT_MAX) {
    const reason = `--port: expected a whole number from 0 to ${PORT_MAX}, found '${port}'`;
    return { kind: 'misunderstood', reason };
  }
  if (host === '') return { kind: 'misunderstood', reason: '--host: expected an address' };
  if (state === '') return { kind: 'misunderstood', reason: '--state: expected a directory' };
  return { kind: 'run', options: { host, port: Number(port), state, verbose } };
}

/** The values, or why there are none. */
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (thrown) {
    return (thrown as Error).message;
  }
}
