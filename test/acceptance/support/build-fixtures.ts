/**
 * Builds the canisters that only the acceptance tests need. They are built anew where one of their
 * sources has changed: the library, the data canister, the link step, `../fixtures`, a package.
 *
 *     .azle/fixtures/<name>.wasm           built and linked
 *     .azle/fixtures/<name>.unlinked.wasm  as `azle build` alone leaves it
 *     .azle/fixtures/built-from.txt        a hash of the sources
 *
 * A canister is a file `<name>.ts` of that folder. One is made here: `data-on-heap`, which is
 * `src/canister` with a single expression replaced, so that its maps lie on the heap.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithAzle } from '../../../src/cli/azle.js';
import { readCanisterConfig } from '../../../src/cli/dfx-json.js';
import { link } from '../../../src/kernel/link.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SOURCES = fileURLToPath(new URL('../fixtures', import.meta.url));
const TARGET = join(ROOT, '.azle', 'fixtures');
const KERNEL = join(ROOT, 'dist', 'kernel', 'kernel.wasm');
const BUILT_FROM = join(TARGET, 'built-from.txt');

const HEAP_VARIANT = 'data-on-heap';

/** Whatever a change of calls for a new build: files, and folders with all that is in them. */
const BUILT_OF = [SOURCES, KERNEL, join(ROOT, 'package-lock.json')].concat(
  ['azle', 'lib', 'canister', 'kernel', 'cli', 'wasm'].map((room) => join(ROOT, 'src', room)),
);

const hash = await hashOf(BUILT_OF);
if ((await readFile(BUILT_FROM, 'utf8').catch(() => '')) !== hash) await buildAll();

async function buildAll(): Promise<void> {
  const start = performance.now();
  await rm(TARGET, { recursive: true, force: true });
  await mkdir(TARGET, { recursive: true });
  const mains = { ...(await fixtureFiles()), [HEAP_VARIANT]: await writeHeapVariant() };
  const canisters = Object.entries(mains).map(([name, main]) => [
    name,
    { type: 'custom', main: relative(TARGET, main) },
  ]);
  await writeFile(
    join(TARGET, 'dfx.json'),
    JSON.stringify({ canisters: Object.fromEntries(canisters) }),
  );
  await Promise.all(Object.keys(mains).map(buildOne));
  await writeFile(BUILT_FROM, hash);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`built the canisters of test/acceptance/fixtures in ${seconds} s`);
}

async function buildOne(name: string): Promise<void> {
  const canister = await readCanisterConfig(TARGET, name);
  await buildWithAzle(canister, false);
  const [azleWasm, kernelWasm, candid] = await Promise.all([
    readFile(canister.wasmPath),
    readFile(KERNEL),
    readFile(canister.candidPath, 'utf8'),
  ]);
  await writeFile(join(TARGET, `${name}.unlinked.wasm`), azleWasm);
  await writeFile(join(TARGET, `${name}.wasm`), await link({ azleWasm, kernelWasm, candid }));
}

/** The main file of every canister of `../fixtures`, by the canister's name. */
async function fixtureFiles(): Promise<Record<string, string>> {
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith('.ts'));
  return Object.fromEntries(files.map((file) => [file.replace(/\.ts$/, ''), join(SOURCES, file)]));
}

/** A copy of the data canister and of the library, with a memory on the heap in the canister. */
async function writeHeapVariant(): Promise<string> {
  const folder = join(TARGET, HEAP_VARIANT);
  for (const room of ['azle', 'lib', 'canister']) {
    await cp(join(ROOT, 'src', room), join(folder, room), { recursive: true });
  }
  const main = join(folder, 'canister', 'index.ts');
  const source = await readFile(main, 'utf8');
  const onHeap = source
    .replace('import { defaultMemory }', 'import { VectorMemory }')
    .replace('defaultMemory()', 'new VectorMemory()');
  if (onHeap.includes('defaultMemory') || onHeap.split('new VectorMemory()').length !== 2) {
    throw new Error('src/canister/index.ts does not take its memory from one defaultMemory()');
  }
  await writeFile(main, onHeap);
  return main;
}

async function hashOf(paths: readonly string[]): Promise<string> {
  const sum = createHash('sha256');
  for (const path of paths) {
    for (const file of await filesOf(path)) sum.update(file).update(await readFile(file));
  }
  return sum.digest('hex');
}

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') return undefined;
      throw error;
    },
  );
  if (entries === undefined) return [path];
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => join(file.parentPath, file.name)).sort();
}
