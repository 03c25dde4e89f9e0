/**
 * Joins the Azle module and the kernel into one, by `wasm-merge` of the package `binaryen`: the
 * imports that each has from the other become plain calls.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KERNEL_MODULE } from './imports.js';

/** AssemblyScript imports its memory from the module of this name: here, the Azle module. */
const MEMORY_MODULE = 'env';

/** What Rust and AssemblyScript emit and the Internet Computer accepts. */
const FEATURES = [
  '--mvp-features',
  '--enable-bulk-memory',
  '--enable-mutable-globals',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
];

const run = promisify(execFile);

/** The module that both make together. Its exports are those of both. O(size), some seconds. */
export async function mergeModules(azle: Uint8Array, kernel: Uint8Array): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'stable-structures-'));
  const azlePath = join(folder, 'azle.wasm');
  const kernelPath = join(folder, 'kernel.wasm');
  const mergedPath = join(folder, 'merged.wasm');
  try {
    await Promise.all([writeFile(azlePath, azle), writeFile(kernelPath, kernel)]);
    await run(process.execPath, [
      createRequire(import.meta.url).resolve('binaryen/bin/wasm-merge'),
      ...[azlePath, MEMORY_MODULE, kernelPath, KERNEL_MODULE],
      ...['--output', mergedPath],
      ...FEATURES,
    ]);
    return await readFile(mergedPath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
