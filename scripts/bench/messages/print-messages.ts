/**
 * The part `messages` of the benchmark: the managers of messages and the queues of tokens in one
 * thread, and then messages that workers hand on to each other, beside `postMessage`.
 */
import type { Figure } from '../steps.js';
import { nanoseconds, printTable, ratio, whole, type Row } from '../table.js';
import { measureManager } from './measure-managers.js';
import { measureQueue, QUEUES } from './measure-queues.js';
import { measureSlots } from './measure-slots.js';
import { measureAccesses, type Accesses } from './memory-accesses.js';
import { printWorkers } from './print-workers.js';
import { MANAGERS } from './subjects.js';

const PAYLOAD_SIZES = [64, 4_096];
const COUNT = 10_000;
const ROUNDS = 7;

const SLOT_COUNTS = [1_000, 1_000_000];
const SLOT_PAYLOAD_SIZE = 64;
const SLOT_ROUNDS = 101;

const WARM_UP_COUNT = 2_000;

/** Prints all tables of the part; with so many slots only where that is told. */
export async function printMessages(
  slots: number | undefined,
  seed: number,
  messages: number,
): Promise<void> {
  const slotCounts = slots === undefined ? SLOT_COUNTS : [slots];
  for (const payloadSize of PAYLOAD_SIZES) printManagers(payloadSize, seed);
  printSlots(slotCounts, seed);
  printAccesses(slotCounts, seed);
  printQueues(slotCounts);
  await printWorkers(messages);
}

/** Each manager is warmed up with a round that does not count. */
function printManagers(payloadSize: number, seed: number): void {
  const managers = Object.values(MANAGERS);
  for (const open of managers) measureManager(open, payloadSize, WARM_UP_COUNT, seed, 1);
  const figures = managers.map((open) => measureManager(open, payloadSize, COUNT, seed, ROUNDS));
  const rows = figures[0]!.map(({ operation }, place): Row => {
    return [operation, ...figures.map((each) => nanoseconds(each[place]!.time))];
  });
  const title =
    `${whole(COUNT)} messages with payloads of ${whole(payloadSize)} bytes, ` +
    `asked for in random order, ${ROUNDS} rounds`;
  printTable(title, [['', ...Object.keys(MANAGERS)], ...rows]);
}

function printSlots(slotCounts: readonly number[], seed: number): void {
  console.log(`
By the number of slots: random slots of a full manager are freed and used again. The work is the
same, as the counts below the table show; but of a million slots the one that is meant lies seldom
in the processor's cache.`);
  printByCount(
    `full managers, payloads of ${SLOT_PAYLOAD_SIZE} bytes, ${SLOT_ROUNDS} rounds`,
    slotCounts,
    Object.entries(MANAGERS).map(([name, open]) => [
      name,
      (slots) => measureSlots(open(slots, SLOT_PAYLOAD_SIZE), SLOT_PAYLOAD_SIZE, seed, SLOT_ROUNDS),
    ]),
  );
}

function printQueues(lengths: readonly number[]): void {
  printByCount(
    `queues by the number of tokens in them, in one thread, ${SLOT_ROUNDS} rounds`,
    lengths,
    Object.entries(QUEUES).map(([name, makeQueue]) => [
      name,
      (length) => measureQueue(makeQueue, length, SLOT_ROUNDS),
    ]),
  );
}

/** A row for each operation of each subject, and a column for each count. */
function printByCount(
  title: string,
  counts: readonly number[],
  subjects: readonly (readonly [name: string, measure: (count: number) => Figure[]])[],
): void {
  const rows = subjects.flatMap(([name, measure]) => {
    const figures = counts.map(measure);
    return figures[0]!.map(({ operation }, place): Row => {
      const times = figures.map((each) => each[place]!.time);
      return [`${operation}, ${name}`, ...times.map(nanoseconds), ratio(times.at(-1)!, times[0]!)];
    });
  });
  printTable(title, [['', ...counts.map(whole), 'ratio'], ...rows]);
}

function printAccesses(slotCounts: readonly number[], seed: number): void {
  const counted = slotCounts.map((slots) => measureAccesses(slots, SLOT_PAYLOAD_SIZE, seed));
  printTable('stable manager: reads and writes of its memory by an operation, counted', [
    ['', ...slotCounts.map((slots) => `${whole(slots)} slots`)],
    ...counted[0]!.map(({ operation }, place): Row => {
      return [operation, ...counted.map((each) => accessesOf(each[place]!))];
    }),
  ]);
}

/** Up to two digits behind the point: a grow of the memory is seldom. */
function accessesOf({ reads, writes }: Accesses): string {
  return `${Number(reads.toFixed(2))} and ${Number(writes.toFixed(2))}`;
}
