/**
 * One entry of a journal: an input of a replica, the clock when it came, and a checksum of what it
 * led to. The body of its record is a value (see `value-format.ts`), an array of
 *
 *     INDEX  ELEMENT
 *         0  now, the time that the next round would have run at: bigint, nanoseconds since 1970
 *         1  round time, the time that canisters saw: bigint
 *         2  input: text, the name of a method of `Replica`
 *         3  arguments: array
 *         4  outcome: number, see `Outcome`
 *
 * Since each entry has both hands of the clock, time itself needs no entries: an hour in which
 * nothing happened takes no room.
 *
 * Source: own design.
 */
import { StateError } from './state-error.js';
import type { Kind } from './value-format.js';
import { readValue } from './value-reader.js';
import { writeValue } from './value-writer.js';

export interface JournalEntry {
  readonly now: bigint;
  readonly roundTime: bigint;
  readonly input: string;
  readonly values: readonly unknown[];
  readonly outcome: number;
}

export function writeEntry(entry: JournalEntry, kinds: readonly Kind[]): Uint8Array {
  const { now, roundTime, input, values, outcome } = entry;
  return writeValue([now, roundTime, input, values, outcome], kinds);
}

export function readEntry(body: Uint8Array, kinds: readonly Kind[]): JournalEntry {
  const elements = readValue(body, kinds);
  if (!isEntry(elements)) {
    throw new StateError('DAMAGED', 'the journal has a record that is no entry');
  }
  const [now, roundTime, input, values, outcome] = elements;
  return { now, roundTime, input, values, outcome };
}

type Elements = readonly [bigint, bigint, string, readonly unknown[], number];

function isEntry(elements: unknown): elements is Elements {
  if (!Array.isArray(elements) || elements.length !== 5) return false;
  const [now, roundTime, input, values, outcome] = elements as unknown[];
  return (
    typeof now === 'bigint' &&
    typeof roundTime === 'bigint' &&
    typeof input === 'string' &&
    Array.isArray(values) &&
    typeof outcome === 'number'
  );
}
