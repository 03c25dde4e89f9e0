/**
 * Operations that are done one after the other to a structure that starts empty, each of them once
 * with every number. What one leaves behind, the next finds.
 */
import { medianOf, timeOf } from './measure.js';
import { distinctNumbers, shuffled } from './random.js';

/** An operation of a structure, and what it takes in nanoseconds. */
export interface Figure {
  readonly operation: string;
  readonly time: number;
}

/** An operation and the work of doing it once with each number. */
export type Step = readonly [operation: string, work: () => void];

/** What is stored, and the same in another order. */
export type Stepper = (numbers: readonly bigint[], others: readonly bigint[]) => readonly Step[];

/** The median of all rounds for each operation of a structure. */
export function measureSteps(
  stepsOf: Stepper,
  count: number,
  seed: number,
  rounds: number,
): Figure[] {
  return measureBeside([stepsOf], count, seed, rounds)[0]!;
}

/** The same for several structures, which take turns. */
export function measureBeside(
  steppers: readonly Stepper[],
  count: number,
  seed: number,
  rounds: number,
): Figure[][] {
  const numbers = distinctNumbers(seed, count);
  const others = shuffled(seed + 1, numbers);
  const measured = steppers.map((): Figure[][] => []);
  for (let round = 0; round < rounds; round++) {
    steppers.forEach((stepsOf, index) => {
      const figures = stepsOf(numbers, others).map(([operation, work]): Figure => {
        return { operation, time: timeOf(count, work) };
      });
      measured[index]!.push(figures);
    });
  }
  return measured.map(mediansOf);
}

/** Of several rounds, in which the same was done in the same order. */
export function mediansOf(rounds: readonly (readonly Figure[])[]): Figure[] {
  return rounds[0]!.map(({ operation }, step) => {
    return { operation, time: medianOf(rounds.map((round) => round[step]!.time)) };
  });
}
