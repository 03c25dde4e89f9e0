/**
 * Where a call goes: the subnet that takes a message. A client names it, or a canister on it, or
 * leaves it to us. Then it follows from the callee, and for the management canister from the
 * canister that the argument is about.
 *
 * The real server makes a new subnet for a canister that is created under an id of the Internet
 * Computer. Here the default subnet adopts it.
 *
 * Source: specs/replica.md section 1.3; dfinity/ic, `route_call`.
 */
import type { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import { decodeCandid } from '../candid/decode.js';
import { CanisterIdRecord, ProvisionalCreate } from '../management/idl.js';
import { MANAGEMENT_CANISTER, samePrincipal } from '../principals.js';
import type { Replica } from '../replica.js';
import { subnetOf } from '../topology.js';
import { badIngressMessage } from './pocket-ic-error.js';
import { isGiven, objectField, principalField, principalToBase64, type Fields } from './wire.js';

interface CallTarget {
  readonly canisterId: Principal;
  readonly method: string;
  readonly argument: Uint8Array;
}

/** What a client calls an effective principal. */
type Effective =
  | { readonly kind: 'none' }
  | { readonly kind: 'subnet'; readonly id: Principal }
  | { readonly kind: 'canister'; readonly id: Principal };

const NONE: Effective = { kind: 'none' };
const PROVISIONAL_CREATE = 'provisional_create_canister_with_cycles';

/** The id of the subnet that takes the call. */
export function routeCall(replica: Replica, fields: Fields, call: CallTarget): Principal {
  const isManagement = samePrincipal(call.canisterId, MANAGEMENT_CANISTER);
  const creates = isManagement && call.method === PROVISIONAL_CREATE;
  const named = readEffective(fields);
  const effective = named.kind === 'none' ? derive(call, isManagement, creates) : named;
  return route(replica, effective, creates);
}

/** The subnet of a message that was submitted. */
export function routeMessage(replica: Replica, fields: Fields): Principal {
  return route(replica, readEffective(fields), false);
}

export function rawSubnet(id: Principal): unknown {
  return { SubnetId: principalToBase64(id) };
}

function readEffective(fields: Fields): Effective {
  const name = 'effective_principal';
  if (!isGiven(fields, name) || fields[name] === 'None') return NONE;
  const named = objectField(fields, name);
  if (isGiven(named, 'SubnetId')) return { kind: 'subnet', id: principalField(named, 'SubnetId') };
  return { kind: 'canister', id: principalField(named, 'CanisterId') };
}

function derive(call: CallTarget, isManagement: boolean, creates: boolean): Effective {
  if (!isManagement) return { kind: 'canister', id: call.canisterId };
  if (!creates) return { kind: 'canister', id: decode(CanisterIdRecord, call).canister_id };
  const [id] = decode(ProvisionalCreate, call).specified_id;
  return id === undefined ? NONE : { kind: 'canister', id };
}

function route(replica: Replica, effective: Effective, creates: boolean): Principal {
  switch (effective.kind) {
    case 'subnet':
      return knownSubnet(replica, effective.id);
    case 'canister':
      return subnetOfCanister(replica, effective.id, creates);
    case 'none':
      if (creates) return replica.defaultSubnet.id;
      throw badIngressMessage(
        'Effective principal must be specified for all calls but canister creation via the ' +
          'provisional management canister API.',
      );
  }
}

function knownSubnet({ subnets }: Replica, id: Principal): Principal {
  if (subnets.some((subnet) => samePrincipal(subnet.id, id))) return id;
  throw badIngressMessage(`Subnet with ID ${id.toText()} not found`);
}

function subnetOfCanister(replica: Replica, id: Principal, creates: boolean): Principal {
  if (replica.canister(id) !== undefined) return replica.subnetOf(id).id;
  const subnet = subnetOf(replica.subnets, id);
  if (subnet !== undefined) return subnet.id;
  if (creates) return replica.defaultSubnet.id;
  throw badIngressMessage(`Canister ${id.toText()} does not belong to any subnet.`);
}

function decode<T>(type: IDL.Type<T>, { argument }: CallTarget): T {
  const decoded = decodeCandid([type], argument);
  if ('values' in decoded) return decoded.values[0] as T;
  throw badIngressMessage(`Error decoding candid: ${decoded.invalid}`);
}
