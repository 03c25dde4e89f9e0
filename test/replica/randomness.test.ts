/** Randomness that repeats itself. */
import { expect, test } from '@jest/globals';

import { nodeHost } from '../../src/replica/index.js';
import { hex } from '../../src/replica/hex.js';
import { Randomness } from '../../src/replica/randomness.js';

test('is the same for the same seed, and different at each step and for each seed', () => {
  const take = (seed: number): string[] => {
    const stream = new Randomness(nodeHost, Uint8Array.of(seed));
    return Array.from({ length: 3 }, () => hex(stream.next()));
  };
  expect(take(1)).toEqual(take(1));
  expect(new Set([...take(1), ...take(2)]).size).toBe(6);
  expect(take(1)[0]).toHaveLength(64);
});
