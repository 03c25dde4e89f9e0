/**
 * Every order in which the steps of some threads can come. What a program does next depends on
 * nothing but what its steps have told it. So it is stopped behind a step by throwing, and goes on
 * by being run again from its start, with what it was told before; only its next step is done in
 * the memory. Two orders that lead to the same memory and have told all threads the same are one.
 *
 * A thread may die before any of its steps; another one may start when it has.
 */

/** A thread to be run in every order with others. */
export interface Thread {
  /** Its program; what it returns is given to the check at the end. */
  readonly run: () => string;
  /** Whether it may die before any step. */
  readonly isMortal?: boolean;
  /** It starts when the thread of this place has died; at once unless told. */
  readonly after?: number;
}

export const DIED = 'died';
export const NEVER_STARTED = 'never started';

type Told = number | bigint | boolean | string;

/** What a thread was told by its steps, the last one first. */
interface Tale {
  readonly number: number;
  readonly length: number;
  readonly before: Tale | undefined;
  readonly told: Told | undefined;
  readonly next: Map<Told, Tale>;
}

interface Progress {
  readonly tale: Tale;
  readonly outcome: string | undefined;
}

interface State {
  readonly bytes: Uint8Array;
  readonly threads: readonly Progress[];
}

const STEPS_MAX = 1_000;
const STOPPED = Symbol('stopped');

/** The steps of whichever thread runs now. What looks at the memory does so through `step`. */
export class Steps {
  #told: Told[] = [];
  #isStopped = false;
  #isAlone = false;
  #last: { readonly told: Told } | undefined;

  /** What the step tells: from memory where it was done before, else by doing it. */
  step<T extends Told>(action: () => T): T {
    if (this.#isStopped) throw STOPPED;
    if (this.#told.length > 0) return this.#told.pop() as T;
    if (this.#last !== undefined && !this.#isAlone) {
      this.#isStopped = true;
      throw STOPPED;
    }
    const told = action();
    this.#last = { told };
    return told;
  }

  /** Runs a thread one step further; to its end where it is alone, and nobody can come between. */
  runOn(
    { run }: Thread,
    tale: Tale,
    isAlone: boolean,
    follow: (tale: Tale, told: Told) => Tale,
  ): Progress {
    if (tale.length > STEPS_MAX) throw new Error('a thread does not come to its end');
    this.#told = [];
    for (let at = tale; at.before !== undefined; at = at.before) this.#told.push(at.told!);
    this.#isStopped = false;
    this.#isAlone = isAlone;
    this.#last = undefined;
    let outcome: string | undefined;
    try {
      outcome = run();
    } catch (error) {
      if (error !== STOPPED) throw error;
    }
    const last = this.#last as { told: Told } | undefined;
    return { tale: last === undefined ? tale : follow(tale, last.told), outcome };
  }
}

/**
 * Runs all threads in every order on the memory as it is, and calls `check` with what they returned
 * wherever all have ended. Returns the number of ends. Throws what `check` and the programs throw.
 */
export function inEveryOrder(
  buffer: SharedArrayBuffer,
  steps: Steps,
  threads: readonly Thread[],
  check: (outcomes: readonly string[]) => void,
): number {
  const bytes = new Uint8Array(buffer);
  const seen = new Set<string>();
  const pending: State[] = [];
  let [tales, ends] = [0, 0];
  const newTale = (before?: Tale, told?: Told): Tale => {
    const length = before === undefined ? 0 : before.length + 1;
    return { number: tales++, length, before, told, next: new Map() };
  };
  const follow = (tale: Tale, told: Told): Tale => {
    let next = tale.next.get(told);
    if (next === undefined) tale.next.set(told, (next = newTale(tale, told)));
    return next;
  };
  const add = (all: readonly Progress[]): void => {
    const where = all.map(({ tale, outcome }) => `${tale.number}${outcome ?? '…'}`);
    const key = `${where.join()} ${Buffer.from(bytes).toString('latin1')}`;
    if (seen.has(key)) return;
    seen.add(key);
    pending.push({ bytes: bytes.slice(), threads: all });
  };
  add(threads.map(() => ({ tale: newTale(), outcome: undefined })));
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    const { threads: all, bytes: before } = state;
    const runnable = [...threads.keys()].filter((place) => {
      const { after } = threads[place]!;
      const hasStarted = after === undefined || all[after]!.outcome === DIED;
      return hasStarted && all[place]!.outcome === undefined;
    });
    const isAlone = runnable.length === 1 && threads[runnable[0]!]!.isMortal !== true;
    for (const place of runnable) {
      const { tale } = all[place]!;
      bytes.set(before);
      if (threads[place]!.isMortal === true) add(all.with(place, { tale, outcome: DIED }));
      const progress = steps.runOn(threads[place]!, tale, isAlone, follow);
      add(all.with(place, progress));
    }
    if (runnable.length > 0) continue;
    ends += 1;
    bytes.set(before);
    check(all.map(({ outcome }) => outcome ?? NEVER_STARTED));
  }
  return ends;
}
