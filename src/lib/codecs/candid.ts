/**
 * Values of a Candid type, in the bytes of a Candid message with one argument. For those who have
 * the types of their interface at hand and want to store the same values.
 *
 * Each value has a description of its type with it: some ten bytes for each field of a record. In
 * return it changes as Candid interfaces do: an `opt` field may be added, and a field may be taken
 * out. A `record` of this library is smaller and far cheaper in a canister.
 *
 * The library needs no Candid for it, and so has none: give it types of the `IDL` that you use
 * yourself. It reads and writes the messages by itself, see `candid/arguments.ts`.
 *
 * Source: the Candid specification, section "Binary format".
 */
import { compileArguments } from '../candid/arguments.js';
import type { IdlType } from '../candid/type.js';
import type { Codec } from '../codec.js';
import { corrupted, StorageError } from '../errors.js';
import { invalidValue, wrongType } from './refusals.js';

/** A Candid type, as far as it says which values it has. */
export type CandidType<T> = IdlType<T>;

/** What is needed of an `IDL`, be it Azle's, an agent's or `@dfinity/candid`'s. */
export interface CandidIdl {
  encode(types: CandidType<unknown>[], values: unknown[]): Uint8Array;
  decode(types: CandidType<unknown>[], bytes: Uint8Array): unknown[];
}

/**
 * A codec for the values of a Candid type, for values only. O(length of the message).
 *
 * It throws `INVALID_VALUE` for what the type does not have, `CORRUPTED` for stored bytes that the
 * type cannot read; `candid` itself throws `TypeError` for what is no `IDL` or no type.
 *
 * @param idl The `IDL` object of the package that the type is from.
 * @param type The type, such as `IDL.Text`. A record has no property types of its own in
 * TypeScript; say them: `candid<User>(IDL, type)`.
 *
 * @example
 * import { IDL } from 'azle';
 *
 * const User = IDL.Record({ name: IDL.Text, bio: IDL.Opt(IDL.Text) });
 * const users = BTreeMap.init(memory.get(0), principal, candid(IDL, User));
 * users.insert(caller, { name: 'Ada', bio: [] });
 */
export function candid<T>(idl: CandidIdl, type: CandidType<T>): Codec<T>;
export function candid<T>(idl: CandidIdl, type: CandidType<unknown>): Codec<T>;
export function candid<T>(idl: CandidIdl, type: CandidType<unknown>): Codec<T> {
  if (typeof idl?.encode !== 'function' || typeof idl.decode !== 'function') {
    throw wrongType('candid', 'an IDL', idl);
  }
  const message = compileArguments([type]);
  const name = `candid(${type.name})`;
  return {
    name,
    bound: 'unbounded',
    encode: (value) => refusing(name, () => message.encode([value])),
    encodeInto: (value, target, offset) =>
      refusing(name, () => message.encodeInto([value], target, offset)),
    decode(bytes) {
      try {
        return message.decode(bytes)[0] as T;
      } catch (error) {
        throw isOurs(error) ? corrupted(name, 'a value of its type', error.message) : error;
      }
    },
  };
}

/** What `encode` answers; its refusal names the codec. */
function refusing<T>(name: string, encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    throw isOurs(error) ? invalidValue(name, 'a value of its type', error.message) : error;
  }
}

function isOurs(error: unknown): error is StorageError {
  return error instanceof StorageError;
}
