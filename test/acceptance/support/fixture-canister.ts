/** The canisters of `fixtures/` as the tests call them. */
import type { Actor, PocketIc } from '@dfinity/pic';
import { controller, fixtureWasm, type CanisterId } from './data-canister.js';

type InterfaceFactory = Parameters<PocketIc['createActor']>[0];

export interface NotesService {
  insert(id: bigint, note: string): Promise<[] | [string]>;
  insert_and_trap(count: bigint): Promise<null>;
  insert_and_throw(count: bigint): Promise<null>;
  insert_in_query(count: bigint): Promise<bigint>;
  keep_draft(draft: string): Promise<Uint8Array>;
  drop_draft_and_trap(saved: Uint8Array): Promise<null>;
  draft(saved: Uint8Array): Promise<string>;
  post(from: bigint, count: bigint): Promise<BigUint64Array>;
  count_posts(from: bigint, tokens: BigUint64Array): Promise<bigint>;
  all(): Promise<[bigint, string][]>;
}

export const notesFactory: InterfaceFactory = ({ IDL }) =>
  IDL.Service({
    insert: IDL.Func([IDL.Nat64, IDL.Text], [IDL.Opt(IDL.Text)]),
    insert_and_trap: IDL.Func([IDL.Nat64], [IDL.Null]),
    insert_and_throw: IDL.Func([IDL.Nat64], [IDL.Null]),
    insert_in_query: IDL.Func([IDL.Nat64], [IDL.Nat64], ['query']),
    keep_draft: IDL.Func([IDL.Text], [IDL.Vec(IDL.Nat8)]),
    drop_draft_and_trap: IDL.Func([IDL.Vec(IDL.Nat8)], [IDL.Null]),
    draft: IDL.Func([IDL.Vec(IDL.Nat8)], [IDL.Text], ['query']),
    post: IDL.Func([IDL.Nat64, IDL.Nat64], [IDL.Vec(IDL.Nat64)]),
    count_posts: IDL.Func([IDL.Nat64, IDL.Vec(IDL.Nat64)], [IDL.Nat64], ['query']),
    all: IDL.Func([], [IDL.Vec(IDL.Tuple(IDL.Nat64, IDL.Text))], ['query']),
  });

export interface BesideAzleService {
  azle_insert(key: string, value: string): Promise<null>;
  azle_insert_into_new_map(key: string, value: string): Promise<null>;
  azle_items(): Promise<[string, string][]>;
  attach(): Promise<bigint>;
  insert(key: string, value: string): Promise<null>;
  items(): Promise<[string, string][]>;
}

export const besideAzleFactory: InterfaceFactory = ({ IDL }) => {
  const pairs = IDL.Vec(IDL.Tuple(IDL.Text, IDL.Text));
  return IDL.Service({
    azle_insert: IDL.Func([IDL.Text, IDL.Text], [IDL.Null]),
    azle_insert_into_new_map: IDL.Func([IDL.Text, IDL.Text], [IDL.Null]),
    azle_items: IDL.Func([], [pairs], ['query']),
    attach: IDL.Func([], [IDL.Nat64]),
    insert: IDL.Func([IDL.Text, IDL.Text], [IDL.Null]),
    items: IDL.Func([], [pairs], ['query']),
  });
};

export async function installNotes(pic: PocketIc): Promise<NotesCanister> {
  const wasm = await fixtureWasm('notes');
  const { canisterId, actor } = await pic.setupCanister<NotesService>({
    idlFactory: notesFactory,
    wasm,
    sender: controller.getPrincipal(),
  });
  return { id: canisterId, actor, wasm };
}

export async function installBesideAzle(pic: PocketIc): Promise<BesideAzleCanister> {
  const wasm = await fixtureWasm('beside-azle');
  const { canisterId, actor } = await pic.setupCanister<BesideAzleService>({
    idlFactory: besideAzleFactory,
    wasm,
    sender: controller.getPrincipal(),
  });
  return { id: canisterId, actor, wasm };
}

interface Installed {
  readonly id: CanisterId;
  readonly wasm: Uint8Array;
}

export interface NotesCanister extends Installed {
  readonly actor: Actor<NotesService>;
}

export interface BesideAzleCanister extends Installed {
  readonly actor: Actor<BesideAzleService>;
}

/** Installs the same Wasm, or another one, over a running canister. */
export function upgrade(pic: PocketIc, { id, wasm }: Installed): Promise<void> {
  return pic.upgradeCanister({ canisterId: id, wasm, sender: controller.getPrincipal() });
}
