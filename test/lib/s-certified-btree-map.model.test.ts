/**
 * The certified map against a plain map, whose root hash is computed from first principles. Keys are
 * few, short and alike, so that the beginnings of others are among them and forks come and go.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { reconstruct } from '../../src/lib/certification/hash-tree.js';
import { bytes } from '../../src/lib/codecs/index.js';
import { SCertifiedBTreeMap } from '../../src/lib/s-certified-btree-map.js';
import { HASH_SIZE } from '../../src/lib/sha256.js';
import { rootHashOf } from '../support/certified-reference.js';
import { checkHeapModel, ROOMS } from '../support/heap-model.js';
import { fromHex, toHex } from '../support/hex.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = {
  insert: 60,
  remove: 30,
  delete: 10,
  insertMany: 10,
  removeMany: 6,
  update: 10,
  commit: 12,
  clear: 1,
  upgrade: 5,
};

type Kind = keyof typeof WEIGHTS;

interface MapOperation extends Operation<Kind> {
  readonly keys: readonly Uint8Array[];
  readonly size: number;
}

type CertifiedMap = SCertifiedBTreeMap<Uint8Array, Uint8Array>;
type Model = Map<string, Uint8Array>;

const anyKey = fc
  .array(fc.constantFrom(0, 1, 0x40, 0x80, 0xff), { maxLength: 4 })
  .map((key) => Uint8Array.from(key));

function operationOf(kind: fc.Arbitrary<Kind>): fc.Arbitrary<MapOperation> {
  const keys = fc.array(anyKey, { minLength: 1, maxLength: 8 });
  return fc.record({ kind, keys, size: fc.oneof(fc.constant(8), fc.nat(100)) });
}

const valueOf = (key: Uint8Array, size: number) => new Uint8Array(size).fill(key.length + size);

function act(map: CertifiedMap, { kind, keys, size }: MapOperation): unknown {
  const [key] = keys as [Uint8Array];
  switch (kind) {
    case 'insert':
      return map.insert(key, valueOf(key, size));
    case 'remove':
      return map.remove(key);
    case 'delete':
      return map.delete(key);
    case 'insertMany':
      return map.insertMany(keys.map((each) => [each, valueOf(each, size)]));
    case 'removeMany':
      return map.removeMany(keys);
    case 'update':
      return map.update(key, (old) => valueOf(key, (old?.length ?? 0) + 1));
    case 'commit':
      return map.commit().length;
    case 'clear':
      return map.clear();
    default:
      throw new Error(`no operation: ${kind}`);
  }
}

function expected(model: Model, { kind, keys, size }: MapOperation): unknown {
  const key = keys[0]!;
  const old = model.get(toHex(key));
  switch (kind) {
    case 'insert':
      model.set(toHex(key), valueOf(key, size));
      return old;
    case 'remove':
      model.delete(toHex(key));
      return old;
    case 'delete':
      return model.delete(toHex(key));
    case 'insertMany': {
      const before = model.size;
      for (const each of keys) model.set(toHex(each), valueOf(each, size));
      return model.size - before;
    }
    case 'removeMany':
      return keys.filter((each) => model.delete(toHex(each))).length;
    case 'update':
      model.set(toHex(key), valueOf(key, (old?.length ?? 0) + 1));
      return model.get(toHex(key));
    case 'commit':
      return HASH_SIZE;
    case 'clear':
      return model.clear();
    default:
      throw new Error(`no operation: ${kind}`);
  }
}

/** The entries of a model, in the order of their keys. */
function entriesOf(model: Model): [Uint8Array, Uint8Array][] {
  return [...model]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [fromHex(key), value]);
}

function compare(map: CertifiedMap, model: Model): void {
  const entries = entriesOf(model);
  expect(map.length).toBe(entries.length);
  expectSame([...map], entries);
  expectSame([...map.entries({ reverse: true })], [...entries].reverse());
  expectSame([map.first(), map.last()], [entries[0], entries.at(-1)]);
  const probe = entries[entries.length >>> 1]?.[0] ?? Uint8Array.of(1);
  expectSame(map.get(probe), model.get(toHex(probe)));
  expectSame(
    [...map.keys({ gt: probe })],
    entries.map(([key]) => key).filter((key) => toHex(key) > toHex(probe)),
  );
  if (!map.isCommitted) return;
  const hash = toHex(map.rootHash);
  expect(hash).toBe(rootHashOf(entries));
  for (const key of [probe, Uint8Array.of(1, 2), new Uint8Array(0)]) {
    expect(toHex(reconstruct(map.witness(key)))).toBe(hash);
  }
  expect(toHex(reconstruct(map.witnessOfRange({ gte: probe })))).toBe(hash);
}

test.each(ROOMS)('a certified map is a plain map with a root hash, in %s', (_title, room) => {
  const type = SCertifiedBTreeMap.of(bytes, bytes);
  const start = (): Model => new Map();
  checkHeapModel({ type, weights: WEIGHTS, operationOf, start, act, expected, compare }, room);
});
