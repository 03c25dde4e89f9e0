/**
 * The works on structures, each over all entries: an operation on every key, by the performance
 * counter, with answers that are checked. Every value is its key, so that nothing is made of it.
 */
import {
  encodeHashTree,
  reconstruct,
  SBTreeMap,
  SBTreeSet,
  SCertifiedBTreeMap,
  SHashMap,
  SHashSet,
  SLog,
  SVec,
  u64,
  type BTreeMap,
  type StableMemoryAllocator,
} from '../../../../src/lib/index.js';
import { assertAlike, assertSame } from '../checks.js';
import { measured } from '../measuring.js';
import {
  BATCH_LENGTH,
  keysOf,
  PAGE_LENGTH,
  pageStartsOf,
  type Order,
  type StructureName,
  type StructureRequest,
} from './plan.js';

/** Does an operation with each key, and returns the instructions of all of them together. */
type Work = (keys: readonly bigint[]) => bigint;

type Works = Readonly<Record<string, Work>>;

/** What the structures stand in. */
export interface Places {
  readonly heap: StableMemoryAllocator;
  /** Stands in no heap. */
  readonly map: BTreeMap<bigint, bigint>;
}

/** Opens a structure, or makes it, and gives its works. */
const STRUCTURES: Readonly<Record<StructureName, (places: Places) => Works>> = {
  SVec: ({ heap }) => listWorks(heap.root('SVec', SVec.of(u64))),
  SLog: ({ heap }) => listWorks(heap.root('SLog', SLog.of(u64))),
  SHashMap: ({ heap }) => mapWorks(heap.root('SHashMap', SHashMap.of(u64, u64))),
  SHashSet({ heap }) {
    const set = heap.root('SHashSet', SHashSet.of(u64));
    return setWorks(set, (element) => set.has(element));
  },
  SBTreeMap: ({ heap }) => orderedWorks(heap.root('SBTreeMap', SBTreeMap.of(u64, u64))),
  SBTreeSet({ heap }) {
    const set = heap.root('SBTreeSet', SBTreeSet.of(u64));
    return setWorks(set, (element) => set.has(element));
  },
  BTreeMap: ({ map }) => orderedWorks(map),
  SCertifiedBTreeMap: ({ heap }) =>
    certifiedWorks(heap.root('SCertifiedBTreeMap', SCertifiedBTreeMap.of(u64, u64))),
};

/** Does what is asked for, and returns the instructions of all operations together. */
export function carryOutOn(places: Places, request: StructureRequest): bigint {
  const works = STRUCTURES[request.structure as StructureName](places);
  return works[request.work]!(keysOf(request.order as Order, request.entries));
}

/** What every map has. */
interface PlainMap {
  readonly length: number;
  insert(key: bigint, value: bigint): bigint | undefined;
  get(key: bigint): bigint | undefined;
  remove(key: bigint): bigint | undefined;
}

interface OrderedMap extends PlainMap {
  scan(request: { gte: bigint; limit: number }): { readonly entries: readonly unknown[] };
}

interface PlainSet {
  readonly length: number;
  insert(element: bigint): boolean;
  remove(element: bigint): boolean;
}

interface List {
  readonly length: number;
  push(element: bigint): void;
  get(index: number): bigint | undefined;
  pop(): bigint | undefined;
}

function listWorks(list: List): Works {
  return {
    push: filling(list, (key) => list.push(key), undefined),
    get(keys) {
      const { answers, instructions } = measured(keys, (_, index) => list.get(index));
      assertAlike('answer', answers, keys);
      return instructions;
    },
    pop(keys) {
      const { answers, instructions } = measured(keys, () => list.pop());
      assertAlike('answer', answers, keys.toReversed());
      return instructions;
    },
  };
}

function mapWorks(map: PlainMap): Works {
  return {
    insert: filling(map, (key) => map.insert(key, key), undefined),
    get: each((key) => map.get(key), same),
    remove: each((key) => map.remove(key), same),
  };
}

function setWorks(set: PlainSet, contains: (element: bigint) => boolean): Works {
  return {
    insert: filling(set, (key) => set.insert(key), true),
    contains: each(contains, yes),
    remove: each((key) => set.remove(key), yes),
  };
}

function orderedWorks(map: OrderedMap): Works {
  return {
    ...mapWorks(map),
    'page of 100'(keys) {
      const page = (gte: bigint): number => map.scan({ gte, limit: PAGE_LENGTH }).entries.length;
      return each(page, () => PAGE_LENGTH)(pageStartsOf(keys));
    },
  };
}

/** A change is not done until there is a root hash again. Witnesses are checked after the clock. */
function certifiedWorks(map: SCertifiedBTreeMap<bigint, bigint>): Works {
  const hashed = (root: Uint8Array): boolean => root.length === 32;
  return {
    insert: each((key) => hashed(map.insertAndCommit(key, key)), yes),
    get: each((key) => map.get(key), same),
    witness(keys) {
      const instructions = each((key) => map.witness(key) !== undefined, yes)(keys);
      assertSame('witness', reconstruct(map.witness(keys[0]!)), map.rootHash);
      return instructions;
    },
    'witness in CBOR'(keys) {
      const instructions = each((key) => map.encodedWitness(key).length > 0, yes)(keys);
      const expected = encodeHashTree(map.witness(keys[0]!));
      assertSame('witness in CBOR', map.encodedWitness(keys[0]!), expected);
      return instructions;
    },
    remove: each((key) => hashed(map.removeAndCommit(key)), yes),
    'insert in tens': batches((batch) => {
      for (const key of batch) map.insert(key, key);
      return hashed(map.commit());
    }),
    'remove in tens': batches((batch) => {
      for (const key of batch) map.remove(key);
      return hashed(map.commit());
    }),
    'insertMany of tens': batches((batch) => {
      map.insertMany(batch.map((key) => [key, key]));
      return hashed(map.commit());
    }),
    'removeMany of tens': batches((batch) => {
      map.removeMany(batch);
      return hashed(map.commit());
    }),
  };
}

/** A work that puts every key into an empty structure, which has so many elements then. */
function filling(
  structure: { readonly length: number },
  operation: (key: bigint) => unknown,
  expected: unknown,
): Work {
  const fill = each(operation, () => expected);
  return (keys) => {
    const instructions = fill(keys);
    assertSame('length', structure.length, keys.length);
    return instructions;
  };
}

/** A work of one operation for each key, of which the answer is known. */
function each(operation: (key: bigint) => unknown, expected: (key: bigint) => unknown): Work {
  return (keys) => {
    const { answers, instructions } = measured(keys, operation);
    assertAlike('answer', answers, keys.map(expected));
    return instructions;
  };
}

/** A work of one operation for each batch of keys, which says whether all went well. */
function batches(operation: (batch: readonly bigint[]) => boolean): Work {
  return (keys) => {
    const length = Math.ceil(keys.length / BATCH_LENGTH);
    const inputs = Array.from({ length }, (_, index) =>
      keys.slice(index * BATCH_LENGTH, (index + 1) * BATCH_LENGTH),
    );
    const { answers, instructions } = measured(inputs, operation);
    assertAlike('answer', answers, inputs.map(yes));
    return instructions;
  };
}

function same(key: bigint): bigint {
  return key;
}

function yes(): boolean {
  return true;
}
