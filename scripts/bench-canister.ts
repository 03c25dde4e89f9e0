/**
 * `npm run bench:canister`: time per insert and per get, u64 to u64, of our map and of Azle's own
 * StableBTreeMap, each in a canister of its own, on the embedded replica, in the same run.
 *
 * The work: 10,000 inserts of distinct keys in no order into an empty map, in one update call;
 * then a get of each of them, in one update call, since a query may not take so many instructions.
 * What is measured is the call as a client sees it,
 * less a call that does nothing. Time is the machine's: read the ratio, not the milliseconds.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { IDL as CandidIDL } from '@dfinity/candid';
import { PocketIc, type Actor } from '@dfinity/pic';
import { buildWithAzle } from '../src/cli/azle.js';
import { buildCanister } from '../src/cli/build.js';
import { readCanisterConfig } from '../src/cli/dfx-json.js';
import { startReplica } from '../src/replica/index.js';

const ROOT = fileURLToPath(new URL('bench', import.meta.url));
const KERNEL = fileURLToPath(new URL('../dist/kernel/kernel.wasm', import.meta.url));
const ENTRY_COUNT = 10_000;
const ROUNDS = 3;

interface Subject {
  insert(count: number): Promise<void>;
  get(count: number): Promise<bigint>;
}

/** Microseconds an operation. */
interface Times {
  readonly insert: number;
  readonly get: number;
}

function idlFactory({ IDL }: { IDL: typeof CandidIDL }): CandidIDL.ServiceClass {
  return IDL.Service({
    insert: IDL.Func([IDL.Nat32], [], []),
    get: IDL.Func([IDL.Nat32], [IDL.Nat64], []),
  });
}

async function main(): Promise<void> {
  console.log(`${ENTRY_COUNT} entries, u64 to u64; the best of ${ROUNDS} rounds\n`);
  const ours = await measure(await buildOurs());
  const azle = await measure(await buildRival());
  console.log(`${''.padEnd(34)}${'insert'.padStart(12)}${'get'.padStart(12)}`);
  print('BTreeMap (ours), us', ours.insert, ours.get);
  print('StableBTreeMap (Azle), us', azle.insert, azle.get);
  print('ours / Azle', ours.insert / azle.insert, ours.get / azle.get);
}

/** A fresh canister for each round, so that every insert meets the same map. */
async function measure(wasm: Uint8Array): Promise<Times> {
  const rounds: Times[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureOnce(wasm));
  return {
    insert: Math.min(...rounds.map(({ insert }) => insert)),
    get: Math.min(...rounds.map(({ get }) => get)),
  };
}

async function measureOnce(wasm: Uint8Array): Promise<Times> {
  const server = await startReplica();
  const pic = await PocketIc.create(server.url, { processingTimeoutMs: 600_000 });
  const { actor } = await pic.setupCanister<Subject>({ idlFactory: idlFactory as never, wasm });
  await actor.insert(0);
  const insert = await perOperation((count) => actor.insert(count));
  await assertRight(actor);
  const get = await perOperation((count) => actor.get(count));
  await pic.tearDown();
  await server.stop();
  return { insert, get };
}

async function perOperation(call: (count: number) => Promise<unknown>): Promise<number> {
  const idle = await timed(() => call(0));
  const busy = await timed(() => call(ENTRY_COUNT));
  return ((busy - idle) / ENTRY_COUNT) * 1000;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A subject that loses entries would be fast. */
async function assertRight(actor: Actor<Subject>): Promise<void> {
  const sum = await actor.get(ENTRY_COUNT);
  const expected = (BigInt(ENTRY_COUNT) * BigInt(ENTRY_COUNT - 1)) / 2n;
  if (sum !== expected) throw new Error(`expected the sum ${expected}, the canister says ${sum}`);
}

async function buildOurs(): Promise<Uint8Array> {
  const options = { verbose: false, print: console.log, kernelPath: KERNEL };
  await buildCanister(await readCanisterConfig(ROOT, 'ours'), options);
  return readFile(join(ROOT, '.azle/ours/ours.wasm'));
}

/** Azle's map needs no kernel, so this one is as `azle build` leaves it. */
async function buildRival(): Promise<Uint8Array> {
  await mkdir(join(ROOT, '.azle/azle-map'), { recursive: true });
  await buildWithAzle(await readCanisterConfig(ROOT, 'azle-map'), false);
  return readFile(join(ROOT, '.azle/azle-map/azle-map.wasm'));
}

function print(subject: string, insert: number, get: number): void {
  const [a, b] = [insert, get].map((value) => value.toFixed(2).padStart(12));
  console.log(`${subject.padEnd(34)}${a}${b}`);
}

await main();
