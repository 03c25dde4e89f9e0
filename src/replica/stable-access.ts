/**
 * How much stable memory one message may touch: so many pages of 4 KiB that it reads or writes, and
 * as many that it writes. A page counts once, however often it is touched.
 *
 * Source: specs/replica.md section 4.3; IC documentation, "Memory access limit exceeded".
 */
import type { Mode } from './entry-point.js';
import { memoryAccessLimit, type Trap } from './trap.js';

const GIB_IN_KILOBYTES = 2 ** 20;
const PAGE_SIZE_IN_KILOBYTES = 4;

const ACCESS_MAX_IN_KILOBYTES = {
  message: 2 * GIB_IN_KILOBYTES,
  upgrade: 8 * GIB_IN_KILOBYTES,
  query: GIB_IN_KILOBYTES,
} as const;

const UPGRADE_MODES: ReadonlySet<Mode> = new Set(['s', 'I', 'G']);
const QUERY_MODES: ReadonlySet<Mode> = new Set(['NRQ', 'TQ', 'CQ', 'CRy', 'CRt', 'CC', 'F']);

/** Why a message that has touched so many pages must end; undefined where it may go on. */
export function refuseAccess(
  mode: Mode,
  kind: 'accessed' | 'modified',
  pages: number,
): Trap | undefined {
  const { message, upgrade, query } = ACCESS_MAX_IN_KILOBYTES;
  const most = UPGRADE_MODES.has(mode) ? upgrade : QUERY_MODES.has(mode) ? query : message;
  if (pages * PAGE_SIZE_IN_KILOBYTES <= most) return undefined;
  return memoryAccessLimit(
    `Exceeded the limit for the number of ${kind} pages in the stable memory in a single ` +
      `execution: limit ${message} KB for regular messages, ${upgrade} KB for upgrade messages ` +
      `and ${query} KB for queries`,
  );
}
