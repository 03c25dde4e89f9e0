/** Prints figures in columns. */

/** A row of cells; the first is flush left, the others flush right. */
export type Row = readonly string[];

/** Lines in which the cells of all rows stand below each other. */
export function linesOf(rows: readonly Row[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  '),
  );
}

/** A count, with separators. */
export function whole(count: number): string {
  return Math.round(count).toLocaleString('en-GB');
}

export function nanoseconds(time: number): string {
  return `${whole(time)} ns`;
}

/** Nanoseconds as micro- or milliseconds, in three digits or more. */
export function duration(time: number): string {
  const [size, unit] = time < 1_000_000 ? [1_000, 'us'] : [1_000_000, 'ms'];
  const figure = time / size;
  return `${figure < 100 ? figure.toPrecision(3) : whole(figure)} ${unit}`;
}

/** How many times `time` is `other`. */
export function ratio(time: number, other: number): string {
  return `${(time / other).toFixed(2)}x`;
}

export function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}\n`);
  for (const line of linesOf(rows)) console.log(`  ${line.trimEnd()}`);
}
