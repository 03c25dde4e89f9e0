/** What the kernel answers to requests of one kind, for tests that must know that it was asked. */
import { jest } from '@jest/globals';
import { ARGUMENT_LIMIT, Kernel } from '../../src/lib/kernel-client.js';

/** The results of an operation with bytes, from here on. Ends an earlier watch. */
export function watchKernel(operation: number): number[] {
  jest.restoreAllMocks();
  const results: number[] = [];
  const ask = Kernel.prototype.askWithBytes;
  jest.spyOn(Kernel.prototype, 'askWithBytes').mockImplementation(function (
    this: Kernel,
    request,
    given,
  ) {
    const result = ask.call(this, request, given);
    if (Math.floor(request / ARGUMENT_LIMIT) === operation) results.push(result);
    return result;
  });
  return results;
}

const FALL_BACK = -2;

/** Counts, from here on, the operations on single keys that the kernel has left to TypeScript. */
export function countFallBacks(): () => number {
  jest.restoreAllMocks();
  let count = 0;
  const ask = Kernel.prototype.ask;
  jest.spyOn(Kernel.prototype, 'ask').mockImplementation(function (this: Kernel, request) {
    const result = ask.call(this, request);
    if (result === FALL_BACK) count += 1;
    return result;
  });
  return () => count;
}
