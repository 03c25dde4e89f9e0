/**
 * Builds the data canister as `npm run build` does, from its sources and from nothing that an
 * earlier run has left. The kernel is compiled while Azle builds, for neither needs the other.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithAzle } from '../../src/cli/azle.js';
import { linkCanister } from '../../src/cli/build.js';
import { readCanisterConfig } from '../../src/cli/dfx-json.js';
import { compileKernel } from '../compile-kernel.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KERNEL = join(ROOT, '.azle', 'kernel.wasm');

/** The path of the Wasm. Two thirds of the time two cores are busy; linking takes one. */
export async function buildDataCanister(): Promise<string> {
  const canister = await readCanisterConfig(ROOT, 'data');
  await Promise.all([compileKernel(KERNEL), buildWithAzle(canister, false)]);
  await linkCanister(canister, KERNEL);
  return canister.wasmPath;
}
