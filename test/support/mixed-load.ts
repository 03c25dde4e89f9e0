/**
 * What an allocator costs under the mixed load of the specification: blocks of 1 to 1,024 bytes
 * are allocated, resized and freed, a third each, while about as many live as are told. A sync is
 * what an operation costs on a disk.
 *
 * Source: `specs/bstack.md` section 4.5.
 */
import { BStack } from '../../src/lib/bstack.js';
import type { BStackAllocator } from '../../src/lib/bstack-allocators/allocator.js';
import type { BStackBlock } from '../../src/lib/bstack-allocators/block.js';
import { Chance } from './crash/chance.js';
import { RecordingDisk } from './crash/recording-disk.js';

const LENGTH_MAX = 1_024;
const KINDS = ['alloc', 'dealloc', 'realloc'] as const;

type Kind = (typeof KINDS)[number];

/** Syncs of an operation of each kind, on the average. */
export type SyncsPerOperation = Record<Kind, number>;

/** Measures an allocator that `open` makes on an empty stack. The same in every run. */
export function measureSyncs(
  open: (stack: BStack) => BStackAllocator,
  liveCount: number,
  operations: number,
): SyncsPerOperation {
  const disk = new RecordingDisk();
  const load = new MixedLoad(open(BStack.open(disk.open())));
  for (let count = 0; count < liveCount; count++) load.alloc();
  const calls = { alloc: 0, dealloc: 0, realloc: 0 };
  const syncs = { alloc: 0, dealloc: 0, realloc: 0 };
  for (let done = 0; done < operations; done++) {
    const kind = load.nextKind(liveCount);
    // What was recorded is not needed, and would fill the RAM.
    disk.events.length = 0;
    load[kind]();
    calls[kind] += 1;
    syncs[kind] += disk.syncs;
  }
  const mean = (kind: Kind): number => syncs[kind] / calls[kind];
  return { alloc: mean('alloc'), dealloc: mean('dealloc'), realloc: mean('realloc') };
}

class MixedLoad {
  readonly #chance = new Chance(1);
  readonly #live: BStackBlock[] = [];

  constructor(readonly allocator: BStackAllocator) {}

  /** Any kind, but that the number of live blocks stays within a tenth of `liveCount`. */
  nextKind(liveCount: number): Kind {
    const kind = this.#chance.pick(KINDS);
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
    const index = this.#chance.below(this.#live.length);
    const block = this.#live[index]!;
    this.#live[index] = this.#live.at(-1)!;
    this.#live.pop();
    return block;
  }

  #someLength(): number {
    return 1 + this.#chance.below(LENGTH_MAX);
  }
}
