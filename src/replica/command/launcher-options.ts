/**
 * The options of a network launcher, the program that `icp` starts for a managed network. Which
 * there are is a published interface, version 1.1.0; `icp` passes the version that it speaks. An
 * option that is not known is an error, unless the version is newer: then it is passed over.
 *
 * An option that asks for something that this replica does not have is refused, so that no network
 * is less than its manifest says. One that only concerns the PocketIC server, which is not there,
 * changes nothing and says so.
 *
 * Source: `icp-cli-network-launcher`, SPEC.md.
 */
import { parseArgs } from 'node:util';

import type { SubnetKind } from '../topology.js';

export interface LauncherOptions {
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly stateDirectory: string | undefined;
  readonly statusDirectory: string | undefined;
  readonly subnets: readonly SubnetKind[];
  /** Canisters live at subdomains of these, and of `localhost`. */
  readonly domains: readonly string[];
  readonly delayInMs: number;
  readonly verbose: boolean;
  /** What the user is to know about options that change nothing. */
  readonly warnings: readonly string[];
}

/** Why the options cannot be followed. */
export interface OptionsRefusal {
  readonly refusal: string;
}

export const INTERFACE_VERSION = '1.1.0';

const OPTIONS = {
  'interface-version': { type: 'string' },
  'gateway-port': { type: 'string', default: '0' },
  'config-port': { type: 'string' },
  bind: { type: 'string', default: '127.0.0.1' },
  'pocketic-config-bind': { type: 'string' },
  'state-dir': { type: 'string' },
  'status-dir': { type: 'string' },
  'artificial-delay-ms': { type: 'string', default: '0' },
  subnet: { type: 'string', multiple: true },
  'bitcoind-addr': { type: 'string', multiple: true },
  'dogecoind-addr': { type: 'string', multiple: true },
  domain: { type: 'string', multiple: true },
  'custom-domains-file': { type: 'string' },
  ii: { type: 'boolean' },
  nns: { type: 'boolean' },
  'pocketic-server-path': { type: 'string' },
  'stdout-file': { type: 'string' },
  'stderr-file': { type: 'string' },
  verbose: { type: 'boolean', default: false },
} as const;

const REFUSED: Readonly<Record<string, string>> = {
  ii: 'it does not bring the canister of Internet Identity',
  nns: 'it does not bring the canisters of the NNS',
  'bitcoind-addr': 'it has no Bitcoin network',
  'dogecoind-addr': 'it has no Dogecoin network',
  'custom-domains-file': 'its gateway serves canisters by their ids only',
};

const WITHOUT_EFFECT = [
  'config-port',
  'pocketic-config-bind',
  'pocketic-server-path',
  'stdout-file',
  'stderr-file',
];

/** The NNS subnet is there in any case. */
const SUBNETS: Readonly<Record<string, SubnetKind>> = {
  application: 'Application',
  system: 'System',
  'verified-application': 'VerifiedApplication',
  bitcoin: 'Bitcoin',
  fiduciary: 'Fiduciary',
  nns: 'NNS',
  sns: 'SNS',
  'cloud-engine': 'CloudEngine',
};

const PORT_MAX = 65_535;
const DELAY_IN_MS_MAX = 2 ** 31 - 1;

/** The environment may name the interface version, where the arguments do not. */
export function readLauncherOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): LauncherOptions | OptionsRefusal {
  try {
    return read(args, environment['ICP_CLI_NETWORK_LAUNCHER_INTERFACE_VERSION']);
  } catch (thrown) {
    if (thrown instanceof RefusedOption) return { refusal: thrown.message };
    // Node's own words about an option without its value, and the like.
    return { refusal: (thrown as Error).message };
  }
}

/** Thrown and caught within this file. */
class RefusedOption extends Error {
  override readonly name = 'RefusedOption';
}

function read(args: readonly string[], versionByDefault: string | undefined): LauncherOptions {
  const { values, unknown } = parse(args);
  const version = values['interface-version'] ?? versionByDefault;
  const warnings = [...warningsOf(unknown, version)];
  for (const name of Object.keys(REFUSED)) refuseIfGiven(name, values[name as keyof typeof values]);
  for (const name of WITHOUT_EFFECT) {
    if (values[name as keyof typeof values] === undefined) continue;
    warnings.push(`--${name} changes nothing: this network runs without a PocketIC server`);
  }
  return {
    address: values.bind,
    port: wholeNumber('gateway-port', values['gateway-port'], PORT_MAX),
    stateDirectory: values['state-dir'],
    statusDirectory: values['status-dir'],
    subnets: subnetsOf(values.subnet ?? []),
    domains: [...new Set(['localhost', ...(values.domain ?? [])])],
    delayInMs: wholeNumber('artificial-delay-ms', values['artificial-delay-ms'], DELAY_IN_MS_MAX),
    verbose: values.verbose,
    warnings,
  };
}

/** The options that are known, and those that are not. */
function parse(args: readonly string[]) {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const isKnown = (token: (typeof tokens)[number]): boolean =>
    token.kind === 'option' && Object.hasOwn(OPTIONS, token.name);
  const unknown = tokens.filter((token) => !isKnown(token)).map(({ index }) => args[index]!);
  const known = tokens.filter(isKnown).flatMap((token) => wordsOf(token as OptionToken));
  return { values: parseArgs({ args: known, options: OPTIONS }).values, unknown };
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
}

function wordsOf({ rawName, value }: OptionToken): string[] {
  return value === undefined ? [rawName] : [`${rawName}=${value}`];
}

/** Only a caller that speaks a newer version may say what this one does not understand. */
function warningsOf(unknown: readonly string[], version: string | undefined): string[] {
  if (version !== undefined && !/^1\.\d+\.\d+$/.test(version)) {
    throw new RefusedOption(`interface version ${version} is not supported, but 1.x.x is`);
  }
  if (unknown.length === 0) return [];
  if (version !== undefined && isNewer(version)) {
    return [`passed over what this launcher does not know: ${unknown.join(' ')}`];
  }
  throw new RefusedOption(`unknown option ${unknown[0]}`);
}

function isNewer(version: string): boolean {
  return Number(version.split('.')[1]) > Number(INTERFACE_VERSION.split('.')[1]);
}

function refuseIfGiven(name: string, value: unknown): void {
  if (value === undefined || value === false) return;
  throw new RefusedOption(`this network does not offer --${name}: ${REFUSED[name]}`);
}

function subnetsOf(names: readonly string[]): readonly SubnetKind[] {
  const kinds = names.map((name): SubnetKind => {
    if (Object.hasOwn(SUBNETS, name)) return SUBNETS[name]!;
    const known = Object.keys(SUBNETS).join(', ');
    throw new RefusedOption(`--subnet: expected one of ${known}, got ${name}`);
  });
  const workload = kinds.filter((kind) => kind !== 'NNS');
  return ['NNS', ...(kinds.length === 0 ? (['Application'] as const) : workload)];
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new RefusedOption(`--${name}: expected a whole number up to ${max}, got ${text}`);
}
