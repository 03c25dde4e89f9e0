/** Azle's own maps, with the serializers that they are given. */
import { StableBTreeMap } from 'azle';
import { ofEachKind } from './kinds.js';
import type { OrderedMap, OrderedMaps, Place } from './ordered-map.js';
import type { Serializers } from './raw-serializers.js';

class AzleMap implements OrderedMap<unknown, unknown> {
  constructor(readonly map: StableBTreeMap<unknown, unknown>) {}

  length(): number {
    return this.map.len();
  }

  /** Azle has no such operation. Its user asks for the first key and removes that. */
  popFirst(): unknown {
    const [first] = this.map.keys(0, 1);
    return first === undefined ? undefined : this.map.remove(first);
  }

  insertMany(entries: readonly [unknown, unknown][]): void {
    for (const [key, value] of entries) this.map.insert(key, value);
  }

  scan({ position }: Place<unknown>, limit: number): [unknown, unknown][] {
    return this.map.items(position, limit);
  }

  keyAt(position: number): unknown {
    return this.map.keys(position, 1)[0];
  }

  visit(limit: number): number {
    return this.map.items(0, limit).length;
  }
}

/** Maps with these serializers; without them, with Azle's JSON. */
export function azleMaps(serializers?: Serializers): OrderedMaps {
  return ofEachKind((kind, memoryId) => {
    const [keys, values] = serializers?.[kind] ?? [];
    return new AzleMap(new StableBTreeMap<unknown, unknown>(memoryId, keys, values));
  });
}
