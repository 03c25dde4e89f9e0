/**
 * The data canister as its clients see it, and what the acceptance tests do with it all the time.
 */
import { readFile } from 'node:fs/promises';
import { createIdentity, PocketIc, type Actor } from '@dfinity/pic';
import { idlFactory } from '../../../src/canister/candid.js';
import type { Key, KeyType } from '../../../src/canister/keys.js';
import type { Answer, KeyVariant, OutboxRefusal } from '../../../src/canister/refusal.js';
import type { MapPair, Page, ScanRequest } from '../../../src/canister/scan.js';
import type { Principal } from '../../../src/lib/index.js';

const TARGET = new URL('../../../.azle/', import.meta.url);

/** Two cores may be busy with builds and other tests. */
const PROCESSING_TIMEOUT_IN_MS = 120_000;

export interface CreateMapRequest {
  name: string;
  key_type: KeyVariant;
  max_key_size: [] | [number];
  max_value_size: [] | [number];
  certified: [] | [boolean];
}

export interface MapInfo {
  name: string;
  key_type: KeyVariant;
  max_key_size: number;
  max_value_size: number;
  closed: boolean;
  certified: boolean;
  length: bigint;
  memory_id: number;
  size_in_pages: bigint;
}

/** A value with what proves it. */
export interface CertifiedValue {
  value: [] | [Uint8Array];
  certificate: Uint8Array;
  witness: Uint8Array;
}

/** A call that the outbox is to make. */
export interface CallRequest {
  canister: Principal;
  method: string;
  arg: Uint8Array;
  delay: [] | [bigint];
  deadline: [] | [bigint];
}

/** A call that is to be made, and what became of it so far. */
export interface CallLetter {
  token: bigint;
  canister: Principal;
  method: string;
  arg: Uint8Array;
  state: { waiting: null } | { in_flight: null } | { dead: null };
  attempts: number;
  reason: [] | [string];
  due_at: [] | [bigint];
  enqueued_at: bigint;
  deadline: [] | [bigint];
}

export interface OutboxStatus {
  capacity: number;
  available: number;
  pending: number;
  dead: number;
  next_due: [] | [bigint];
}

export interface DeadLetters {
  letters: CallLetter[];
  next: [] | [bigint];
}

type OutboxAnswer<T> = Answer<T, OutboxRefusal>;

/** The methods, as the interface in `data.did` has them. */
export interface DataService {
  create_map(request: CreateMapRequest): Promise<Answer<MapInfo>>;
  list_maps(): Promise<MapInfo[]>;
  insert(map: string, key: Key, value: Uint8Array): Promise<Answer<[] | [Uint8Array]>>;
  insert_many(map: string, entries: MapPair[]): Promise<Answer<bigint>>;
  get(map: string, key: Key): Promise<Answer<[] | [Uint8Array]>>;
  get_certified(map: string, key: Key): Promise<Answer<CertifiedValue>>;
  get_many(map: string, keys: Key[]): Promise<Answer<([] | [Uint8Array])[]>>;
  contains(map: string, key: Key): Promise<Answer<boolean>>;
  remove(map: string, key: Key): Promise<Answer<[] | [Uint8Array]>>;
  length(map: string): Promise<Answer<bigint>>;
  scan(map: string, request: ScanRequest): Promise<Answer<Page>>;
  grant(map: string, writer: Principal): Promise<Answer<null>>;
  revoke(map: string, writer: Principal): Promise<Answer<null>>;
  set_closed(map: string, closed: boolean): Promise<Answer<null>>;
  outbox_enqueue(request: CallRequest): Promise<OutboxAnswer<bigint>>;
  outbox_status(): Promise<OutboxAnswer<OutboxStatus>>;
  outbox_letter(token: bigint): Promise<OutboxAnswer<[] | [CallLetter]>>;
  outbox_dead_letters(
    after: [] | [bigint],
    limit: [] | [number],
  ): Promise<OutboxAnswer<DeadLetters>>;
  outbox_retry(token: bigint): Promise<OutboxAnswer<null>>;
  outbox_discard(token: bigint): Promise<OutboxAnswer<null>>;
}

export type DataActor = Actor<DataService>;
export type Identity = ReturnType<typeof createIdentity>;
export type CanisterId = Awaited<ReturnType<PocketIc['createCanister']>>;

/** The interface type of the client, whose Candid classes are another copy than ours. */
type ClientFactory = Parameters<PocketIc['createActor']>[0];
export const dataFactory = idlFactory as unknown as ClientFactory;

/** Creates and upgrades every canister of these tests. */
export const controller = createIdentity('the controller');

/** A client of the run's server, with an Internet Computer of its own. Tear it down. */
export function connect(): Promise<PocketIc> {
  const url = process.env['PIC_URL'];
  if (url === undefined)
    throw new Error('PIC_URL is not set; test/acceptance/global-setup.ts does');
  return PocketIc.create(url, { processingTimeoutMs: PROCESSING_TIMEOUT_IN_MS });
}

/** The Wasm that `npm run build` makes. */
export function dataWasm(): Promise<Uint8Array> {
  return readWasm('data/data.wasm');
}

/** The Wasm of a canister of `fixtures/`; `name.unlinked` without the link step. */
export function fixtureWasm(name: string): Promise<Uint8Array> {
  return readWasm(`fixtures/${name}.wasm`);
}

async function readWasm(path: string): Promise<Uint8Array> {
  const bytes = await readFile(new URL(path, TARGET)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(`.azle/${path} does not exist. Run: npm run build`);
  });
  return new Uint8Array(bytes);
}

/** One instance of the data canister. */
export class DataCanister {
  private constructor(
    readonly pic: PocketIc,
    readonly id: CanisterId,
    readonly wasm: Uint8Array,
    /** Its calls come from the controller. */
    readonly actor: DataActor,
  ) {}

  /** Installs the data canister, or a variant of it. */
  static async install(pic: PocketIc, wasm?: Uint8Array): Promise<DataCanister> {
    const code = wasm ?? (await dataWasm());
    const sender = controller.getPrincipal();
    const { canisterId, actor } = await pic.setupCanister<DataService>({
      idlFactory: dataFactory,
      wasm: code,
      sender,
    });
    actor.setIdentity(controller);
    return new DataCanister(pic, canisterId, code, actor);
  }

  /** The same canister for somebody else; without an identity, for the anonymous caller. */
  as(identity?: Identity): DataActor {
    const actor = this.pic.createActor<DataService>(dataFactory, this.id);
    if (identity !== undefined) actor.setIdentity(identity);
    return actor;
  }

  /** Installs the same Wasm anew: the heap is gone, stable memory stays. */
  upgrade(): Promise<void> {
    return this.pic.upgradeCanister({
      canisterId: this.id,
      wasm: this.wasm,
      sender: controller.getPrincipal(),
    });
  }

  /** Creates a map with the default bounds, or with those given. */
  async createMap(
    name: string,
    keyType: KeyType,
    bounds: { maxKeySize?: number; maxValueSize?: number; isCertified?: boolean } = {},
  ): Promise<MapInfo> {
    return ok(await this.actor.create_map(createMapRequest(name, keyType, bounds)));
  }

  /** All entries of a map, page by page. */
  async entries(map: string, request: Partial<ScanRequest> = {}): Promise<MapPair[]> {
    const all: MapPair[] = [];
    let cursor: ScanRequest['cursor'] = request.cursor ?? [];
    do {
      const page = ok(await this.actor.scan(map, scan({ ...request, limit: [1_000], cursor })));
      all.push(...page.entries);
      cursor = page.next;
    } while (cursor.length === 1);
    return all;
  }

  /** Everything that the canister holds, as far as its methods show it. */
  async content(): Promise<[MapInfo, MapPair[]][]> {
    const maps = await this.actor.list_maps();
    const contents: [MapInfo, MapPair[]][] = [];
    for (const map of maps) contents.push([map, await this.entries(map.name)]);
    return contents;
  }

  /** The canister's whole stable memory. Some 100 MB: one image takes seconds. */
  image(): Promise<Uint8Array> {
    return this.pic.getStableMemory(this.id);
  }
}

export function createMapRequest(
  name: string,
  keyType: KeyType,
  {
    maxKeySize,
    maxValueSize,
    isCertified,
  }: { maxKeySize?: number; maxValueSize?: number; isCertified?: boolean } = {},
): CreateMapRequest {
  return {
    name,
    key_type: { [keyType]: null },
    max_key_size: maxKeySize === undefined ? [] : [maxKeySize],
    max_value_size: maxValueSize === undefined ? [] : [maxValueSize],
    certified: isCertified === undefined ? [] : [isCertified],
  };
}

/** A request for a scan in which everything that is not told is absent. */
export function scan(request: Partial<ScanRequest> = {}): ScanRequest {
  return { from: [], to: [], prefix: [], limit: [], reverse: [], cursor: [], ...request };
}

/** The answer. Throws where there is a refusal in its place. */
export function ok<T>(answer: Answer<T, object>): T {
  if ('Ok' in answer) return answer.Ok;
  const text = JSON.stringify(answer.Err, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  throw new Error(`refused: ${text}`);
}

/** A value of so many bytes that tells its number. */
export function value(number: number, size = 40): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (number * 31 + index * 7) % 256);
}
