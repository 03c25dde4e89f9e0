/**
 * Runs the user's own `azle build`: the version that their canister was written for, from their
 * `node_modules`. Azle's program is TypeScript, so it runs through the `tsx` that Azle depends on.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CommandError } from './command.js';
import type { CanisterConfig } from './dfx-json.js';

/** Builds the canister. Throws `CommandError` with Azle's output where it fails. */
export async function buildWithAzle(canister: CanisterConfig, verbose: boolean): Promise<void> {
  const azle = findPackage('azle', canister.root);
  const manifest = JSON.parse(await readFile(join(azle, 'package.json'), 'utf8'));
  const tsx = createRequire(join(azle, 'package.json')).resolve('tsx/cli');
  const args = [tsx, join(azle, manifest.bin.azle), 'build', canister.name];
  const env = {
    ...process.env,
    AZLE_DFX_ROOT: canister.root,
    CANISTER_CANDID_PATH: canister.candidSourcePath,
    ...(verbose ? { AZLE_VERBOSE: 'true' } : {}),
  };
  const { code, output } = await run(process.execPath, args, canister.root, env, verbose);
  if (code === 0) return;
  throw new CommandError(
    `"azle build ${canister.name}" failed (azle ${manifest.version}).${output}`,
  );
}

/**
 * The folder of a package as the code in `root` sees it. It is found by the paths alone, because a
 * package with an `exports` map does not let its own `package.json` be resolved.
 */
function findPackage(name: string, root: string): string {
  const places = createRequire(join(root, 'package.json')).resolve.paths(name) ?? [];
  const folder = places
    .map((place) => join(place, name))
    .find((candidate) => existsSync(join(candidate, 'package.json')));
  if (folder !== undefined) return folder;
  throw new CommandError(
    `the package "${name}" is not installed for ${root}. Run: npm install ${name}`,
  );
}

/** The exit code, and what was printed, unless it went straight to the terminal. */
function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  verbose: boolean,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: verbose ? 'inherit' : 'pipe' });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const output = Buffer.concat(chunks).toString().trim();
      resolve({ code: code ?? 1, output: output === '' ? '' : ` It said:\n\n${output}` });
    });
  });
}
