/**
 * A running replica with the data canister on it, as `npm start` needs them.
 */
import { readFile } from 'node:fs/promises';
import { IDL } from '@dfinity/candid';
import { PocketIc, createIdentity, type Actor } from '@dfinity/pic';
import { idlFactory, signatures } from '../../src/canister/candid.js';
import type { Key, KeyType } from '../../src/canister/keys.js';
import type { Answer } from '../../src/canister/refusal.js';
import type { MapPair, Page, ScanRequest } from '../../src/canister/scan.js';
import { compileArguments } from '../../src/lib/candid/arguments.js';
import { startReplica, type ReplicaServer } from '../../src/replica/index.js';

/** The methods of the data canister that `npm start` calls. */
export interface DataCanister {
  create_map(request: CreateMapRequest): Promise<Answer<unknown>>;
  list_maps(): Promise<MapInfo[]>;
  get(map: string, key: Key): Promise<Answer<[] | [Uint8Array]>>;
  length(map: string): Promise<Answer<bigint>>;
  scan(map: string, request: ScanRequest): Promise<Answer<Page>>;
}

export interface CreateMapRequest {
  name: string;
  key_type: { [Type in KeyType]?: null };
  max_key_size: [] | [number];
  max_value_size: [] | [number];
  certified: [] | [boolean];
}

export interface MapInfo {
  name: string;
  memory_id: number;
  length: bigint;
  size_in_pages: bigint;
}

export interface Session {
  readonly server: ReplicaServer;
  readonly canisterId: string;
  readonly canister: Actor<DataCanister>;
  /** Calls `insert_many` by the library's Candid, several times quicker than a client's. */
  insertMany(map: string, entries: readonly MapPair[]): Promise<Answer<bigint>>;
  /** Installs the same Wasm anew, as an upgrade: the heap is gone, stable memory stays. */
  upgrade(): Promise<void>;
  /** The canister's whole stable memory. */
  stableMemory(): Promise<Uint8Array>;
  stop(): Promise<void>;
}

const [PARAMETERS, RESULT] = signatures(IDL).insert_many;
const insertManyArguments = compileArguments(PARAMETERS);
const insertManyResult = compileArguments([RESULT]);

/** Starts the embedded replica and installs the canister. */
export async function startSession(wasmPath: string): Promise<Session> {
  const wasm = await readFile(wasmPath);
  const server = await startReplica();
  const pic = await PocketIc.create(server.url, { processingTimeoutMs: 600_000 });
  const controller = createIdentity('npm start');
  const { actor, canisterId } = await pic.setupCanister<DataCanister>({
    idlFactory: idlFactory as never,
    wasm,
    sender: controller.getPrincipal(),
  });
  actor.setIdentity(controller);
  return {
    server,
    canisterId: canisterId.toText(),
    canister: actor,
    insertMany: async (map, entries) => {
      const arg = insertManyArguments.encode([map, entries]);
      const sender = controller.getPrincipal();
      const reply = await pic.updateCall({ canisterId, method: 'insert_many', arg, sender });
      return insertManyResult.decode(reply)[0] as Answer<bigint>;
    },
    upgrade: () => pic.upgradeCanister({ canisterId, wasm, sender: controller.getPrincipal() }),
    stableMemory: () => pic.getStableMemory(canisterId),
    stop: async () => {
      await pic.tearDown();
      await server.stop();
    },
  };
}

/** The answer of a call, or an error that names the refusal. */
export function ok<T>(answer: Answer<T>): T {
  if ('Ok' in answer) return answer.Ok;
  throw new Error(`the canister refused: ${JSON.stringify(answer.Err)}`);
}
