/**
 * The data canister without the canister: named maps with rights, over any memory. The Candid edge
 * (`index.ts`) only hands requests to it and answers with what it returns or refuses, so all of
 * this runs and is tested in Node.
 *
 * Every method checks first and writes last: a refused request has changed nothing.
 */
import {
  BTreeMap,
  bytes,
  MemoryManager,
  type Memory,
  type MemoryManagerOptions,
  type Principal,
} from '../lib/index.js';
import { Catalogue, type MapEntry } from './catalogue.js';
import { keyCodec, type Key, type KeyType } from './keys.js';
import { RefusalError } from './refusal.js';
import {
  ENTRY_OVERHEAD,
  PAGE_SIZE_MAX,
  rawKeys,
  scanPage,
  type MapPair,
  type Page,
  type ScanRequest,
} from './scan.js';

const MAX_KEY_SIZE_DEFAULT = 1_024;
const MAX_KEY_SIZE_LIMIT = 65_536;
/** A value must fit a reply, or it could be stored and never read. */
const MAX_VALUE_SIZE_LIMIT = 1_572_864;

/** Who is asking. Controllers may do everything. */
export interface Caller {
  readonly principal: Principal;
  readonly isController: boolean;
}

/** How a new map is to be. Sizes are in bytes. */
export interface MapSpec {
  readonly name: string;
  readonly keyType: KeyType;
  /** 1,024 unless told; at most 65,536. */
  readonly maxKeySize: number | undefined;
  /** 1.5 MiB unless told, which is also the most. */
  readonly maxValueSize: number | undefined;
}

/** A map and what it takes. */
export interface MapInfo extends MapEntry {
  readonly length: number;
  readonly sizeInPages: number;
}

interface OpenMap {
  readonly entries: BTreeMap<Uint8Array, Uint8Array>;
  readonly codec: ReturnType<typeof keyCodec>;
}

export class DataStore {
  readonly #memory: MemoryManager;
  readonly #catalogue: Catalogue;
  /** Opened on first use: one handle for each map, as the library asks. */
  readonly #open = new Map<number, OpenMap>();

  /** Opens the store in `memory`, or creates one where it is empty. Throws as the library does. */
  constructor(memory: Memory, options: MemoryManagerOptions = {}) {
    this.#memory = MemoryManager.init(memory, options);
    this.#catalogue = new Catalogue(this.#memory);
  }

  /** Makes a map. For controllers. */
  createMap(caller: Caller, spec: MapSpec): MapInfo {
    assertController(caller);
    const maxKeySize = spec.maxKeySize ?? MAX_KEY_SIZE_DEFAULT;
    const maxValueSize = spec.maxValueSize ?? MAX_VALUE_SIZE_LIMIT;
    if (maxKeySize > MAX_KEY_SIZE_LIMIT) throw keyTooLarge(MAX_KEY_SIZE_LIMIT, maxKeySize);
    if (maxValueSize > MAX_VALUE_SIZE_LIMIT)
      throw valueTooLarge(MAX_VALUE_SIZE_LIMIT, maxValueSize);
    const { name, keyType } = spec;
    return this.#info(this.#catalogue.add({ name, keyType, maxKeySize, maxValueSize }));
  }

  /** All maps with their sizes, by name. */
  listMaps(): MapInfo[] {
    return Array.from(this.#catalogue.entries(), (entry) => this.#info(entry));
  }

  /** Inserts or overwrites; returns the old value. For writers. */
  insert(caller: Caller, name: string, pair: MapPair): Uint8Array | undefined {
    const entry = this.#writable(caller, name);
    const map = this.#map(entry);
    return map.entries.insert(checkedKey(entry, map, pair.key), checkedValue(entry, pair.value));
  }

  /** Inserts all pairs or, if one of them is wrong, none; returns how many keys were new. */
  insertMany(caller: Caller, name: string, pairs: readonly MapPair[]): number {
    const entry = this.#writable(caller, name);
    const map = this.#map(entry);
    const checked = pairs.map(({ key, value }, index) =>
      withIndex(index, () => [checkedKey(entry, map, key), checkedValue(entry, value)] as const),
    );
    return map.entries.insertMany(checked);
  }

  /** Removes an entry; returns its value. For writers. */
  remove(caller: Caller, name: string, key: Key): Uint8Array | undefined {
    const entry = this.#writable(caller, name);
    const map = this.#map(entry);
    return map.entries.remove(map.codec.encode(key));
  }

  get(caller: Caller, name: string, key: Key): Uint8Array | undefined {
    const map = this.#map(this.#readable(caller, name));
    return map.entries.get(map.codec.encode(key));
  }

  getMany(caller: Caller, name: string, keys: readonly Key[]): (Uint8Array | undefined)[] {
    const map = this.#map(this.#readable(caller, name));
    let size = 0;
    return keys.map((key) => {
      const value = map.entries.get(map.codec.encode(key));
      size += (value?.length ?? 0) + ENTRY_OVERHEAD;
      if (size <= PAGE_SIZE_MAX) return value;
      throw new RefusalError({ ReplyTooLarge: { max_size: PAGE_SIZE_MAX } });
    });
  }

  contains(caller: Caller, name: string, key: Key): boolean {
    const map = this.#map(this.#readable(caller, name));
    return map.entries.containsKey(map.codec.encode(key));
  }

  length(caller: Caller, name: string): number {
    return this.#map(this.#readable(caller, name)).entries.length;
  }

  scan(caller: Caller, name: string, request: ScanRequest): Page {
    const entry = this.#readable(caller, name);
    const map = this.#map(entry);
    return scanPage(map.entries, entry, map.codec, request);
  }

  /** Lets a principal write a map. For controllers. */
  grant(caller: Caller, name: string, who: Principal): void {
    assertController(caller);
    this.#catalogue.grant(this.#catalogue.get(name), who);
  }

  /** Takes that right back. For controllers. */
  revoke(caller: Caller, name: string, who: Principal): void {
    assertController(caller);
    this.#catalogue.revoke(this.#catalogue.get(name), who);
  }

  /** Closes a map to all who may not write it, or opens it to everybody. For controllers. */
  setClosed(caller: Caller, name: string, isClosed: boolean): void {
    assertController(caller);
    this.#catalogue.setClosed(this.#catalogue.get(name), isClosed);
  }

  #writable(caller: Caller, name: string): MapEntry {
    const entry = this.#catalogue.get(name);
    if (!this.#mayWrite(caller, entry)) throw notAuthorized();
    return entry;
  }

  #readable(caller: Caller, name: string): MapEntry {
    const entry = this.#catalogue.get(name);
    if (entry.isClosed && !this.#mayWrite(caller, entry)) throw notAuthorized();
    return entry;
  }

  /** The anonymous caller is everybody, so no grant makes it a writer. */
  #mayWrite(caller: Caller, entry: MapEntry): boolean {
    if (caller.isController) return true;
    return !caller.principal.isAnonymous() && this.#catalogue.isGranted(entry, caller.principal);
  }

  #map(entry: MapEntry): OpenMap {
    let map = this.#open.get(entry.memoryId);
    if (map === undefined) {
      const codec = keyCodec(entry.keyType);
      const memory = this.#memory.get(entry.memoryId);
      map = { codec, entries: BTreeMap.init(memory, rawKeys(codec), bytes) };
      this.#open.set(entry.memoryId, map);
    }
    return map;
  }

  #info(entry: MapEntry): MapInfo {
    return {
      ...entry,
      length: this.#map(entry).entries.length,
      sizeInPages: this.#memory.get(entry.memoryId).size(),
    };
  }
}

function checkedKey(entry: MapEntry, map: OpenMap, key: Key): Uint8Array {
  const encoded = map.codec.encode(key);
  if (encoded.length > entry.maxKeySize) throw keyTooLarge(entry.maxKeySize, encoded.length);
  return encoded;
}

function checkedValue(entry: MapEntry, value: Uint8Array): Uint8Array {
  if (value.length > entry.maxValueSize) throw valueTooLarge(entry.maxValueSize, value.length);
  return value;
}

function withIndex<T>(index: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    throw new RefusalError({ InvalidEntry: { index, reason: error.refusal } });
  }
}

function assertController(caller: Caller): void {
  if (!caller.isController) throw notAuthorized();
}

function notAuthorized(): RefusalError {
  return new RefusalError({ NotAuthorized: null });
}

function keyTooLarge(maxSize: number, size: number): RefusalError {
  return new RefusalError({ KeyTooLarge: { max_size: maxSize, size } });
}

function valueTooLarge(maxSize: number, size: number): RefusalError {
  return new RefusalError({ ValueTooLarge: { max_size: maxSize, size } });
}
