/** How a replay ended, and how two images differ. */

/** `detail` says how much was compared, where it went wrong, or what is not there yet. */
export interface Outcome {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'unsupported';
  readonly detail: string;
}

/** Where two images differ first, in words. */
export function firstDifference(expected: Uint8Array, found: Uint8Array): string | undefined {
  if (expected.length !== found.length) {
    return `expected ${expected.length} bytes, found ${found.length}`;
  }
  if (Buffer.compare(expected, found) === 0) return undefined;
  const offset = expected.findIndex((byte, index) => byte !== found[index]);
  return `byte ${offset}: expected ${expected[offset]}, found ${found[offset]}`;
}
