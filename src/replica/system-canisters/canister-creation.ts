/**
 * How system canisters create other canisters and give them cycles: by the management canister's
 * own methods, in the same step. So a canister that was paid for on a ledger passes the same checks
 * and costs the same fees as any other.
 *
 * Source: `cmc.did` and `cycles-ledger.did`, "SubnetSelection".
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import { Settings, type Opt, type SettingsArgument } from '../management/idl.js';
import { createCanister, depositCycles } from '../management/lifecycle.js';
import type { ManagementCall } from '../management/method.js';
import { samePrincipal } from '../principals.js';
import type { Rejection } from '../rejection.js';
import type { ReplicaState } from '../state.js';
import { defaultSubnet, type Subnet } from '../topology.js';
import type { SystemCall } from './system-canister.js';

export type SubnetSelection =
  | { readonly Subnet: { readonly subnet: Principal } }
  | { readonly Filter: { readonly subnet_type: Opt<string> } };

export const SubnetSelection = IDL.Variant({
  Subnet: IDL.Record({ subnet: IDL.Principal }),
  Filter: IDL.Record({ subnet_type: IDL.Opt(IDL.Text) }),
});

export interface Creation {
  readonly settings: Opt<SettingsArgument>;
  readonly subnet_selection: Opt<SubnetSelection>;
}

export const CreationIdl = IDL.Record({
  settings: IDL.Opt(Settings),
  subnet_selection: IDL.Opt(SubnetSelection),
});

/** Creates a canister that `owner` controls, unless the settings name others. Or says why not. */
export function create(
  call: SystemCall,
  owner: Principal,
  { settings, subnet_selection }: Creation,
  cycles: bigint,
): Principal | { readonly failure: string } {
  const subnet = selectSubnet(call.state, subnet_selection[0]);
  if (subnet === undefined) return { failure: 'No subnet found for the given subnet selection' };
  const [controllers = [owner]] = settings[0]?.controllers ?? [];
  const given = { ...(settings[0] ?? NO_SETTINGS), controllers: [controllers] };
  const result = createCanister.run(managementCall(call, subnet, cycles), {
    settings: [given],
    sender_canister_version: [],
  } as never);
  if (!Array.isArray(result)) return { failure: (result as Rejection).message };
  return (result[0] as { canister_id: Principal }).canister_id;
}

/** Gives cycles to a canister; a rejection where there is none. */
export function topUp(call: SystemCall, id: Principal, cycles: bigint): Rejection | undefined {
  const deposit = managementCall(call, call.state.subnetOf(id), cycles);
  const result = depositCycles.run(deposit, { canister_id: id } as never);
  return 'errorCode' in (result as Rejection) ? (result as Rejection) : undefined;
}

const NO_SETTINGS: SettingsArgument = IDL.decode(
  [Settings],
  IDL.encode([IDL.Record({})], [{}]),
)[0] as unknown as SettingsArgument;

function managementCall(
  { state, self }: SystemCall,
  subnet: Subnet,
  cycles: bigint,
): ManagementCall {
  return { state, caller: self, origin: { kind: 'system task' }, subnetId: subnet.id, cycles };
}

/** A filter by type finds nothing but the usual subnet: none here has a special type. */
function selectSubnet(
  { subnets }: ReplicaState,
  selection: SubnetSelection | undefined,
): Subnet | undefined {
  if (selection === undefined) return defaultSubnet(subnets);
  if ('Subnet' in selection) {
    const { subnet } = selection.Subnet;
    return subnets.find(({ id }) => samePrincipal(id, subnet));
  }
  return selection.Filter.subnet_type.length === 0 ? defaultSubnet(subnets) : undefined;
}
