/**
 * Watching a replica at work: who was called, how it ended, what it cost. A watcher hears of a
 * message when it starts and gives back who is to hear of its end, so that it can measure the time
 * in between with a clock that the core does not have.
 *
 * Source: own design.
 */
import type { Principal } from '@dfinity/principal';

import type { Response } from './rejection.js';

export interface MessageStart {
  readonly canisterId: Principal;
  readonly caller: Principal;
  /** What kind of work it is, in the words that error texts use: update, reply callback, … */
  readonly mode: string;
  /** The method of a call; nothing in callbacks. */
  readonly method: string;
  /** In nanoseconds since 1970. */
  readonly time: bigint;
}

export interface MessageEnd {
  /** `done` is the end of a message that did not answer its call, or not yet. */
  readonly result: 'replied' | 'rejected' | 'trapped' | 'done';
  /** Why it was rejected or trapped. */
  readonly text: string;
  readonly instructions: bigint;
}

/** How a message ended that did not trap. */
export function endWith(response: Response | undefined): MessageEnd {
  const instructions = 0n;
  if (response === undefined) return { result: 'done', text: '', instructions };
  if (response.kind === 'reply') return { result: 'replied', text: '', instructions };
  return { result: 'rejected', text: response.rejection.message, instructions };
}

export type Watcher = (start: MessageStart) => (end: MessageEnd) => void;

/** Many watchers as one. */
export function watchAll(watchers: Iterable<Watcher>): Watcher {
  return (start) => {
    const ends = Array.from(watchers, (watcher) => watcher(start));
    return (end) => ends.forEach((hear) => hear(end));
  };
}
