/** A worker thread of the benchmark: does its part, run by run, whenever the gate opens. */
import { parentPort, workerData } from 'node:worker_threads';
import { taskOf } from './parts.js';
import type { Assignment } from './workers.js';

const { part, runs, gate } = workerData as Assignment;

const task = taskOf(part);
parentPort!.postMessage(0);
for (const [begun, messages] of runs.entries()) {
  Atomics.wait(gate, 0, begun);
  parentPort!.postMessage(await task(messages));
}
