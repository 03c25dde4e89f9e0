/** Checks of what a subject answers. A wrong answer ends the benchmark: its figures say nothing. */

/** Throws unless both are the same values in the same order. */
export function assertAlike(
  what: string,
  actual: readonly unknown[],
  expected: readonly unknown[],
): void {
  assertSame(`${what}: answers`, actual.length, expected.length);
  actual.forEach((value, index) => assertSame(`${what} ${index}`, value, expected[index]));
}

/** Throws unless both values have the same content. */
export function assertSame(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [contentOf(actual), contentOf(expected)];
  if (found !== wanted) throw new Error(`${what}: expected ${wanted}, got ${found}`);
}

/** Throws if a value comes twice. */
export function assertDistinct(what: string, values: readonly unknown[]): void {
  const contents = new Set(values.map(contentOf));
  if (contents.size !== values.length) throw new Error(`${what}: one of them comes twice`);
}

/** The same text for the same content, of whichever class the value is. */
export function contentOf(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes ${value.join(' ')}`;
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  if (hasBytes(value)) return `principal ${value.toUint8Array().join(' ')}`;
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${contentOf(field)}`);
  return `{ ${fields.sort().join(', ')} }`;
}

function hasBytes(value: object): value is { toUint8Array(): Uint8Array } {
  return typeof (value as { toUint8Array?: unknown }).toUint8Array === 'function';
}
