/**
 * The right to a memory. A structure keeps part of its header in RAM, so a second handle on the
 * same memory would not see the first one's changes and write over them. Rust's borrow checker
 * forbids that; here a structure takes a *lease* when it is opened, and a second one is refused.
 *
 *     opened ──► usable ──► ended     by `intoMemory`: the memory is free again
 *                   │
 *                   ├─────► failed    by a write that threw half-way: bytes and RAM disagree
 *                   └─────► revoked   by a memory whose bytes were put back: likewise
 *
 * A lease also counts changes, so that an iterator sees that its structure was changed under it.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.12 and 8.1 no. 16; house style rule 11.
 */
import { StorageError } from './errors.js';
import type { Memory } from './memory.js';

/** A memory that several objects stand for: all that have the same `identity` are the same. */
export interface AliasedMemory extends Memory {
  readonly identity: object;
}

/** A memory whose bytes may be put back to an earlier state, or that stands on such a one. */
export interface RevocableMemory extends Memory {
  /** The leases on it, and on memories that stand on it; `undefined` where none is revoked. */
  readonly leases: Set<Lease> | undefined;
}

/** The leases that have to be revoked when the bytes of `memory` are put back. O(1). */
export function leasesOn(memory: Memory): Set<Lease> | undefined {
  return 'leases' in memory ? (memory as RevocableMemory).leases : undefined;
}

/** Which structure holds a memory. Weak, so that a memory nobody uses any more takes no room. */
const holders = new WeakMap<object, string>();

/**
 * What an engine asks of whoever holds its bytes: whether it may use them, and whether they have
 * changed. A lease is one kind of tenure, for a structure with memories of its own.
 */
export interface Tenure {
  /**
   * Goes up with every change of the structure, and when the tenure ends. Who has changed the bytes
   * by other ways than {@link change} counts it up.
   */
  revision: number;

  /** What {@link assertUsable} asks, for those who go another way instead of throwing. */
  readonly isUsable: boolean;

  /** Throws unless the bytes may be used. O(1). */
  assertUsable(): void;

  /** Throws unless the structure is as it was at `revision`. O(1). */
  assertUnchanged(revision: number): void;

  /** Runs the writes of one change. PRECONDITION: all is checked and all room is reserved. */
  change<R>(write: () => R): R;
}

/** One structure's right to its memories, from opening to `intoMemory`. */
export class Lease implements Tenure {
  revision = 0;
  isUsable = true;
  #state: 'usable' | 'failed' | 'revoked' | 'ended' = 'usable';

  private constructor(
    readonly structure: string,
    readonly memories: readonly Memory[],
  ) {}

  /**
   * Opens a structure: `open` gets the lease. Where it throws, the memories are free again.
   * Throws `MEMORY_IN_USE` where one of them is held already.
   */
  static open<S>(structure: string, memories: readonly Memory[], open: (lease: Lease) => S): S {
    const identities = memories.map(identityOf);
    identities.forEach((identity, index) => {
      const holder = holders.get(identity);
      if (holder !== undefined) throw memoryInUse(structure, holder);
      if (identities.indexOf(identity) !== index) throw memoryInUse(structure, structure);
    });
    const lease = new Lease(structure, memories);
    for (const identity of identities) holders.set(identity, structure);
    for (const memory of memories) leasesOn(memory)?.add(lease);
    try {
      return open(lease);
    } catch (error) {
      lease.end();
      throw error;
    }
  }

  /**
   * Throws `HANDLE_CLOSED` after {@link end}, `PREVIOUS_FAILURE` after a failed write,
   * `ROLLED_BACK` after {@link revoke}. O(1).
   */
  assertUsable(): void {
    if (!this.isUsable) throw this.#refusal();
  }

  /**
   * Runs the writes of one change. Where they throw, the lease has failed: nobody knows how far
   * they got. PRECONDITION: everything is checked and all room is reserved.
   */
  change<R>(write: () => R): R {
    this.assertUsable();
    this.revision += 1;
    this.#state = 'failed';
    this.isUsable = false;
    const result = write();
    this.#state = 'usable';
    this.isUsable = true;
    return result;
  }

  /** Throws unless the structure is as it was at `revision`; iterators ask before each step. */
  assertUnchanged(revision: number): void {
    this.assertUsable();
    if (revision === this.revision) return;
    throw new StorageError(
      'CHANGED_WHILE_ITERATING',
      `the ${this.structure} was changed while an iterator walked it. ` +
        'Collect what you need first, then change it.',
      { structure: this.structure },
    );
  }

  /** The bytes were put back to an earlier state: what the structure has in RAM may be later. */
  revoke(): void {
    if (this.#state === 'ended') return;
    this.#state = 'revoked';
    this.revision += 1;
    this.isUsable = false;
  }

  /**
   * Gives the memories back, also after a failure: what is in them can then be restored. The handle
   * refuses everything from now on. Throws `HANDLE_CLOSED` where it has ended already.
   */
  end(): void {
    if (this.#state === 'ended') throw this.#refusal();
    this.#state = 'ended';
    this.revision += 1;
    this.isUsable = false;
    for (const memory of this.memories) {
      holders.delete(identityOf(memory));
      leasesOn(memory)?.delete(this);
    }
  }

  #refusal(): StorageError {
    const { structure } = this;
    if (this.#state === 'ended') {
      return new StorageError(
        'HANDLE_CLOSED',
        `this ${structure} has given its memory back. Open it again with init or load.`,
        { structure },
      );
    }
    if (this.#state === 'revoked') {
      return new StorageError(
        'ROLLED_BACK',
        `a transaction was undone, and this ${structure} may know in RAM what it had changed. ` +
          'Open it again on the memory that reopen() gives.',
        { structure },
      );
    }
    return new StorageError(
      'PREVIOUS_FAILURE',
      `an earlier write of this ${structure} failed half-way. ` +
        'Restore the memory from a snapshot and open it again.',
      { structure },
    );
  }
}

/** The structure that holds a memory, or `undefined`. O(1). */
export function holderOf(memory: Memory): string | undefined {
  return holders.get(identityOf(memory));
}

function identityOf(memory: Memory): object {
  return 'identity' in memory ? (memory as AliasedMemory).identity : memory;
}

function memoryInUse(structure: string, holder: string): StorageError {
  return new StorageError(
    'MEMORY_IN_USE',
    `a ${structure} was to be opened in a memory that an open ${holder} holds. Use that one, ` +
      'give each structure a memory id of its own, or close the first with intoMemory().',
    { structure, holder },
  );
}
