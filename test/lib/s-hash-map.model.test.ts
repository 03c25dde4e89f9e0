/**
 * The hash map against a plain `Map`; see `test/support/heap-model.ts` for what is done besides.
 *
 * Source: house style rule 24; section 6.2 of `specs/ic-stable-memory.md` for the mix.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  HASH_CASES,
  hashMapType,
  plainOf,
  type AnyHashMap,
  type HashCase,
} from '../support/hash-cases.js';
import { checkHeapModel, ROOMS } from '../support/heap-model.js';
import { toHex } from '../support/hex.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = {
  insert: 60,
  remove: 20,
  delete: 10,
  get: 10,
  update: 10,
  move: 8,
  retain: 2,
  reserve: 2,
  clear: 1,
  upgrade: 5,
};

type Kind = keyof typeof WEIGHTS;

interface MapOperation extends Operation<Kind> {
  readonly key: unknown;
  readonly value: unknown;
}

/** Entries by their encoded keys. */
type Model = Map<string, readonly [key: unknown, value: unknown]>;

class MapModel {
  readonly weights = WEIGHTS;
  readonly type;
  readonly #types: HashCase<unknown, unknown>;

  constructor(types: HashCase<unknown, unknown>) {
    this.#types = types;
    this.type = hashMapType(types);
  }

  operationOf(kind: fc.Arbitrary<Kind>): fc.Arbitrary<MapOperation> {
    return fc.record({ kind, key: this.#types.key, value: this.#types.value });
  }

  start(): Model {
    return new Map();
  }

  act(map: AnyHashMap, { kind, key, value }: MapOperation): unknown {
    switch (kind) {
      case 'insert':
        return map.insert(key, value);
      case 'remove':
        return map.remove(key);
      case 'delete':
        return map.delete(key);
      case 'get':
        return [map.containsKey(key), plainOf(map.get(key))];
      case 'update':
        return map.update(key, (old) => old ?? value);
      case 'move':
        return moveOutAndIn(map, key);
      case 'retain':
        return map.retain((each) => this.#isKept(this.#idOf(each)));
      case 'reserve':
        return map.reserve(map.length + 5);
      default:
        return map.clear();
    }
  }

  expected(model: Model, { kind, key, value }: MapOperation): unknown {
    const id = this.#idOf(key);
    const old = model.get(id)?.[1];
    switch (kind) {
      case 'insert':
        model.set(id, [key, value]);
        return old;
      case 'remove':
        model.delete(id);
        return old;
      case 'delete':
        return model.delete(id);
      case 'get':
        return [model.has(id), old];
      case 'update':
        model.set(id, [key, old ?? value]);
        return old ?? value;
      case 'move':
        return old;
      case 'retain':
        for (const each of [...model.keys()]) if (!this.#isKept(each)) model.delete(each);
        return undefined;
      case 'reserve':
        return undefined;
      default:
        return model.clear();
    }
  }

  compare(map: AnyHashMap, model: Model): void {
    const found = Array.from(map, ([key, value]) => [this.#idOf(key), plainOf(value)] as const);
    const expected = Array.from(model, ([id, [, value]]) => [id, value] as const);
    expectSame(sorted(found), sorted(expected));
    expect([map.length, map.isEmpty]).toEqual([model.size, model.size === 0]);
    const reversed = Array.from(map.keys({ reverse: true }), (key) => this.#idOf(key));
    expectSame(
      reversed.reverse(),
      found.map(([id]) => id),
    );
  }

  #isKept(id: string): boolean {
    return id.length % 3 !== 0;
  }

  #idOf(key: unknown): string {
    return toHex(this.#types.keys.encode(key));
  }
}

/** Takes a value out as it is and puts it back: what was there is in its place again. */
function moveOutAndIn(map: AnyHashMap, key: unknown): unknown {
  const handle = map.detach(key);
  if (handle === undefined) return undefined;
  map.attach(key, handle);
  return plainOf(map.get(key));
}

function sorted<T extends readonly [string, unknown]>(entries: readonly T[]): T[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

const SETTINGS = ROOMS.flatMap(([heap, room]) =>
  HASH_CASES.map(([name, types]) => [name, heap, types, room] as const),
);

test.each(SETTINGS)('a map of %s in %s is its model', (_name, _heap, types, room) => {
  checkHeapModel<
    Exclude<Kind, 'upgrade'>,
    MapOperation,
    ReadonlyMap<unknown, unknown>,
    AnyHashMap,
    Model
  >(new MapModel(types), room);
});
