/**
 * Accounts of a ledger: a principal and one of its 2^256 subaccounts. The ledgers here know an
 * account by its identifier, as the ICP ledger does: 32 bytes, of which the first four are a
 * checksum of the rest.
 *
 *     ACCOUNT IDENTIFIER = CRC-32 (hash), hash
 *     hash = SHA-224 ("\x0Aaccount-id", principal, subaccount)
 *
 * Source: ICRC-1; the ICP ledger, `ledger.did`.
 */
import { IDL } from '@dfinity/candid';
import { getCrc32, Principal } from '@dfinity/principal';

import { hex } from '../hex.js';
import type { Opt } from '../management/idl.js';

export const Blob = IDL.Vec(IDL.Nat8);

export interface Account {
  readonly owner: Principal;
  readonly subaccount: Opt<Uint8Array>;
}

export const AccountIdl = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(Blob) });

/** An account identifier as hexadecimal text: what balances are kept under. */
export type AccountKey = string;

const DOMAIN = new TextEncoder().encode('\x0Aaccount-id');
const SUBACCOUNT_SIZE = 32;
const IDENTIFIER_SIZE = 32;
const CHECKSUM_SIZE = 4;
const HASH_SIZE = 28;

export function accountIdentifier({ owner, subaccount }: Account): Uint8Array {
  const [sub = new Uint8Array(SUBACCOUNT_SIZE)] = subaccount;
  const hash = sha224(Uint8Array.of(...DOMAIN, ...owner.toUint8Array(), ...sub));
  return Uint8Array.of(...checksum(hash), ...hash);
}

export function accountKey(account: Account): AccountKey {
  return hex(accountIdentifier(account));
}

/** The key of an account identifier that came from outside; undefined where it is none. */
export function keyOfIdentifier(bytes: Uint8Array): AccountKey | undefined {
  if (bytes.length !== IDENTIFIER_SIZE) return undefined;
  const expected = hex(checksum(bytes.subarray(CHECKSUM_SIZE)));
  return hex(bytes.subarray(0, CHECKSUM_SIZE)) === expected ? hex(bytes) : undefined;
}

/** The subaccount that a canister keeps for a user: a length byte, the principal, zeroes. */
export function subaccountOf(principal: Principal): Uint8Array {
  const bytes = principal.toUint8Array();
  const subaccount = new Uint8Array(SUBACCOUNT_SIZE);
  subaccount[0] = bytes.length;
  subaccount.set(bytes, 1);
  return subaccount;
}

function checksum(hash: Uint8Array): Uint8Array {
  const crc = getCrc32(hash);
  return Uint8Array.of(crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff);
}

/** A self-authenticating principal is the SHA-224 of a key, and one more byte. */
function sha224(bytes: Uint8Array): Uint8Array {
  return Principal.selfAuthenticating(bytes).toUint8Array().subarray(0, HASH_SIZE);
}
