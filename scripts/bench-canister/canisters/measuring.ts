/** Instructions of operations within the canister, by the performance counter. */
import { performanceCounter } from 'azle';

export interface Measurement<T> {
  readonly answers: readonly T[];
  readonly instructions: bigint;
}

/** Instructions of the operation on all inputs, less those of the loop around it. */
export function measured<I, T>(
  inputs: readonly I[],
  operation: (input: I, index: number) => T,
): Measurement<T> {
  const idle = timed(inputs, (input) => input);
  const busy = timed(inputs, operation);
  return { answers: busy.answers, instructions: busy.instructions - idle.instructions };
}

function timed<I, T>(
  inputs: readonly I[],
  operation: (input: I, index: number) => T,
): Measurement<T> {
  const answers = new Array<T>(inputs.length);
  const start = performanceCounter(0);
  for (let index = 0; index < inputs.length; index++) {
    answers[index] = operation(inputs[index]!, index);
  }
  return { answers, instructions: performanceCounter(0) - start };
}
