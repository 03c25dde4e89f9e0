/**
 * `npm start`: the main job on real input. Builds the data canister, installs it on the embedded
 * replica, loads the cities of the world into two maps, asks some questions, upgrades the
 * canister, asks again, and shows where everything lies.
 *
 *     npm start              stays up and says how to call the canister
 *     npm start -- --exit    ends, with exit code 0 only if every answer was right
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { buildDataCanister } from './start/build-data-canister.js';
import { entriesByCountry, entriesById, type Entry } from './start/cities.js';
import { loadCities } from './start/load-cities.js';
import { memoryMap } from './start/memory-map.js';
import { questionsAbout, type Question } from './start/questions.js';
import { ok, startSession, type DataCanister, type Session } from './start/session.js';
import { Stopwatch } from './start/stopwatch.js';
import { RUNNING_FILE } from './start/running.js';

/** Entries a call: a few seconds of work, far below the instructions that a message may use. */
const BATCH_LENGTH = 2_500;

const { values: options } = parseArgs({ options: { exit: { type: 'boolean', default: false } } });

async function main(): Promise<void> {
  const stopwatch = new Stopwatch();
  const building = stopwatch.time('build', buildDataCanister);
  // Meanwhile compilers work in processes of their own.
  const cities = loadCities();
  const [byId, byCountry] = [entriesById(cities), entriesByCountry(cities)];
  const questions = questionsAbout(cities);
  const wasmPath = await building;
  const session = await stopwatch.time('install', () => startSession(wasmPath));
  await stopwatch.time('load', () => load(session, byId, byCountry));

  const before = await ask('Before the upgrade', session.canister, questions);
  await stopwatch.time('upgrade', () => session.upgrade());
  const after = await ask('After the upgrade', session.canister, questions);

  const image = await session.stableMemory();
  console.log('\nStable memory, by virtual memory');
  for (const line of memoryMap(image, await session.canister.list_maps())) console.log(line);

  const isRight = before.isRight && after.isRight && before.text === after.text;
  console.log(
    isRight
      ? '\nEvery answer was right, and the same after the upgrade as before.'
      : '\nSOME ANSWERS WERE WRONG.',
  );
  console.log('\nTime, and the share of it');
  for (const line of stopwatch.lines()) console.log(line);
  if (!options.exit) return stayUp(session);
  await session.stop();
  process.exitCode = isRight ? 0 : 1;
}

async function load(session: Session, byId: Entry[], byCountry: Entry[]): Promise<void> {
  const { canister } = session;
  const unbounded = { max_key_size: [], max_value_size: [], certified: [] } as {
    max_key_size: [];
    max_value_size: [];
    certified: [];
  };
  ok(await canister.create_map({ name: 'cities', key_type: { nat64: null }, ...unbounded }));
  ok(await canister.create_map({ name: 'by_country', key_type: { blob: null }, ...unbounded }));
  const bar = new SingleBar({
    format: '  {bar} {percentage} % | {value} of {total} entries | {map} | {eta_formatted} left',
    etaBuffer: 20,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  bar.start(byId.length + byCountry.length, 0, { map: 'cities' });
  for (const [map, entries] of [
    ['cities', byId],
    ['by_country', byCountry],
  ] as const) {
    for (let start = 0; start < entries.length; start += BATCH_LENGTH) {
      const batch = entries.slice(start, start + BATCH_LENGTH);
      ok(await session.insertMany(map, batch));
      bar.increment(batch.length, { map });
    }
  }
  bar.stop();
}

interface Answers {
  readonly isRight: boolean;
  /** Everything that was answered, to compare before with after. */
  readonly text: string;
}

async function ask(title: string, canister: DataCanister, questions: Question[]): Promise<Answers> {
  console.log(`\n${title}`);
  const answers: string[][] = [];
  let isRight = true;
  for (const question of questions) {
    const answer = await question.ask(canister);
    const matches = JSON.stringify(answer) === JSON.stringify(question.expected);
    isRight &&= matches;
    answers.push(answer);
    console.log(`  ${matches ? 'right' : 'WRONG'}  ${question.text} ${summary(answer)}`);
  }
  return { isRight, text: JSON.stringify(answers) };
}

function summary(answer: readonly string[]): string {
  if (answer.length === 1) return answer[0]!;
  const shown = answer.slice(0, 10).join(', ');
  return `${answer.length}: ${shown}${answer.length > 10 ? ', ...' : ''}`;
}

async function stayUp({ server, canisterId }: Session): Promise<void> {
  await writeFile(RUNNING_FILE, JSON.stringify({ url: server.url, canisterId }));
  console.log(`
The canister ${canisterId} runs on the replica at ${server.url}. In another terminal:

  npm run call -- list_maps
  npm run call -- get cities '{"nat64": 2657896}'
  npm run call -- scan by_country '{"prefix": {"blob": "CH"}, "limit": 5}'

Ctrl-C ends it.`);
}

await main();
