import { describe, expect, test } from '@jest/globals';
import { assertIndex, walkIndices, type IndexRange } from '../../src/lib/index-range.js';
import { Lease } from '../../src/lib/lease.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf } from '../support/memories.js';
import { WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

const lease = () => Lease.open('Vec', [new VectorMemory()], (each) => each);
const walk = (range: IndexRange, length = 5) => [
  ...walkIndices(lease(), range, length, (index) => index),
];

describe('a walk over indices', () => {
  test.each([
    [{}, [0, 1, 2, 3, 4]],
    [{ from: 2 }, [2, 3, 4]],
    [{ to: 2 }, [0, 1]],
    [{ from: 1, to: 3 }, [1, 2]],
    [{ from: 1, to: 99 }, [1, 2, 3, 4]],
    [{ from: 3, to: 3 }, []],
    [{ from: 4, to: 2 }, []],
    [{ from: 9 }, []],
    [{ reverse: true }, [4, 3, 2, 1, 0]],
    [{ from: 1, to: 4, reverse: true }, [3, 2, 1]],
  ])('of %j visits %j', (range, indices) => {
    expect(walk(range)).toEqual(indices);
  });

  test.each([...WRONG_NUMBERS.slice(1), ...WRONG_SIZES].filter(([, value]) => value !== Infinity))(
    'refuses %s as an end, before the first step',
    (_, value) => {
      expect(() => walkIndices(lease(), { from: value as number }, 5, Number)).toThrow();
      expect(() => walkIndices(lease(), { to: value as number }, 5, Number)).toThrow();
    },
  );

  test('throws once its structure has changed', () => {
    const changing = lease();
    const steps = walkIndices(changing, {}, 5, Number);
    steps.next();
    changing.change(() => undefined);
    expect(codeOf(() => steps.next())).toBe('CHANGED_WHILE_ITERATING');
  });
});

test('an index lies below its end', () => {
  expect(assertIndex(4, 5)).toBe(4);
  expect(() => assertIndex(5, 5)).toThrow(RangeError);
  expect(() => assertIndex(-1, 5)).toThrow(RangeError);
  expect(() => assertIndex('1' as unknown as number, 5)).toThrow(TypeError);
});
