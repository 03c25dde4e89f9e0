/**
 * The HTTP gateway protocol in Candid: what a canister is asked, and how it answers.
 *
 * The token of a streaming strategy is of a type that only the canister knows, and so is the
 * callback that takes it. They are read as what they are, and the token goes back to the canister
 * with the type that it came with.
 *
 * Source: HTTP Gateway Protocol Specification, "Canister HTTP Interface".
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

/** A value that remembers the type that it was decoded with. */
export interface Token {
  type(): IDL.Type;
  valueOf(): unknown;
}

export interface StreamingCallback {
  /** A function, where the canister keeps to the protocol. */
  readonly callback: unknown;
  readonly token: Token;
}

export interface CanisterRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export interface CanisterAnswer {
  readonly status_code: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly upgrade: readonly [] | readonly [boolean];
  readonly streaming_strategy: readonly [] | readonly [{ readonly Callback: StreamingCallback }];
}

export interface StreamedPiece {
  readonly body: Uint8Array;
  readonly token: readonly [] | readonly [Token];
}

const Headers = IDL.Vec(IDL.Tuple(IDL.Text, IDL.Text));

export const UpdateRequest = IDL.Record({
  method: IDL.Text,
  url: IDL.Text,
  headers: Headers,
  body: IDL.Vec(IDL.Nat8),
});

/** The version of response certification that the gateway would understand. */
export const QueryRequest = IDL.Record({
  method: IDL.Text,
  url: IDL.Text,
  headers: Headers,
  body: IDL.Vec(IDL.Nat8),
  certificate_version: IDL.Opt(IDL.Nat16),
});

export const CanisterAnswer = IDL.Record({
  status_code: IDL.Nat16,
  headers: Headers,
  body: IDL.Vec(IDL.Nat8),
  upgrade: IDL.Opt(IDL.Bool),
  streaming_strategy: IDL.Opt(
    IDL.Variant({ Callback: IDL.Record({ callback: IDL.Unknown, token: IDL.Unknown }) }),
  ),
});

export const StreamedPiece = IDL.Opt(
  IDL.Record({ body: IDL.Vec(IDL.Nat8), token: IDL.Opt(IDL.Unknown) }),
);

/** The method that the callback is; undefined where it is none. */
export function methodOf(callback: unknown): [canisterId: Principal, method: string] | undefined {
  if (!Array.isArray(callback) || callback.length !== 2) return undefined;
  const [canisterId, method] = callback as [Principal, string];
  return Principal.isPrincipal(canisterId) && typeof method === 'string'
    ? [canisterId, method]
    : undefined;
}

export function encodeToken(token: Token): Uint8Array {
  return IDL.encode([token.type()], [token.valueOf()]);
}
