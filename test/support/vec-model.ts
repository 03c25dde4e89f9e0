/**
 * The model test of everything that behaves as a vector: random operations against a plain array.
 *
 * Source: house style rule 24.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import * as fc from 'fast-check';
import type { IndexRange } from '../../src/lib/index-range.js';
import { checkModel, type ModelRun, type Operation } from './model.js';

/** What vectors have in common. */
export interface VecLike<T> extends Iterable<T> {
  readonly length: number;
  readonly isEmpty: boolean;
  get(index: number): T | undefined;
  set(index: number, value: T): void;
  push(value: T): void;
  extend(values: Iterable<T>): void;
  pop(): T | undefined;
  insert(index: number, value: T): void;
  remove(index: number): T;
  swapRemove(index: number): T;
  truncate(length: number): void;
  clear(): void;
  values(range?: IndexRange): Iterable<T>;
  checkInvariants(): string | undefined;
}

/** A vector and a way to close and open it again. */
export interface VecUnderTest<T> {
  readonly vec: VecLike<T>;
  reopen(): VecUnderTest<T>;
}

const WEIGHTS = {
  push: 60,
  extend: 10,
  set: 30,
  pop: 20,
  insert: 20,
  remove: 15,
  swapRemove: 15,
  truncate: 2,
  clear: 1,
  reopen: 5,
};

type Kind = keyof typeof WEIGHTS;

interface VecOperation<T> extends Operation<Kind> {
  readonly value: T;
  /** Taken modulo the length. */
  readonly number: number;
}

class Run<T> implements ModelRun<VecOperation<T>> {
  #tested: VecUnderTest<T>;
  #model: T[] = [];
  #probe = 0;

  constructor(tested: VecUnderTest<T>) {
    this.#tested = tested;
  }

  apply({ kind, value, number }: VecOperation<T>): void {
    const { vec } = this.#tested;
    const model = this.#model;
    this.#probe = number % (model.length + 1);
    if (kind === 'push') this.#push(value);
    else if (kind === 'extend') this.#extend([value, value, ...model.slice(-1)]);
    else if (kind === 'insert') this.#insert(this.#probe, value);
    else if (kind === 'pop') expectSame(vec.pop(), model.pop());
    else if (kind === 'truncate') this.#truncate(Math.floor(model.length / 2) + this.#probe);
    else if (kind === 'clear') this.#clear();
    else if (kind === 'reopen') this.#tested = this.#tested.reopen();
    else if (model.length > 0) this.#at(kind, number % model.length, value);
  }

  compare(): void {
    const { vec } = this.#tested;
    const model = this.#model;
    const probe = this.#probe;
    expect(vec.checkInvariants()).toBeUndefined();
    expect(vec.length).toBe(model.length);
    expect(vec.isEmpty).toBe(model.length === 0);
    expectSame([...vec], model);
    expectSame(vec.get(probe), model[probe]);
    expectSame([...vec.values({ from: probe })], model.slice(probe));
    expectSame([...vec.values({ to: probe, reverse: true })], model.slice(0, probe).reverse());
  }

  finish(): void {
    this.#clear();
    this.compare();
  }

  #push(value: T): void {
    this.#tested.vec.push(value);
    this.#model.push(value);
  }

  #extend(values: readonly T[]): void {
    this.#tested.vec.extend(values);
    this.#model.push(...values);
  }

  #insert(index: number, value: T): void {
    this.#tested.vec.insert(index, value);
    this.#model.splice(index, 0, value);
  }

  #truncate(length: number): void {
    this.#tested.vec.truncate(length);
    this.#model = this.#model.slice(0, length);
  }

  #clear(): void {
    this.#tested.vec.clear();
    this.#model = [];
  }

  #at(kind: 'set' | 'remove' | 'swapRemove', index: number, value: T): void {
    const { vec } = this.#tested;
    if (kind === 'set') {
      vec.set(index, value);
      this.#model[index] = value;
      return;
    }
    const [removed] = this.#model.splice(index, 1);
    expectSame(vec[kind](index), removed);
    const moves = kind === 'swapRemove' && index < this.#model.length;
    if (moves) this.#model.splice(index, 0, this.#model.pop()!);
  }
}

/** Jest's comparison is thorough and slow: it is asked where the quick one finds a difference. */
export function expectSame(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected);
}

/** Checks a vector of such elements against an array. */
export function checkVecModel<T>(value: fc.Arbitrary<T>, start: () => VecUnderTest<T>): void {
  checkModel<Kind, VecOperation<T>>(
    WEIGHTS,
    (kind) => fc.record({ kind, value, number: fc.nat(1_000_000) }),
    () => new Run(start()),
  );
}
