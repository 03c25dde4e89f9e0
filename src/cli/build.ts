/**
 * `stable-structures build <canister>`: what `azle build` does, then the link step. The result
 * lies where Azle leaves its own, so that everything that deploys it finds it.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { link } from '../kernel/link.js';
import { buildWithAzle } from './azle.js';
import { CommandError, type Command, type Print } from './command.js';
import { readCanisterConfig, type CanisterConfig } from './dfx-json.js';

const HELP = `Usage: stable-structures build <canister> [--verbose]

Builds a canister of dfx.json with Azle and links it with the kernel that gives it raw stable
memory. Leaves .azle/<canister>/<canister>.wasm and .did; the Wasm carries its Candid interface.

Options:
  --verbose  show what Azle prints
  --help     show this text

Environment:
  AZLE_DFX_ROOT  the folder of dfx.json, where that is not the working directory`;

/** The build of this package puts the kernel here, beside the compiled link step. */
const KERNEL_PATH = fileURLToPath(new URL('../kernel/kernel.wasm', import.meta.url));

export const build: Command = {
  name: 'build',
  summary: 'build an Azle canister with raw stable memory',
  help: HELP,
  async run(args, print) {
    const { name, verbose } = parse(args);
    const root = resolve(process.env['AZLE_DFX_ROOT'] ?? process.cwd());
    await buildCanister(await readCanisterConfig(root, name), { verbose, print });
  },
};

export interface BuildOptions {
  readonly verbose: boolean;
  readonly print: Print;
  /** The compiled kernel, where it is not the package's own. */
  readonly kernelPath?: string;
}

/** Builds and links a canister, and reports each step with its time. O(size), some seconds. */
export async function buildCanister(
  canister: CanisterConfig,
  { verbose, print, kernelPath = KERNEL_PATH }: BuildOptions,
): Promise<void> {
  const { name, wasmPath, candidPath } = canister;
  await timed(`azle build ${name}`, print, () => buildWithAzle(canister, verbose));
  const size = await timed('link the kernel', print, () => linkCanister(canister, kernelPath));
  print(`${relative(process.cwd(), wasmPath)}  ${(size / 1e6).toFixed(2)} MB`);
  print(relative(process.cwd(), candidPath));
}

/** Links what `azle build` has left, and leaves the result in its place. Returns its size. */
export async function linkCanister(canister: CanisterConfig, kernelPath: string): Promise<number> {
  const { wasmPath, candidPath, candidSourcePath } = canister;
  if (candidSourcePath !== candidPath) await copyFile(candidSourcePath, candidPath);
  const [azleWasm, kernelWasm, candid] = await Promise.all([
    readFile(wasmPath),
    readFile(kernelPath),
    readFile(candidPath, 'utf8'),
  ]);
  const linked = await link({ azleWasm, kernelWasm, candid });
  await writeFile(wasmPath, linked);
  return linked.length;
}

function parse(args: readonly string[]): { name: string; verbose: boolean } {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: { verbose: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [name, ...others] = positionals;
    if (name === undefined) throw new Error('which canister? Name one of dfx.json.');
    if (others.length > 0) throw new Error(`one canister at a time; also got: ${others.join(' ')}`);
    return { name, verbose: values.verbose };
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n\n${HELP}`);
  }
}

async function timed<T>(step: string, print: Print, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  print(`${step}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}
