/**
 * Runs a fast-check property so that a failure can be repeated: the seed comes from the
 * environment variable `SEED` where it is set, and the failure says which one it was.
 *
 *     SEED=1234 npm run test:jest -- test/lib/codecs
 *
 * Source: house style rule 24.
 */
import * as fc from 'fast-check';

/** Runs a property on 100 random inputs, unless the options say otherwise. */
export function checkProperty<T>(property: fc.IProperty<T>, options: fc.Parameters<T> = {}): void {
  const parameters = withSeed(options);
  report(fc.check(property, parameters));
}

/** As {@link checkProperty}, for a property that answers later. */
export async function checkAsyncProperty<T>(
  property: fc.IAsyncProperty<T>,
  options: fc.Parameters<T> = {},
): Promise<void> {
  const parameters = withSeed(options);
  report(await fc.check(property, parameters));
}

/** The seed of this run: `SEED`, or another one in every run. */
export function seedOfRun(): number {
  const text = process.env['SEED'];
  if (text === undefined || text === '') return Date.now() | 0;
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new RangeError(`SEED: expected a whole number, got ${text}`);
  return seed;
}

function withSeed<T>(options: fc.Parameters<T>): fc.Parameters<T> {
  return { seed: seedOfRun(), ...options };
}

function report<T>(details: fc.RunDetails<T>): void {
  if (!details.failed) return;
  const message = fc.defaultReportMessage(details);
  throw new Error(`Replay with SEED=${details.seed}\n${message}`, {
    cause: details.errorInstance,
  });
}
