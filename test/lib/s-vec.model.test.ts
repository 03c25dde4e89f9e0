/**
 * Vectors against arrays: of texts, and of vectors of boxed texts with the mix of operations that
 * the original was tested with, in an unlimited heap and in a starved one.
 *
 * Source: `specs/ic-stable-memory.md` section 6.2; house style rule 24.
 */
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { text, u32 } from '../../src/lib/codecs/index.js';
import type { StableType } from '../../src/lib/ownership/stable-type.js';
import { SBox } from '../../src/lib/s-box.js';
import { SVec } from '../../src/lib/s-vec.js';
import { plainOf } from '../support/failing-heap.js';
import { checkHeapModel, ROOMS, starvedTo, type Room } from '../support/heap-model.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = {
  push: 250,
  insert: 200,
  pushMany: 20,
  pop: 100,
  remove: 100,
  detach: 50,
  set: 100,
  update: 50,
  swap: 100,
  truncate: 10,
  shrinkToFit: 10,
  reserve: 5,
  clear: 10,
  upgrade: 40,
};

interface VecOperation<P> extends Operation<keyof typeof WEIGHTS> {
  readonly value: P;
  /** Taken modulo the length. */
  readonly number: number;
}

/** Where an operation takes place, in a vector or array of this length. */
const placeOf = (number: number, length: number): number => number % Math.max(1, length);

/** Does an operation that structures and arrays have in common in other words. */
function actOn<P, H>(vec: SVec<P, H>, { kind, value, number }: VecOperation<P>): unknown {
  const { length } = vec;
  const place = placeOf(number, length);
  if (kind === 'push') return vec.push(value);
  if (kind === 'insert') return vec.insert(number % (length + 1), value);
  if (kind === 'pushMany') return vec.pushMany(Array(number % 4).fill(value));
  if (kind === 'reserve') return vec.reserve(number % 100);
  if (kind === 'shrinkToFit' || kind === 'clear') return vec[kind]();
  if (kind === 'truncate') return vec.truncate(Math.ceil(length / 2) + place);
  if (length === 0 || kind === 'pop') return vec.pop();
  if (kind === 'remove') return vec.remove(place);
  if (kind === 'detach') return detachAndAttach(vec, place);
  if (kind === 'set') return vec.set(place, value);
  if (kind === 'update') return vec.update(place, (old) => (number % 2 === 0 ? old : value));
  return vec.swap(place, placeOf(7 * number + 3, length));
}

/** Takes an element out and puts it in at the front, if there is room, else away. */
function detachAndAttach<P, H>(vec: SVec<P, H>, place: number): void {
  vec.reserve(vec.length);
  const element = vec.detach(place);
  vec.attach(0, element);
}

function expectedOf<P>(array: P[], { kind, value, number }: VecOperation<P>): unknown {
  const { length } = array;
  const place = placeOf(number, length);
  if (kind === 'push') return void array.push(value);
  if (kind === 'insert') return void array.splice(number % (length + 1), 0, value);
  if (kind === 'pushMany') return void array.push(...Array<P>(number % 4).fill(value));
  if (kind === 'reserve' || kind === 'shrinkToFit') return undefined;
  if (kind === 'clear') return void array.splice(0);
  if (kind === 'truncate') return void array.splice(Math.ceil(length / 2) + place);
  if (length === 0 || kind === 'pop') return array.pop();
  if (kind === 'remove') return array.splice(place, 1)[0];
  if (kind === 'detach') return void array.unshift(...array.splice(place, 1));
  if (kind === 'set') return array.splice(place, 1, value)[0];
  if (kind === 'update' && number % 2 !== 0) array[place] = value;
  if (kind === 'update') return array[place];
  const other = placeOf(7 * number + 3, length);
  [array[place], array[other]] = [array[other]!, array[place]!];
  return undefined;
}

function checkVec<P, H>(
  type: StableType<readonly P[], SVec<P, H>>,
  value: fc.Arbitrary<P>,
  room: Room,
): void {
  checkHeapModel<keyof typeof WEIGHTS, VecOperation<P>, readonly P[], SVec<P, H>, P[]>(
    {
      type,
      weights: WEIGHTS,
      operationOf: (kind) => fc.record({ kind, value, number: fc.nat(1_000_000) }),
      start: () => [],
      act: actOn,
      expected: expectedOf,
      compare(vec, array) {
        expectSame(plainOf(vec, type), array);
        expectSame([vec.length, vec.isEmpty], [array.length, array.length === 0]);
        expectSame([...vec.values({ reverse: true })].length, array.length);
      },
    },
    room,
  );
}

const someText = fc.nat(200).map((length) => String(length).padStart(length, '-'));

test.each(ROOMS)('a vector of numbers in %s is its model', (_, room) => {
  checkVec(SVec.of(u32), fc.nat(1_000_000), starvedTo(400, room));
});

test.each(ROOMS)('a vector of texts in %s is its model', (_, room) => {
  checkVec(SVec.of(text), someText, room);
});

test.each(ROOMS)('a vector of vectors of boxed texts in %s is its model', (_, room) => {
  checkVec(SVec.of(SVec.of(SBox.of(text))), fc.array(someText, { maxLength: 10 }), room);
});
