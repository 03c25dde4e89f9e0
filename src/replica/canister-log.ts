/**
 * The log of a canister: what it printed and why it trapped. A ring of a number of bytes that its
 * settings say; older records fall out. Indices go on counting, so that a reader notices what it
 * missed.
 *
 * Source: specs/replica.md section 4.2, "Logs"; IC interface specification, `fetch_canister_logs`.
 */

/** In bytes, as are the bounds of what a canister may ask for instead. */
export const LOG_SIZE_DEFAULT = 4096n;
export const LOG_SIZE_MIN = 4096n;
export const LOG_SIZE_MAX = 2n * 2n ** 20n;

export interface LogRecord {
  readonly index: bigint;
  readonly timestamp: bigint;
  readonly content: Uint8Array;
}

export interface CanisterLog {
  readonly nextIndex: bigint;
  readonly records: readonly LogRecord[];
  /** The most bytes of content that it holds. */
  readonly sizeMax: number;
}

export function emptyLog(sizeMax: bigint): CanisterLog {
  return { nextIndex: 0n, records: [], sizeMax: Number(sizeMax) };
}

/** The log without its records: what a canister has after its code was replaced or removed. */
export function clearedLog(log: CanisterLog): CanisterLog {
  return { ...log, records: [] };
}

/** The log with another size; where that is smaller, the oldest records fall out. */
export function resizedLog(log: CanisterLog, sizeMax: bigint): CanisterLog {
  return trimmed({ ...log, sizeMax: Number(sizeMax) });
}

export function appendToLog(
  log: CanisterLog,
  timestamp: bigint,
  lines: readonly Uint8Array[],
): CanisterLog {
  if (lines.length === 0 || log.sizeMax === 0) return log;
  const added = lines.map((line, offset) => ({
    index: log.nextIndex + BigInt(offset),
    timestamp,
    content: line.slice(0, log.sizeMax),
  }));
  const nextIndex = log.nextIndex + BigInt(lines.length);
  return trimmed({ ...log, nextIndex, records: [...log.records, ...added] });
}

export function logSize({ records }: CanisterLog): number {
  return records.reduce((sum, { content }) => sum + content.length, 0);
}

function trimmed(log: CanisterLog): CanisterLog {
  let size = logSize(log);
  let first = 0;
  while (size > log.sizeMax) size -= log.records[first++]!.content.length;
  return { ...log, records: log.records.slice(first) };
}
