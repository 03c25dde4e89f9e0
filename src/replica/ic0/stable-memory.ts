/**
 * Stable memory, with offsets of 64 bits. The older calls with 32 bits are in `narrow.ts`.
 *
 * Source: IC interface specification, "Stable memory".
 */
import { ANY_AND_START, on, type SystemCalls } from './system-call.js';

const GROW_REFUSED = 2n ** 64n - 1n;

export const STABLE_MEMORY_CALLS: SystemCalls = {
  stable64_size: on('() -> i64', ANY_AND_START, (m) => BigInt(m.stable.size)),
  stable64_grow: on('(i64) -> i64', ANY_AND_START, (m, pages: bigint) => {
    const old = m.stable.grow(Number(pages));
    return old < 0 ? GROW_REFUSED : BigInt(old);
  }),
  stable64_write: on(
    '(i64 i64 i64) -> ()',
    ANY_AND_START,
    (m, offset: bigint, source: bigint, size: bigint) => {
      m.stableWrite(Number(offset), Number(source), Number(size));
    },
  ),
  stable64_read: on(
    '(i64 i64 i64) -> ()',
    ANY_AND_START,
    (m, target: bigint, offset: bigint, size: bigint) => {
      m.stableRead(Number(target), Number(offset), Number(size));
    },
  ),
};
