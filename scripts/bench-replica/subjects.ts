/**
 * What the load goes to: a canister that does next to nothing, so that the replica's own share
 * shows, and the data canister, which is Azle's JavaScript engine with a map in stable memory.
 */
import { readFile } from 'node:fs/promises';
import { Actor, type ActorSubclass, type HttpAgent } from '@icp-sdk/core/agent';
import { IDL } from '@icp-sdk/core/candid';
import type { Principal } from '@icp-sdk/core/principal';
import binaryen from 'binaryen';
import { idlFactory } from '../../src/canister/candid.js';
import type { DataCanister } from '../start/session.js';

/** One update call and one query call, each the same work every time. */
export interface Subject {
  readonly update: (index: number) => Promise<unknown>;
  readonly query: (index: number) => Promise<unknown>;
}

export interface SubjectKind {
  readonly name: string;
  wasm(): Promise<Uint8Array>;
  connect(agent: HttpAgent, canisterId: Principal): Promise<Subject>;
}

interface Counter {
  increment(): Promise<bigint>;
  read(): Promise<bigint>;
}

const COUNTER: SubjectKind = {
  name: 'a counter (no engine)',
  wasm: async () => {
    const wat = await readFile(new URL('counter.wat', import.meta.url), 'utf8');
    return new Uint8Array(binaryen.parseText(wat).emitBinary());
  },
  connect: async (agent, canisterId) => {
    const counter: ActorSubclass<Counter> = Actor.createActor(
      () =>
        IDL.Service({
          increment: IDL.Func([], [IDL.Nat64]),
          read: IDL.Func([], [IDL.Nat64], ['query']),
        }),
      { agent, canisterId },
    );
    return { update: () => counter.increment(), query: () => counter.read() };
  },
};

const MAP = 'load';

const DATA_CANISTER: SubjectKind = {
  name: 'the data canister (Azle)',
  wasm: () => readFile(new URL('../../.azle/data/data.wasm', import.meta.url)),
  connect: async (agent, canisterId) => {
    const data = Actor.createActor<DataCanister & Inserting>(idlFactory as never, {
      agent,
      canisterId,
    });
    const unbounded = { max_key_size: [] as [], max_value_size: [] as [], certified: [] as [] };
    await data.create_map({ name: MAP, key_type: { text: null }, ...unbounded });
    return {
      update: (index) => data.insert(MAP, { text: `key ${index}` }, Uint8Array.of(1, 2, 3)),
      query: (index) => data.get(MAP, { text: `key ${index}` }),
    };
  },
};

interface Inserting {
  insert(map: string, key: { text: string }, value: Uint8Array): Promise<unknown>;
}

export const SUBJECTS: readonly SubjectKind[] = [COUNTER, DATA_CANISTER];
