/**
 * Crashes a run of operations at every event, opens what is left, checks it, goes on working with
 * it, and for a sample of the crashes crashes the recovery as well.
 *
 *     run        step 0, step 1, ... on one recording disk
 *     crash      every state that `crashStates` gives; each belongs to the step it interrupts
 *     reopen     on a new disk with that state: recovery
 *     check      all that was done before the step is there, and the step is done or not done
 *     goOn       further work on it, with checks of its own
 *
 *     npm run test:slow -- --testPathPatterns crash      at least 20,000 crash points each
 *
 * Source: `specs/bstack.md` sections 4.4 and 6.6.
 */
import { IS_SLOW } from '../model.js';
import { crashStates, type CrashOptions, type CrashState } from './crash-states.js';
import { RecordingDisk, type DiskImage } from './recording-disk.js';

/** A run that is crashed. `Opened` is what `reopen` gives, such as an allocator. */
export interface CrashTrial<Opened> {
  /** The disk before the run. */
  readonly start?: DiskImage;

  /**
   * Opens on `disk`, and does the steps; calls `stepDone` after each, which gives it the next
   * number. What happens before the first call, opening included, is step 0.
   */
  run(disk: RecordingDisk, stepDone: () => void): void;

  /** Opens what a crash has left. Must always succeed. */
  reopen(disk: RecordingDisk): Opened;

  /**
   * Throws unless steps 0 to `step - 1` are done, and `step`, if there is one of this number, is
   * done or not done.
   */
  check(opened: Opened, step: number): void;

  /** Goes on with it, and throws where that goes wrong. */
  goOn?(opened: Opened, step: number): void;
}

export interface SweepOptions extends CrashOptions {
  /** Every so many crash points the recovery is crashed, too. */
  readonly recoveryEvery?: number;
}

/** How often a trial was crashed, and how often its recovery. */
export interface SweepCount {
  readonly crashes: number;
  readonly recoveryCrashes: number;
}

/** Sweeps one trial. Throws at the first state that is not recovered, and names it. */
export function checkCrashes<T>(trial: CrashTrial<T>, options: SweepOptions = {}): SweepCount {
  const { recoveryEvery = 16 } = options;
  let crashes = 0;
  let recoveryCrashes = 0;
  for (const { state, step } of crashesOf(trial, options)) {
    const recovery = survive(trial, state, step);
    crashes += 1;
    if (crashes % recoveryEvery !== 0) continue;
    for (const second of crashStates(state.image, recovery, options)) {
      const name = `${state.name}, then in recovery ${second.name}`;
      survive(trial, { ...second, name }, step);
      recoveryCrashes += 1;
    }
  }
  return { crashes, recoveryCrashes };
}

/** Runs a trial, and gives every state that a crash may leave with the step that it interrupts. */
function* crashesOf<T>(trial: CrashTrial<T>, options: CrashOptions) {
  const { start = new Map<string, Uint8Array>() } = trial;
  const disk = new RecordingDisk(start);
  const stepEnds: number[] = [];
  trial.run(disk, () => stepEnds.push(disk.events.length));
  let step = 0;
  for (const state of crashStates(start, disk.events, options)) {
    while (step < stepEnds.length && stepEnds[step]! <= state.events) step += 1;
    yield { state, step };
  }
}

/** Reopens, checks and goes on. Gives the events of the recovery. */
function survive<T>(trial: CrashTrial<T>, { name, image }: CrashState, step: number) {
  const disk = new RecordingDisk(image);
  try {
    const opened = trial.reopen(disk);
    const recovery = disk.events.slice();
    trial.check(opened, step);
    trial.goOn?.(opened, step);
    return recovery;
  } catch (error) {
    throw new Error(`not recovered within step ${step}: ${name}`, { cause: error });
  }
}

/**
 * Sweeps trials with seeds from 1 on until `atLeast` crash points are reached (a fraction of them
 * in the quick suite), and prints how many there were.
 */
export function sweep<T>(
  name: string,
  trialOf: (seed: number) => CrashTrial<T>,
  { atLeast = 20_000, quickly = 600, ...options }: SweepOptions & Goals = {},
): SweepCount {
  const goal = IS_SLOW ? atLeast : quickly;
  let crashes = 0;
  let recoveryCrashes = 0;
  let seed = 0;
  while (crashes < goal) {
    seed += 1;
    const count = checkCrashes(trialOf(seed), { seed, ...options });
    crashes += count.crashes;
    recoveryCrashes += count.recoveryCrashes;
  }
  console.log(
    `${name}: ${crashes} crash points and ${recoveryCrashes} in recovery, ${seed} seeds, all recovered`,
  );
  return { crashes, recoveryCrashes };
}

/** Of how many crash points, and how many of them were not recovered. */
export interface FailureCount {
  readonly crashes: number;
  readonly failures: number;
}

/**
 * Sweeps trials as {@link sweep} does, of something that is broken on purpose: counts and prints
 * the crash points that are not recovered. A harness that finds none proves nothing.
 */
export function countFailures<T>(
  name: string,
  trialOf: (seed: number) => CrashTrial<T>,
  { atLeast = 5_000, quickly = 600, ...options }: CrashOptions & Goals = {},
): FailureCount {
  const goal = IS_SLOW ? atLeast : quickly;
  let crashes = 0;
  let failures = 0;
  for (let seed = 1; crashes < goal; seed++) {
    const trial = trialOf(seed);
    for (const { state, step } of crashesOf(trial, { seed, ...options })) {
      crashes += 1;
      if (!survives(trial, state, step)) failures += 1;
    }
  }
  console.log(`${name}: ${failures} of ${crashes} crash points not recovered, as is to be`);
  return { crashes, failures };
}

function survives<T>(trial: CrashTrial<T>, state: CrashState, step: number): boolean {
  try {
    survive(trial, state, step);
    return true;
  } catch {
    return false;
  }
}

interface Goals {
  /** Crash points in the slow suite, those of recoveries not counted. */
  readonly atLeast?: number;
  /** Crash points otherwise. */
  readonly quickly?: number;
}
