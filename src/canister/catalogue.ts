/**
 * Which maps there are, and who may write them. Both lists are maps in stable memory themselves,
 * so they survive an upgrade without a hook.
 *
 *     virtual memory 0         catalogue: name -> record
 *     virtual memory 1         grants: (memory id, principal) -> nothing
 *     virtual memory 2 to 251  one user map each
 *     virtual memory 252, 253  the outbox, see `outbox.ts`
 *     virtual memory 254       belongs to Azle (its file system)
 *
 * These assignments are promises: a number is never given to anything else. Before there was an
 * outbox the last two were maps as well: a canister that has so many keeps them, and no outbox.
 */
import {
  BTreeMap,
  bool,
  optional,
  principal,
  record,
  text,
  tuple,
  u32,
  u8,
  unit,
  type MemoryManager,
  type Principal,
  type ValueOf,
} from '../lib/index.js';
import { KEY_TYPES, type KeyType } from './keys.js';
import { RefusalError } from './refusal.js';

const CATALOGUE_MEMORY = 0;
const GRANTS_MEMORY = 1;
const FIRST_MAP_MEMORY = 2;
const LAST_MAP_MEMORY = 251;

const NAME_LENGTH_MAX = 64;

/** How a map is stored in the catalogue. Fields are numbered by order: append only. */
const mapRecord = record({
  memoryId: u8,
  keyType: u8,
  maxKeySize: u32,
  maxValueSize: u32,
  isClosed: bool,
  isCertified: optional(bool),
});

/** What the catalogue knows of a map. */
export interface MapEntry {
  readonly name: string;
  readonly memoryId: number;
  readonly keyType: KeyType;
  /** In bytes, of the encoded key. */
  readonly maxKeySize: number;
  /** In bytes. */
  readonly maxValueSize: number;
  /** Whether only writers may read. */
  readonly isClosed: boolean;
  /** Whether its contents can be proved. */
  readonly isCertified: boolean;
}

export class Catalogue {
  readonly #maps;
  readonly #grants;

  constructor(memory: MemoryManager) {
    this.#maps = BTreeMap.init(memory.get(CATALOGUE_MEMORY), text, mapRecord);
    this.#grants = BTreeMap.init(memory.get(GRANTS_MEMORY), tuple(u8, principal), unit);
  }

  /** Whether there are maps where the outbox belongs. */
  get hasMapsInOutbox(): boolean {
    return FIRST_MAP_MEMORY + this.#maps.length - 1 > LAST_MAP_MEMORY;
  }

  /** The map with this name. Refuses with `UnknownMap`. */
  get(name: string): MapEntry {
    const stored = this.#maps.get(name);
    if (stored === undefined) throw new RefusalError({ UnknownMap: name });
    return toEntry(name, stored);
  }

  *entries(): Generator<MapEntry> {
    for (const [name, stored] of this.#maps.entries()) yield toEntry(name, stored);
  }

  /** Enters a new map. Refuses with `InvalidName`, `MapExists` or `TooManyMaps`. */
  add(entry: Omit<MapEntry, 'memoryId' | 'isClosed'>): MapEntry {
    const { name } = entry;
    if (name.length === 0 || name.length > NAME_LENGTH_MAX) {
      throw new RefusalError({ InvalidName: `expected 1 to 64 characters, found ${name.length}` });
    }
    if (this.#maps.containsKey(name)) throw new RefusalError({ MapExists: name });
    const memoryId = FIRST_MAP_MEMORY + this.#maps.length;
    if (memoryId > LAST_MAP_MEMORY) {
      throw new RefusalError({ TooManyMaps: { limit: LAST_MAP_MEMORY - FIRST_MAP_MEMORY + 1 } });
    }
    const added = { ...entry, memoryId, isClosed: false };
    this.#save(added);
    return added;
  }

  /** Opens or closes a map to readers who may not write it. */
  setClosed(entry: MapEntry, isClosed: boolean): void {
    this.#save({ ...entry, isClosed });
  }

  isGranted(entry: MapEntry, who: Principal): boolean {
    return this.#grants.containsKey([entry.memoryId, who]);
  }

  grant(entry: MapEntry, who: Principal): void {
    this.#grants.insert([entry.memoryId, who], undefined);
  }

  revoke(entry: MapEntry, who: Principal): void {
    this.#grants.remove([entry.memoryId, who]);
  }

  #save({ name, keyType, isCertified, ...entry }: MapEntry): void {
    const stored = { ...entry, keyType: KEY_TYPES.indexOf(keyType) };
    this.#maps.insert(name, isCertified ? { ...stored, isCertified } : stored);
  }
}

function toEntry(name: string, stored: ValueOf<typeof mapRecord>): MapEntry {
  const { keyType, isCertified = false } = stored;
  return { name, ...stored, keyType: KEY_TYPES[keyType]!, isCertified };
}
