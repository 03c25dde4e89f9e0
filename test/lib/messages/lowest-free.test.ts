/**
 * The lowest free slot against a sorted list of them.
 *
 * Source: house style rule 24.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LowestFree } from '../../../src/lib/messages/lowest-free.js';
import { checkProperty } from '../../support/property.js';

const CAPACITIES = [0, 1, 2, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 32_768, 32_769];

describe.each(CAPACITIES)('of %d slots', (capacity) => {
  const all = Array.from({ length: capacity }, (_, index) => index);

  test('all are free at first, and taken from the lowest on', () => {
    const free = new LowestFree(capacity);
    expect(all.map(() => free.take())).toEqual(all);
    expect([free.take(), free.take()]).toEqual([-1, -1]);
  });

  test('those that were given back are taken again, the lowest first', () => {
    const free = new LowestFree(capacity);
    expect(all.map(() => free.take())).toEqual(all);
    const given = all.filter((index) => index % 7 === 3 || index === capacity - 1);
    for (const index of given.toReversed()) free.give(index);
    expect(given.map(() => free.take())).toEqual(given);
    expect(free.take()).toBe(-1);
    for (const index of all) free.give(index);
    expect(all.map(() => free.take())).toEqual(all);
    expect(free.take()).toBe(-1);
  });
});

test('the lowest free slot is that of a sorted list', () => {
  const capacity = fc.constantFrom(...CAPACITIES.filter((each) => each <= 1025));
  const steps = fc.array(
    fc.record({ gives: fc.boolean(), count: fc.nat({ max: 70 }), which: fc.nat() }),
    { maxLength: 40 },
  );
  checkProperty(
    fc.property(capacity, steps, (slots, program) => {
      const free = new LowestFree(slots);
      const sorted = Array.from({ length: slots }, (_, index) => index);
      const taken: number[] = [];
      const [found, expected]: [number[], number[]] = [[], []];
      for (const { gives, count, which } of program) {
        for (let round = 0; round < count; round++) {
          if (!gives) {
            found.push(free.take());
            const lowest = sorted.shift();
            expected.push(lowest ?? -1);
            if (lowest !== undefined) taken.push(lowest);
          } else if (taken.length > 0) {
            const [index] = taken.splice((which + round * 13) % taken.length, 1);
            free.give(index!);
            const place = sorted.findIndex((each) => each > index!);
            sorted.splice(place < 0 ? sorted.length : place, 0, index!);
          }
        }
      }
      expect(found).toEqual(expected);
    }),
  );
});
