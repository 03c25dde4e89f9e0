/** The Candid types of the data canister. What they mean stands with the TypeScript types. */
import { IDL } from 'azle';

export const KeyType = IDL.Variant({
  text: IDL.Null,
  nat64: IDL.Null,
  int64: IDL.Null,
  principal: IDL.Null,
  blob: IDL.Null,
});

export const Blob = IDL.Vec(IDL.Nat8);

export const Key = IDL.Variant({
  text: IDL.Text,
  nat64: IDL.Nat64,
  int64: IDL.Int64,
  principal: IDL.Principal,
  blob: Blob,
});

export const Entry = IDL.Record({ key: Key, value: Blob });

const tooLarge = IDL.Record({ max_size: IDL.Nat32, size: IDL.Nat32 });

const EntryRefusal = IDL.Variant({
  WrongKeyType: IDL.Record({ expected: KeyType, found: KeyType }),
  KeyTooLarge: tooLarge,
  ValueTooLarge: tooLarge,
});

export const Refusal = IDL.Variant({
  NotAuthorized: IDL.Null,
  UnknownMap: IDL.Text,
  MapExists: IDL.Text,
  InvalidName: IDL.Text,
  TooManyMaps: IDL.Record({ limit: IDL.Nat32 }),
  WrongKeyType: IDL.Record({ expected: KeyType, found: KeyType }),
  KeyTooLarge: tooLarge,
  ValueTooLarge: tooLarge,
  ReplyTooLarge: IDL.Record({ max_size: IDL.Nat32 }),
  InvalidRange: IDL.Text,
  InvalidCursor: IDL.Text,
  InvalidEntry: IDL.Record({ index: IDL.Nat32, reason: EntryRefusal }),
  OutOfMemory: IDL.Text,
  Storage: IDL.Record({ code: IDL.Text, message: IDL.Text }),
});

/** What every method returns: the answer, or why there is none. */
export function Answer<T>(ok: IDL.Type<T>): IDL.VariantClass {
  return IDL.Variant({ Ok: ok, Err: Refusal });
}

export const CreateMapRequest = IDL.Record({
  name: IDL.Text,
  key_type: KeyType,
  max_key_size: IDL.Opt(IDL.Nat32),
  max_value_size: IDL.Opt(IDL.Nat32),
});

export const MapInfo = IDL.Record({
  name: IDL.Text,
  key_type: KeyType,
  max_key_size: IDL.Nat32,
  max_value_size: IDL.Nat32,
  closed: IDL.Bool,
  length: IDL.Nat64,
  memory_id: IDL.Nat8,
  size_in_pages: IDL.Nat64,
});

export const ScanRequest = IDL.Record({
  from: IDL.Opt(Key),
  to: IDL.Opt(Key),
  prefix: IDL.Opt(Key),
  limit: IDL.Opt(IDL.Nat32),
  reverse: IDL.Opt(IDL.Bool),
  cursor: IDL.Opt(Blob),
});

export const Page = IDL.Record({ entries: IDL.Vec(Entry), next: IDL.Opt(Blob) });
