/** The Candid codec of a list of types, over Azle's own library. */
import { IDL } from '@dfinity/candid';

export type CandidType = IDL.Type;

export interface ArgumentsCodec {
  encode(values: unknown[]): Uint8Array;
  decode(bytes: Uint8Array): unknown[];
}

export function compileArguments(types: CandidType[]): ArgumentsCodec {
  return {
    encode: (values) => IDL.encode(types, values as never),
    decode: (bytes) => IDL.decode(types, bytes),
  };
}
