/**
 * Every order in which the steps of some threads can come. A thread is a program over an
 * `AtomicMemory`; a step is one call of it, and what a program does next depends on nothing but what
 * its steps have told it. So a program is stopped behind a step by throwing, and goes on by being
 * run again from its start, with what it was told before; only its next step is done in the memory.
 *
 * Two orders that lead to the same memory and have told all threads the same are one, so that there
 * are thousands of states where there are millions of orders.
 *
 * A thread may die before any of its steps. What is to be done then is another thread's program.
 */
import { AtomicMemory } from '../../src/lib/messages/concurrent/atomic-memory.js';

/** A thread to be run in every order with others. */
export interface Thread {
  /** Its program; what it returns is given to the check at the end. */
  readonly run: (memory: AtomicMemory) => string;
  /** Whether it may die before any step. */
  readonly isMortal?: boolean;
  /** It starts when the thread of this place has died; at once unless told. */
  readonly after?: number;
}

/** What becomes of a thread: what it returned, or that it died or never started. */
export type Outcome = string | typeof DIED | typeof NEVER_STARTED;

export const DIED = 'died';
export const NEVER_STARTED = 'never started';

type Told = bigint | boolean | Uint8Array | undefined;

/** What a thread was told by its steps, the last one first. */
interface Tale {
  readonly number: number;
  readonly length: number;
  readonly before: Tale | undefined;
  readonly told: Told;
  readonly next: Map<string, Tale>;
}

interface Progress {
  readonly tale: Tale;
  readonly outcome: Outcome | undefined;
}

interface State {
  readonly bytes: Uint8Array;
  readonly threads: readonly Progress[];
}

const STEPS_MAX = 400;
const STOPPED = Symbol('stopped');

/** A memory that stops its thread behind the first step that it was not told of before. */
class SteppedMemory extends AtomicMemory {
  #tales: Told[] = [];
  #told = 0;
  #isAlone = false;
  last: { told: Told } | undefined;

  /** `isAlone` lets it go on to its end. */
  start(tale: Tale, isAlone: boolean): void {
    this.#isAlone = isAlone;
    this.#tales = [];
    for (let at = tale; at.before !== undefined; at = at.before) this.#tales.push(at.told);
    this.#told = this.#tales.length;
    this.last = undefined;
  }

  override load(address: number): bigint {
    return this.#step(() => super.load(address)) as bigint;
  }

  override store(address: number, word: bigint): void {
    this.#step(() => super.store(address, word) as undefined);
  }

  override exchange(address: number, expected: bigint, replacement: bigint): boolean {
    return this.#step(() => super.exchange(address, expected, replacement)) as boolean;
  }

  /** In two steps, so that others may come in between. */
  override write(address: number, bytes: Uint8Array): void {
    const half = bytes.length >> 1;
    this.#step(() => super.write(address, bytes.subarray(0, half)) as undefined);
    this.#step(() => super.write(address + half, bytes.subarray(half)) as undefined);
  }

  override clear(address: number, size: number): void {
    this.#step(() => super.clear(address, size) as undefined);
  }

  override copy(address: number, size: number): Uint8Array {
    return this.#step(() => super.copy(address, size)) as Uint8Array;
  }

  #step(action: () => Told): Told {
    if (this.#told > 0) return this.#tales[--this.#told];
    // Whoever catches that is stopped again.
    if (this.last !== undefined && !this.#isAlone) throw STOPPED;
    const told = action();
    this.last = { told };
    return told;
  }
}

/** How many states there are, and how many ends. */
export interface Explored {
  readonly states: number;
  readonly ends: number;
}

/**
 * Runs all threads in every order on the memory as it is, and calls `check` wherever all have ended.
 * Throws what `check` and the programs throw.
 */
export function explore(
  buffer: SharedArrayBuffer,
  threads: readonly Thread[],
  check: (outcomes: readonly Outcome[]) => void,
): Explored {
  const memory = new SteppedMemory(buffer);
  const { bytes } = memory;
  let tales = 0;
  const newTale = (before?: Tale, told?: Told): Tale => ({
    number: tales++,
    length: before === undefined ? 0 : before.length + 1,
    before,
    told,
    next: new Map(),
  });
  const follow = (tale: Tale, told: Told): Tale => {
    const key = String(told);
    let next = tale.next.get(key);
    if (next === undefined) tale.next.set(key, (next = newTale(tale, told)));
    return next;
  };

  const stepped = (thread: Thread, { tale }: Progress, isAlone: boolean): Progress => {
    if (tale.length > STEPS_MAX) throw new Error('a thread does not come to its end');
    memory.start(tale, isAlone);
    let outcome: string | undefined;
    try {
      outcome = thread.run(memory);
    } catch (error) {
      if (error !== STOPPED) throw error;
    }
    return { tale: memory.last === undefined ? tale : follow(tale, memory.last.told), outcome };
  };

  const seen = new Set<string>();
  const pending: State[] = [];
  let ends = 0;
  const add = (state: State): void => {
    const where = state.threads.map(({ tale, outcome }) => `${tale.number}${outcome ?? '…'}`);
    const key = `${where.join()} ${Buffer.from(state.bytes).toString('latin1')}`;
    if (seen.has(key)) return;
    seen.add(key);
    pending.push(state);
  };
  const after = (state: State, place: number, progress: Progress): State => ({
    bytes: bytes.slice(),
    threads: state.threads.map((each, other) => (other === place ? progress : each)),
  });

  add({
    bytes: bytes.slice(),
    threads: threads.map(() => ({ tale: newTale(), outcome: undefined })),
  });
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    const { threads: progress } = state;
    const runnable = [...threads.keys()].filter((place) => {
      const { after: dead } = threads[place]!;
      const hasStarted = dead === undefined || progress[dead]!.outcome === DIED;
      return hasStarted && progress[place]!.outcome === undefined;
    });
    const isAlone = runnable.length === 1 && threads[runnable[0]!]!.isMortal !== true;
    for (const place of runnable) {
      bytes.set(state.bytes);
      if (threads[place]!.isMortal === true) {
        add(after(state, place, { ...progress[place]!, outcome: DIED }));
      }
      add(after(state, place, stepped(threads[place]!, progress[place]!, isAlone)));
    }
    if (runnable.length > 0) continue;
    ends += 1;
    bytes.set(state.bytes);
    check(progress.map(({ outcome }) => outcome ?? NEVER_STARTED));
  }
  return { states: seen.size, ends };
}
