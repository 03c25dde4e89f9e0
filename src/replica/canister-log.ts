/**
 * The log of a canister: what it printed and why it trapped. A ring of 4 KiB of content; older
 * records fall out. Indices go on counting, so that a reader notices what it missed.
 *
 * Source: specs/replica.md section 4.2, "Logs".
 */

const CONTENT_SIZE_MAX = 4096;

export interface LogRecord {
  readonly index: bigint;
  readonly timestamp: bigint;
  readonly content: Uint8Array;
}

export interface CanisterLog {
  readonly nextIndex: bigint;
  readonly records: readonly LogRecord[];
}

export const EMPTY_LOG: CanisterLog = { nextIndex: 0n, records: [] };

export function appendToLog(
  log: CanisterLog,
  timestamp: bigint,
  lines: readonly Uint8Array[],
): CanisterLog {
  if (lines.length === 0) return log;
  const added = lines.map((line, offset) => ({
    index: log.nextIndex + BigInt(offset),
    timestamp,
    content: line.slice(0, CONTENT_SIZE_MAX),
  }));
  const records = [...log.records, ...added];
  let size = records.reduce((sum, record) => sum + record.content.length, 0);
  let first = 0;
  while (size > CONTENT_SIZE_MAX) size -= records[first++]!.content.length;
  return { nextIndex: log.nextIndex + BigInt(lines.length), records: records.slice(first) };
}
