/**
 * `npm run bench:canister`: what our maps and Azle's cost in a canister, in instructions, which are
 * what a canister pays for and is limited by. Three canisters do the same work on the embedded
 * replica, which counts as the Internet Computer does: ours, one with Azle's `StableBTreeMap` as it
 * comes, and one with the same map and serializers that make bytes without JSON. A fourth has the
 * allocator and what stands on it, beside what the original in Rust has published of itself; a
 * fifth has messages, in a manager and in maps.
 *
 *     npm run bench:canister                       all of it, some minutes
 *     npm run bench:canister -- --quick            at 10,000 entries only
 *     npm run bench:canister -- --json figures.json --svg chart.svg
 *
 * Instructions are the same in every run and on every machine. Works on maps are measured inside
 * the canister, without making the keys and without filling the map; whole calls are what the
 * replica says that the message cost. See `bench-canister/canisters` for what is done.
 */
import { writeFile } from 'node:fs/promises';
import { barLines } from './bench-canister/bars.js';
import { buildSubject } from './bench-canister/build.js';
import { chartOf } from './bench-canister/chart.js';
import { jsonOf, MAP_SUBJECTS, type Figure, type MapSubject } from './bench-canister/figures.js';
import { filledImage } from './bench-canister/filling.js';
import { measureBlocks } from './bench-canister/heap/measure-blocks.js';
import { measureStructure } from './bench-canister/heap/measure-structures.js';
import { heapLines } from './bench-canister/heap/report.js';
import { CALLED_MAP_ENTRIES, measureCalls } from './bench-canister/measure-calls.js';
import { measureMaps } from './bench-canister/measure-maps.js';
import { measureAzleMap, measureMessages } from './bench-canister/messages/measure-messages.js';
import { messageLines } from './bench-canister/messages/report.js';
import { optionsOf, USAGE, type Options } from './bench-canister/options.js';
import { Session } from './bench-canister/session.js';
import { tableLines } from './bench-canister/report.js';
import { plansWithin, type Plan } from './bench-canister/canisters/heap/plan.js';

/** As JSON, more messages than this fill a memory for minutes. */
const AZLE_MESSAGES_MAX = 100_000;

async function main(options: Options): Promise<void> {
  const startedAt = performance.now();
  const { entries, blocks, subjects } = options;
  const plans = plansWithin(Math.max(...entries));
  const mapSubjects = MAP_SUBJECTS.filter((subject) => subjects.includes(subject));
  const figures: Figure[] = [];
  for (const subject of mapSubjects) figures.push(...(await measureSubject(subject, entries)));
  if (subjects.includes('heap')) figures.push(...(await measureHeap(blocks, plans)));
  if (subjects.includes('messages')) figures.push(...(await measureMessageStores(blocks)));
  if (mapSubjects.length > 0) print([...tableLines(figures, entries), ...barLines(figures)]);
  if (subjects.includes('heap')) print(heapLines(figures, blocks, plans));
  if (subjects.includes('messages')) print(messageLines(figures, blocks));
  if (options.json !== undefined) await writeFile(options.json, jsonOf(figures));
  if (options.svg !== undefined) await writeFile(options.svg, chartOf(figures));
  console.log(`\nAll in ${seconds(performance.now() - startedAt)}.`);
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

/** The whole calls come last, since they need no size but their own. */
async function measureSubject(subject: MapSubject, sizes: readonly number[]): Promise<Figure[]> {
  const wasm = await step(`${subject}: build`, () => buildSubject(subject));
  const session = await step(`${subject}: install`, () => new Session(wasm));
  const empty = session.image();
  const figures: Figure[] = [];
  for (const entries of sizes) {
    const name = `${subject}: maps of ${entries} entries`;
    await step(`${name}, fill`, () => session.restart(filledImage(subject, empty, entries)));
    figures.push(...(await step(name, () => measureMaps(session, subject, entries))));
  }
  session.restart(filledImage(subject, empty, CALLED_MAP_ENTRIES));
  return [
    ...figures,
    ...(await step(`${subject}: whole calls`, () => measureCalls(session, subject))),
  ];
}

/** Blocks in heaps that are filled beforehand; structures that the canister fills itself. */
async function measureHeap(
  blockCounts: readonly number[],
  plans: readonly Plan[],
): Promise<Figure[]> {
  const wasm = await step('heap: build', () => buildSubject('heap'));
  const session = await step('heap: install', () => new Session(wasm));
  const empty = session.image();
  const figures: Figure[] = [];
  for (const plan of plans) {
    for (const order of plan.orders) {
      const name = `heap: ${plan.structure} of ${plan.entries} entries, ${order}`;
      figures.push(...(await step(name, () => measureStructure(session, plan, order))));
      session.restart(empty);
    }
  }
  for (const count of blockCounts) {
    const name = `heap: ${count} blocks`;
    figures.push(...(await step(name, () => measureBlocks(session, empty, count))));
  }
  return figures;
}

/** Messages that are there beforehand: in a manager and in our map, and then in Azle's. */
async function measureMessageStores(counts: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, measure, countMax] of [
    ['messages', measureMessages, Infinity],
    ['messages-azle', measureAzleMap, AZLE_MESSAGES_MAX],
  ] as const) {
    const wasm = await step(`${name}: build`, () => buildSubject(name));
    const session = await step(`${name}: install`, () => new Session(wasm));
    const empty = session.image();
    for (const count of counts.filter((each) => each <= countMax)) {
      const measured = await step(`${name}: ${count}`, () => measure(session, empty, count));
      figures.push(...measured);
    }
  }
  return figures;
}

/** Says what it did and how long it took, on the side that is not for figures. */
async function step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  console.error(`${name}: ${seconds(performance.now() - startedAt)}`);
  return result;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

const options = optionsOf(process.argv.slice(2));
if (options === undefined) console.log(USAGE);
else await main(options);
