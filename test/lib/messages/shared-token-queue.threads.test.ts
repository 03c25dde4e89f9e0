/**
 * A shared queue of tokens between two threads that run at the same time: nothing lost, nothing had
 * twice, all in order. Which orders of steps there are is the matter of another test; here they are
 * those of a real machine.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import { blob } from '../../../src/lib/codecs/index.js';
import type { AdmissionOptions } from '../../../src/lib/messages/admission.js';
import { ConcurrentMessageManager } from '../../../src/lib/messages/concurrent-message-manager.js';
import { SharedTokenQueue } from '../../../src/lib/messages/shared-token-queue.js';
import { IS_SLOW } from '../../support/model.js';
import type { Task } from '../../support/token-thread.js';

const COUNT = IS_SLOW ? 1_000_000 : 20_000;
const PATIENCE_IN_MS = 300_000;
const SCRIPT = new URL('../../support/token-thread.ts', import.meta.url).href;

/** A worker does not inherit that TypeScript is compiled on the way in. */
const START = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import('${SCRIPT}');
});`;

type Case = Omit<Task, 'end'>;

function caseOf(limits: AdmissionOptions, count: number): Case {
  return { buffer: SharedTokenQueue.create(limits).buffer, limits, count };
}

/** A thread at one end of all the queues, and what it posts. */
function startThread(tasks: readonly Task[]) {
  const worker = new Worker(START, { workerData: tasks, eval: true });
  const posts: Uint32Array[] = [];
  worker.on('message', (numbers: Uint32Array) => posts.push(numbers));
  return { worker, posts, ended: once(worker, 'exit') };
}

test(
  'two threads lose nothing, have nothing twice and keep the order, also where one evicts',
  async () => {
    const managers = [0, 1].map(() =>
      ConcurrentMessageManager.create({ codec: blob(8), capacity: 12 }),
    );
    const cases = [
      caseOf({ maxCount: 50, maxBytes: 700 }, COUNT),
      caseOf({ maxCount: 8, maxBytes: 200, whenFull: 'evict-oldest' }, COUNT),
      caseOf({ maxCount: 10, whenFull: 'evict-oldest' }, COUNT / 10),
      caseOf({ maxCount: 10 }, COUNT / 10),
    ];
    const tasksOf = (end: Task['end']): Task[] =>
      cases.map((each, index) =>
        index < 2 ? { ...each, end } : { ...each, end, invitation: managers[index - 2]!.invite() },
      );
    const [producer, consumer] = [
      startThread(tasksOf('producer')),
      startThread(tasksOf('consumer')),
    ];
    try {
      await Promise.all([producer.ended, consumer.ended]);
    } finally {
      await Promise.all([producer.worker.terminate(), consumer.worker.terminate()]);
    }
    const [evicted, had] = [producer.posts, consumer.posts];
    expect([evicted.length, had.length]).toEqual([4, 4]);
    const all = Uint32Array.from({ length: COUNT }, (_, number) => number);
    expect(same(had[0]!, all)).toBe(true);
    expect(isInOrder(had[1]!) && isInOrder(evicted[1]!)).toBe(true);
    expect(same(joined(had[1]!, evicted[1]!), all)).toBe(true);
    const evictedMessages = evicted[2]!.reduce((sum, count) => sum + count, 0);
    expect([isInOrder(had[2]!), had[2]!.length + evictedMessages]).toEqual([true, COUNT / 10]);
    expect(same(had[3]!, all.subarray(0, COUNT / 10))).toBe(true);
    for (const manager of managers) {
      expect([manager.available, manager.checkInvariants()]).toEqual([12, undefined]);
    }
    for (const { buffer, limits } of cases) {
      const queue = SharedTokenQueue.attach(buffer, limits);
      expect(queue.occupancy()).toEqual({ count: 0, bytes: 0, mark: 'below-soft' });
    }
  },
  PATIENCE_IN_MS,
);

function isInOrder(numbers: Uint32Array): boolean {
  return numbers.every((number, index) => index === 0 || number > numbers[index - 1]!);
}

function joined(left: Uint32Array, right: Uint32Array): Uint32Array {
  return Uint32Array.from([...left, ...right]).sort();
}

function same(left: Uint32Array, right: Uint32Array): boolean {
  return left.length === right.length && left.every((number, index) => number === right[index]);
}
