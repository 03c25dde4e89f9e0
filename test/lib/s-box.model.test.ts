/**
 * A box against a plain variable; see `test/support/heap-model.ts` for what is done besides.
 *
 * Source: house style rule 24; section 6.2 of `specs/ic-stable-memory.md`.
 */
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import type { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { text } from '../../src/lib/codecs/index.js';
import { SBox } from '../../src/lib/s-box.js';
import { checkHeapModel, ROOMS } from '../support/heap-model.js';
import type { Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = { set: 40, update: 20, detach: 10, attach: 10, upgrade: 5 };

interface BoxOperation extends Operation<keyof typeof WEIGHTS> {
  readonly value: string;
}

type Nested = SBox<string, SBox<string>>;

function act(box: Nested, { kind, value }: BoxOperation, heap: StableMemoryAllocator): unknown {
  if (kind === 'set') return box.set(value);
  if (kind === 'update') return box.update((old) => old.slice(0, 600) + value);
  if (kind === 'attach') return box.attach(heap.create(SBox.of(text), value));
  const taken = box.detach(value);
  const old = taken.get();
  taken.destroy();
  return old;
}

test.each(ROOMS)('a box in %s is its model after every operation', (_, room) => {
  checkHeapModel<keyof typeof WEIGHTS, BoxOperation, string, Nested, { value: string }>(
    {
      type: SBox.of(SBox.of(text)),
      initial: '',
      weights: WEIGHTS,
      operationOf: (kind) => fc.record({ kind, value: fc.nat(1_500).map((n) => 'x'.repeat(n)) }),
      start: () => ({ value: '' }),
      act,
      expected(model, { kind, value }) {
        const old = model.value;
        model.value = kind === 'update' ? old.slice(0, 600) + value : value;
        if (kind === 'update') return model.value;
        return kind === 'set' || kind === 'detach' ? old : undefined;
      },
      compare: (box, model) => expectSame(box.get().get(), model.value),
    },
    room,
  );
});
