/**
 * What a build needs to know of a canister, from the `dfx.json` that Azle reads too:
 *
 *     "canisters": { "<name>": { "main": "src/index.ts", "candid": "...", "custom": { ... } } }
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CommandError } from './command.js';

/** A canister, with absolute paths. */
export interface CanisterConfig {
  readonly name: string;
  /** The folder of `dfx.json`. */
  readonly root: string;
  /** Where `azle build` leaves the Wasm, and the link step too. */
  readonly wasmPath: string;
  /** Where the interface belongs. */
  readonly candidPath: string;
  /** The file that Azle writes the interface to, or, if it is written by hand, reads it from. */
  readonly candidSourcePath: string;
}

/** The fields of a canister in `dfx.json` that matter here. */
interface CanisterEntry {
  readonly main?: string;
  readonly candid?: string;
  readonly custom?: { readonly candid_gen?: string; readonly experimental?: boolean };
}

/** Reads a canister from `root`/dfx.json. Throws `CommandError`, which says what to add. */
export async function readCanisterConfig(root: string, name: string): Promise<CanisterConfig> {
  const canisters = await readCanisters(root);
  const entry = canisters[name];
  if (entry === undefined) {
    const names = Object.keys(canisters).join(', ') || 'none';
    throw new CommandError(`dfx.json has no canister "${name}". It has: ${names}.`);
  }
  if (entry.main === undefined) {
    throw new CommandError(
      `canister "${name}" in dfx.json has no "main". Add it: "main": "src/index.ts".`,
    );
  }
  if (entry.custom?.experimental === true) {
    throw new CommandError(
      `canister "${name}" uses Azle's experimental mode, whose Wasm cannot be linked. ` +
        'Remove "experimental" from dfx.json.',
    );
  }
  const folder = join(root, '.azle', name);
  const candidPath = join(folder, `${name}.did`);
  return {
    name,
    root,
    wasmPath: join(folder, `${name}.wasm`),
    candidPath,
    candidSourcePath: handWrittenCandid(root, name, entry) ?? candidPath,
  };
}

async function readCanisters(root: string): Promise<Record<string, CanisterEntry | undefined>> {
  const path = join(root, 'dfx.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new CommandError(
      `there is no dfx.json in ${root}. Run this in the folder that has it, or set AZLE_DFX_ROOT.`,
    );
  });
  try {
    return JSON.parse(text).canisters ?? {};
  } catch (error) {
    throw new CommandError(`${path} is no valid JSON: ${(error as Error).message}`);
  }
}

/** With `"candid_gen": "custom"` Azle reads the file that `candid` names, instead of making it. */
function handWrittenCandid(root: string, name: string, entry: CanisterEntry): string | undefined {
  if (entry.custom?.candid_gen !== 'custom') return undefined;
  if (entry.candid === undefined) {
    throw new CommandError(
      `canister "${name}" has "candid_gen": "custom" in dfx.json, ` +
        'but no "candid" that names the file.',
    );
  }
  return resolve(root, entry.candid);
}
