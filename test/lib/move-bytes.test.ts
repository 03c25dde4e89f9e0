import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { moveBytes } from '../../src/lib/move-bytes.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { imageOf } from '../support/memories.js';
import { checkProperty } from '../support/property.js';

const SIZE = 5 * 65_536;
const content = Uint8Array.from({ length: SIZE }, (_, index) => (index * 7919) >>> 5);

test('bytes are moved as copyWithin moves them, also where the ranges overlap', () => {
  const place = fc.integer({ min: 0, max: 2 * 65_536 });
  const size = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 3 * 65_536 }));
  checkProperty(
    fc.property(place, place, size, (source, target, count) => {
      const memory = VectorMemory.from(content);
      moveBytes(memory, source, target, count);
      const expected = content.slice().copyWithin(target, source, source + count);
      expect(Buffer.compare(imageOf(memory), expected)).toBe(0);
    }),
    { numRuns: 40 },
  );
});
