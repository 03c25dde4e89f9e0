/** What FirstFit costs on a disk, beside the original: no kind of operation costs more. */
import { expect, test } from '@jest/globals';
import { FirstFitBStackAllocator } from '../../../src/lib/bstack-allocators/first-fit.js';
import { IS_SLOW } from '../../support/crash/check-crashes.js';
import { measureSyncs } from '../../support/mixed-load.js';

/** Syncs of the original (860aa14) under this load, by the number of live blocks. */
const ORIGINAL = [
  { live: 256, alloc: 4.9, dealloc: 9.8, realloc: 5.0 },
  { live: 2_048, alloc: 4.5, dealloc: 9.0, realloc: 5.1 },
];

test.each(ORIGINAL)('syncs with about $live live blocks', ({ live, ...original }) => {
  const scale = IS_SLOW ? 1 : 1 / 8;
  const measured = measureSyncs(
    (stack) => FirstFitBStackAllocator.open(stack),
    live * scale,
    Math.min(10_000, 20 * live) * scale,
  );
  const lines = (['alloc', 'dealloc', 'realloc'] as const).map((kind) => {
    expect(measured[kind]).toBeLessThan(original[kind]);
    return `${kind} ${measured[kind].toFixed(2)} (original ${original[kind]})`;
  });
  console.log(`FirstFit, syncs with about ${live * scale} live blocks: ${lines.join(', ')}`);
});
