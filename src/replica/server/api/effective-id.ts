/**
 * The effective canister id: the address of a request has to agree with its content, because what
 * lies between client and replica looks at the address only. For a call to the management canister,
 * which is everywhere, the argument says which canister is meant.
 *
 * Source: IC interface specification, "Effective canister id".
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import type { CallContent } from '../../authentication/envelope.js';
import { RequestRefused } from '../../authentication/refusal.js';
import { decodeCandid } from '../../candid/decode.js';
import { MANAGEMENT_CANISTER, samePrincipal } from '../../principals.js';
import type { Place } from './place.js';

/** Methods that are about no canister that exists. */
const ABOUT_NO_CANISTER: ReadonlySet<string> = new Set([
  'create_canister',
  'list_canisters',
  'provisional_create_canister_with_cycles',
]);

export function refuseForeignAddress({ effectiveId }: Place, content: CallContent): void {
  const { canisterId, method, argument } = content;
  if (effectiveId === undefined) return refuseSubnetAddress(content);
  const isManagement = samePrincipal(canisterId, MANAGEMENT_CANISTER);
  const meant = isManagement ? canisterMeantBy(method, argument) : canisterId;
  if (meant === undefined || samePrincipal(meant, effectiveId)) return;
  const text =
    `Specified CanisterId ${meant.toText()} does not match ` +
    `effective canister id in URL ${effectiveId.toText()}`;
  throw new RequestRefused(text);
}

/** Only what is about no canister can be addressed to a subnet. */
function refuseSubnetAddress({ canisterId, method }: CallContent): void {
  const isManagement = samePrincipal(canisterId, MANAGEMENT_CANISTER);
  if (isManagement && ABOUT_NO_CANISTER.has(method)) return;
  throw new RequestRefused(`A call of '${method}' cannot be addressed to a subnet.`);
}

/** The canister that a management call is about; undefined where it is about none, or garbled. */
function canisterMeantBy(method: string, argument: Uint8Array): Principal | undefined {
  if (ABOUT_NO_CANISTER.has(method)) return undefined;
  const field = method === 'install_chunked_code' ? 'target_canister' : 'canister_id';
  const decoded = decodeCandid([IDL.Record({ [field]: IDL.Principal })], argument);
  // The management canister says better what is wrong with its argument.
  if ('invalid' in decoded) return undefined;
  return (decoded.values[0] as Record<string, Principal>)[field];
}
