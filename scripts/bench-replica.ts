/**
 * `npm run bench:replica`: how long a client waits for the embedded replica.
 *
 * The work, for each subject: 1,000 update calls one after another, then 1,000 query calls all at
 * once. The client is `@icp-sdk/core` with all its checks on, so every update
 * has a certificate that is verified and every query a node signature; the replica is a process of
 * its own. What is measured is a call as the client sees it, its own work included, which for an
 * update is mostly the check of the certificate. So that share is measured too, and printed below.
 */
import { fileURLToPath } from 'node:url';
import { createIdentity, PocketIc, PocketIcServer } from '@dfinity/pic';
import { Certificate, HttpAgent, type SignIdentity } from '@icp-sdk/core/agent';
import { Principal } from '@icp-sdk/core/principal';
import { linesOf, type Row } from './bench/table.js';
import { SUBJECTS, type SubjectKind } from './bench-replica/subjects.js';

const BINARY = fileURLToPath(new URL('../dist/replica/server/main.js', import.meta.url));
const CALLS = 1_000;
const VERIFICATIONS = 20;

async function main(): Promise<void> {
  const server = await PocketIcServer.start({ binPath: BINARY });
  const pic = await PocketIc.create(server.getUrl());
  const host = `http://127.0.0.1:${await pic.makeLive()}`;
  const identity = createIdentity('bench') as unknown as SignIdentity;
  const agent = await HttpAgent.create({ host, identity, shouldFetchRootKey: true });
  const rows: Row[] = [['milliseconds a call', 'p50', 'p99', 'longest', 'calls a second']];
  for (const kind of SUBJECTS) rows.push(...(await measure(pic, agent, kind)));
  for (const line of linesOf(rows)) console.log(line);
  const check = await verificationTime(pic, agent);
  console.log(
    `\nOf an update, the client's check of the certificate takes ${check.toFixed(1)} ms.`,
  );
  await pic.stopLive();
  await pic.tearDown();
  await server.stop();
}

async function measure(pic: PocketIc, agent: HttpAgent, kind: SubjectKind): Promise<Row[]> {
  const sender = createIdentity('bench').getPrincipal();
  const canisterId = await pic.createCanister({ sender });
  await pic.installCode({ canisterId, wasm: await kind.wasm(), sender });
  const subject = await kind.connect(agent, Principal.from(canisterId));
  const updates = await load(1, subject.update);
  const queries = await load(CALLS, subject.query);
  return [
    rowOf(`${kind.name}: ${CALLS} updates, one after another`, updates),
    rowOf(`${kind.name}: ${CALLS} queries, all at once`, queries),
  ];
}

interface Load {
  /** In milliseconds, shortest first. */
  readonly times: readonly number[];
  readonly milliseconds: number;
}

/** Makes the calls, with so many under way at any time. */
async function load(concurrent: number, call: (index: number) => Promise<unknown>): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < CALLS) {
      const index = next++;
      const start = performance.now();
      await call(index);
      times.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: concurrent }, caller));
  return { times: times.toSorted((a, b) => a - b), milliseconds: performance.now() - start };
}

function rowOf(name: string, { times, milliseconds }: Load): Row {
  const percentile = (share: number): number => times[Math.ceil(times.length * share) - 1]!;
  const figures = [percentile(0.5), percentile(0.99), percentile(1)];
  const perSecond = Math.round((times.length / milliseconds) * 1000);
  return [name, ...figures.map((figure) => figure.toFixed(1)), String(perSecond)];
}

/** Milliseconds that the client needs to verify a certificate. */
async function verificationTime(pic: PocketIc, agent: HttpAgent): Promise<number> {
  const canisterId = Principal.from(await pic.createCanister());
  const { certificate } = await agent.readState({ canisterId }, { paths: [[utf8('time')]] });
  const rootKey = agent.rootKey!;
  const start = performance.now();
  for (let round = 0; round < VERIFICATIONS; round++) {
    await Certificate.create({ certificate, rootKey, principal: { canisterId } });
  }
  return (performance.now() - start) / VERIFICATIONS;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

await main();
