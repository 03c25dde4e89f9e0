/**
 * The Candid interface of the data canister. What the types mean stands with the TypeScript types.
 *
 * It is written for whichever `IDL` is at hand, so that the canister (which has Azle's) and its
 * clients (which have an agent's) share one definition.
 */
import type { GenericIdlFuncArgs, IDL as CandidIDL } from '@dfinity/candid';

type Idl = typeof CandidIDL;
type Type = CandidIDL.Type;

/** Parameters and result of a method, as Azle's decorators take them. */
export type Signature = [parameters: Type[], result: Type];

/** The methods that change nothing and are called as queries. */
const QUERIES = [
  'contains',
  'get',
  'get_certified',
  'get_many',
  'length',
  'list_maps',
  'scan',
].concat(['outbox_status', 'outbox_letter', 'outbox_dead_letters']);

/** The signature of every method, by name. */
export function signatures(IDL: Idl, named = namedTypes(IDL)) {
  const { Key, Entry, Refusal, CreateMapRequest, MapInfo, ScanRequest, Page } = named;
  const { CertifiedValue } = named;
  const Blob = IDL.Vec(IDL.Nat8);
  const answer = (ok: Type): Type => IDL.Variant({ Ok: ok, Err: Refusal });
  return {
    create_map: [[CreateMapRequest], answer(MapInfo)],
    list_maps: [[], IDL.Vec(MapInfo)],
    insert: [[IDL.Text, Key, Blob], answer(IDL.Opt(Blob))],
    insert_many: [[IDL.Text, IDL.Vec(Entry)], answer(IDL.Nat64)],
    get: [[IDL.Text, Key], answer(IDL.Opt(Blob))],
    get_certified: [[IDL.Text, Key], answer(CertifiedValue)],
    get_many: [[IDL.Text, IDL.Vec(Key)], answer(IDL.Vec(IDL.Opt(Blob)))],
    contains: [[IDL.Text, Key], answer(IDL.Bool)],
    remove: [[IDL.Text, Key], answer(IDL.Opt(Blob))],
    length: [[IDL.Text], answer(IDL.Nat64)],
    scan: [[IDL.Text, ScanRequest], answer(Page)],
    grant: [[IDL.Text, IDL.Principal], answer(IDL.Null)],
    revoke: [[IDL.Text, IDL.Principal], answer(IDL.Null)],
    set_closed: [[IDL.Text, IDL.Bool], answer(IDL.Null)],
    ...outboxSignatures(IDL, named),
  } satisfies Record<string, Signature>;
}

function outboxSignatures(IDL: Idl, named: ReturnType<typeof outboxTypes>) {
  const { CallRequest, Letter, OutboxStatus, DeadLetters, OutboxRefusal } = named;
  const answer = (ok: Type): Type => IDL.Variant({ Ok: ok, Err: OutboxRefusal });
  return {
    outbox_enqueue: [[CallRequest], answer(IDL.Nat64)],
    outbox_status: [[], answer(OutboxStatus)],
    outbox_letter: [[IDL.Nat64], answer(IDL.Opt(Letter))],
    outbox_dead_letters: [[IDL.Opt(IDL.Nat64), IDL.Opt(IDL.Nat32)], answer(DeadLetters)],
    outbox_retry: [[IDL.Nat64], answer(IDL.Null)],
    outbox_discard: [[IDL.Nat64], answer(IDL.Null)],
  } satisfies Record<string, Signature>;
}

/** The canister's interface for a client, as agents and `@dfinity/pic` take it. */
export function idlFactory({ IDL }: { IDL: Idl }, named = namedTypes(IDL)): CandidIDL.ServiceClass {
  const methods = Object.entries(signatures(IDL, named)).map(([name, [parameters, result]]) => {
    const modes = QUERIES.includes(name) ? ['query'] : [];
    return [name, IDL.Func(parameters as GenericIdlFuncArgs, [result], modes)];
  });
  return IDL.Service(Object.fromEntries(methods));
}

/** The types that have a name in `data.did`. */
export function namedTypes(IDL: Idl) {
  const KeyType = IDL.Variant({
    text: IDL.Null,
    nat64: IDL.Null,
    int64: IDL.Null,
    principal: IDL.Null,
    blob: IDL.Null,
  });
  const Blob = IDL.Vec(IDL.Nat8);
  const Key = IDL.Variant({
    text: IDL.Text,
    nat64: IDL.Nat64,
    int64: IDL.Int64,
    principal: IDL.Principal,
    blob: Blob,
  });
  const Entry = IDL.Record({ key: Key, value: Blob });
  const CreateMapRequest = IDL.Record({
    name: IDL.Text,
    key_type: KeyType,
    max_key_size: IDL.Opt(IDL.Nat32),
    max_value_size: IDL.Opt(IDL.Nat32),
    certified: IDL.Opt(IDL.Bool),
  });
  const MapInfo = IDL.Record({
    name: IDL.Text,
    key_type: KeyType,
    max_key_size: IDL.Nat32,
    max_value_size: IDL.Nat32,
    closed: IDL.Bool,
    certified: IDL.Bool,
    length: IDL.Nat64,
    memory_id: IDL.Nat8,
    size_in_pages: IDL.Nat64,
  });
  const ScanRequest = IDL.Record({
    from: IDL.Opt(Key),
    to: IDL.Opt(Key),
    prefix: IDL.Opt(Key),
    limit: IDL.Opt(IDL.Nat32),
    reverse: IDL.Opt(IDL.Bool),
    cursor: IDL.Opt(Blob),
  });
  const Page = IDL.Record({ entries: IDL.Vec(Entry), next: IDL.Opt(Blob) });
  const CertifiedValue = IDL.Record({ value: IDL.Opt(Blob), certificate: Blob, witness: Blob });
  const refusals = refusalTypes(IDL, KeyType);
  const ofMaps = { CreateMapRequest, MapInfo, ScanRequest, Page, CertifiedValue };
  return { KeyType, Key, Entry, ...ofMaps, ...refusals, ...outboxTypes(IDL, refusals.TooLarge) };
}

function refusalTypes(IDL: Idl, KeyType: Type) {
  const TooLarge = IDL.Record({ max_size: IDL.Nat32, size: IDL.Nat32 });
  const WrongKeyType = IDL.Record({ expected: KeyType, found: KeyType });
  const ofEntries = { WrongKeyType, KeyTooLarge: TooLarge, ValueTooLarge: TooLarge };
  const EntryRefusal = IDL.Variant(ofEntries);
  const Refusal = IDL.Variant({
    ...ofEntries,
    NotAuthorized: IDL.Null,
    UnknownMap: IDL.Text,
    MapExists: IDL.Text,
    InvalidName: IDL.Text,
    TooManyMaps: IDL.Record({ limit: IDL.Nat32 }),
    ReplyTooLarge: IDL.Record({ max_size: IDL.Nat32 }),
    InvalidRange: IDL.Text,
    InvalidCursor: IDL.Text,
    InvalidEntry: IDL.Record({ index: IDL.Nat32, reason: EntryRefusal }),
    NotCertified: IDL.Text,
    NoCertificate: IDL.Null,
    OutOfMemory: IDL.Text,
    Storage: IDL.Record({ code: IDL.Text, message: IDL.Text }),
  });
  return { TooLarge, WrongKeyType, EntryRefusal, Refusal };
}

function outboxTypes(IDL: Idl, TooLarge: Type) {
  const Call = { canister: IDL.Principal, method: IDL.Text, arg: IDL.Vec(IDL.Nat8) };
  const CallRequest = IDL.Record({
    ...Call,
    delay: IDL.Opt(IDL.Nat64),
    deadline: IDL.Opt(IDL.Nat64),
  });
  const LetterState = IDL.Variant({ waiting: IDL.Null, in_flight: IDL.Null, dead: IDL.Null });
  const Letter = IDL.Record({
    ...Call,
    token: IDL.Nat64,
    state: LetterState,
    attempts: IDL.Nat32,
    reason: IDL.Opt(IDL.Text),
    due_at: IDL.Opt(IDL.Nat64),
    enqueued_at: IDL.Nat64,
    deadline: IDL.Opt(IDL.Nat64),
  });
  const DeadLetters = IDL.Record({ letters: IDL.Vec(Letter), next: IDL.Opt(IDL.Nat64) });
  const OutboxStatus = IDL.Record({
    capacity: IDL.Nat32,
    available: IDL.Nat32,
    pending: IDL.Nat32,
    dead: IDL.Nat32,
    next_due: IDL.Opt(IDL.Nat64),
  });
  const OutboxRefusal = IDL.Variant({
    NotAuthorized: IDL.Null,
    OutboxUnavailable: IDL.Text,
    OutboxFull: IDL.Record({ limit: IDL.Nat32 }),
    UnknownLetter: IDL.Nat64,
    LetterInFlight: IDL.Nat64,
    InvalidLetter: IDL.Text,
    ArgumentTooLarge: TooLarge,
    OutOfMemory: IDL.Text,
    Storage: IDL.Record({ code: IDL.Text, message: IDL.Text }),
  });
  return { CallRequest, LetterState, Letter, DeadLetters, OutboxStatus, OutboxRefusal };
}
