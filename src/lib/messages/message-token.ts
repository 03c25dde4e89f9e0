/**
 * What stands for a stored message: 64 bits, the number of a slot and that slot's generation.
 *
 *     BITS      FIELD
 *      0 to 31  index of the slot
 *     32 to 63  generation: how many messages the slot has held, this one included; from 1 on
 *
 * A slot that is used again has another generation, so a token of the message before is refused as
 * stale, whoever kept it and however long. No generation is 0, so memory full of zeros holds no
 * token; and no slot has the index 2^32 - 1, so all ones mean "none" as well. In the original a
 * token is a bare index, and the first slot's is the default.
 *
 * A token is a handle and no capability: it is easily guessed. Who may use it is for the canister
 * to decide.
 *
 * Source: `specs/limen.md` sections 1.1, 9.2 and 9.3; crate `limen-core`, `MessageToken`.
 */
import { kind } from '../guards.js';

declare const TOKEN: unique symbol;

/** Stands for a stored message; in Candid a `nat64`, in a structure a `u64`. */
export type MessageToken = bigint & { readonly [TOKEN]: true };

/** No token of any manager: all 64 bits are set. */
export const INVALID_TOKEN = (2n ** 64n - 1n) as MessageToken;

/** The most slots that a manager can have; one index is never given. */
export const CAPACITY_MAX = 0xffff_ffff;

/** The last generation of a slot: when its message is freed, the slot is retired. */
export const GENERATION_MAX = 0xffff_ffff;

const TWO_TO_THE_32 = 4_294_967_296;
const GENERATION_SHIFT = 32n;
const INDEX_MASK = 0xffff_ffffn;

/**
 * A token that comes from elsewhere, such as a caller or another structure, as a token. Whether it
 * stands for anything is for the manager to say. Throws `TypeError` for what is no bigint. O(1).
 *
 * @example
 * const token = messageToken(4_294_967_298n); // slot 2, generation 1
 */
export function messageToken(value: bigint): MessageToken {
  if (typeof value === 'bigint') return value as MessageToken;
  throw new TypeError(`token: expected a bigint, got ${kind(value)}`);
}

/** The token of a slot and a generation. PRECONDITION: both are below 2^32. O(1). */
export function tokenOf(index: number, generation: number): MessageToken {
  return ((BigInt(generation) << GENERATION_SHIFT) | BigInt(index)) as MessageToken;
}

/** The index of the slot. O(1). */
export function tokenIndex(token: MessageToken): number {
  return Number(token & INDEX_MASK);
}

/** The generation; 2^32 and more for a bigint that does not fit 64 bits. O(1). */
export function tokenGeneration(token: MessageToken): number {
  return token < 0n ? TWO_TO_THE_32 : Number(token >> GENERATION_SHIFT);
}

/**
 * A token as people read it.
 *
 * @example
 * formatToken(tokenOf(12, 3)); // '#12.g3'
 */
export function formatToken(token: MessageToken): string {
  return `#${tokenIndex(token)}.g${tokenGeneration(token)}`;
}
