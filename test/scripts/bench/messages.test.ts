/** The part `messages` of the benchmark: all work is done, by every manager, queue and worker. */
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { measureAccesses } from '../../../scripts/bench/messages/memory-accesses.js';
import { FILLINGS, measureManager } from '../../../scripts/bench/messages/measure-managers.js';
import { measureQueue, QUEUES } from '../../../scripts/bench/messages/measure-queues.js';
import { measureSlots } from '../../../scripts/bench/messages/measure-slots.js';
import {
  keepingPart,
  postingPair,
  sharedManager,
  taskOf,
  tokenPair,
} from '../../../scripts/bench/messages/parts.js';
import { assertNumber, numbered } from '../../../scripts/bench/messages/payloads.js';
import { BATCH_LENGTH, POSTINGS } from '../../../scripts/bench/messages/posting.js';
import { MANAGERS } from '../../../scripts/bench/messages/subjects.js';
import { WINDOW } from '../../../scripts/bench/messages/window.js';
import { runTogether, type StartWorker } from '../../../scripts/bench/messages/workers.js';

const PAYLOAD_SIZE = 64;

/** What `worker.ts` does, without a task: threads of these tests know no TypeScript. */
const PUNCTUAL = `
  const { parentPort, workerData: { runs, gate } } = require('node:worker_threads');
  parentPort.postMessage(0);
  runs.forEach((messages, begun) => {
    Atomics.wait(gate, 0, begun);
    parentPort.postMessage(messages);
  });`;

describe.each(Object.entries(MANAGERS))('the manager: %s', (_, open) => {
  test('has a figure for every operation, and is empty in the end', () => {
    const figures = measureManager(open, PAYLOAD_SIZE, 20, 1, 1);
    expect(figures.map(({ operation }) => operation)).toEqual(
      FILLINGS.flatMap(({ store, operations }) => [store, ...Object.keys(operations)]),
    );
  });

  test('is full while slots are freed and used again', () => {
    const manager = open(30, PAYLOAD_SIZE);
    const operations = measureSlots(manager, PAYLOAD_SIZE, 1, 3).map(({ operation }) => operation);
    expect([operations, manager.available]).toEqual([['store', 'free'], 0]);
  });
});

test('a stable manager is read and written as often, whatever its size', () => {
  const [small, large] = [100, 1_000].map((slots) => measureAccesses(slots, PAYLOAD_SIZE, 1));
  expect(large).toEqual(small);
  expect(small!.every(({ reads, writes }) => reads <= 1 && writes <= 2)).toBe(true);
});

test.each(Object.entries(QUEUES))('the queue is pushed to and popped: %s', (_, makeQueue) => {
  const operations = measureQueue(makeQueue, 5, 3).map(({ operation }) => operation);
  expect(operations).toEqual(['push', 'pop']);
});

test('a payload that comes twice, or out of order, is found out', () => {
  const payload = numbered(new Uint8Array(PAYLOAD_SIZE), 7);
  assertNumber(payload, 7);
  expect(() => assertNumber(payload, 8)).toThrow('expected message 8, found 7');
});

describe('workers', () => {
  const MESSAGES = 2 * BATCH_LENGTH + 1;

  test.each(POSTINGS)('post every message once and in order: %s', async (posting) => {
    const pair = postingPair(posting, PAYLOAD_SIZE);
    const [post, receive] = pair.map(taskOf);
    for (const messages of [1, MESSAGES]) {
      const received = receive!(messages);
      expect([await post!(messages), await received]).toEqual([messages, messages]);
    }
    for (const part of pair) if ('port' in part) part.port.close();
  });

  test('hand tokens on, keep messages, and leave nothing behind', async () => {
    const manager = sharedManager(PAYLOAD_SIZE, WINDOW);
    const parts = [...tokenPair(manager, PAYLOAD_SIZE), keepingPart(manager, PAYLOAD_SIZE)];
    const [send, receive, keep] = parts.map(taskOf);
    for (const messages of [1, MESSAGES]) {
      const done = [await send!(messages), await receive!(messages), await keep!(messages)];
      expect(done).toEqual([messages, messages, messages]);
    }
    expect([manager.available, manager.checkInvariants()]).toEqual([WINDOW, undefined]);
  });

  test('start each run together, of which the last one counts', async () => {
    const start: StartWorker = (options) => new Worker(PUNCTUAL, { ...options, eval: true });
    const part = keepingPart(sharedManager(PAYLOAD_SIZE, 1), PAYLOAD_SIZE);
    const { answers, wallTime, processorTime } = await runTogether([part, part], 5, 70, start);
    expect(answers).toEqual([70, 70]);
    expect(wallTime > 0 && processorTime > 0).toBe(true);
  });

  test('that fail are heard of', async () => {
    const start: StartWorker = () => new Worker('throw new Error("out of order")', { eval: true });
    const part = keepingPart(sharedManager(PAYLOAD_SIZE, 1), PAYLOAD_SIZE);
    await expect(runTogether([part], 5, 70, start)).rejects.toThrow('out of order');
  });
});
