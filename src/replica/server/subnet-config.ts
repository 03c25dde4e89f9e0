/**
 * The subnets that a request for an instance names: at most one of each named kind, and lists of
 * the others.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `ExtendedSubnetConfigSet`.
 */
import type { SubnetKind, SubnetSpec } from '../topology.js';
import {
  asFields,
  choiceField,
  isGiven,
  listField,
  objectField,
  RequestError,
  type Fields,
} from './wire.js';

const NAMED_SUBNETS = [
  ['nns', 'NNS'],
  ['sns', 'SNS'],
  ['ii', 'II'],
  ['fiduciary', 'Fiduciary'],
  ['bitcoin', 'Bitcoin'],
] as const;

const SUBNET_LISTS = [
  ['system', 'System'],
  ['application', 'Application'],
  ['verified_application', 'VerifiedApplication'],
  ['cloud_engine', 'CloudEngine'],
] as const;

const COST_SCHEDULES = ['Normal', 'Free'] as const;
const INSTRUCTION_CONFIGS = ['Production', 'Benchmarking'] as const;

/** A bound on what one request makes; the Internet Computer itself has some 40 subnets. */
const SUBNETS_MAX = 256;

export function readSubnets(config: Fields): readonly SubnetSpec[] {
  const named = NAMED_SUBNETS.filter(([name]) => isGiven(config, name)).map(([name, kind]) =>
    readSubnet(kind, objectField(config, name)),
  );
  const listed = SUBNET_LISTS.flatMap(([name, kind]) =>
    listField(config, name).map((subnet) => readSubnet(kind, asFields(subnet, name))),
  );
  const subnets = [...named, ...listed];
  if (subnets.length === 0) {
    throw new RequestError('ExtendedSubnetConfigSet must contain at least one subnet');
  }
  if (subnets.length <= SUBNETS_MAX) return subnets;
  throw new RequestError(`expected at most ${SUBNETS_MAX} subnets, got ${subnets.length}`);
}

function readSubnet(kind: SubnetKind, subnet: Fields): SubnetSpec {
  if (isGiven(subnet, 'state_config') && subnet['state_config'] !== 'New') {
    throw new RequestError(
      "state_config: this replica makes new subnets only ('New'): it cannot read the state " +
        'folder of a real replica',
    );
  }
  // Time slices are invisible to canisters: a message in several rounds is the same message.
  if (isGiven(subnet, 'dts_flag')) choiceField(subnet, 'dts_flag', ['Enabled', 'Disabled']);
  return {
    kind,
    costSchedule: isGiven(subnet, 'cost_schedule')
      ? choiceField(subnet, 'cost_schedule', COST_SCHEDULES)
      : undefined,
    instructionConfig: isGiven(subnet, 'instruction_config')
      ? choiceField(subnet, 'instruction_config', INSTRUCTION_CONFIGS)
      : undefined,
  };
}
