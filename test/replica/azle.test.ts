/**
 * A stock Azle canister, built here and driven by the unmodified client of PocketIC. It seeds its
 * randomness through a timer, a call to itself and a call of `raw_rand` right after each install,
 * so a canister that answers has been through all of these.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { PocketIc } from '@dfinity/pic';
import { IDL } from '@dfinity/candid';

import { startReplica, type ReplicaServer } from '../../src/replica/index.js';

const SOURCE = `
import { IDL, query, StableBTreeMap, trap, update } from 'azle';
const map = new StableBTreeMap<string, string>(0);
let calls = 0;
export default class {
    @query([IDL.Text], IDL.Text)
    get(key: string): string { return map.get(key) ?? ''; }
    @update([IDL.Text, IDL.Text], IDL.Nat32)
    set(key: string, value: string): number { map.insert(key, value); return ++calls; }
    @update([IDL.Text])
    fail(key: string): void { calls = 1000; map.insert(key, 'wrong'); trap('on purpose'); }
    @query([], IDL.Nat32)
    random(): number { return crypto.getRandomValues(new Uint32Array(1))[0]; }
}
`;

const DFX = { canisters: { hello: { type: 'azle', main: 'src/hello.ts' } } };

interface Service {
  get(key: string): Promise<string>;
  set(key: string, value: string): Promise<number>;
  fail(key: string): Promise<void>;
  random(): Promise<number>;
}

const idlFactory: PicIdlFactory = ({ IDL }) =>
  IDL.Service({
    get: IDL.Func([IDL.Text], [IDL.Text], ['query']),
    set: IDL.Func([IDL.Text, IDL.Text], [IDL.Nat32], []),
    fail: IDL.Func([IDL.Text], [], []),
    random: IDL.Func([], [IDL.Nat32], ['query']),
  });

/** The client's own notion of an interface: it has a copy of the Candid library. */
type PicIdlFactory = Parameters<PocketIc['createActor']>[0];

/** Azle looks for its packages upwards from the project, so that lies inside of ours. */
const WORKSHOP = resolve('.azle');

jest.setTimeout(120_000); // It builds a canister first.

let folder: string;
let wasm: Buffer;
let server: ReplicaServer;

beforeAll(async () => {
  mkdirSync(WORKSHOP, { recursive: true });
  folder = mkdtempSync(join(WORKSHOP, 'replica-test-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'dfx.json'), JSON.stringify(DFX));
  writeFileSync(join(folder, 'src', 'hello.ts'), SOURCE);
  const output = join(folder, '.azle', 'hello');
  execFileSync(resolve('node_modules/.bin/azle'), ['build', 'hello'], {
    cwd: folder,
    env: { ...process.env, CANISTER_CANDID_PATH: join(output, 'hello.did') },
    stdio: 'pipe',
  });
  wasm = readFileSync(join(output, 'hello.wasm'));
  server = await startReplica();
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('answers, keeps its map through an upgrade, and undoes what fails', async () => {
  const pic = await PocketIc.create(server.url);
  const setup = await pic.setupCanister({ idlFactory, wasm: wasm });
  const actor = setup.actor as unknown as Service;
  expect(await actor.set('name', 'Ada')).toBe(1);
  await expect(actor.fail('name')).rejects.toThrow(/ic0.trap.*on purpose/s);
  expect(await actor.get('name')).toBe('Ada');
  expect(await actor.set('other', 'Grace')).toBe(2);

  const { canisterId } = setup;
  const arg = IDL.encode([], []);
  await pic.upgradeCanister({ canisterId, wasm: wasm, arg });
  expect(await actor.get('name')).toBe('Ada');
  expect(await actor.set('third', 'Emmy')).toBe(1);
  await pic.tearDown();
});

test('is seeded after its installation, each canister with randomness of its own', async () => {
  const pic = await PocketIc.create(server.url);
  const draws: number[] = [];
  for (let count = 0; count < 2; count++) {
    const setup = await pic.setupCanister({ idlFactory, wasm: wasm });
    await pic.tick(3);
    draws.push(await (setup.actor as unknown as Service).random());
  }
  expect(draws[0]).not.toBe(draws[1]);
  await pic.tearDown();
});
