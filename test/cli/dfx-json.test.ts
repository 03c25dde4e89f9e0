import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../../src/cli/command.js';
import { readCanisterConfig } from '../../src/cli/dfx-json.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stable-structures-test-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a canister is found with the places of its files', async () => {
  await writeDfxJson({ canisters: { data: { main: 'src/index.ts', candid: 'data.did' } } });
  const candidPath = join(root, '.azle/data/data.did');
  expect(await readCanisterConfig(root, 'data')).toEqual({
    name: 'data',
    root,
    wasmPath: join(root, '.azle/data/data.wasm'),
    candidPath,
    candidSourcePath: candidPath,
  });
});

test('an interface written by hand is taken from where dfx.json says', async () => {
  const custom = { candid_gen: 'custom' };
  await writeDfxJson({ canisters: { data: { main: 'index.ts', candid: 'my.did', custom } } });
  const canister = await readCanisterConfig(root, 'data');
  expect(canister.candidSourcePath).toBe(join(root, 'my.did'));
  expect(canister.candidPath).toBe(join(root, '.azle/data/data.did'));
});

test.each([
  ['no such canister', { canisters: { a: {}, b: {} } }, 'It has: a, b.'],
  ['no canisters', {}, 'It has: none.'],
  ['no main', { canisters: { data: {} } }, 'no "main"'],
  [
    'experimental mode',
    { canisters: { data: { main: 'index.ts', custom: { experimental: true } } } },
    'experimental',
  ],
  [
    'an interface by hand that has no name',
    { canisters: { data: { main: 'index.ts', custom: { candid_gen: 'custom' } } } },
    'no "candid"',
  ],
])('%s is refused with what to do', async (_, content, message) => {
  await writeDfxJson(content);
  await expect(readCanisterConfig(root, 'data')).rejects.toThrow(CommandError);
  await expect(readCanisterConfig(root, 'data')).rejects.toThrow(message);
});

test('a folder without dfx.json is refused', async () => {
  await expect(readCanisterConfig(root, 'data')).rejects.toThrow(`no dfx.json in ${root}`);
});

test('a dfx.json that is no JSON is refused by its name', async () => {
  await writeFile(join(root, 'dfx.json'), '{');
  await expect(readCanisterConfig(root, 'data')).rejects.toThrow(CommandError);
  await expect(readCanisterConfig(root, 'data')).rejects.toThrow(join(root, 'dfx.json'));
});

async function writeDfxJson(content: object): Promise<void> {
  await writeFile(join(root, 'dfx.json'), JSON.stringify(content));
}
