/**
 * The letters of an outbox and their schedule, kept in step: two structures in two memories, and
 * every change touches both. What may be refused for lack of room is asked first, and taken back
 * where the next step is refused; what comes last can only fail as a write does.
 *
 *     CHANGE   ASKED FIRST                 ASKED NEXT, ELSE THE FIRST IS UNDONE   WRITTEN LAST
 *     add      the letter is stored        it is scheduled
 *     move     it is scheduled anew        its old entry goes                     the letter
 *     remove   its entry goes                                                     its slot is freed
 *
 * After a failed write the book refuses further use, until it is repaired: the letters are the
 * truth then, and the schedule is made anew from them.
 *
 * INVARIANT: each letter is scheduled once, at the moment that it names itself; nothing else is.
 *
 * Source: issue 8; house style rule 11.
 */
import { corrupted, firstViolation, hasCode, StorageError } from '../../errors.js';
import type { Memory } from '../../memory.js';
import type { HeaderFields, MessageHeader } from '../message-header.js';
import type { SlotUsage } from '../message-manager.js';
import type { MessageToken } from '../message-token.js';
import { Message } from '../message.js';
import { StableMessageManager } from '../stable-message-manager.js';
import { Schedule, type Entry } from './schedule.js';
import { storedLetter, type StoredLetter } from './stored-letter.js';

/** Where an outbox lives. */
export interface OutboxMemories {
  /** The letters. */
  readonly messages: Memory;
  /** When they are due. */
  readonly schedule: Memory;
}

/** A letter with its header. */
export interface BookedLetter {
  readonly token: MessageToken;
  readonly header: MessageHeader;
  readonly letter: StoredLetter;
}

export class LetterBook {
  readonly #messages: StableMessageManager<StoredLetter>;
  #schedule: Schedule;
  #hasFailed = false;

  /** Opens or creates both. Throws as their `init` does. */
  constructor({ messages, schedule }: OutboxMemories, contentSizeMax: number, capacity: number) {
    const codec = storedLetter(contentSizeMax);
    this.#messages = StableMessageManager.init(messages, { codec, capacity });
    try {
      this.#schedule = new Schedule(schedule);
    } catch (error) {
      this.#messages.intoMemory();
      throw error;
    }
  }

  get usage(): SlotUsage {
    return this.#messages.usage();
  }

  /** What is due when. Changed by nobody else. */
  get schedule(): Omit<Schedule, 'add' | 'addAll' | 'remove' | 'clear'> {
    return this.#schedule;
  }

  /** Whether there is a letter of this token. Throws `BAD_TOKEN` where there never was. O(1). */
  isThere(token: MessageToken): boolean {
    try {
      this.#messages.peekHeader(token).release();
      return true;
    } catch (error) {
      if (hasCode(error, 'STALE_TOKEN', 'NOT_ALLOCATED')) return false;
      throw error;
    }
  }

  /** Throws as `StableMessageManager.read` does. O(size of the letter). */
  read(token: MessageToken): BookedLetter {
    return this.#messages.withRead(token, ({ header, payload: letter }) => {
      return { token, header, letter };
    });
  }

  /** Throws `NO_FREE_SLOTS`, `GROW_FAILED`, and then nothing was added. O(log n). */
  add(letter: StoredLetter, fields: HeaderFields): MessageToken {
    const message = Message.of(letter, fields);
    const token = this.#ask(() => this.#messages.store(message));
    this.#askOrUndo(
      () => this.#schedule.add([letter.dueAt, token]),
      () => this.#messages.free(token),
    );
    return token;
  }

  /** Changes a letter, and its header. Throws `GROW_FAILED`, and then nothing did. O(log n). */
  move(booked: BookedLetter, changes: Partial<StoredLetter>, fields?: HeaderFields): StoredLetter {
    const { token, letter } = booked;
    const moved = { ...letter, ...changes };
    if (moved.dueAt !== letter.dueAt) {
      this.#reschedule([letter.dueAt, token], [moved.dueAt, token]);
    }
    this.#write(() =>
      this.#messages.withWrite(token, (guard) => {
        if (fields !== undefined) guard.setHeader(fields);
        guard.payload = moved;
      }),
    );
    return moved;
  }

  /** Throws as {@link read} does, and `GROW_FAILED`: then it is there still. O(log n). */
  remove(token: MessageToken): void {
    const { letter } = this.read(token);
    this.#ask(() => this.#schedule.remove([letter.dueAt, token]));
    this.#write(() => this.#messages.free(token));
  }

  /** Throws `PREVIOUS_FAILURE` after a write that failed. O(1). */
  assertUsable(): void {
    if (!this.#hasFailed) return;
    throw new StorageError(
      'PREVIOUS_FAILURE',
      'an earlier write of this Outbox failed half-way. Restore its memories from a snapshot, or ' +
        'open them with Outbox.repair.',
      { structure: 'Outbox' },
    );
  }

  /** Throws `CORRUPTED` where there are more entries than letters, or fewer. O(1). */
  assertComplete(): void {
    const { live } = this.#messages.usage();
    const { length } = this.#schedule;
    if (live === length) return;
    throw corrupted('schedule of an outbox', `${live} entries, as there are letters`, length);
  }

  /** Mends the letters, and makes the schedule anew from them. O(n log n). */
  repair(): void {
    this.#write(() => {
      this.#messages.repair();
      this.#schedule.clear();
      this.#schedule.addAll(this.#entries());
    });
  }

  /** Closes both. O(1). */
  intoMemories(): OutboxMemories {
    return { messages: this.#messages.intoMemory(), schedule: this.#schedule.intoMemory() };
  }

  /** The first rule that does not hold, in words, or `undefined`. O(n log n). */
  checkInvariants(): string | undefined {
    return firstViolation(() => {
      const violation = this.#messages.checkInvariants() ?? this.#schedule.checkInvariants();
      if (violation !== undefined) return violation;
      this.assertComplete();
      for (const entry of this.#entries()) {
        if (!this.#schedule.has(entry)) return `letter ${entry[1]} is not scheduled at ${entry[0]}`;
      }
      return undefined;
    });
  }

  *#entries(): Generator<Entry> {
    for (const token of this.#messages.tokens()) yield [this.read(token).letter.dueAt, token];
  }

  /** Taking an entry out may need room as well: the last node of a tree may reach beyond a page. */
  #reschedule(from: Entry, to: Entry): void {
    this.#ask(() => this.#schedule.add(to));
    this.#askOrUndo(
      () => this.#schedule.remove(from),
      () => this.#schedule.remove(to),
    );
  }

  #askOrUndo(change: () => void, undo: () => void): void {
    try {
      this.#ask(change);
    } catch (error) {
      this.#write(undo);
      throw error;
    }
  }

  /** What may be refused: then nothing has changed. Any other error is that of a write. */
  #ask<T>(change: () => T): T {
    try {
      return change();
    } catch (error) {
      if (!(error instanceof StorageError)) this.#hasFailed = true;
      throw error;
    }
  }

  /** What must not fail; where it does, nobody knows how far it came: a canister has to trap. */
  #write(write: () => void): void {
    const hadFailed = this.#hasFailed;
    this.#hasFailed = true;
    try {
      write();
    } catch (cause) {
      throw new Error('a write of this Outbox failed half-way. In a canister, let it trap.', {
        cause,
      });
    }
    this.#hasFailed = hadFailed;
  }
}
