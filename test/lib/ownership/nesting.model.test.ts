/**
 * Structures in structures in structures, and what is done to any of them from outside: people have
 * books, which have chapters, which have lines. Books move from one person to another without a
 * copy. All of it against plain maps and arrays, in an unlimited heap and in a starved one, with
 * upgrades in between.
 *
 * Source: `specs/ic-stable-memory.md` sections 4.6 and 6.2; the seed's ownership rules.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../../src/lib/allocator.js';
import { text, u32 } from '../../../src/lib/codecs/index.js';
import { SBox } from '../../../src/lib/s-box.js';
import { SBTreeMap } from '../../../src/lib/s-btree-map.js';
import { SHashMap } from '../../../src/lib/s-hash-map.js';
import { SLog } from '../../../src/lib/s-log.js';
import { SVec } from '../../../src/lib/s-vec.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { checkEveryAllocation, expectSound } from '../../support/failing-heap.js';
import { checkHeapModel, ROOMS, starvedTo } from '../../support/heap-model.js';
import { restarted } from '../../support/memories.js';
import type { Operation } from '../../support/model.js';
import { expectSame } from '../../support/vec-model.js';
import { HASH_KEY } from '../../support/hash-key.js';

const CHAPTER = SLog.of(SBox.of(text));
const BOOK = SVec.of(CHAPTER);
const BOOKS = SHashMap.of(u32, BOOK);
const PEOPLE = SBTreeMap.of(text, BOOKS);

type PlainBook = string[][];
type PlainPeople = Map<string, Map<number, PlainBook>>;
type StoredPeople = ReadonlyMap<string, ReadonlyMap<number, readonly (readonly string[])[]>>;
type People = ReturnType<typeof openPeople>;

const openPeople = (heap: StableMemoryAllocator) => heap.root('people', PEOPLE);

const WEIGHTS = {
  addBook: 200,
  addPerson: 100,
  addChapter: 150,
  addLine: 150,
  changeLine: 50,
  removeLine: 50,
  removeBook: 60,
  removePerson: 30,
  moveBook: 150,
  clear: 5,
  upgrade: 50,
};

interface NestedOperation extends Operation<keyof typeof WEIGHTS> {
  readonly person: string;
  readonly other: string;
  readonly book: number;
  readonly chapters: PlainBook;
  readonly line: string;
}

/** What a reader does with handles, to the structures in the heap. */
function act(people: People, operation: NestedOperation): unknown {
  const { kind, person, other, book, chapters, line } = operation;
  const books = people.get(person);
  const chapter = (): SLog<string, SBox<string>> | undefined => books?.get(book)?.last();
  switch (kind) {
    case 'addPerson':
      return people.insert(person, new Map([[book, chapters]]));
    case 'addBook':
      return books?.insert(book, chapters);
    case 'addChapter':
      return books?.get(book)?.push([line, line]);
    case 'addLine':
      return chapter()?.push(line);
    case 'changeLine':
      return chapter()?.first()?.set(line);
    case 'removeLine':
      return chapter()?.pop();
    case 'removeBook':
      return books?.remove(book);
    case 'removePerson':
      return people.remove(person);
    case 'moveBook':
      return moveBook(books, people.get(other), book);
    default:
      return people.clear();
  }
}

type Books = NonNullable<ReturnType<People['get']>>;

/** Says whether the book was moved; where there is no room for it there, it stays. */
function moveBook(from: Books | undefined, to: Books | undefined, book: number): boolean {
  if (from === undefined || to === undefined || !from.containsKey(book)) return false;
  const handle = from.detach(book)!;
  try {
    to.attach(book, handle);
  } catch (error) {
    from.attach(book, handle);
    throw error;
  }
  return true;
}

/** The same to plain maps and arrays. */
function expected(people: PlainPeople, operation: NestedOperation): unknown {
  const { kind, person, other, book, chapters, line } = operation;
  const books = people.get(person);
  const chapter = books?.get(book)?.at(-1);
  const copy = chapters.map((lines) => [...lines]);
  switch (kind) {
    case 'addPerson':
      return replace(people, person, new Map([[book, copy]]));
    case 'addBook':
      return books && replace(books, book, copy);
    case 'addChapter':
      return void books?.get(book)?.push([line, line]);
    case 'addLine':
      return void chapter?.push(line);
    case 'changeLine':
      return chapter?.splice(0, 1, ...(chapter.length > 0 ? [line] : []))[0];
    case 'removeLine':
      return chapter?.pop();
    case 'removeBook':
      return books && replace(books, book, undefined);
    case 'removePerson':
      return replace(people, person, undefined);
    case 'moveBook':
      return movePlain(books, people.get(other), book);
    default:
      return people.clear();
  }
}

/** Sets or deletes what is at a key, and returns what was there. */
function replace<K, V>(map: Map<K, V>, key: K, value: V | undefined): V | undefined {
  const old = map.get(key);
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  return old;
}

function movePlain(
  from: Map<number, PlainBook> | undefined,
  to: Map<number, PlainBook> | undefined,
  book: number,
): boolean {
  const chapters = from?.get(book);
  if (from === undefined || to === undefined || chapters === undefined) return false;
  from.delete(book);
  to.set(book, chapters);
  return true;
}

const someName = fc.constantFrom('ada', 'grace', 'edith', 'barbara');
const someLine = fc.nat(120).map((length) => String(length).padStart(length, '-'));

test.each(ROOMS)('books of people in %s are as their models', (_, room) => {
  checkHeapModel<keyof typeof WEIGHTS, NestedOperation, StoredPeople, People, PlainPeople>(
    {
      type: PEOPLE,
      weights: WEIGHTS,
      operationOf: (kind) =>
        fc.record({
          kind,
          person: someName,
          other: someName,
          book: fc.nat(3),
          chapters: fc.array(fc.array(someLine, { maxLength: 3 }), { maxLength: 3 }),
          line: someLine,
        }),
      start: () => new Map(),
      act,
      expected,
      compare: (people, model) => expectSame(people.toPlain(), model),
    },
    starvedTo(6_000, room),
  );
});

test('a book is moved through three owners, and never copied', () => {
  const memory = new VectorMemory();
  const heap = StableMemoryAllocator.init(memory, { hashKey: HASH_KEY });
  const people = openPeople(heap);
  people.insert('ada', new Map([[1, [['first line']]]]));
  people.insert('grace', new Map());
  const { ptr } = people.get('ada')!.get(1)!;
  const { allocatedSize } = heap;
  const book = people.get('ada')!.detach(1)!;
  heap.attachRoot('book', BOOK, book);
  const again = StableMemoryAllocator.load(restarted(memory));
  const taken = again.detachRoot('book', BOOK)!;
  openPeople(again).get('ada')!.attach(2, taken);
  expect(openPeople(again).get('ada')!.get(2)!.ptr).toBe(ptr);
  expect(openPeople(again).toPlain()).toEqual(
    new Map([
      ['ada', new Map([[2, [['first line']]]])],
      ['grace', new Map()],
    ]),
  );
  expect(again.allocatedSize).toBe(allocatedSize);
  expectSound(again);
});

test('without room at every step, nothing changes at any depth', () => {
  const initial = new Map([
    ['ada', new Map([[1, [['a'], ['b', 'c']]]])],
    ['grace', new Map<number, string[][]>()],
  ]);
  const books = new Map([
    [1, [['x'], ['y', 'z']]],
    [2, [[]]],
  ]);
  const trials: [(people: People) => unknown, number][] = [
    [(people) => people.insert('ada', books), 20],
    [(people) => people.get('ada')!.insert(1, [['x']]), 6],
    [(people) => people.get('ada')!.get(1)!.push(['x']), 4],
    [(people) => people.get('ada')!.get(1)!.last()!.push('x'), 2],
    [(people) => people.get('ada')!.get(1)!.last()!.last()!.set('x'), 2],
    [(people) => moveBook(people.get('ada'), people.get('grace'), 1), 1],
  ];
  for (const [act, atLeast] of trials) {
    const refusals = checkEveryAllocation({ type: PEOPLE, initial, act });
    expect(refusals).toBeGreaterThanOrEqual(atLeast);
  }
});
