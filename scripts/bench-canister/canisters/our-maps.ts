/** Our maps, as the canister has them. */
import {
  blob,
  bool,
  BTreeMap,
  defaultMemory,
  MemoryManager,
  principal,
  record,
  text,
  u32,
  u64,
  type Codec,
  type KeyCodec,
  type Memory,
} from '../../../src/lib/index.js';
import { ofEachKind, type KindName } from './kinds.js';
import type { OrderedMap, OrderedMaps, Place } from './ordered-map.js';

const CODECS: Readonly<Record<KindName, readonly [unknown, unknown]>> = {
  'u64->u64': [u64, u64],
  'text->record': [text, record({ name: text, email: text, age: u32, active: bool })],
  'blob->blob': [blob(32), blob(128)],
  'principal->u64': [principal, u64],
};

class OurMap implements OrderedMap<unknown, unknown> {
  constructor(readonly map: BTreeMap<unknown, unknown>) {}

  length(): number {
    return this.map.length;
  }

  popFirst(): unknown {
    return this.map.popFirst()?.[1];
  }

  insertMany(entries: readonly [unknown, unknown][]): void {
    this.map.insertMany(entries);
  }

  scan({ key }: Place<unknown>, limit: number): [unknown, unknown][] {
    return this.map.scan({ gte: key, limit }).entries;
  }

  keyAt(position: number): unknown {
    let rest = position;
    for (const { key } of this.map.lazyEntries()) if (rest-- === 0) return key;
    return undefined;
  }

  visit(limit: number): number {
    let count = 0;
    for (const entry of this.map) {
      if (entry !== undefined) count += 1;
      if (count === limit) break;
    }
    return count;
  }
}

/** Opens the maps in a memory, be it the canister's or an image of it. */
export function openMaps(memory: Memory): Readonly<Record<KindName, BTreeMap<unknown, unknown>>> {
  const manager = MemoryManager.init(memory);
  return ofEachKind((kind, memoryId) => {
    const [keys, values] = CODECS[kind] as [KeyCodec<unknown>, Codec<unknown>];
    return BTreeMap.init(manager.get(memoryId), keys, values);
  });
}

export function ourMaps(): OrderedMaps {
  const maps = openMaps(defaultMemory());
  return ofEachKind((kind) => new OurMap(maps[kind]));
}
