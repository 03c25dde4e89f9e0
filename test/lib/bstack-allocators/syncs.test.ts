/**
 * What the allocators cost on a disk, by the load of the benchmark: no kind of operation has more
 * syncs than the original's, and none more than one commit and what a change of the length takes.
 *
 * Source: `specs/bstack.md` section 4.5.
 */
import { expect, test } from '@jest/globals';
import { measureLoad } from '../../../scripts/bench/files/mixed-load.js';
import { ALLOCATORS, ORIGINAL } from '../../../scripts/bench/files/print-allocators.js';

const LIVE_COUNT = 64;
const KINDS = ['alloc', 'dealloc', 'realloc'] as const;

test.each(Object.entries(ALLOCATORS))('%s needs few syncs', (name, open) => {
  const { syncs, syncsToOpen } = measureLoad(open, LIVE_COUNT);
  for (const kind of KINDS) {
    expect(syncs[kind]).toBeLessThan(6);
    expect(syncs[kind]).toBeLessThan(ORIGINAL[name]?.[256]?.[kind] ?? 6);
  }
  expect(syncsToOpen).toBeLessThanOrEqual(4);
});
