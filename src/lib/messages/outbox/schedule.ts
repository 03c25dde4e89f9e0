/**
 * Which letter of an outbox is due when: an ordered set of pairs `(moment, token)`. Dead letters
 * stand at its end, at the moment that never comes, in the order of their tokens.
 *
 * It says nothing that the letters do not say themselves, so it can be made anew from them.
 *
 * Source: issue 8.
 */
import { BTreeSet } from '../../btree-set.js';
import { tuple } from '../../codecs/tuple.js';
import { u64 } from '../../codecs/unsigned.js';
import type { Memory } from '../../memory.js';
import type { MessageToken } from '../message-token.js';
import { NEVER } from './moment.js';

/** A letter's place in the schedule. */
export type Entry = readonly [dueAt: bigint, token: MessageToken];

const entry = tuple(u64, u64);

export class Schedule {
  readonly #entries: BTreeSet<readonly [bigint, bigint]>;

  /** Throws as `BTreeSet.init` does. */
  constructor(memory: Memory) {
    this.#entries = BTreeSet.init(memory, entry);
  }

  /** How many letters there are, dead ones included. O(1). */
  get length(): number {
    return this.#entries.length;
  }

  /** How many letters are dead. O(log n + dead letters), of which none is read. */
  get deadCount(): number {
    return this.#entries.count({ gte: [NEVER, 0n] });
  }

  /** The letter that is due first, though perhaps not yet; a dead one never is. O(log n). */
  first(): Entry | undefined {
    const first = this.#entries.first();
    return first === undefined || first[0] === NEVER ? undefined : (first as unknown as Entry);
  }

  /** O(log n). */
  has([dueAt, token]: Entry): boolean {
    return this.#entries.has([dueAt, token]);
  }

  /** Throws `GROW_FAILED`, and has then changed nothing. O(log n). */
  add([dueAt, token]: Entry): void {
    this.#entries.insert([dueAt, token]);
  }

  /** All at once: O(n log n). */
  addAll(entries: Iterable<Entry>): void {
    this.#entries.insertMany(Array.from(entries, ([dueAt, token]) => [dueAt, token]));
  }

  /** O(log n). */
  remove([dueAt, token]: Entry): void {
    this.#entries.remove([dueAt, token]);
  }

  /** The tokens of dead letters behind `after`, ascending. Each step is amortised O(1). */
  *dead(after: bigint): Generator<MessageToken> {
    for (const [, token] of this.#entries.keys({ gt: [NEVER, after] })) {
      yield token as MessageToken;
    }
  }

  /** Forgets everything, and needs no more of the memory than its header for that. O(1). */
  clear(): void {
    this.#entries.clear();
  }

  intoMemory(): Memory {
    return this.#entries.intoMemory();
  }

  /** As `BTreeSet.checkInvariants`. */
  checkInvariants(): string | undefined {
    return this.#entries.checkInvariants();
  }
}
