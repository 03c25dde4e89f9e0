/**
 * Messages that workers hand on to each other: two that send, and for each one that receives. Both
 * threads of a pair check that every message comes, once and in order.
 */
import { availableParallelism } from 'node:os';
import { nanoseconds, printTable, whole, type Row } from '../table.js';
import { postingPair } from './parts.js';
import { BATCH_LENGTH, POSTINGS, type Posting } from './posting.js';
import { WINDOW } from './window.js';
import { runTogether, type Together } from './workers.js';

const PAYLOAD_SIZES = [64, 4_096];
const PAIRS = 2;
const WARM_UP_MAX = 20_000;

const POSTING_WORDS: Readonly<Record<Posting, string>> = {
  cloned: 'postMessage',
  'cloned in batches': `postMessage, arrays of ${BATCH_LENGTH}`,
  transferred: 'postMessage, buffers transferred',
};

/** Each of the workers that send sends so many. */
export async function printWorkers(messages: number): Promise<void> {
  console.log(`
Workers: ${PAIRS} send ${whole(messages)} messages each, and for each of them one receives,
on ${availableParallelism()} cores. A receiver checks that every message comes once and in order.
A sender is at most ${whole(WINDOW)} messages ahead. Time is that on the wall; processor time is
of all threads.`);
  for (const payloadSize of PAYLOAD_SIZES) await printPassing(payloadSize, messages);
}

async function printPassing(payloadSize: number, messages: number): Promise<void> {
  const rows: Row[] = [];
  for (const posting of POSTINGS) {
    const parts = Array.from({ length: PAIRS }, () => postingPair(posting, payloadSize)).flat();
    const figure = await runTogether(parts, Math.min(messages, WARM_UP_MAX), messages);
    rows.push(rowOf(POSTING_WORDS[posting], figure, PAIRS * messages));
  }
  printTable(`payloads of ${whole(payloadSize)} bytes`, [
    ['', 'messages a second', 'time a message', 'processor time'],
    ...rows,
  ]);
}

function rowOf(name: string, { wallTime, processorTime }: Together, messages: number): Row {
  return [
    name,
    whole((messages * 1e9) / wallTime),
    nanoseconds(wallTime / messages),
    nanoseconds(processorTime / messages),
  ];
}
