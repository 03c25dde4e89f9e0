/**
 * Fills a subject's maps before anything is measured: not by calls, of which Azle's JSON would need
 * some billions of instructions for each thousand entries, but in the image of the canister's
 * stable memory, with the library in Node. That gives the bytes that the canister itself would have
 * written: ours and Azle's maps both have the layout of the Rust crate.
 */
import { BTreeMap, bytes, MemoryManager, VectorMemory } from '../../src/lib/index.js';
import { kindOf, ofEachKind, type KindName } from './canisters/kinds.js';
import { openMaps } from './canisters/our-maps.js';
import { RAW_SERIALIZERS } from './canisters/raw-serializers.js';
import type { MapSubject } from './figures.js';

/** Inserts an entry as a subject stores it. */
type Insert = (key: unknown, value: unknown) => void;

/** Another image, in which the map of every kind has this many entries. */
export function filledImage(subject: MapSubject, image: Uint8Array, entries: number): Uint8Array {
  const memory = VectorMemory.from(image);
  const inserts = subject === 'ours' ? insertsOfOurs(memory) : insertsOfAzle(subject, memory);
  for (const [name, insert] of Object.entries(inserts)) {
    const kind = kindOf(name as KindName);
    for (let index = 0; index < entries; index++) insert(kind.key(index), kind.value(index));
  }
  return memory.toBytes();
}

function insertsOfOurs(memory: VectorMemory): Record<KindName, Insert> {
  const maps = openMaps(memory);
  return ofEachKind((kind) => (key, value) => void maps[kind].insert(key, value));
}

function insertsOfAzle(subject: MapSubject, memory: VectorMemory): Record<KindName, Insert> {
  const manager = MemoryManager.load(memory);
  return ofEachKind((kind, memoryId) => {
    const map = BTreeMap.load(manager.get(memoryId), bytes, bytes);
    const [toKey, toValue] =
      subject === 'azle-raw'
        ? RAW_SERIALIZERS[kind].map(({ toBytes }) => toBytes)
        : [toJson, toJson];
    return (key, value) => void map.insert(toKey!(key), toValue!(value));
  });
}

/** What Azle's default serializer makes of the values that the benchmark has. */
export function toJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value, replacer));
}

/** Principals make the form that Azle has for them by themselves. */
function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { __bigint__: value.toString() };
  if (value instanceof Uint8Array) return { __uint8array__: Array.from(value) };
  return value;
}
