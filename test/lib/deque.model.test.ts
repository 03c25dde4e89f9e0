/**
 * The deque against an array. Slots are so wide that few fit the first page: the ring comes round
 * often, and doubles several times.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Codec } from '../../src/lib/codec.js';
import { text, u32 } from '../../src/lib/codecs/index.js';
import { Deque } from '../../src/lib/deque.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';
import { expectSame } from '../support/vec-model.js';

const WEIGHTS = { pushBack: 40, pushFront: 35, popFront: 30, popBack: 25, clear: 1, reopen: 5 };

type Kind = keyof typeof WEIGHTS;

interface DequeOperation<T> extends Operation<Kind> {
  readonly value: T;
}

class Run<T> implements ModelRun<DequeOperation<T>> {
  readonly #codec: Codec<T>;
  #deque: Deque<T>;
  #model: T[] = [];
  #probe = 0;

  constructor(codec: Codec<T>) {
    this.#codec = codec;
    const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
    manager.get(1).grow(1);
    this.#deque = Deque.init(manager.get(0), codec);
  }

  apply({ kind, value }: DequeOperation<T>): void {
    this.#probe = (7 * this.#probe + 3) % (this.#model.length + 1);
    if (kind === 'reopen') this.#deque = Deque.load(this.#deque.intoMemory(), this.#codec);
    else if (kind === 'popFront') expectSame(this.#deque.popFront(), this.#model.shift());
    else if (kind === 'popBack') expectSame(this.#deque.popBack(), this.#model.pop());
    else if (kind === 'clear') this.#clear();
    else {
      this.#deque[kind](value);
      this.#model[kind === 'pushBack' ? 'push' : 'unshift'](value);
    }
  }

  compare(): void {
    const [deque, model, probe] = [this.#deque, this.#model, this.#probe];
    expect(deque.checkInvariants()).toBeUndefined();
    expect(deque.length).toBe(model.length);
    expect(deque.isEmpty).toBe(model.length === 0);
    expectSame([...deque], model);
    expectSame(
      [deque.first(), deque.last(), deque.get(probe)],
      [model[0], model.at(-1), model[probe]],
    );
    expectSame([...deque.values({ from: probe })], model.slice(probe));
    expectSame([...deque.values({ to: probe, reverse: true })], model.slice(0, probe).reverse());
  }

  finish(): void {
    while (this.#model.length > 0) expectSame(this.#deque.popFront(), this.#model.shift());
    this.compare();
  }

  #clear(): void {
    this.#deque.clear();
    this.#model = [];
  }
}

/** Elements of 6,000 bytes with a number in front. */
const wideNumber: Codec<number> = {
  name: 'wideNumber',
  bound: { maxSize: 6_000, fixedSize: true },
  encode(value) {
    const bytes = new Uint8Array(6_000);
    bytes.set(u32.encode(value));
    return bytes;
  },
  decode: (bytes) => u32.decode(bytes.subarray(0, 4)),
};

/** Short texts in slots that could hold long ones. */
const wideText: Codec<string> = { ...text, bound: { maxSize: 9_000, fixedSize: false } };

const someText = fc.nat(1_200).map((size) => String(size).padStart(size, '-'));

test.each([
  ['wide numbers', [wideNumber, fc.nat(1_000_000)]],
  ['wide texts', [wideText, someText]],
  ['numbers', [u32, fc.nat(1_000_000)]],
] as [string, [Codec<unknown>, fc.Arbitrary<unknown>]][])(
  'a deque of %s is its model after every operation',
  (_, [codec, value]) => {
    checkModel<Kind, DequeOperation<unknown>>(
      WEIGHTS,
      (kind) => fc.record({ kind, value }),
      () => new Run(codec),
    );
  },
);
