/**
 * The structures in a heap, each beside what else one would use, and what is done to them. Keys and
 * elements are u64, and every value is its key. All of ours go through a MemoryManager with buckets
 * of the default size over a VectorMemory.
 */
import {
  BTreeMap,
  MemoryManager,
  SBTreeMap,
  SCertifiedBTreeMap,
  SHashMap,
  SLog,
  StableMemoryAllocator,
  SVec,
  u64,
  Vec,
  VectorMemory,
  type Memory,
} from '../../../src/lib/index.js';
import type { Step, Stepper } from '../steps.js';

const BATCH_LENGTH = 10;

/** What is compared in a table: several structures by their names, with the same operations. */
export interface Comparison {
  readonly title: string;
  readonly subjects: Readonly<Record<string, Stepper>>;
}

export const UNORDERED_MAPS: Comparison = {
  title: 'maps in no order, random keys',
  subjects: {
    SHashMap: (numbers, others) =>
      mapSteps(freshHeap().root('map', SHashMap.of(u64, u64)), numbers, others),
    'Map of encoded keys': (numbers, others) => mapSteps(new EncodedMap(), numbers, others),
    BTreeMap: (numbers, others) => mapSteps(freshMap(), numbers, others),
  },
};

export const ORDERED_MAPS: Comparison = {
  title: 'ordered maps, random keys',
  subjects: {
    SBTreeMap: (numbers, others) =>
      orderedSteps(freshHeap().root('map', SBTreeMap.of(u64, u64)), numbers, others),
    BTreeMap: (numbers, others) => orderedSteps(freshMap(), numbers, others),
  },
};

export const LISTS: Comparison = {
  title: 'lists',
  subjects: {
    SVec: (numbers) => listSteps(freshHeap().root('list', SVec.of(u64)), numbers),
    SLog: (numbers) => listSteps(freshHeap().root('list', SLog.of(u64)), numbers),
    Vec: (numbers) => listSteps(Vec.create(freshMemory(), u64), numbers),
  },
};

/** A change of a certified map is not done until there is a root hash again. */
export const CERTIFIED_MAPS: Comparison = {
  title: 'certified maps, random keys',
  subjects: {
    SCertifiedBTreeMap: (numbers, others) =>
      certifiedSteps(freshHeap().root('map', SCertifiedBTreeMap.of(u64, u64)), numbers, others),
  },
};

/** What all maps have. */
interface PlainMap {
  insert(key: bigint, value: bigint): unknown;
  get(key: bigint): bigint | undefined;
  remove(key: bigint): bigint | undefined;
}

interface OrderedMap extends PlainMap, Iterable<readonly [bigint, bigint]> {
  readonly length: number;
}

interface List {
  push(element: bigint): void;
  get(index: number): bigint | undefined;
  pop(): bigint | undefined;
}

/** JavaScript's own map, with keys and values as bytes: what they would be as in stable memory. */
class EncodedMap implements PlainMap {
  readonly #map = new Map<string, Uint8Array>();

  insert(key: bigint, value: bigint): void {
    this.#map.set(nameOf(key), u64.encode(value));
  }

  get(key: bigint): bigint | undefined {
    const value = this.#map.get(nameOf(key));
    return value && u64.decode(value);
  }

  remove(key: bigint): bigint | undefined {
    const value = this.get(key);
    this.#map.delete(nameOf(key));
    return value;
  }
}

/** The bytes of a key as a text, since a map compares arrays by identity, not by their contents. */
function nameOf(key: bigint): string {
  return Buffer.from(u64.encode(key)).toString('latin1');
}

function mapSteps(map: PlainMap, numbers: readonly bigint[], others: readonly bigint[]): Step[] {
  return [
    ['insert', () => numbers.forEach((key) => map.insert(key, key))],
    ['get', () => others.forEach((key) => assertSame(map.get(key), key))],
    ['remove', () => others.forEach((key) => assertSame(map.remove(key), key))],
  ];
}

function orderedSteps(
  map: OrderedMap,
  numbers: readonly bigint[],
  others: readonly bigint[],
): Step[] {
  const [insert, get, remove] = mapSteps(map, numbers, others);
  return [insert!, get!, ['walk over all, an entry', () => walk(map)], remove!];
}

function walk(map: OrderedMap): void {
  let count = 0;
  for (const [key, value] of map) if (key === value) count += 1;
  assertSame(count, map.length);
}

function listSteps(list: List, numbers: readonly bigint[]): Step[] {
  return [
    ['push', () => numbers.forEach((element) => list.push(element))],
    ['get', () => numbers.forEach((element, index) => assertSame(list.get(index), element))],
    ['pop', () => numbers.forEach((_, index) => assertSame(list.pop(), numbers.at(-1 - index)))],
  ];
}

function certifiedSteps(
  map: SCertifiedBTreeMap<bigint, bigint>,
  numbers: readonly bigint[],
  others: readonly bigint[],
): Step[] {
  return [
    ['insert and commit', () => numbers.forEach((key) => map.insertAndCommit(key, key))],
    ['witness in CBOR', () => others.forEach((key) => map.encodedWitness(key))],
    ['remove and commit', () => others.forEach((key) => map.removeAndCommit(key))],
    [
      'insert in batches of ten, an entry',
      () => inBatches(map, numbers, (key) => map.insert(key, key)),
    ],
    ['remove in batches of ten, an entry', () => inBatches(map, others, (key) => map.remove(key))],
  ];
}

/** Commits once for each batch. */
function inBatches(
  map: SCertifiedBTreeMap<bigint, bigint>,
  keys: readonly bigint[],
  change: (key: bigint) => unknown,
): void {
  keys.forEach((key, index) => {
    change(key);
    if ((index + 1) % BATCH_LENGTH === 0) map.commit();
  });
  map.commit();
}

function freshMap(): BTreeMap<bigint, bigint> {
  return BTreeMap.create(freshMemory(), u64, u64);
}

/** Of hash maps. A fixed one, so that each run does the same. */
const HASH_KEY = Uint8Array.from({ length: 16 }, (_, index) => 16 * index + 7);

function freshHeap(): StableMemoryAllocator {
  return StableMemoryAllocator.create(freshMemory(), { hashKey: HASH_KEY });
}

function freshMemory(): Memory {
  return MemoryManager.create(new VectorMemory()).get(0);
}

/** A structure that answers wrongly is not measured but found out. */
function assertSame(found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`expected ${String(expected)}, found ${String(found)}`);
}
