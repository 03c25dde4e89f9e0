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

/**
 * The lines that one message prints, without the early ones that would fall out of the log anyway:
 * a message may print for as long as it can pay, but what it holds meanwhile is bounded.
 */
export class PrintedLines {
  #kept: Uint8Array[] = [];
  #skipped = 0;
  #size = 0;

  constructor(readonly sizeMax: number) {}

  get kept(): readonly Uint8Array[] {
    return this.#kept;
  }

  /** How many lines came before the ones that are kept. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Makes room only when there is twice as much as needed, so that a line costs little. */
  add(line: Uint8Array): void {
    if (this.sizeMax === 0) return;
    const cut = line.slice(0, this.sizeMax);
    this.#kept.push(cut);
    this.#size += sizeOf(cut);
    if (this.#size > 2 * this.sizeMax) this.#makeRoom();
  }

  #makeRoom(): void {
    let first = 0;
    while (this.#size > this.sizeMax) this.#size -= sizeOf(this.#kept[first++]!);
    this.#kept = this.#kept.slice(first);
    this.#skipped += first;
  }
}

/** What a line counts for. One without content counts too, or there could be any number of them. */
function sizeOf(line: Uint8Array): number {
  return Math.max(line.length, 1);
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

/** The log with more lines; some that came before them may have been left out. */
export function appendToLog(
  log: CanisterLog,
  timestamp: bigint,
  lines: readonly Uint8Array[],
  skipped = 0,
): CanisterLog {
  if (lines.length === 0 || log.sizeMax === 0) return log;
  const firstIndex = log.nextIndex + BigInt(skipped);
  const added = lines.map((line, offset) => ({
    index: firstIndex + BigInt(offset),
    timestamp,
    content: line.slice(0, log.sizeMax),
  }));
  const nextIndex = firstIndex + BigInt(lines.length);
  return trimmed({ ...log, nextIndex, records: [...log.records, ...added] });
}

export function logSize({ records }: CanisterLog): number {
  return records.reduce((sum, { content }) => sum + sizeOf(content), 0);
}

function trimmed(log: CanisterLog): CanisterLog {
  let size = logSize(log);
  let first = 0;
  while (size > log.sizeMax) size -= sizeOf(log.records[first++]!.content);
  return { ...log, records: log.records.slice(first) };
}
