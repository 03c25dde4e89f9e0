import { describe, expect, test } from '@jest/globals';
import { ElementStarts } from '../../../src/lib/btree-map/element-starts.js';
import { writeU32 } from '../../../src/lib/bytes.js';
import { codeOf } from '../../support/memories.js';

/** Elements of these sizes, behind `base` and `first` bytes that belong to others. */
function packed(sizes: readonly number[], base: number, first: number) {
  const length = sizes.reduce((sum, size) => sum + 4 + size, base + first);
  const bytes = new Uint8Array(length);
  let offset = base + first;
  for (const size of sizes) {
    writeU32(bytes, offset, size);
    offset += 4 + size;
  }
  const starts = new ElementStarts();
  starts.restart(first);
  return { bytes, length, starts };
}

describe('where elements start', () => {
  test('is known in any order of asking, and counts from the base', () => {
    const { bytes, length, starts } = packed([3, 0, 5], 100, 7);
    expect(starts.at(2, bytes, 100, length)).toBe(7 + 7 + 4);
    expect(starts.at(0, bytes, 100, length)).toBe(7);
    expect(starts.at(3, bytes, 100, length)).toBe(length - 100);
    expect(starts.at(1, bytes, 100, length)).toBe(7 + 7);
  });

  test('is found out anew after an edit', () => {
    const { bytes, length, starts } = packed([3, 3], 0, 0);
    starts.at(2, bytes, 0, length);
    writeU32(bytes, 0, 1);
    writeU32(bytes, 5, 2);
    starts.restart(0);
    expect(starts.at(1, bytes, 0, length)).toBe(5);
  });

  test.each([
    ['one byte', 1],
    ['a whole length', 4],
    ['nearly everything', 7],
  ])('is refused where %s of the last element is missing', (_, missing) => {
    const { bytes, length, starts } = packed([3, 4], 10, 2);
    expect(starts.reaches(2, bytes, 10, length)).toBe(true);
    starts.restart(2);
    expect(starts.reaches(2, bytes, 10, length - missing)).toBe(false);
    expect(codeOf(() => starts.at(2, bytes, 10, length - missing))).toBe('CORRUPTED');
    expect(starts.at(1, bytes, 10, length - missing)).toBe(9);
  });
});
