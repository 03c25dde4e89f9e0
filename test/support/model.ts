/**
 * Model tests: random operations against a structure and a plain JavaScript model of it. Each run
 * leaves some kinds of operation out, so that rare states (a map that only grows, a heap that is
 * always nearly empty) are reached as well.
 *
 *     npm run test:jest -- model        a few thousand operations, everything compared after each
 *     npm run test:slow                 at least 100,000 for each model, compared now and then
 *
 * Source: house style rule 24.
 */
import * as fc from 'fast-check';
import { checkProperty } from './property.js';

/** An operation of a run; `kind` is what can be switched off. */
export interface Operation<Kind extends string> {
  readonly kind: Kind;
}

/** A structure beside its model. */
export interface ModelRun<O> {
  /** Does one operation on both and compares what they answer. */
  apply(operation: O): void;

  /** Compares both as a whole, and checks the structure's invariants. */
  compare(): void;

  /** Empties the structure and checks that nothing is left behind, such as a leaked chunk. */
  finish?(): void;
}

/** Whether this run is of the slow suite. */
export const IS_SLOW = process.env['SLOW'] === '1';
const FAST = { runs: 8, lengthMin: 20, lengthMax: 120, compareEvery: 1 };
const SLOW = { runs: 25, lengthMin: 4_000, lengthMax: 4_400, compareEvery: 200 };
const { runs, lengthMin, lengthMax, compareEvery } = IS_SLOW ? SLOW : FAST;

/**
 * Checks random runs against a model. `weights` says how often each kind of operation comes, and
 * which kind is never left out: the first. `operationOf` makes operations of given kinds. `share`
 * is for what is so slow that fewer runs must do.
 */
export function checkModel<Kind extends string, O extends Operation<Kind>>(
  weights: Readonly<Record<Kind, number>>,
  operationOf: (kind: fc.Arbitrary<Kind>) => fc.Arbitrary<O>,
  start: () => ModelRun<O>,
  share = 1,
): void {
  checkProperty(
    fc.property(sequences(weights, operationOf), (operations) => {
      const run = start();
      operations.forEach((operation, index) => {
        run.apply(operation);
        if (index % compareEvery === 0) run.compare();
      });
      run.compare();
      run.finish?.();
    }),
    // To shrink thousands of operations takes hours; a seed repeats them, and short runs shrink.
    { numRuns: Math.ceil(runs * share), endOnFailure: IS_SLOW },
  );
}

function sequences<Kind extends string, O extends Operation<Kind>>(
  weights: Readonly<Record<Kind, number>>,
  operationOf: (kind: fc.Arbitrary<Kind>) => fc.Arbitrary<O>,
): fc.Arbitrary<O[]> {
  const [always, ...others] = Object.keys(weights) as Kind[];
  const weighted = (kind: Kind) => ({ weight: weights[kind], arbitrary: fc.constant(kind) });
  return fc.subarray(others, { minLength: 1 }).chain((kinds) =>
    fc.array(operationOf(fc.oneof(...[always!, ...kinds].map(weighted))), {
      minLength: lengthMin,
      maxLength: lengthMax,
      size: 'max',
    }),
  );
}
