/**
 * The heap against a sorted array, with many equal elements; and its slots against a heap in a
 * plain array that follows the words of the specification, since equal elements can be told apart
 * only by where they are.
 *
 * Source: house style rule 24; `specs/ic-stable-structures.md` section 4.2.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { KeyCodec } from '../../src/lib/codec.js';
import { text, tuple, u32, u64, u8 } from '../../src/lib/codecs/index.js';
import { MinHeap } from '../../src/lib/min-heap.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = { push: 60, pop: 35, clear: 1, reopen: 5 };

type Kind = keyof typeof WEIGHTS;

interface HeapOperation<T> extends Operation<Kind> {
  readonly value: T;
}

/** A heap in an array: ties go right, and an equal element does not move. */
class ModelHeap<T> {
  readonly slots: T[] = [];

  constructor(readonly isLess: (left: T, right: T) => boolean) {}

  push(item: T): void {
    let hole = this.slots.push(item) - 1;
    for (let parent; hole > 0; hole = parent) {
      parent = (hole - 1) >> 1;
      if (!this.isLess(item, this.slots[parent]!)) break;
      this.slots[hole] = this.slots[parent]!;
    }
    this.slots[hole] = item;
  }

  pop(): T | undefined {
    const { slots } = this;
    const top = slots[0];
    const item = slots.pop();
    if (slots.length === 0 || item === undefined) return top;
    let hole = 0;
    for (let child = 1; child < slots.length; child = 2 * hole + 1) {
      const right = child + 1;
      if (right < slots.length && !this.isLess(slots[child]!, slots[right]!)) child = right;
      if (!this.isLess(slots[child]!, item)) break;
      slots[hole] = slots[child]!;
      hole = child;
    }
    slots[hole] = item;
    return top;
  }
}

class Run<T> implements ModelRun<HeapOperation<T>> {
  readonly #codec: KeyCodec<T>;
  readonly #isLess: (left: T, right: T) => boolean;
  #heap: MinHeap<T>;
  #model: ModelHeap<T>;

  constructor(codec: KeyCodec<T>, isLess: (left: T, right: T) => boolean) {
    this.#codec = codec;
    this.#isLess = isLess;
    this.#heap = MinHeap.init(new VectorMemory(), codec);
    this.#model = this.#empty();
  }

  apply({ kind, value }: HeapOperation<T>): void {
    if (kind === 'reopen') this.#heap = MinHeap.load(this.#heap.intoMemory(), this.#codec);
    else if (kind === 'pop') expectSame(this.#heap.pop(), this.#model.pop());
    else if (kind === 'clear') this.#clear();
    else {
      this.#heap.push(value);
      this.#model.push(value);
    }
  }

  compare(): void {
    const { slots } = this.#model;
    expect(this.#heap.checkInvariants()).toBeUndefined();
    expect(this.#heap.length).toBe(slots.length);
    expect(this.#heap.isEmpty).toBe(slots.length === 0);
    expectSame(this.#heap.peek(), slots[0]);
    expectSame([...this.#heap], slots);
  }

  /** What comes out comes out in order. */
  finish(): void {
    let previous = this.#heap.peek()!;
    while (!this.#heap.isEmpty) {
      const next = this.#heap.pop()!;
      expectSame(next, this.#model.pop());
      if (this.#isLess(next, previous)) expect(next).toEqual(previous);
      previous = next;
    }
    this.compare();
  }

  #clear(): void {
    this.#heap.clear();
    this.#model = this.#empty();
  }

  #empty(): ModelHeap<T> {
    return new ModelHeap(this.#isLess);
  }
}

/** Numbers with a mark; only the number is compared. */
const byNumber: KeyCodec<readonly [number, number]> = {
  ...tuple(u8, u32),
  order: (left, leftStart, _leftEnd, right, rightStart) => left[leftStart]! - right[rightStart]!,
};

/** Texts of up to 9 bytes, as many shorter than the one that they replace as longer. */
const shortText: KeyCodec<string> = { ...text, bound: { maxSize: 9, fixedSize: false } };

interface Case<T> {
  readonly codec: KeyCodec<T>;
  readonly value: fc.Arbitrary<T>;
  readonly isLess: (left: T, right: T) => boolean;
}

const numbers: Case<bigint> = {
  codec: u64,
  value: fc.bigInt(0n, 2n ** 64n - 1n),
  isLess: (left, right) => left < right,
};

const marked: Case<readonly [number, number]> = {
  codec: byNumber,
  value: fc.tuple(fc.nat(4), fc.nat(1_000_000)),
  isLess: ([left], [right]) => left < right,
};

const texts: Case<string> = {
  codec: shortText,
  value: fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 }),
  isLess: (left, right) => left < right,
};

test.each([
  ['numbers', numbers as unknown as Case<unknown>],
  ['equal numbers with marks', marked as unknown as Case<unknown>],
  ['texts', texts as unknown as Case<unknown>],
])('a heap of %s is its model after every operation', (_, { codec, value, isLess }) => {
  checkModel<Kind, HeapOperation<unknown>>(
    WEIGHTS,
    (kind) => fc.record({ kind, value }),
    () => new Run(codec, isLess),
  );
});
