/**
 * What a client may ask of a new instance. Everything is looked at before anything is made: a
 * request that asks for what this replica does not have is refused in whole, with the name of it,
 * instead of giving a test an instance that is not what it asked for.
 *
 * `icp_config` is checked and changes nothing: the features that it switches are those of the real
 * replica's own testing (beta features, backtraces), and no rule of this one depends on them.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `InstanceConfig`.
 */
import { DEFAULT_TIME } from '../clock.js';
import { readGatewayConfig, type GatewayConfig } from './gateway-config.js';
import { readSubnets } from './subnet-config.js';
import type { SubnetSpec } from '../topology.js';
import {
  booleanField,
  choiceField,
  integerField,
  isGiven,
  objectField,
  RequestError,
  textField,
  type Fields,
} from './wire.js';

export interface InstanceConfig {
  readonly subnets: readonly SubnetSpec[];
  /** In nanoseconds since 1970. */
  readonly time: bigint;
  /** Given where the instance is to make progress from the start. */
  readonly autoProgress: AutoProgressConfig | undefined;
  /** Given where the instance is to come with an HTTP gateway. */
  readonly gateway: GatewayConfig | undefined;
  /** Whether the ledgers and the cycles minting canister are there. */
  readonly systemCanisters: boolean;
  /** Whether messages to the IC's own interface must be signed and in time. */
  readonly validatesIngress: boolean;
}

export interface AutoProgressConfig {
  readonly delayInMs: number;
}

const FLAGS = ['Disabled', 'Enabled'] as const;

const ICP_CONFIG_FLAGS = [
  'beta_features',
  'canister_backtrace',
  'function_name_length_limits',
  'canister_execution_rate_limiting',
];

/** What the real server offers and this one does not, with the reason. */
const ABSENT: Readonly<Record<string, string>> = {
  state_dir: 'it keeps the state of instances in memory only',
  bitcoind_addr: 'it has no Bitcoin network',
  dogecoind_addr: 'it has no Dogecoin network',
};

/** Any of them brings all three canisters: they need each other. */
const SYSTEM_CANISTER_FEATURES: readonly string[] = ['cycles_minting', 'icp_token', 'cycles_token'];

const DELAY_IN_MS_MAX = 2n ** 31n - 1n;

export function readInstanceConfig(fields: Fields): InstanceConfig {
  refuseAbsent(fields);
  checkIcpConfig(objectField(fields, 'icp_config'));
  if (isGiven(fields, 'log_level')) textField(fields, 'log_level');
  if (isGiven(fields, 'incomplete_state')) choiceField(fields, 'incomplete_state', FLAGS);
  const disabled = 'disable_ingress_validation';
  const gateway = 'http_gateway_config';
  return {
    subnets: readSubnets(objectField(fields, 'subnet_config_set')),
    ...readInitialTime(objectField(fields, 'initial_time')),
    gateway: isGiven(fields, gateway) ? readGatewayConfig(objectField(fields, gateway)) : undefined,
    systemCanisters: readSystemCanisters(objectField(fields, 'icp_features')),
    validatesIngress: !(isGiven(fields, disabled) && booleanField(fields, disabled)),
  };
}

export function readAutoProgress(fields: Fields): AutoProgressConfig {
  const name = 'artificial_delay_ms';
  if (!isGiven(fields, name)) return { delayInMs: 0 };
  return { delayInMs: Number(integerField(fields, name, DELAY_IN_MS_MAX)) };
}

function readInitialTime(fields: Fields): Pick<InstanceConfig, 'time' | 'autoProgress'> {
  if (isGiven(fields, 'AutoProgress')) {
    const autoProgress = readAutoProgress(objectField(fields, 'AutoProgress'));
    return { time: DEFAULT_TIME, autoProgress };
  }
  if (!isGiven(fields, 'Timestamp')) return { time: DEFAULT_TIME, autoProgress: undefined };
  const time = integerField(objectField(fields, 'Timestamp'), 'nanos_since_epoch');
  if (time >= DEFAULT_TIME) return { time, autoProgress: undefined };
  throw new RequestError(
    `The initial timestamp (unix timestamp in nanoseconds) must be no earlier than ` +
      `${DEFAULT_TIME} (provided ${time}).`,
  );
}

function checkIcpConfig(config: Fields): void {
  for (const flag of ICP_CONFIG_FLAGS) {
    if (isGiven(config, flag)) choiceField(config, flag, FLAGS);
  }
}

function readSystemCanisters(features: Fields): boolean {
  const given = SYSTEM_CANISTER_FEATURES.filter((name) => isGiven(features, name));
  for (const name of given) choiceField(features, name, ['DefaultConfig']);
  return given.length > 0;
}

function refuseAbsent(fields: Fields): void {
  for (const [name, reason] of Object.entries(ABSENT)) {
    if (!isGiven(fields, name)) continue;
    throw new RequestError(`this replica does not offer '${name}': ${reason}`);
  }
  const features = objectField(fields, 'icp_features');
  const isAbsent = (name: string): boolean => !SYSTEM_CANISTER_FEATURES.includes(name);
  const feature = Object.keys(features).find((name) => isGiven(features, name) && isAbsent(name));
  if (feature === undefined) return;
  throw new RequestError(
    `this replica does not offer 'icp_features': it has no code for '${feature}'. ` +
      'Install the canister that you need, or leave the feature out',
  );
}
