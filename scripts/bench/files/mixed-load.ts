/**
 * What an allocator costs under the mixed load of the specification: blocks of 1 to 1,024 bytes
 * are allocated, resized and freed, a third each, while about as many live as are told. A sync is
 * what an operation costs on a disk; they are counted in RAM, and are the same in every run.
 *
 * Source: `specs/bstack.md` section 4.5.
 */
import {
  BStack,
  HeapStorage,
  type BStackAllocator,
  type BStackBlock,
} from '../../../src/lib/index.js';
import { numberAt } from '../random.js';

export const LENGTH_MAX = 1_024;
const KINDS = ['alloc', 'dealloc', 'realloc'] as const;
const OPERATIONS_MAX = 10_000;
const OPERATIONS_PER_BLOCK = 20;

type Kind = (typeof KINDS)[number];

/** Figures of an operation of each kind, on the average. */
export type PerOperation = Record<Kind, number>;

export interface LoadFigures {
  readonly syncs: PerOperation;
  /** Of opening the allocator on what the load has left. */
  readonly syncsToOpen: number;
  /** Bytes of the file for each byte that is asked for and live. */
  readonly fileToLive: number;
}

/** Opens an allocator on a stack, or makes it on an empty one. */
export type OpenAllocator = (stack: BStack) => BStackAllocator;

/** Measures an allocator that `open` makes on an empty stack. */
export function measureLoad(open: OpenAllocator, liveCount: number, seed = 1): LoadFigures {
  const storage = new CountingStorage();
  const load = new MixedLoad(open(BStack.open(storage)), seed);
  for (let count = 0; count < liveCount; count++) load.alloc();
  const calls = { alloc: 0, dealloc: 0, realloc: 0 };
  const syncs = { alloc: 0, dealloc: 0, realloc: 0 };
  const operations = Math.min(OPERATIONS_MAX, OPERATIONS_PER_BLOCK * liveCount);
  for (let done = 0; done < operations; done++) {
    const kind = load.nextKind(liveCount);
    syncs[kind] += storage.syncsOf(() => load[kind]());
    calls[kind] += 1;
  }
  const fileToLive = storage.length() / load.liveBytes;
  const stack = load.allocator.intoStack();
  const syncsToOpen = storage.syncsOf(() => open(stack));
  const mean = (kind: Kind): number => syncs[kind] / calls[kind];
  return {
    syncs: { alloc: mean('alloc'), dealloc: mean('dealloc'), realloc: mean('realloc') },
    syncsToOpen,
    fileToLive,
  };
}

/** A file in RAM that counts its syncs. */
class CountingStorage extends HeapStorage {
  #syncs = 0;

  override sync(): void {
    super.sync();
    this.#syncs += 1;
  }

  /** How often `action` syncs. */
  syncsOf(action: () => void): number {
    const before = this.#syncs;
    action();
    return this.#syncs - before;
  }
}

class MixedLoad {
  readonly #live: BStackBlock[] = [];
  #drawn = 0;

  constructor(
    readonly allocator: BStackAllocator,
    readonly seed: number,
  ) {}

  get liveBytes(): number {
    return this.#live.reduce((bytes, { length }) => bytes + length, 0);
  }

  /** Any kind, but that the number of live blocks stays within a tenth of `liveCount`. */
  nextKind(liveCount: number): Kind {
    const kind = KINDS[this.#draw(KINDS.length)]!;
    if (kind === 'alloc' && this.#live.length > 1.1 * liveCount) return 'dealloc';
    if (kind === 'dealloc' && this.#live.length < 0.9 * liveCount) return 'alloc';
    return kind;
  }

  alloc(): void {
    this.#live.push(this.allocator.alloc(this.#someLength()));
  }

  dealloc(): void {
    this.allocator.dealloc(this.#takeAny());
  }

  realloc(): void {
    this.#live.push(this.allocator.realloc(this.#takeAny(), this.#someLength()));
  }

  #takeAny(): BStackBlock {
    const index = this.#draw(this.#live.length);
    const block = this.#live[index]!;
    this.#live[index] = this.#live.at(-1)!;
    this.#live.pop();
    return block;
  }

  #someLength(): number {
    return 1 + this.#draw(LENGTH_MAX);
  }

  /** A number from 0 to `count` - 1. */
  #draw(count: number): number {
    return Number(numberAt(this.seed, this.#drawn++) % BigInt(count));
  }
}
