/**
 * One PocketIC instance: a replica, and the clockwork that makes it live if a client asks for that.
 *
 * Source: specs/replica.md sections 1.3 and 1.6.
 */
import type { Principal } from '@dfinity/principal';

import { nodeHost } from '../host/node-host.js';
import { Replica } from '../replica.js';
import type { SubnetKind } from '../topology.js';
import { RequestError, type Fields } from './wire.js';

const PROGRESS_INTERVAL_IN_MILLISECONDS = 50;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

export class Instance {
  readonly replica: Replica;
  #progress: NodeJS.Timeout | undefined;

  constructor(
    readonly id: number,
    subnets: readonly SubnetKind[],
  ) {
    this.replica = new Replica({
      host: nodeHost,
      seed: new TextEncoder().encode(`instance ${id}`),
      subnets,
      print: (canisterId, line) => printLine(canisterId, line),
    });
  }

  get isLive(): boolean {
    return this.#progress !== undefined;
  }

  /** From now on time follows the wall clock, and rounds run without being asked for. */
  startProgress(): void {
    if (this.isLive) throw new RequestError('auto progress is already enabled');
    const step = (): void => {
      this.replica.clock.setCertified(BigInt(Date.now()) * NANOSECONDS_PER_MILLISECOND);
      this.replica.executeRound();
    };
    step();
    this.#progress = setInterval(step, PROGRESS_INTERVAL_IN_MILLISECONDS);
  }

  stopProgress(): void {
    clearInterval(this.#progress);
    this.#progress = undefined;
  }
}

/** What canisters print goes to standard error, where PocketIC puts it. */
function printLine(canisterId: Principal, line: Uint8Array): void {
  process.stderr.write(`[Canister ${canisterId.toText()}] ${new TextDecoder().decode(line)}\n`);
}

const SINGLE_SUBNETS = [
  ['nns', 'NNS'],
  ['sns', 'SNS'],
  ['ii', 'II'],
  ['fiduciary', 'Fiduciary'],
  ['bitcoin', 'Bitcoin'],
] as const;

const SUBNET_LISTS = [
  ['system', 'System'],
  ['application', 'Application'],
] as const;

/** Settings that would change what the instance is, and that this replica does not have. */
const UNKNOWN_OPTIONS = [
  'icp_features',
  'state_dir',
  'bitcoind_addr',
  'dogecoind_addr',
  'http_gateway_config',
  'initial_time',
];
const UNKNOWN_SUBNETS = ['verified_application', 'cloud_engine'];

/** The subnets that a request for an instance names. Throws where it asks for what is not there. */
export function requestedSubnets(request: Fields): SubnetKind[] {
  const config = (request['subnet_config_set'] ?? {}) as Fields;
  for (const name of UNKNOWN_OPTIONS) refuseUnknown(name, request[name]);
  for (const name of UNKNOWN_SUBNETS) refuseUnknown(name, config[name]);
  const kinds: SubnetKind[] = [];
  for (const [name, kind] of SINGLE_SUBNETS) {
    if (isGiven(config[name])) kinds.push(newSubnet(kind, config[name]));
  }
  for (const [name, kind] of SUBNET_LISTS) {
    for (const subnet of (config[name] ?? []) as unknown[]) kinds.push(newSubnet(kind, subnet));
  }
  if (kinds.length === 0) throw new RequestError('an instance needs a subnet');
  return kinds;
}

function newSubnet(kind: SubnetKind, subnet: unknown): SubnetKind {
  const state = (subnet as Fields)['state_config'] ?? 'New';
  if (state === 'New') return kind;
  throw new RequestError('this replica makes new subnets only: it does not load their state');
}

function refuseUnknown(name: string, value: unknown): void {
  if (!isGiven(value)) return;
  throw new RequestError(`this replica does not offer '${name}'`);
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
