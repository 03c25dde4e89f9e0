/**
 * The ordered set against a plain `Set`; see `test/support/heap-model.ts` for what is done besides.
 *
 * Source: house style rule 24; section 6.2 of `specs/ic-stable-memory.md`.
 */
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { text } from '../../src/lib/codecs/index.js';
import { SBTreeSet } from '../../src/lib/s-btree-set.js';
import { checkHeapModel, ROOMS } from '../support/heap-model.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = {
  insert: 60,
  insertMany: 8,
  remove: 40,
  removeMany: 5,
  popFirst: 6,
  popLast: 6,
  clear: 1,
  upgrade: 4,
};

interface SetOperation extends Operation<keyof typeof WEIGHTS> {
  readonly element: string;
  readonly others: readonly string[];
}

function act(set: SBTreeSet<string>, { kind, element, others }: SetOperation): unknown {
  if (kind === 'insert' || kind === 'remove') return set[kind](element);
  if (kind === 'insertMany' || kind === 'removeMany') return set[kind](others);
  return kind === 'upgrade' ? undefined : set[kind]();
}

function expected(set: Set<string>, { kind, element, others }: SetOperation): unknown {
  const before = set.size;
  switch (kind) {
    case 'insert':
      return set.add(element).size > before;
    case 'remove':
      return set.delete(element);
    case 'insertMany':
      for (const other of others) set.add(other);
      return set.size - before;
    case 'removeMany':
      for (const other of others) set.delete(other);
      return before - set.size;
    case 'clear':
      return set.clear();
    default: {
      const popped = [...set].sort().at(kind === 'popFirst' ? 0 : -1);
      if (popped !== undefined) set.delete(popped);
      return popped;
    }
  }
}

test.each(ROOMS)('in %s a set is its model after every operation', (_, room) => {
  // Letters whose order in UTF-16 is their order in UTF-8.
  const element = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 4 });
  checkHeapModel(
    {
      type: SBTreeSet.of(text),
      weights: WEIGHTS,
      operationOf: (kind) =>
        fc.record({ kind, element, others: fc.array(element, { maxLength: 8 }) }),
      start: () => new Set<string>(),
      act,
      expected,
      compare: (set, model) => {
        const sorted = [...model].sort();
        expectSame([[...set], set.length], [sorted, sorted.length]);
        expectSame(
          [...set.keys({ gt: 'b', reverse: true })],
          sorted.filter((e) => e > 'b').reverse(),
        );
      },
    },
    room,
  );
});
