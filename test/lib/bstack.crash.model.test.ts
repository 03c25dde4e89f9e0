/**
 * A stack is crashed at every moment of random programs of all its operations, torn writes and
 * power losses included, and its recovery is crashed as well: what is found afterwards is what was
 * there before the interrupted operation, or after it. And each of the syncs is needed: without it
 * the same sweep finds a state that is neither.
 *
 * Source: `specs/bstack.md` sections 1.6, 1.8, 4.4 and 6.6.
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../src/lib/bstack.js';
import { equalBytes } from '../../src/lib/bytes.js';
import type { Storage } from '../../src/lib/storage.js';
import { checkCrashes, sweep, type CrashTrial } from '../support/crash/check-crashes.js';
import {
  expectSame,
  randomOperations,
  runOperation,
  thinkOperation,
  type StackOperation,
} from '../support/stack-programs.js';

const asItIs = (storage: Storage) => storage;

/** A run of operations; `wrap` may take away what a storage does. */
function trialOf(
  operations: readonly StackOperation[],
  wrap: (storage: Storage) => Storage = asItIs,
): CrashTrial<BStack> {
  const states: Uint8Array[] = [new Uint8Array(0)];
  for (const operation of operations) states.push(thinkOperation(states.at(-1)!, operation));
  return {
    run(disk, stepDone) {
      const stack = BStack.open(wrap(disk.open()));
      stepDone();
      for (const operation of operations) {
        runOperation(stack, operation);
        stepDone();
      }
    },
    reopen: (disk) => BStack.open(disk.open()),
    check(stack, step) {
      const found = stack.peek(0);
      const before = states[Math.max(0, step - 1)]!;
      const after = states[step] ?? before;
      if (!equalBytes(found, before) && !equalBytes(found, after)) {
        const lengths = [found, before, after].map(({ length }) => length).join(', ');
        throw new Error(`neither before nor after ${operations[step - 1]?.kind}: ${lengths}`);
      }
      expect(stack.checkInvariants()).toBeUndefined();
    },
    goOn(stack, step) {
      let expected = stack.peek(0);
      for (const operation of randomOperations(step + 1, 3)) {
        runOperation(stack, operation);
        expected = thinkOperation(expected, operation);
      }
      expectSame(stack.peek(0), expected);
      const again = BStack.open(stack.intoStorage());
      expectSame(again.peek(0), expected);
      expect(again.checkInvariants()).toBeUndefined();
    },
  };
}

test('a stack survives every crash', () => {
  sweep('BStack', (seed) => trialOf(randomOperations(seed, 12)), { powerLosses: 3, quickly: 300 });
});

/** Leaves out the syncs that a rule names by their number. */
function withoutSyncs(leftOut: (number: number) => boolean) {
  return (inner: Storage): Storage => {
    let number = 0;
    return {
      isAtomic: false,
      length: () => inner.length(),
      read: (offset, target) => inner.read(offset, target),
      write: (offset, source) => inner.write(offset, source),
      setLength: (length) => inner.setLength(length),
      sync: () => (leftOut(number++) ? undefined : inner.sync()),
      close: () => inner.close(),
    };
  };
}

/** Whether some seed finds a crash that a stack on such a storage does not survive. */
function isFoundOut(
  programOf: (seed: number) => StackOperation[],
  leftOut: (number: number) => boolean,
  seeds = 40,
): boolean {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      const trial = trialOf(programOf(seed), withoutSyncs(leftOut));
      checkCrashes(trial, { seed, powerLosses: 5, recoveryEvery: Infinity });
    } catch {
      return true;
    }
  }
  return false;
}

const operation = (kind: StackOperation['kind'], numbers: Partial<StackOperation>) => ({
  kind,
  at: 0,
  count: 0,
  other: 0,
  fill: 1,
  ...numbers,
});

/** 2 syncs up to the end of the push, then 4 for each write: across blocks, at several places. */
const writes = (seed: number) => [
  operation('push', { other: 690, fill: seed }),
  ...[0, 200, 40, 340].map((at, fill) => operation('set', { at, count: 300, fill: 50 * fill })),
];
const SYNCS_BEFORE_WRITES = 3;

const pushes = (seed: number) =>
  [600, 500].map((other) => operation('push', { other, fill: seed }));

/** An extend on the very place where a staged record was cut off. */
const extendAfterWrite = (seed: number) => [
  operation('push', { other: 600, fill: seed }),
  operation('set', { count: 500, fill: 9 }),
  operation('extend', { other: 300 }),
];

describe('a sweep finds out a stack that leaves out', () => {
  test.each([
    ['staging and arming', 0],
    ['arming and writing in place', 1],
    ['writing in place and disarming', 2],
    ['disarming and staging the next record', 3],
  ])('the sync between %s', (_, step) => {
    expect(isFoundOut(writes, () => false, 1)).toBe(false);
    const leftOut = (number: number) => (number - SYNCS_BEFORE_WRITES) % 4 === step;
    expect(isFoundOut(writes, (number) => number >= SYNCS_BEFORE_WRITES && leftOut(number))).toBe(
      true,
    );
  });

  test('the sync between the bytes of a push and its length, as the original does', () => {
    expect(isFoundOut(pushes, () => false, 1)).toBe(false);
    expect(isFoundOut(pushes, (number) => number % 2 === 1)).toBe(true);
  });

  test('the sync between the cut of a staged record and an extend', () => {
    expect(isFoundOut(extendAfterWrite, () => false, 1)).toBe(false);
    expect(isFoundOut(extendAfterWrite, (number) => number === 7)).toBe(true);
  });
});
