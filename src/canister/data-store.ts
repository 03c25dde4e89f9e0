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
  SCertifiedBTreeMap,
  StableMemoryAllocator,
  StorageError,
  type Memory,
  type MemoryManagerOptions,
  type Principal,
} from '../lib/index.js';
import type { EncodedVec } from '../lib/candid/encoded-vec.js';
import { Catalogue, type MapEntry } from './catalogue.js';
import { CertifiedMaps, type CertifiedEntries } from './certified-maps.js';
import { certifiedKeyCodec, keyCodec, type Key, type KeyType } from './keys.js';
import { CallOutbox } from './outbox.js';
import { RefusalError } from './refusal.js';
import {
  ENTRY_OVERHEAD,
  PAGE_SIZE_MAX,
  rawKeys,
  scanPage,
  scanReply,
  type MapPair,
  type Page,
  type ScanRequest,
} from './scan.js';

const MAX_KEY_SIZE_DEFAULT = 1_024;
const MAX_KEY_SIZE_LIMIT = 65_536;
/** A value must fit a reply, or it could be stored and never read. */
const MAX_VALUE_SIZE_LIMIT = 1_572_864;

/** Who is asking. Controllers may do everything. It is only asked for where it matters. */
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
  /** Whether its contents are to be certified; not unless told. */
  readonly isCertified?: boolean | undefined;
}

/** A map and what it takes. */
export interface MapInfo extends MapEntry {
  readonly length: number;
  readonly sizeInPages: number;
}

interface OpenMap {
  readonly entry: MapEntry;
  readonly entries: BTreeMap<Uint8Array, Uint8Array> | CertifiedEntries;
  readonly codec: ReturnType<typeof keyCodec>;
}

/** A value with what proves it to whoever trusts the subnet; the certificate is not the store's. */
export interface WitnessedValue {
  readonly value: Uint8Array | undefined;
  readonly witness: Uint8Array;
}

/** What the store needs of the system. */
export interface StoreSystem {
  /** Sets the canister's certified data. */
  certify(rootHash: Uint8Array): void;
}

const NO_SYSTEM: StoreSystem = { certify: () => undefined };

/** In its heap, a certified map hangs off this name. */
const ROOT_NAME = 'entries';

export class DataStore {
  /** Calls that are to be made. */
  readonly outbox: CallOutbox;
  readonly #memory: MemoryManager;
  readonly #catalogue: Catalogue;
  /** By name: one handle for each map, as the library asks, and what the catalogue says of it. */
  readonly #open = new Map<string, OpenMap>();
  readonly #certified: CertifiedMaps;

  /**
   * Opens the store in `memory`, or creates one where it is empty, and all maps in it: what a query
   * opens is forgotten with its heap, and every query would open it again. O(maps). Throws as the
   * library does, but for a map that cannot be opened: whoever asks for it will hear of that.
   */
  constructor(memory: Memory, options: MemoryManagerOptions = {}, system = NO_SYSTEM) {
    this.#certified = new CertifiedMaps((rootHash) => system.certify(rootHash));
    this.#memory = MemoryManager.init(memory, options);
    this.#catalogue = new Catalogue(this.#memory);
    this.outbox = new CallOutbox(this.#memory, () => this.#catalogue.hasMapsInOutbox);
    for (const entry of this.#catalogue.entries()) {
      try {
        this.#openMap(entry);
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
      }
    }
  }

  /** Makes a map. For controllers. */
  createMap(caller: Caller, spec: MapSpec): MapInfo {
    assertController(caller);
    const maxKeySize = spec.maxKeySize ?? MAX_KEY_SIZE_DEFAULT;
    const maxValueSize = spec.maxValueSize ?? MAX_VALUE_SIZE_LIMIT;
    if (maxKeySize > MAX_KEY_SIZE_LIMIT) throw keyTooLarge(MAX_KEY_SIZE_LIMIT, maxKeySize);
    if (maxValueSize > MAX_VALUE_SIZE_LIMIT)
      throw valueTooLarge(MAX_VALUE_SIZE_LIMIT, maxValueSize);
    const { name, keyType, isCertified = false } = spec;
    const entry = this.#catalogue.add({ name, keyType, maxKeySize, maxValueSize, isCertified });
    const map = this.#openMap(entry);
    if (isCertified) this.#certified.commit();
    return this.#info(map);
  }

  /** All maps with their sizes, by name. */
  listMaps(): MapInfo[] {
    return Array.from(this.#catalogue.entries(), ({ name }) => this.#info(this.#map(name)));
  }

  /** Inserts or overwrites; returns the old value. For writers. */
  insert(caller: Caller, name: string, pair: MapPair): Uint8Array | undefined {
    const map = this.#writable(caller, name);
    const [key, value] = [checkedKey(map, pair.key), checkedValue(map, pair.value)];
    return this.#change(map, () => map.entries.insert(key, value));
  }

  /** Inserts all pairs or, if one of them is wrong, none; returns how many keys were new. */
  insertMany(caller: Caller, name: string, pairs: readonly MapPair[]): number {
    const map = this.#writable(caller, name);
    const checked = checkedPairs(map, pairs);
    return this.#change(map, () => map.entries.insertMany(checked));
  }

  /** Removes an entry; returns its value. For writers. */
  remove(caller: Caller, name: string, key: Key): Uint8Array | undefined {
    const map = this.#writable(caller, name);
    const encoded = map.codec.encode(key);
    return this.#change(map, () => map.entries.remove(encoded));
  }

  get(caller: Caller, name: string, key: Key): Uint8Array | undefined {
    const map = this.#readable(caller, name);
    return map.entries.get(map.codec.encode(key));
  }

  /** A value, or its absence, with what proves it. Refuses with `NotCertified`. */
  getCertified(caller: Caller, name: string, key: Key): WitnessedValue {
    const map = this.#readable(caller, name);
    if (!map.entry.isCertified) throw new RefusalError({ NotCertified: name });
    const encoded = map.codec.encode(key);
    return { value: map.entries.get(encoded), witness: this.#certified.witness(name, encoded) };
  }

  /** Certifies all certified maps anew: an upgrade has cleared the certified data. */
  certify(): void {
    this.#certified.commit();
  }

  getMany(caller: Caller, name: string, keys: readonly Key[]): (Uint8Array | undefined)[] {
    const map = this.#readable(caller, name);
    let size = 0;
    return keys.map((key) => {
      const value = map.entries.get(map.codec.encode(key));
      size += (value?.length ?? 0) + ENTRY_OVERHEAD;
      if (size <= PAGE_SIZE_MAX) return value;
      throw new RefusalError({ ReplyTooLarge: { max_size: PAGE_SIZE_MAX } });
    });
  }

  contains(caller: Caller, name: string, key: Key): boolean {
    const map = this.#readable(caller, name);
    return map.entries.containsKey(map.codec.encode(key));
  }

  length(caller: Caller, name: string): number {
    return this.#readable(caller, name).entries.length;
  }

  scan(caller: Caller, name: string, request: ScanRequest): Page {
    const map = this.#readable(caller, name);
    return scanPage(map.entries, map.entry, map.codec, request);
  }

  /** As {@link scan}, for a reply. */
  scanReply(caller: Caller, name: string, request: ScanRequest): Page<MapPair[] | EncodedVec> {
    const map = this.#readable(caller, name);
    return scanReply(map.entries, map.entry, map.codec, request);
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
    const map = this.#open.get(name);
    if (map !== undefined) this.#open.set(name, { ...map, entry: this.#catalogue.get(name) });
  }

  #writable(caller: Caller, name: string): OpenMap {
    const map = this.#map(name);
    if (!this.#mayWrite(caller, map.entry)) throw notAuthorized();
    return map;
  }

  #readable(caller: Caller, name: string): OpenMap {
    const map = this.#map(name);
    if (map.entry.isClosed && !this.#mayWrite(caller, map.entry)) throw notAuthorized();
    return map;
  }

  /** The anonymous caller is everybody, so no grant makes it a writer. */
  #mayWrite(caller: Caller, entry: MapEntry): boolean {
    if (caller.isController) return true;
    return !caller.principal.isAnonymous() && this.#catalogue.isGranted(entry, caller.principal);
  }

  #map(name: string): OpenMap {
    return this.#open.get(name) ?? this.#openMap(this.#catalogue.get(name));
  }

  /** A change of a certified map is certified at once. */
  #change<T>({ entry }: OpenMap, change: () => T): T {
    const result = change();
    if (entry.isCertified) this.#certified.commit();
    return result;
  }

  #openMap(entry: MapEntry): OpenMap {
    const memory = this.#memory.get(entry.memoryId);
    const map = entry.isCertified ? openCertified(entry, memory) : openOrdinary(entry, memory);
    this.#open.set(entry.name, map);
    if ('witness' in map.entries) this.#certified.add(entry.name, map.entries);
    return map;
  }

  #info({ entry, entries }: OpenMap): MapInfo {
    const sizeInPages = this.#memory.get(entry.memoryId).size();
    return { ...entry, length: entries.length, sizeInPages };
  }
}

function openOrdinary(entry: MapEntry, memory: Memory): OpenMap {
  const codec = keyCodec(entry.keyType);
  return { entry, codec, entries: BTreeMap.init(memory, rawKeys(codec), bytes) };
}

function openCertified(entry: MapEntry, memory: Memory): OpenMap {
  const codec = certifiedKeyCodec(entry.keyType);
  const type = SCertifiedBTreeMap.of(rawKeys(codec), bytes);
  return { entry, codec, entries: StableMemoryAllocator.init(memory).root(ROOT_NAME, type) };
}

function checkedKey({ entry, codec }: OpenMap, key: Key): Uint8Array {
  const encoded = codec.encode(key);
  if (encoded.length > entry.maxKeySize) throw keyTooLarge(entry.maxKeySize, encoded.length);
  return encoded;
}

function checkedValue({ entry }: OpenMap, value: Uint8Array): Uint8Array {
  if (value.length > entry.maxValueSize) throw valueTooLarge(entry.maxValueSize, value.length);
  return value;
}

/** The encoded pairs. Refuses with `InvalidEntry`, which has the index of the first wrong one. */
function checkedPairs(map: OpenMap, pairs: readonly MapPair[]): [Uint8Array, Uint8Array][] {
  const checked: [Uint8Array, Uint8Array][] = [];
  try {
    for (const { key, value } of pairs) {
      checked.push([checkedKey(map, key), checkedValue(map, value)]);
    }
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    throw new RefusalError({ InvalidEntry: { index: checked.length, reason: error.refusal } });
  }
  return checked;
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
