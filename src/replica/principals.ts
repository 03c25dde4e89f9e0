/**
 * Principals as keys. Two principals are the same if their bytes are; comparing their texts would
 * say so too, but a text has a checksum in it and costs a hundred times as much.
 */
import { Principal } from '@dfinity/principal';

/** The id of the management canister, `aaaaa-aa`: no bytes at all. */
export const MANAGEMENT_CANISTER = Principal.fromUint8Array(new Uint8Array(0));

/** Equal for equal principals; not meant to be read. */
export function keyOf(principal: Principal): string {
  return String.fromCharCode(...principal.toUint8Array());
}

export function samePrincipal(a: Principal, b: Principal): boolean {
  return keyOf(a) === keyOf(b);
}
