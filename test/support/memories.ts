/**
 * Memories for tests that watch or sabotage another one.
 *
 * Source: house style rule 12.
 */
import { StorageError } from '../../src/lib/errors.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';

/** Refuses every grow, or throws at every write, once a countdown has run out. */
export class CountdownMemory implements Memory {
  #growsLeft = Infinity;
  #writesLeft = Infinity;
  /** How many steps of the kind counted down were asked for. */
  steps = 0;

  constructor(readonly base: Memory) {}

  /** The next `count` grows succeed, all later ones are refused. */
  refuseGrowsAfter(count: number): void {
    this.#growsLeft = count;
    this.steps = 0;
  }

  /** The next `count` writes succeed, all later ones throw. */
  failWritesAfter(count: number): void {
    this.#writesLeft = count;
    this.steps = 0;
  }

  /** From now on everything succeeds. */
  relent(): void {
    this.#growsLeft = Infinity;
    this.#writesLeft = Infinity;
  }

  size(): number {
    return this.base.size();
  }

  grow(pages: number): number {
    if (pages > 0) this.steps += 1;
    if (pages > 0 && this.#growsLeft-- <= 0) return -1;
    return this.base.grow(pages);
  }

  read(offset: number, target: Uint8Array): void {
    this.base.read(offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    this.steps += 1;
    if (this.#writesLeft-- <= 0) throw new DiskFull();
    this.base.write(offset, source);
  }
}

/** Counts reads. None can pass it by, as it can with a memory that shows its bytes. */
export class CountingMemory extends CountdownMemory {
  reads = 0;

  constructor() {
    super(new VectorMemory());
  }

  override read(offset: number, target: Uint8Array): void {
    this.reads += 1;
    super.read(offset, target);
  }
}

/** What a write to a broken medium throws: nothing that the library knows. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

/**
 * The same bytes behind another object, as a program has them that was started anew: no lease of
 * the old program binds it. It does not say that it lies on the heap, so its bytes are copied.
 */
export function restarted(memory: Memory): Memory {
  return {
    size: () => memory.size(),
    grow: (pages) => memory.grow(pages),
    read: (offset, target) => memory.read(offset, target),
    write: (offset, source) => memory.write(offset, source),
  };
}

/** The whole content of a memory. */
export function imageOf(memory: Memory): Uint8Array {
  const image = new Uint8Array(memory.size() * 65_536);
  memory.read(0, image);
  return image;
}

/** The code of the `StorageError` that `action` throws. Fails where it throws anything else. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof StorageError) return error.code;
    throw error;
  }
  throw new Error('expected a StorageError, nothing was thrown');
}
