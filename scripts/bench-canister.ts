/**
 * `npm run bench:canister`: what our maps and Azle's cost in a canister, in instructions, which are
 * what a canister pays for and is limited by. Three canisters do the same work on the embedded
 * replica, which counts as the Internet Computer does: ours, one with Azle's `StableBTreeMap` as it
 * comes, and one with the same map and serializers that make bytes without JSON.
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
import { jsonOf, type Figure, type Subject } from './bench-canister/figures.js';
import { filledImage } from './bench-canister/filling.js';
import { CALLED_MAP_ENTRIES, measureCalls } from './bench-canister/measure-calls.js';
import { measureMaps } from './bench-canister/measure-maps.js';
import { optionsOf, USAGE, type Options } from './bench-canister/options.js';
import { Session } from './bench-canister/session.js';
import { tableLines } from './bench-canister/report.js';

async function main(options: Options): Promise<void> {
  const startedAt = performance.now();
  const figures: Figure[] = [];
  for (const subject of options.subjects) {
    figures.push(...(await measureSubject(subject, options.entries)));
  }
  for (const line of tableLines(figures, options.entries)) console.log(line);
  for (const line of barLines(figures)) console.log(line);
  if (options.json !== undefined) await writeFile(options.json, jsonOf(figures));
  if (options.svg !== undefined) await writeFile(options.svg, chartOf(figures));
  console.log(`\nAll in ${seconds(performance.now() - startedAt)}.`);
}

/** The whole calls come last, since they need no size but their own. */
async function measureSubject(subject: Subject, sizes: readonly number[]): Promise<Figure[]> {
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
