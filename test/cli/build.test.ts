import { afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCanister } from '../../src/cli/build.js';
import { CommandError } from '../../src/cli/command.js';
import { readCanisterConfig } from '../../src/cli/dfx-json.js';
import { LinkError } from '../../src/kernel/link-error.js';
import { readCustomSections, readSections } from '../../src/wasm/module.js';
import { linkableModule } from '../support/azle-module.js';
import { compiledKernelPath } from '../support/compiled-kernel.js';
import { COMPILE_TIMEOUT_MS } from '../support/kernel-host.js';

/** Each test starts programs, which takes its time on a busy machine. */
jest.setTimeout(COMPILE_TIMEOUT_MS);

/** Stands in for Azle: says what it was told, and leaves the module that lies ready for it. */
const FAKE_AZLE = `
  import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
  const folder = process.env.AZLE_DFX_ROOT + '/.azle/' + process.argv[3];
  mkdirSync(folder, { recursive: true });
  writeFileSync(process.env.CANISTER_CANDID_PATH, 'service : {}');
  writeFileSync(folder + '/told.json', JSON.stringify([process.argv.slice(2), process.cwd()]));
  copyFileSync(process.env.AZLE_DFX_ROOT + '/ready.wasm', folder + '/data.wasm');
`;
const FAILING_AZLE = `
  console.log('a line of output');
  console.error('a line of errors');
  process.exit(3);
`;

let root: string;
let kernelPath: string;
let printed: string[];

beforeAll(async () => {
  kernelPath = await compiledKernelPath();
});

beforeEach(async () => {
  printed = [];
  root = await realpath(await mkdtemp(join(tmpdir(), 'stable-structures-test-')));
  await writeFile(join(root, 'dfx.json'), '{ "canisters": { "data": { "main": "index.ts" } } }');
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a project without azle is told to install it', async () => {
  await expect(run()).rejects.toThrow(CommandError);
  await expect(run()).rejects.toThrow('npm install azle');
});

test("a build that fails shows Azle's version and all that it said", async () => {
  await installAzle(FAILING_AZLE);
  await expect(run()).rejects.toThrow(CommandError);
  await expect(run()).rejects.toThrow(/azle 9\.9\.9[^]*a line of output\na line of errors/);
});

test("Azle's own program is run in the project, and what it leaves is linked in place", async () => {
  await installAzle(FAKE_AZLE, linkableModule());
  await run();
  const told = JSON.parse(await readFile(join(root, '.azle/data/told.json'), 'utf8'));
  expect(told).toEqual([['build', 'data'], root]);
  const linked = await readFile(join(root, '.azle/data/data.wasm'));
  const interfaces = readCustomSections(readSections(linked)).get('icp:public candid:service');
  expect(Buffer.from(interfaces!).toString()).toBe('service : {}');
  expect(linked.includes('stable-structures kernel: present')).toBe(true);
});

test('each step is reported with its time, and each file with its place', async () => {
  await installAzle(FAKE_AZLE, linkableModule());
  await run();
  expect(printed).toEqual([
    expect.stringMatching(/^azle build data: \d+\.\d s$/),
    expect.stringMatching(/^link the kernel: \d+\.\d s$/),
    expect.stringMatching(/\.azle.data.data\.wasm {2}0\.0\d MB$/),
    expect.stringMatching(/\.azle.data.data\.did$/),
  ]);
});

test('a module that cannot be linked stays as Azle left it', async () => {
  const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  await installAzle(FAKE_AZLE, module);
  await expect(run()).rejects.toThrow(LinkError);
  expect(new Uint8Array(await readFile(join(root, '.azle/data/data.wasm')))).toEqual(module);
});

test('an interface written by hand comes to lie beside the Wasm', async () => {
  const entry = { main: 'index.ts', candid: 'my.did', custom: { candid_gen: 'custom' } };
  await writeFile(join(root, 'dfx.json'), JSON.stringify({ canisters: { data: entry } }));
  await installAzle(FAKE_AZLE, linkableModule());
  await run();
  expect(await readFile(join(root, 'my.did'), 'utf8')).toBe('service : {}');
  expect(await readFile(join(root, '.azle/data/data.did'), 'utf8')).toBe('service : {}');
});

async function run(): Promise<void> {
  const canister = await readCanisterConfig(root, 'data');
  await buildCanister(canister, {
    verbose: false,
    print: (line) => printed.push(line),
    kernelPath,
  });
}

async function installAzle(program: string, ready: Uint8Array = new Uint8Array(0)): Promise<void> {
  await writeFile(join(root, 'ready.wasm'), ready);
  const azle = join(root, 'node_modules', 'azle');
  await mkdir(azle, { recursive: true });
  await symlink(join(process.cwd(), 'node_modules', 'tsx'), join(root, 'node_modules', 'tsx'));
  const manifest = { version: '9.9.9', type: 'module', bin: { azle: './build.ts' }, exports: {} };
  await writeFile(join(azle, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(azle, 'build.ts'), program);
}
