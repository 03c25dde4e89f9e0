/**
 * The stack against an array of bytes.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BStack } from '../../src/lib/bstack.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';
import {
  expectSame,
  runOperation,
  thinkOperation,
  type StackOperation,
  type StackOperationKind,
} from '../support/stack-programs.js';

const WEIGHTS = {
  push: 6,
  extend: 3,
  extendSparse: 3,
  ensureWith: 2,
  pop: 6,
  tryDiscard: 4,
  resize: 3,
  atrunc: 6,
  replace: 2,
  set: 6,
  swap: 3,
  cas: 3,
  process: 3,
  zero: 4,
  repeat: 4,
  copy: 6,
  exchange: 4,
  setBatched: 5,
  edit: 6,
  reopen: 3,
} satisfies Record<StackOperationKind | 'reopen', number>;

type Kind = keyof typeof WEIGHTS;

type ModelOperation = Operation<Kind> & Omit<StackOperation, 'kind'>;

class Run implements ModelRun<ModelOperation> {
  #stack = BStack.open(new HeapStorage());
  #model: Uint8Array = new Uint8Array(0);

  apply(operation: ModelOperation): void {
    const { kind } = operation;
    if (kind === 'reopen') {
      this.#stack = BStack.open(this.#stack.intoStorage());
      return;
    }
    runOperation(this.#stack, { ...operation, kind });
    this.#model = thinkOperation(this.#model, { ...operation, kind });
    expect(this.#stack.length).toBe(this.#model.length);
  }

  compare(): void {
    expect(this.#stack.checkInvariants()).toBeUndefined();
    expectSame(this.#stack.peek(0), this.#model);
  }
}

const number = fc.nat({ max: 2 ** 31 - 1 });

const operationOf = (kind: fc.Arbitrary<Kind>): fc.Arbitrary<ModelOperation> =>
  fc.record({
    kind,
    at: number,
    count: fc.nat({ max: 800 }),
    other: number,
    fill: fc.nat({ max: 255 }),
  });

test('a stack does what an array does', () => {
  checkModel<Kind, ModelOperation>(WEIGHTS, operationOf, () => new Run());
});
