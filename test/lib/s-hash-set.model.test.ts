/**
 * The hash set against a plain `Set`; see `test/support/heap-model.ts` for what is done besides.
 *
 * Source: house style rule 24; section 6.2 of `specs/ic-stable-memory.md`.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { text } from '../../src/lib/codecs/index.js';
import { SHashSet } from '../../src/lib/s-hash-set.js';
import { checkHeapModel, ROOMS } from '../support/heap-model.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = { insert: 60, remove: 30, contains: 10, clear: 1, retain: 2, upgrade: 5 };

type Kind = keyof typeof WEIGHTS;

interface SetOperation extends Operation<Kind> {
  readonly element: string;
}

const isKept = (word: string): boolean => word.length % 4 !== 0;

function actOn(words: SHashSet<string>, { kind, element }: SetOperation): unknown {
  if (kind === 'insert') return words.insert(element);
  if (kind === 'remove') return words.remove(element);
  if (kind === 'contains') return words.has(element);
  return kind === 'retain' ? words.retain(isKept) : words.clear();
}

function expectedOf(model: Set<string>, { kind, element }: SetOperation): unknown {
  if (kind === 'insert') return !model.has(element) && model.add(element) === model;
  if (kind === 'remove') return model.delete(element);
  if (kind === 'contains') return model.has(element);
  if (kind === 'clear') return model.clear();
  for (const word of [...model]) if (!isKept(word)) model.delete(word);
  return undefined;
}

test.each(ROOMS)('in %s a set is its model after every operation', (_, room) => {
  const element = fc.nat(40).map((length) => String(length).padStart(length, '-'));
  checkHeapModel<
    Exclude<Kind, 'upgrade'>,
    SetOperation,
    ReadonlySet<string>,
    SHashSet<string>,
    Set<string>
  >(
    {
      type: SHashSet.of(text),
      weights: WEIGHTS,
      operationOf: (kind) => fc.record({ kind, element }),
      start: () => new Set(),
      act: actOn,
      expected: expectedOf,
      compare: (words, model) => {
        expectSame([...words].sort(), [...model].sort());
        expect(words.length).toBe(model.size);
      },
    },
    room,
  );
});
