/**
 * Measures the library in Node: maps of several sizes, beside an ordered map that lives on the heap
 * and is measured in the same run, and beside figures of the Rust crate; then other structures; the
 * allocator with what stands on it; memories and stacks in files; and messages, also those that
 * worker threads hand on to each other.
 *
 *     npm run bench
 *     npm run bench -- heap                 one part only: maps, structures, heap, files, messages
 *     npm run bench -- --entries 100000     one size only
 *     npm run bench -- --seed 7             other keys
 *     npm run bench -- --messages 100000    so many messages for each worker thread
 *
 * Prints what it does before it does it. Nothing is chosen to look well: keys are random and follow
 * from the seed, and every figure is printed.
 */
import { parseArgs } from 'node:util';
import { printFiles } from './bench/files/print-files.js';
import { printHeap } from './bench/heap/print-heap.js';
import { measureAll, roundsFor, type OperationName, type Times } from './bench/measure.js';
import { printMessages } from './bench/messages/print-messages.js';
import { measureStructures } from './bench/structures.js';
import { Ours, Rival } from './bench/subjects.js';
import { nanoseconds, printTable, ratio, whole, type Row } from './bench/table.js';
import {
  RANGE_LENGTH,
  TEXT_TO_BYTES,
  U64_TO_U64,
  workloadOf,
  type EntryType,
} from './bench/workload.js';

const ENTRY_COUNTS = [1_000, 10_000, 100_000, 1_000_000];
const WARM_UP_COUNT = 20_000;
/** Of the tables that have one size. */
const USUAL_COUNT = 100_000;
const MESSAGE_COUNT = 1_000_000;

/** Nanoseconds of the crate, compiled natively, u64 to u64. For reading, not measured here. */
const RUST_COUNT = 100_000;
const RUST: Partial<Times> = { insert: 1_700, get: 900, remove: 2_700, walk: 40, iterate: 40 };

const OPERATIONS: readonly [OperationName, string][] = [
  ['insert', 'insert, keys in random order'],
  ['get', 'get, each key once'],
  ['remove', 'remove, each key once'],
  ['walk', 'iterate, nothing decoded, an entry'],
  ['iterate', 'iterate, all decoded, an entry'],
  ['range', `range of ${RANGE_LENGTH} entries`],
];

const PARTS = ['maps', 'structures', 'heap', 'files', 'messages'] as const;

type Part = (typeof PARTS)[number];

interface Options {
  readonly parts: readonly Part[];
  readonly entries: number | undefined;
  readonly seed: number;
  /** Of each worker thread. */
  readonly messages: number;
}

const PRINT: Readonly<Record<Part, (options: Options) => void | Promise<void>>> = {
  maps: ({ entries, seed }) => printMaps(entries, seed),
  structures: ({ entries, seed }) => printStructures(entries ?? USUAL_COUNT, seed),
  heap: ({ entries, seed }) => printHeap(entries, seed),
  files: ({ entries, seed }) => printFiles(entries, seed),
  messages: ({ entries, seed, messages }) => printMessages(entries, seed, messages),
};

async function main(options: Options): Promise<void> {
  describeRun(options.seed);
  for (const part of options.parts) await PRINT[part](options);
}

function describeRun(seed: number): void {
  console.log(`Node ${process.version}, ${process.arch}; seed ${seed}

Time is processor time of the process, user and system, with garbage collection and compilation;
the median of the rounds. Of files and of worker threads it is time on the wall.`);
}

function printMaps(entries: number | undefined, seed: number): void {
  describeMaps();
  warmUp(seed);
  for (const count of entries === undefined ? ENTRY_COUNTS : [entries]) {
    printMap(U64_TO_U64, count, seed, count === RUST_COUNT ? RUST : {});
  }
  printMap(TEXT_TO_BYTES, entries ?? USUAL_COUNT, seed, {});
}

function describeMaps(): void {
  console.log(`
The work: a map is filled with random keys, asked for each of them in another order, walked as a
whole and in ranges from random keys on, and emptied in a third order. Ours goes through a
MemoryManager with default buckets over a VectorMemory, and encodes and decodes every key and value.
sorted-btree is a B+ tree of JavaScript values on the heap, which encodes nothing, holds values by
reference and survives no upgrade.

Each map is warmed up with a round of ${whole(WARM_UP_COUNT)} entries
that does not count. Rust is the crate compiled natively, at ${whole(RUST_COUNT)} entries: figures
of such a machine that were given to us, not measured here. Its iterators decode no value.`);
}

function warmUp(seed: number): void {
  const workload = workloadOf(U64_TO_U64, WARM_UP_COUNT, seed);
  measureAll([() => new Ours(U64_TO_U64), () => new Rival()], workload, 1);
}

function printMap<K, V>(
  type: EntryType<K, V>,
  count: number,
  seed: number,
  rust: Partial<Times>,
): void {
  const rounds = roundsFor(count);
  const starts = [() => new Ours(type), () => new Rival<K, V>()];
  const [ours, rival] = measureAll(starts, workloadOf(type, count, seed), rounds);
  const title = `${type.name}, ${entriesAndRounds(count, rounds)}`;
  const head: Row = ['', 'ours', 'sorted-btree', 'ratio', 'Rust', 'ratio'];
  const rows = OPERATIONS.map(([name, words]): Row => {
    const [time, other, reference] = [ours![name], rival![name], rust[name]];
    const compared =
      reference === undefined ? ['—', '—'] : [nanoseconds(reference), ratio(time, reference)];
    return [words, nanoseconds(time), nanoseconds(other), ratio(time, other), ...compared];
  });
  printTable(title, [head, ...rows]);
}

function printStructures(count: number, seed: number): void {
  const rounds = roundsFor(count);
  const figures = measureStructures(count, seed, rounds);
  printTable(
    `other structures of u64, ${entriesAndRounds(count, rounds)}`,
    figures.map(({ operation, time }) => [operation, nanoseconds(time)]),
  );
}

function entriesAndRounds(count: number, rounds: number): string {
  return `${whole(count)} entries, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
}

const USAGE = `usage: npm run bench -- [${PARTS.join('] [')}]
                        [--entries NUMBER] [--seed NUMBER] [--messages NUMBER]`;

function optionsOf(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      entries: { type: 'string' },
      seed: { type: 'string', default: '1' },
      messages: { type: 'string', default: String(MESSAGE_COUNT) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const entries = values.entries === undefined ? undefined : wholeNumber('entries', values.entries);
  const parts = positionals.length === 0 ? PARTS : positionals.map(partOf);
  const messages = wholeNumber('messages', values.messages);
  return { parts, entries, seed: wholeNumber('seed', values.seed), messages };
}

function partOf(name: string): Part {
  const part = PARTS.find((each) => each === name);
  if (part !== undefined) return part;
  throw new RangeError(`expected some of ${PARTS.join(', ')}, got ${name}`);
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new RangeError(`--${option}: expected a whole number from 1 on, got ${text}`);
}

await main(optionsOf());
