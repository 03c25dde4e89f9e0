/**
 * What was measured, as the table shows it and as `--json` writes it:
 *
 *     { "work": "get u64->u64 10000", "subject": "ours", "instructions": 34500000,
 *       "operations": 1000 }
 *
 * `instructions` is the total of all `operations`. Of the work `iterate` an operation is an entry
 * that is visited; of `scan 100` and of whole calls it is the scan or the call.
 */
export const MAP_SUBJECTS = ['ours', 'azle-json', 'azle-raw'] as const;

/**
 * The others have canisters of their own: the allocator with the structures that stand on it, and
 * messages.
 */
export const SUBJECTS = [...MAP_SUBJECTS, 'heap', 'messages'] as const;

/** A subject with the maps that all subjects have. */
export type MapSubject = (typeof MAP_SUBJECTS)[number];

export type Subject = (typeof SUBJECTS)[number];

export interface Figure {
  readonly work: string;
  readonly subject: Subject;
  readonly instructions: number;
  readonly operations: number;
}

/** Instructions an operation; undefined where this was not measured. */
export function costOf(
  figures: readonly Figure[],
  work: string,
  subject: Subject,
): number | undefined {
  const figure = figures.find((each) => each.work === work && each.subject === subject);
  return figure && figure.instructions / figure.operations;
}

/** The text of the file that `--json` writes. */
export function jsonOf(figures: readonly Figure[]): string {
  const lines = figures.map(({ work, subject, instructions, operations }) =>
    JSON.stringify({ work, subject, instructions, operations }),
  );
  return `[\n  ${lines.join(',\n  ')}\n]\n`;
}
