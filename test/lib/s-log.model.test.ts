/**
 * Logs against arrays: of numbers, whose sectors are all that they own, and of vectors of texts; in
 * an unlimited heap and in a starved one, where sectors are as small as there is room for. Both
 * directions are compared, since that is where the original went wrong.
 *
 * Source: `specs/ic-stable-memory.md` section 6.2; house style rule 24.
 */
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { fixedBytes, text } from '../../src/lib/codecs/index.js';
import type { StableType } from '../../src/lib/ownership/stable-type.js';
import { SLog } from '../../src/lib/s-log.js';
import { SVec } from '../../src/lib/s-vec.js';
import { plainOf } from '../support/failing-heap.js';
import { checkHeapModel, ROOMS, starvedTo, type Room } from '../support/heap-model.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = {
  push: 610,
  pop: 200,
  pushMany: 40,
  popMany: 50,
  set: 100,
  update: 50,
  detach: 50,
  clear: 20,
  upgrade: 80,
};

interface LogOperation<P> extends Operation<keyof typeof WEIGHTS> {
  readonly value: P;
  /** Taken modulo the length. */
  readonly number: number;
}

function actOn<P, H>(log: SLog<P, H>, { kind, value, number }: LogOperation<P>): unknown {
  const { length } = log;
  if (kind === 'push') return log.push(value);
  if (kind === 'pushMany') return log.pushMany(Array(number % 20).fill(value));
  if (kind === 'clear') return log.clear();
  if (kind === 'popMany') return Array.from({ length: number % 20 }, () => log.pop());
  if (kind === 'detach' && length > 0) return log.attach(log.detach()!);
  if (length === 0 || kind === 'pop' || kind === 'upgrade') return log.pop();
  if (kind === 'set') return log.set(number % length, value);
  return log.update(number % length, (old) => (number % 2 === 0 ? old : value));
}

function expectedOf<P>(array: P[], { kind, value, number }: LogOperation<P>): unknown {
  const { length } = array;
  if (kind === 'push') return void array.push(value);
  if (kind === 'pushMany') return void array.push(...Array<P>(number % 20).fill(value));
  if (kind === 'clear') return void array.splice(0);
  if (kind === 'popMany') return Array.from({ length: number % 20 }, () => array.pop());
  if (kind === 'detach' && length > 0) return undefined;
  if (length === 0 || kind === 'pop') return array.pop();
  if (kind === 'set') return array.splice(number % length, 1, value)[0];
  if (number % 2 !== 0) array[number % length] = value;
  return array[number % length];
}

function checkLog<P, H>(
  type: StableType<readonly P[], SLog<P, H>>,
  value: fc.Arbitrary<P>,
  room: Room,
  plainOfView: (view: H) => P,
): void {
  checkHeapModel<keyof typeof WEIGHTS, LogOperation<P>, readonly P[], SLog<P, H>, P[]>(
    {
      type,
      weights: WEIGHTS,
      operationOf: (kind) => fc.record({ kind, value, number: fc.nat(1_000_000) }),
      start: () => [],
      act: actOn,
      expected: expectedOf,
      compare(log, array) {
        expectSame(plainOf(log, type), array);
        expectSame([log.length, log.isEmpty], [array.length, array.length === 0]);
        const backwards = Array.from(log.values({ reverse: true }), plainOfView);
        expectSame(backwards.reverse(), array);
        array.forEach((element, index) => expectSame(plainOfView(log.get(index)!), element));
      },
    },
    room,
  );
}

const tenBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
const someTexts = fc.array(fc.string({ maxLength: 50 }), { maxLength: 4 });

test.each(ROOMS)('a log of bytes in %s is its model', (_, room) => {
  checkLog(SLog.of(fixedBytes(10)), tenBytes, starvedTo(900, room), (bytes) => bytes);
});

test.each(ROOMS)('a log of vectors of texts in %s is its model', (_, room) => {
  checkLog(SLog.of(SVec.of(text)), someTexts, room, (view) => view.toPlain());
});
