/**
 * Principals as keys. Two principals are the same if their bytes are; comparing their texts would
 * say so too, but a text has a checksum in it and costs a hundred times as much.
 */
import { Principal } from '@dfinity/principal';

import { sameBytes } from './bytes.js';
import type { Host } from './host.js';

/** The id of the management canister, `aaaaa-aa`: no bytes at all. */
export const MANAGEMENT_CANISTER = Principal.fromUint8Array(new Uint8Array(0));

/** Equal for equal principals; not meant to be read. */
export function keyOf(principal: Principal): string {
  return String.fromCharCode(...principal.toUint8Array());
}

/** NOTE: Makes no keys, for it is asked of every message whenever a state is certified. */
export function samePrincipal(a: Principal, b: Principal): boolean {
  return a === b || sameBytes(a.toUint8Array(), b.toUint8Array());
}

const SELF_AUTHENTICATING = 2;

/** The principal of whoever holds the secret to this public key, given in its DER form. */
export function selfAuthenticating(host: Pick<Host, 'sha224'>, publicKey: Uint8Array): Principal {
  return Principal.fromUint8Array(Uint8Array.of(...host.sha224(publicKey), SELF_AUTHENTICATING));
}
