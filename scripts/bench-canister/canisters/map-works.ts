/**
 * The works that are measured of a map, inside the canister: by the performance counter, around a
 * loop of operations on keys and values that were made beforehand. What the loop costs by itself is
 * measured too, and subtracted. Every answer is checked, since a map that loses entries is fast.
 *
 * A map of n entries has those of the numbers from 0 to n - 1. A work touches a sample of them.
 */
import { assertAlike, assertDistinct, assertSame } from './checks.js';
import { kindOf, type Kind } from './kinds.js';
import { measured } from './measuring.js';
import type { OrderedMap, OrderedMaps, Place } from './ordered-map.js';
import { SCAN_LENGTH, type MapRequest, type MapWork } from './works.js';

/** The entries that a work touches: their numbers are spread over the whole map. */
class Sample {
  readonly keys: readonly unknown[];
  readonly #indices: readonly number[];
  readonly #kind: Kind<unknown, unknown>;

  constructor(readonly request: MapRequest) {
    const stride = Math.max(1, Math.floor(request.entries / request.operations));
    this.#kind = kindOf(request.kind);
    this.#indices = Array.from({ length: request.operations }, (_, place) => place * stride);
    this.keys = this.#indices.map((index) => this.#kind.key(index));
  }

  /** Keys that no map has. */
  absentKeys(): unknown[] {
    return this.#indices.map((index) => this.#kind.key(this.request.entries + index));
  }

  values(): unknown[] {
    return this.#indices.map((index) => this.#kind.value(index));
  }

  /** Other values for the same keys. */
  newValues(): unknown[] {
    return this.#indices.map((index) => this.#kind.value(index + 1));
  }

  /** One answer for every key. */
  each(answer: unknown): unknown[] {
    return this.keys.map(() => answer);
  }
}

/** Does a work, checks what it answers, and returns what it cost. */
type Work = (subject: OrderedMap<unknown, unknown>, sample: Sample) => bigint;

const WORKS: Readonly<Record<MapWork, Work>> = {
  get({ map }, sample) {
    const { answers, instructions } = measured(sample.keys, (key) => map.get(key));
    assertAlike('get', answers, sample.values());
    return instructions;
  },

  'get absent'({ map }, sample) {
    const { answers, instructions } = measured(sample.absentKeys(), (key) => map.get(key));
    assertAlike('get absent', answers, sample.each(undefined));
    return instructions;
  },

  'scan 100'(subject, sample) {
    const middle = placeAt(subject, Math.floor(sample.request.entries / 2));
    const { answers, instructions } = measured(sample.keys, () =>
      subject.scan(middle, SCAN_LENGTH),
    );
    assertPlausibleScan(subject, answers[0]!);
    return instructions;
  },

  /** An operation is an entry that is visited. */
  iterate(subject, { request }) {
    const { answers, instructions } = measured([undefined], () =>
      subject.visit(request.operations),
    );
    assertSame('entries visited', answers[0], request.operations);
    return instructions;
  },

  overwrite({ map }, sample) {
    const values = sample.newValues();
    const { answers, instructions } = measured(sample.keys, (key, index) =>
      map.insert(key, values[index]),
    );
    assertAlike('overwrite', answers, sample.values());
    return instructions;
  },

  remove(subject, sample) {
    const { answers, instructions } = measured(sample.keys, (key) => subject.map.remove(key));
    assertAlike('remove', answers, sample.newValues());
    assertLength(subject, sample.request.entries - answers.length);
    return instructions;
  },

  /** Of the keys that were removed, so that the map has its whole length at the end. */
  insert(subject, sample) {
    const values = sample.values();
    const { answers, instructions } = measured(sample.keys, (key, index) =>
      subject.map.insert(key, values[index]),
    );
    assertAlike('insert', answers, sample.each(undefined));
    assertLength(subject, sample.request.entries);
    return instructions;
  },

  'pop first'(subject, sample) {
    const expected = subject.scan(placeAt(subject, 0), sample.keys.length);
    const { answers, instructions } = measured(sample.keys, () => subject.popFirst());
    assertAlike(
      'pop first',
      answers,
      expected.map(([, value]) => value),
    );
    assertLength(subject, sample.request.entries - answers.length);
    return instructions;
  },
};

/** Does what is asked for, and returns the instructions of all operations together. */
export function carryOut(maps: OrderedMaps, request: MapRequest): bigint {
  return WORKS[request.work](maps[request.kind], new Sample(request));
}

function placeAt(subject: OrderedMap<unknown, unknown>, position: number): Place<unknown> {
  return { key: subject.keyAt(position), position };
}

/** The right number of entries, in which the map has what it says when it is asked for the keys. */
function assertPlausibleScan(
  { map }: OrderedMap<unknown, unknown>,
  entries: readonly [unknown, unknown][],
): void {
  assertSame('length of the scan', entries.length, SCAN_LENGTH);
  const keys = entries.map(([key]) => key);
  assertDistinct('keys of the scan', keys);
  assertAlike(
    'values of the scan',
    entries.map(([, value]) => value),
    keys.map((key) => map.get(key)),
  );
}

function assertLength(subject: OrderedMap<unknown, unknown>, expected: number): void {
  assertSame('length', subject.length(), expected);
}
