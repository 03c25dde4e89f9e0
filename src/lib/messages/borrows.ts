/**
 * Who holds which slot: many readers or one writer. The counts live on the heap and nowhere else,
 * so an upgrade or a restart ends every borrow, and none can be stuck for ever.
 *
 * A guard that was lost without being released holds its slot on; {@link Borrows.revoke} ends that,
 * and then the guard is of no use any more.
 *
 * Source: `specs/limen.md` sections 4 and 9.2; limits and refusals are those of the original's
 * checked managers.
 */
import { alreadyBorrowed, borrowActive } from './refusals.js';
import type { MessageToken } from './message-token.js';

/** How many guards may look at a slot at the same time, as in the original. */
export const READERS_MAX = 65_534;

/** One guard's right to a slot. */
export interface Borrow {
  /** False once it was revoked. Of no meaning once it was given back. */
  readonly isHeld: boolean;
  /** PRECONDITION: it is held. O(1). */
  giveBack(): void;
}

/** What all the guards of a slot share. */
interface Holding {
  readers: number;
  isWriting: boolean;
  isRevoked: boolean;
}

export class Borrows {
  readonly #holdings = new Map<number, Holding>();

  /** How many slots some guard holds. O(1). */
  get size(): number {
    return this.#holdings.size;
  }

  /** Whether some guard holds the slot. O(1). */
  holds(index: number): boolean {
    return this.#holdings.has(index);
  }

  /** Throws `ALREADY_BORROWED` where a writer holds the slot, or as many readers as can. O(1). */
  forReading(index: number, token: MessageToken, doing: string): Borrow {
    const holding = this.#holdings.get(index) ?? this.#hold(index);
    if (holding.isWriting || holding.readers === READERS_MAX) {
      throw alreadyBorrowed(token, doing, holderOf(holding));
    }
    holding.readers += 1;
    return new SlotBorrow(this.#holdings, index, holding);
  }

  /** Throws `ALREADY_BORROWED` where anybody holds the slot. O(1). */
  forWriting(index: number, token: MessageToken, doing: string): Borrow {
    const other = this.#holdings.get(index);
    if (other !== undefined) throw alreadyBorrowed(token, doing, holderOf(other));
    const holding = this.#hold(index);
    holding.isWriting = true;
    return new SlotBorrow(this.#holdings, index, holding);
  }

  /** Throws `BORROW_ACTIVE` where anybody holds the slot. O(1). */
  assertNone(index: number, token: MessageToken, doing: string): void {
    const holding = this.#holdings.get(index);
    if (holding !== undefined) throw borrowActive(token, doing, holderOf(holding));
  }

  /** Ends all borrows of a slot. O(1). */
  revoke(index: number): void {
    const holding = this.#holdings.get(index);
    if (holding === undefined) return;
    holding.isRevoked = true;
    this.#holdings.delete(index);
  }

  /** The slots that some guard holds. */
  indices(): number[] {
    return [...this.#holdings.keys()];
  }

  #hold(index: number): Holding {
    const holding = { readers: 0, isWriting: false, isRevoked: false };
    this.#holdings.set(index, holding);
    return holding;
  }
}

/** A guard's right. A class: an object with a getter of its own takes a microsecond to make. */
class SlotBorrow implements Borrow {
  constructor(
    readonly holdings: Map<number, Holding>,
    readonly index: number,
    readonly holding: Holding,
  ) {}

  get isHeld(): boolean {
    return !this.holding.isRevoked;
  }

  giveBack(): void {
    const { holding } = this;
    if (holding.isRevoked) return;
    holding.readers -= holding.isWriting ? 0 : 1;
    if (holding.readers === 0) this.holdings.delete(this.index);
  }
}

function holderOf({ readers, isWriting }: Holding): string {
  return isWriting ? 'a writer' : `${readers} ${readers === 1 ? 'reader' : 'readers'}`;
}
