/**
 * The map in a heap against a plain `Map` that is sorted when it is asked: values that lie in the
 * nodes, values that take overflow pages, and maps of maps of sets; in an unlimited heap and in one
 * that is nearly full, through two handles in turn.
 *
 * Source: house style rule 24; `specs/ic-stable-memory.md` section 6.2 (absent keys are removed,
 * iteration goes both ways, what has failed is tried again).
 */
import { describe, test } from '@jest/globals';
import * as fc from 'fast-check';
import { text, u16, u32, u64 } from '../../src/lib/codecs/index.js';
import { SBTreeMap } from '../../src/lib/s-btree-map.js';
import { SBTreeSet } from '../../src/lib/s-btree-set.js';
import type { StableType } from '../../src/lib/ownership/stable-type.js';
import { checkHeapModel, ROOMS, starvedTo, type Room } from '../support/heap-model.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

/** Inserts outweigh removals, so that trees grow some levels before they shrink. */
const WEIGHTS = {
  insert: 70,
  insertMany: 8,
  update: 8,
  getOrInsert: 8,
  remove: 40,
  delete: 20,
  removeMany: 4,
  move: 8,
  popFirst: 8,
  popLast: 8,
  retain: 1,
  clear: 1,
  upgrade: 5,
};

type Kind = keyof typeof WEIGHTS;

interface MapOperation<P> extends Operation<Kind> {
  readonly key: number;
  readonly other: number;
  readonly value: P;
}

/** What the model keeps of a map: its entries, and the key that was used last. */
class ModelMap<P> {
  readonly entries = new Map<number, P>();
  probe = 0;

  sorted(): [number, P][] {
    return [...this.entries].sort(([a], [b]) => a - b);
  }

  insert(key: number, value: P): P | undefined {
    const old = this.entries.get(key);
    this.entries.set(key, structuredClone(value));
    return old;
  }

  remove(key: number): P | undefined {
    const old = this.entries.get(key);
    this.entries.delete(key);
    return old;
  }

  pop(entry: [number, P] | undefined): [number, P] | undefined {
    if (entry !== undefined) this.entries.delete(entry[0]);
    return entry;
  }
}

/** The plain value of what reading gives. */
function plain(value: unknown): unknown {
  const hasPlain = typeof value === 'object' && value !== null && 'toPlain' in value;
  return hasPlain ? (value as { toPlain(): unknown }).toPlain() : value;
}

function act<P, H>(
  map: SBTreeMap<number, P, H>,
  { kind, key, other, value }: MapOperation<P>,
): unknown {
  switch (kind) {
    case 'insert':
      return map.insert(key, value);
    case 'insertMany':
      return map.insertMany([
        [key, value],
        [other, value],
        [key, value],
      ]);
    case 'update':
      return updated(map, key, value);
    case 'getOrInsert':
      return plain(map.getOrInsert(key, () => value));
    case 'remove':
      return map.remove(key);
    case 'delete':
      return map.delete(key);
    case 'removeMany':
      return map.removeMany([key, other, key]);
    case 'move':
      return moved(map, key, other);
    case 'popFirst':
      return map.popFirst();
    case 'popLast':
      return map.popLast();
    case 'retain':
      return map.retain((each) => each <= key);
    case 'clear':
      return map.clear();
    case 'upgrade':
      throw new Error('this is done by the harness');
  }
}

function updated<P, H>(map: SBTreeMap<number, P, H>, key: number, value: P): unknown {
  const seen: (P | undefined)[] = [];
  const result = map.update(key, (old) => {
    seen.push(old);
    return value;
  });
  expectSame(result, value);
  return seen;
}

/** As many bytes as three new nodes of the largest kind: a new root, and two that are split. */
const ROOM_TO_MOVE = 3_200;

/** A starved heap has more room than a move may need, and less than the entries do. */
const STARVED = { numbers: 4_600, others: 8_000 };

/**
 * What a move takes out it must be able to put in again, where another value is or back where it
 * was; so room for the nodes that this may split is made sure of first.
 */
function moved<P, H>(map: SBTreeMap<number, P, H>, from: number, to: number): boolean {
  if (!map.containsKey(from)) return false;
  const { allocator } = map;
  allocator.deallocate(allocator.allocate(ROOM_TO_MOVE));
  map.attach(map.containsKey(to) ? to : from, map.detach(from)!);
  return true;
}

function expected<P>(model: ModelMap<P>, { kind, key, other, value }: MapOperation<P>): unknown {
  model.probe = key;
  const { entries } = model;
  const before = entries.size;
  switch (kind) {
    case 'insert':
      return model.insert(key, value);
    case 'insertMany':
      model.insert(key, value);
      model.insert(other, value);
      return entries.size - before;
    case 'update':
      return [model.insert(key, value)];
    case 'getOrInsert':
      if (!entries.has(key)) model.insert(key, value);
      return entries.get(key);
    case 'remove':
      return model.remove(key);
    case 'delete':
      return entries.delete(key);
    case 'removeMany':
      model.remove(key);
      model.remove(other);
      return before - entries.size;
    case 'move': {
      if (!entries.has(key)) return false;
      const taken = model.remove(key)!;
      model.insert(entries.has(other) ? other : key, taken);
      return true;
    }
    case 'popFirst':
      return model.pop(model.sorted()[0]);
    case 'popLast':
      return model.pop(model.sorted().at(-1));
    case 'retain':
      for (const each of [...entries.keys()]) if (each > key) entries.delete(each);
      return before - entries.size;
    case 'clear':
      return entries.clear();
    case 'upgrade':
      throw new Error('this is done by the harness');
  }
}

function compare<P, H>(map: SBTreeMap<number, P, H>, model: ModelMap<P>): void {
  const { probe } = model;
  const sorted = model.sorted();
  const plainly = (entries: Iterable<[number, H]>) =>
    Array.from(entries, ([key, value]) => [key, plain(value)]);
  const below = sorted.filter(([key]) => key < probe);
  const fromProbe = sorted.slice(below.length);
  const keys = sorted.map(([key]) => key);
  const page = map.scan({ limit: 5 });
  const next = page.next === undefined ? [] : map.scan({ limit: 5, after: page.next }).entries;
  expectSame(
    [
      [map.length, map.isEmpty, map.count({ lt: probe })],
      [...map.toPlain()],
      plainly(map.entries({ gte: probe })),
      [...map.keys({ lt: probe, reverse: true })],
      [map.lower(probe)?.[0], map.ceiling(probe)?.[0], map.first()?.[0], map.last()?.[0]],
      plain(map.get(probe)),
      fromBothEnds(map),
      plainly([...page.entries, ...next]),
    ],
    [
      [sorted.length, sorted.length === 0, below.length],
      sorted,
      fromProbe,
      below.map(([key]) => key).reverse(),
      [below.at(-1)?.[0], fromProbe[0]?.[0], keys[0], keys.at(-1)],
      model.entries.get(probe),
      keys,
      sorted.slice(0, 10),
    ],
  );
}

/** The keys that one iterator gives from its two ends in turn, put together again. */
function fromBothEnds<P, H>(map: SBTreeMap<number, P, H>): number[] {
  const ends = map.keys();
  const [front, back]: [number[], number[]] = [[], []];
  for (let isFront = true; ; isFront = !isFront) {
    const { done, value } = isFront ? ends.next() : ends.nextBack();
    if (done === true) return [...front, ...back.reverse()];
    (isFront ? front : back).push(value);
  }
}

function checkMap<P, H>(
  type: StableType<ReadonlyMap<number, P>, SBTreeMap<number, P, H>>,
  value: fc.Arbitrary<P>,
  keyMax: number,
  room: Room,
): void {
  const key = fc.nat(keyMax);
  checkHeapModel(
    {
      type,
      weights: WEIGHTS,
      operationOf: (kind) => fc.record({ kind, key, other: key, value }),
      start: () => new ModelMap<P>(),
      act,
      expected,
      compare,
    },
    room,
  );
}

const someSets = fc
  .array(fc.tuple(fc.nat(9), fc.array(fc.nat(9), { maxLength: 3 })), { maxLength: 3 })
  .map((entries) => new Map(entries.map(([key, elements]) => [key, new Set(elements)] as const)));

describe.each(ROOMS)('in %s a map is its model after every operation', (_, room) => {
  test('of numbers', () => {
    checkMap(
      SBTreeMap.of(u32, u64),
      fc.bigInt(0n, 2n ** 64n - 1n),
      300,
      starvedTo(STARVED.numbers, room),
    );
  });

  test('of texts, some of which take pages of their own', () => {
    const someText = fc.nat(1_500).map((size) => String(size).padStart(size, '-'));
    checkMap(SBTreeMap.of(u16, text), someText, 30, starvedTo(STARVED.others, room));
  });

  test('of maps of sets', () => {
    const type = SBTreeMap.of(u32, SBTreeMap.of(u16, SBTreeSet.of(u16)));
    checkMap<
      ReadonlyMap<number, ReadonlySet<number>>,
      SBTreeMap<number, ReadonlySet<number>, SBTreeSet<number>>
    >(type, someSets, 24, starvedTo(STARVED.others, room));
  });
});
