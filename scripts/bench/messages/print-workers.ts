/**
 * Messages that workers keep in the same manager, and messages that they hand on to each other: by
 * their tokens, or posted.
 */
import { availableParallelism } from 'node:os';
import { nanoseconds, printTable, whole, type Row } from '../table.js';
import { keepingPart, postingPair, sharedManager, tokenPair, type Part } from './parts.js';
import { BATCH_LENGTH, POSTINGS, type Posting } from './posting.js';
import { assertAllFree, assertCount } from './subjects.js';
import { WINDOW } from './window.js';
import { runTogether, type Together } from './workers.js';

const PAYLOAD_SIZES = [64, 4_096];
const KEEPERS = 4;
const PAIRS = 2;
/** More than are ever stored at once: a window for each pair, or what each keeper keeps. */
const CAPACITY = 4_096;
const WARM_UP_MAX = 20_000;

const POSTING_WORDS: Readonly<Record<Posting, string>> = {
  cloned: 'postMessage',
  'cloned in batches': `postMessage, arrays of ${BATCH_LENGTH}`,
  transferred: 'postMessage, buffers transferred',
};

/** Each worker that stores or posts does so with so many messages. */
export async function printWorkers(messages: number): Promise<void> {
  const [cores, count, ahead] = [availableParallelism(), whole(messages), whole(WINDOW)];
  console.log(`
Workers, on ${cores} cores; ${count} messages for each that stores or posts. First ${KEEPERS}
workers in one concurrent manager, each of which stores, reads and frees. Then ${PAIRS} pairs: one
worker stores a message and queues its token, the other takes the token, reads the message and frees
it; or one posts the payload, and the other receives it. A receiver checks that every message comes,
once and in order; in the end every slot has to be free. A sender is at most ${ahead} messages
ahead. Time is that on the wall; processor time is that of all threads together.`);
  for (const payloadSize of PAYLOAD_SIZES) await printPassing(payloadSize, messages);
}

async function printPassing(payloadSize: number, messages: number): Promise<void> {
  const manager = sharedManager(payloadSize, CAPACITY);
  const keepers = times(KEEPERS, () => keepingPart(manager, payloadSize));
  const kept = await measure(keepers, messages);
  const tokens = times(PAIRS, () => tokenPair(manager, payloadSize)).flat();
  const passed = await measure(tokens, messages);
  assertAllFree(manager);
  const rows = [
    rowOf(`stored, read and freed by ${KEEPERS} workers`, kept, KEEPERS * messages),
    rowOf('stored, and the token handed on', passed, PAIRS * messages),
  ];
  for (const posting of POSTINGS) {
    const pairs = times(PAIRS, () => postingPair(posting, payloadSize)).flat();
    const posted = await measure(pairs, messages);
    rows.push(rowOf(POSTING_WORDS[posting], posted, PAIRS * messages));
  }
  printTable(`messages with payloads of ${whole(payloadSize)} bytes`, [
    ['', 'messages a second', 'time a message', 'processor time'],
    ...rows,
  ]);
}

async function measure(parts: readonly Part[], messages: number): Promise<Together> {
  const together = await runTogether(parts, Math.min(messages, WARM_UP_MAX), messages);
  for (const answer of together.answers) assertCount('messages', answer, messages);
  return together;
}

function rowOf(name: string, { wallTime, processorTime }: Together, messages: number): Row {
  return [
    name,
    whole((messages * 1e9) / wallTime),
    nanoseconds(wallTime / messages),
    nanoseconds(processorTime / messages),
  ];
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
