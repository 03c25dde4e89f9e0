/**
 * Model tests of structures in a heap: random operations on the structure and on a plain model of
 * it, in a heap that is unlimited and in one that is nearly full, with upgrades in between. What
 * finds no room must have changed nothing. In the end all that is allocated can be reached, and
 * once the structure is dropped nothing is allocated.
 *
 * Two handles of the structure take turns, so that each must see what the other one did.
 *
 * Source: `specs/ic-stable-memory.md` sections 4.6 and 6.2; house style rule 24.
 */
import { beforeAll, expect } from '@jest/globals';
import type * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { OutOfMemoryError } from '../../src/lib/allocator/out-of-memory.js';
import { bytes } from '../../src/lib/codecs/index.js';
import type { StableStructure } from '../../src/lib/ownership/stable-structure.js';
import { stableTypeOf, type StableType } from '../../src/lib/ownership/stable-type.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { expectSound } from './failing-heap.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from './kernel-host.js';
import { upgradedMemory } from './kernel-memory.js';
import { restarted } from './memories.js';
import { checkModel, type ModelRun, type Operation } from './model.js';
import { expectSame } from './vec-model.js';
import { HASH_KEY } from './hash-key.js';

/** A structure, its model, and what is done to both. */
export interface HeapModel<Kind extends string, O extends Operation<Kind | 'upgrade'>, P, H, M> {
  readonly type: StableType<P, H>;
  /** What the root begins with, where its type has no empty value. */
  readonly initial?: P;
  /** How often each operation comes. The harness itself does those of the kind `upgrade`. */
  readonly weights: Readonly<Record<Kind | 'upgrade', number>>;
  operationOf(kind: fc.Arbitrary<Kind | 'upgrade'>): fc.Arbitrary<O>;
  /** The model of a new structure. */
  start(): M;
  /** Does an operation on the structure, and answers with plain values. */
  act(root: H, operation: O, heap: StableMemoryAllocator): unknown;
  /** Does it on the model, and answers the same. Not called where the structure had no room. */
  expected(model: M, operation: O): unknown;
  /** Compares both as a whole. */
  compare(root: H, model: M): void;
}

/** Where a model test has its heap. */
export interface Room {
  /** How many bytes the heap has for the structure; `undefined` for as many as it likes. */
  readonly size: number | undefined;
  /** Opens a memory on bytes that are there, or are to be: at first, and at each upgrade. */
  readonly openMemory: (bytes: VectorMemory) => Memory;
  /** How many of the runs of a model are made; all unless told. */
  readonly share?: number;
}

/** So many bytes are full after a few dozen operations. */
const STARVED = 3_000;

/** The kernel's arrays are copied to and fro in Node, which is slow. */
const IN_CANISTER = { openMemory: upgradedMemory, share: 1 / 4 };

/**
 * The settings of every model test: unlimited, and starved; in Node, and in a canister, where the
 * kernel does what it can.
 */
export const ROOMS: readonly (readonly [title: string, room: Room])[] = [
  ['an unlimited heap', { size: undefined, openMemory: restarted }],
  ['a starved heap', { size: STARVED, openMemory: restarted }],
  ['an unlimited heap of a canister', { size: undefined, ...IN_CANISTER }],
  ['a starved heap of a canister', { size: STARVED, ...IN_CANISTER }],
];

/** The same room, with another size if it is starved. */
export function starvedTo(size: number, room: Room): Room {
  return room.size === undefined ? room : { ...room, size };
}

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

/** Checks a structure against its model in a heap with so much room. */
export function checkHeapModel<
  Kind extends string,
  O extends Operation<Kind | 'upgrade'>,
  P,
  H extends StableStructure,
  M,
>(model: HeapModel<Kind, O, P, H, M>, room: Room): void {
  checkModel<Kind | 'upgrade', O>(
    model.weights,
    (kind) => model.operationOf(kind),
    () => new Run(model, room),
    room.share,
  );
}

/** Walking the whole heap takes its time: so it is not done in every comparison. */
const SOUND_EVERY = 5;

const ROOT = 'root';
const BALLAST = 'ballast';
const BALLAST_TYPE = stableTypeOf(bytes);
/** What one page has for blocks, less what two roots and a value's own fields take. */
const ONE_PAGE = 65_000;

class Run<
  Kind extends string,
  O extends Operation<Kind | 'upgrade'>,
  P,
  H extends StableStructure,
  M,
> implements ModelRun<O> {
  readonly #bytes = new VectorMemory();
  readonly #model: M;
  #heap: StableMemoryAllocator;
  #handles: [H, H];
  /** How often there was no room; after some of those times everything is compared at once. */
  #refusals = 0;
  #compared = 0;

  constructor(
    readonly model: HeapModel<Kind, O, P, H, M>,
    readonly room: Room,
  ) {
    const { size } = room;
    const isStarved = size !== undefined;
    this.#heap = StableMemoryAllocator.create(room.openMemory(this.#bytes), {
      maxPages: isStarved ? 1 : 0,
      hashKey: HASH_KEY,
    });
    if (isStarved) this.#heap.root(BALLAST, BALLAST_TYPE, new Uint8Array(ONE_PAGE - size));
    this.#heap.root(ROOT, model.type, model.initial);
    this.#handles = this.#openRoots();
    this.#model = model.start();
  }

  apply(operation: O): void {
    if (operation.kind === 'upgrade') return this.#upgrade();
    this.#handles.reverse();
    const answer = this.#act(operation);
    if (answer !== undefined) expectSame(answer.value, this.model.expected(this.#model, operation));
    else if (this.#refusals++ % 16 === 0) this.compare();
  }

  /**
   * The handle that was not used last is the one that may be mistaken, in what it reads and in what
   * it changes. What is looked at through it is up to date afterwards; so every other comparison
   * takes a third handle, and leaves the mistake for the next operation to make.
   */
  compare(): void {
    const isThird = this.#compared++ % 2 === 0;
    const handle = isThird ? this.#heap.openRoot(ROOT, this.model.type)! : this.#handles[1];
    this.model.compare(handle, this.#model);
    if (this.#compared % SOUND_EVERY === 0) expectSound(this.#heap, handle);
  }

  finish(): void {
    this.#heap.assertNoLeaks();
    expectSound(this.#heap, this.#handles[0]);
    expect(this.#heap.removeRoot(ROOT, this.model.type)).toBe(true);
    this.#heap.removeRoot(BALLAST, BALLAST_TYPE);
    expect(this.#heap.checkInvariants()).toBeUndefined();
    expect(this.#heap.allocatedSize).toBe(0);
  }

  /** What the structure answers; `undefined` where it found no room, and may have found none. */
  #act(operation: O): { readonly value: unknown } | undefined {
    try {
      return { value: this.model.act(this.#handles[0], operation, this.#heap) };
    } catch (error) {
      if (this.room.size !== undefined && error instanceof OutOfMemoryError) return undefined;
      throw error;
    }
  }

  /** Everything is opened again on the same bytes, as a canister does with its new code. */
  #upgrade(): void {
    this.#heap = StableMemoryAllocator.load(this.room.openMemory(this.#bytes));
    this.#handles = this.#openRoots();
  }

  #openRoots(): [H, H] {
    const heap = this.#heap;
    heap.openRoot(BALLAST, BALLAST_TYPE);
    return [heap.openRoot(ROOT, this.model.type)!, heap.openRoot(ROOT, this.model.type)!];
  }
}
