/**
 * Runs parts of a work in worker threads, one each, that start at the same moment: first a run that
 * warms them up and does not count, and then the one that does.
 */
import { once } from 'node:events';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { sharedWord, type Part } from './parts.js';

/** What a worker is given. It answers with a number once it is ready, and then after each run. */
export interface Assignment {
  readonly part: Part;
  /** How many messages there are in each run. */
  readonly runs: readonly number[];
  /** One word: how many runs may begin. */
  readonly gate: Int32Array;
}

/** The run that counts. */
export interface Together {
  /** Nanoseconds on the wall, from the start of all workers to the end of the last. */
  readonly wallTime: number;
  /** Nanoseconds of processor time, of the whole process. */
  readonly processorTime: number;
  /** Of each worker, in the order of the parts. */
  readonly answers: readonly number[];
}

const ENTRY = new URL('./worker.js', import.meta.url);

/** Starts a worker thread that runs `worker.ts`. */
export type StartWorker = (options: WorkerOptions) => Worker;

/** Each of the parts handles so many messages to warm up, and then so many that count. */
export async function runTogether(
  parts: readonly Part[],
  warmUp: number,
  messages: number,
  start: StartWorker = (options) => new Worker(ENTRY, options),
): Promise<Together> {
  const gate = sharedWord();
  const workers = parts.map((part) => {
    const workerData: Assignment = { part, runs: [warmUp, messages], gate };
    return start({ workerData, transferList: 'port' in part ? [part.port] : [] });
  });
  try {
    await answersOf(workers);
    await run(workers, gate);
    return await run(workers, gate);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Lets all workers begin their next run, and waits for the last of them. */
async function run(workers: readonly Worker[], gate: Int32Array): Promise<Together> {
  const answered = answersOf(workers);
  const [startedAt, usage] = [process.hrtime.bigint(), process.cpuUsage()];
  Atomics.add(gate, 0, 1);
  Atomics.notify(gate, 0);
  const answers = await answered;
  const { user, system } = process.cpuUsage(usage);
  const wallTime = Number(process.hrtime.bigint() - startedAt);
  return { wallTime, processorTime: (user + system) * 1_000, answers };
}

/** The next number that each of them says. Rejects where a worker fails. */
function answersOf(workers: readonly Worker[]): Promise<number[]> {
  return Promise.all(
    workers.map(async (worker) => {
      const [answer] = (await once(worker, 'message')) as [number];
      return answer;
    }),
  );
}
