/**
 * The topology of an instance as PocketIC describes it: its subnets, their canister ids, and the
 * canister id that stands for "anywhere".
 *
 * Source: specs/replica.md section 1.4.
 */
import type { Principal } from '@dfinity/principal';

import type { Replica } from '../replica.js';
import { canisterIdOf, type Subnet } from '../topology.js';
import { principalToBase64 } from './wire.js';

export function describeTopology({ subnets, defaultSubnet }: Replica): unknown {
  const configs = subnets.map((subnet) => [subnet.id.toText(), describeSubnet(subnet)]);
  return {
    subnet_configs: Object.fromEntries(configs) as unknown,
    default_effective_canister_id: rawCanister(canisterIdOf(defaultSubnet.firstIndex)),
  };
}

function describeSubnet(subnet: Subnet): unknown {
  const start = rawCanister(canisterIdOf(subnet.firstIndex));
  const end = rawCanister(canisterIdOf(subnet.lastIndex));
  return {
    subnet_kind: subnet.kind,
    subnet_seed: [...subnet.seed],
    instruction_config: subnet.instructionConfig,
    cost_schedule: subnet.costSchedule,
    canister_ranges: [{ start, end }],
  };
}

function rawCanister(id: Principal): unknown {
  return { canister_id: principalToBase64(id) };
}
