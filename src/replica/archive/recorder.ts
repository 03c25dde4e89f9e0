/**
 * Records what a replica is told, and tells it to another one. The core is deterministic: with the
 * same seed and the same inputs at the same times, two replicas are the same. So a list of inputs
 * is as good as the state that they led to.
 *
 * An input is written down when it has been carried out, and before anybody can hear of its result.
 * A round that changed nothing but the clock is not written down at all.
 *
 * Source: house style rule 25.
 */
import { crc32 } from '../../lib/principal-text.js';
import type { Replica } from '../replica.js';
import type { StateValues } from '../state.js';
import type { MessageEnd } from '../watch.js';
import { StateError } from './state-error.js';
import type { JournalEntry } from './journal-entry.js';
import type { Kind } from './value-format.js';
import { writeValue } from './value-writer.js';

/** The methods of a replica that change it. */
export const INPUTS = [
  'submit',
  'executeRound',
  'countQueries',
  'setTime',
  'setCertifiedTime',
  'addCycles',
  'setStableMemory',
  'answerOutcall',
] as const satisfies readonly (keyof Replica)[];

type Method = (...values: readonly unknown[]) => unknown;

/** From now on hears of every input of the replica, in the order in which they took effect. */
export function record(
  replica: Replica,
  kinds: readonly Kind[],
  hear: (entry: JournalEntry) => void,
): void {
  const ends: MessageEnd[] = [];
  replica.watch(() => (end) => ends.push(end));
  let isWithinInput = false;
  for (const input of INPUTS) {
    const run = (replica[input] as Method).bind(replica);
    const recorded: Method = (...values) => {
      // What an input does to get its work done is part of it, and no input of its own.
      if (isWithinInput) return run(...values);
      if (input === 'executeRound') countQueries(replica);
      const { now, roundTime } = replica.clock;
      const before = mayBeIdle(replica, input) ? touchstones(replica.values(), kinds) : undefined;
      let result: unknown;
      ends.length = 0;
      isWithinInput = true;
      try {
        return (result = run(...values));
      } finally {
        isWithinInput = false;
        const hasWorked = before === undefined || ends.length > 0;
        if (hasWorked || !isSame(before, touchstones(replica.values(), kinds))) {
          const outcome = outcomeOf(result, ends, kinds);
          hear({ now, roundTime, input, values, outcome });
        }
      }
    };
    Object.defineProperty(replica, input, { value: recorded });
  }
}

/** As an input of its own: a round would count them too, but say nothing of it. */
function countQueries(replica: Replica): void {
  const counts = replica.takeUncountedQueries();
  if (counts.length > 0) replica.countQueries(counts);
}

/** Carries out entries again, on a replica that nobody records. */
export function replay(
  replica: Replica,
  entries: Iterable<JournalEntry>,
  kinds: readonly Kind[],
): void {
  const ends: MessageEnd[] = [];
  const letGo = replica.watch(() => (end) => ends.push(end));
  for (const { now, roundTime, input, values, outcome } of entries) {
    ends.length = 0;
    replica.clock.restore(now, roundTime);
    const result = carryOut(replica, input, values);
    if (outcomeOf(result, ends, kinds) !== outcome) throw diverged(input);
  }
  letGo();
}

function carryOut(replica: Replica, name: string, values: readonly unknown[]): unknown {
  const input = INPUTS.find((one) => one === name);
  if (input === undefined) {
    throw new StateError('UNSUPPORTED_VERSION', `the journal has an unknown input '${name}'`);
  }
  try {
    return (replica[input] as Method).apply(replica, [...values]);
  } catch {
    // It failed the first time too, and was written down all the same: it may have changed things.
    return undefined;
  }
}

/**
 * A checksum of what an input led to: its result, and how each message ended that it made run. It
 * tells a program that works by other rules from the one that wrote the journal.
 */
function outcomeOf(result: unknown, ends: readonly MessageEnd[], kinds: readonly Kind[]): number {
  return crc32(writeValue([result, ends], kinds));
}

function diverged(input: string): StateError {
  return new StateError(
    'DIVERGED',
    `the journal's input '${input}' does not end as it did when it was written down. Another ` +
      'version of this program wrote it, or another version of Node: start that one once and end ' +
      'it with Ctrl-C, which leaves a journal without entries',
  );
}

/** Comparing the state before and after takes time: only a round without messages is worth it. */
function mayBeIdle(replica: Replica, input: string): boolean {
  return input === 'executeRound' && (replica.values()['queue'] as unknown[]).length === 0;
}

/**
 * The values of a state that are replaced, never changed in place: a round that leaves all of them
 * as they were has done nothing. The clock is not among them.
 */
function touchstones(values: StateValues, kinds: readonly Kind[]): unknown[] {
  return Object.entries(values)
    .filter(([name]) => name !== 'clock')
    .flatMap(([, value]) => touchstonesIn(value, kinds));
}

/** What stands in a list or a map is a value; fields and kinds may have lists and maps in them. */
function touchstonesIn(value: unknown, kinds: readonly Kind[]): readonly unknown[] {
  if (Array.isArray(value)) return [value.length, ...(value as unknown[])];
  if (value instanceof Map) return [value.size, ...(value.values() as Iterable<unknown>)];
  if (typeof value !== 'object' || value === null) return [value];
  const kind = kinds.find((one) => one.owns(value));
  const parts: readonly unknown[] = kind ? [kind.parts(value)] : Object.values(value);
  return parts.flatMap((part) => touchstonesIn(part, kinds));
}

function isSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((value, index) => value === after[index]);
}
