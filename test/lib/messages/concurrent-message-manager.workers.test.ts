/**
 * Messages shared by real threads: millions of them in the slow suite. And threads that are killed
 * while they share.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { blob } from '../../../src/lib/codecs/index.js';
import { ConcurrentMessageManager } from '../../../src/lib/messages/concurrent-message-manager.js';
import { Message } from '../../../src/lib/messages/message.js';
import { compileModules } from '../../support/compiled-modules.js';
import { codeOf } from '../../support/memories.js';
import { IS_SLOW } from '../../support/model.js';
import { scratchFolder } from '../../support/scratch.js';

jest.setTimeout(IS_SLOW ? 600_000 : 60_000); // A deadlock fails by it.

const WORKERS = 4;
const BOXES = 16;
const MESSAGES = IS_SLOW ? 1_000_000 : 2_000;
const KILLS = IS_SLOW ? 40 : 3;

const path = scratchFolder();
let script: string;
beforeAll(() => {
  script = compileModules('test/support/message-worker.ts', path('modules'));
});

const running = new Set<Worker>();
afterEach(async () => {
  await Promise.all([...running].map((worker) => worker.terminate()));
  running.clear();
});

/** A store with a slot for each box and each thread, and no more: a lost slot is missed at once. */
function storeOf(capacity = BOXES + WORKERS) {
  const manager = ConcurrentMessageManager.create({
    codec: blob(64),
    capacity,
    clock: performance,
  });
  const boxes = new SharedArrayBuffer(8 * BOXES);
  const employ = (task: string, count = 0) => {
    const invitation = manager.invite();
    const worker = new Worker(script, { workerData: { invitation, task, boxes, count } });
    running.add(worker);
    return { worker, seat: invitation.seat };
  };
  /** Gives a message to the threads that are employed next. */
  const give = (payload: Uint8Array) => {
    const token = manager.store(Message.of(payload));
    new BigUint64Array(boxes)[0] = token;
    return token;
  };
  return { manager, boxes: new BigUint64Array(boxes), employ, give };
}

test('four threads store, read and free at once: nothing is lost, or read after it is free', async () => {
  const { manager, employ } = storeOf();
  const workers = Array.from({ length: WORKERS }, () => employ('churn', MESSAGES));
  const reports = await Promise.all(
    workers.map(async ({ worker }) => (await once(worker, 'message'))[0]),
  );
  expect(reports.map(({ problems }) => problems)).toEqual(workers.map(() => []));
  expect(manager.checkInvariants()).toBeUndefined();
  expect(manager.usage()).toEqual({ capacity: 20, available: 20, live: 0, retired: 0 });
  if (!IS_SLOW) return;
  const time = Math.max(...reports.map((report) => report.time));
  const each = Math.round((time * 1e6) / (WORKERS * MESSAGES));
  process.stderr.write(
    `${WORKERS} x ${MESSAGES} messages: ${Math.round(time)} ms, ${each} ns each\n`,
  );
});

test('a thread that ends while it writes leaves a poisoned message, which is reclaimed', async () => {
  const { manager, employ, give } = storeOf();
  const token = give(Uint8Array.of(1));
  const { worker, seat } = employ('dieWriting');
  await once(worker, 'exit');
  expect(codeOf(() => manager.read(token))).toBe('ALREADY_BORROWED');
  expect(manager.bury(seat)).toBe(1);
  expect(codeOf(() => manager.read(token))).toBe('POISONED');
  expect([manager.poisoned, manager.reclaim(token), manager.available]).toEqual([1, true, 20]);
  expect(manager.checkInvariants()).toBeUndefined();
});

test('a thread that is killed while it holds a guard gives it back', async () => {
  const { manager, employ, give } = storeOf();
  const token = give(Uint8Array.of(1));
  const { worker, seat } = employ('holdForEver');
  await once(worker, 'message');
  const waiting = manager.freeAsync(token, { timeout: 30_000 });
  await worker.terminate();
  expect(manager.bury(seat)).toBe(1);
  await expect(waiting).rejects.toMatchObject({ code: 'POISONED' });
  expect([manager.reclaimPoisoned(), manager.available]).toEqual([1, 20]);
});

test('threads that are killed at any moment lose no slot', async () => {
  const { manager, boxes, employ } = storeOf();
  for (let kill = 0; kill < KILLS; kill++) {
    const workers = [employ('churnForEver', MESSAGES), employ('churnForEver', MESSAGES)];
    await Promise.all(workers.map(({ worker }) => once(worker, 'message')));
    await Promise.all(workers.map(({ worker }) => worker.terminate()));
    const poisoned = workers.map(({ seat }) => manager.bury(seat));
    expect(manager.checkInvariants()).toBeUndefined();
    expect(manager.poisoned).toBe(poisoned[0]! + poisoned[1]!);
    // A token that a dead thread had in hand stands for a message that nobody knows of.
    boxes.fill(0n);
    manager.clear();
    expect(manager.available).toBe(20);
  }
});

test('a thread that blocks until it can read gets what the writer has committed', async () => {
  const { manager, employ, give } = storeOf();
  const guard = manager.readMut(give(Uint8Array.of(1)));
  const { worker } = employ('waitToRead');
  await once(worker, 'message');
  const report = once(worker, 'message');
  guard.payload = Uint8Array.of(2, 3);
  guard.commit();
  expect((await report)[0].problems).toEqual(['read 2,3']);
});

test('a thread that must not block awaits what another one has committed', async () => {
  const { manager, employ, give } = storeOf();
  const token = give(Uint8Array.of(1));
  const { worker } = employ('writeWhenTold');
  await once(worker, 'message');
  expect(codeOf(() => manager.read(token))).toBe('ALREADY_BORROWED');
  const waiting = manager.readAsync(token, { timeout: 30_000 });
  worker.postMessage('write');
  const guard = await waiting;
  expect(guard.payload).toEqual(Uint8Array.of(7));
  guard.release();
});
