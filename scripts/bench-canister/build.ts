/** Builds the canisters of the subjects. Azle's maps need no kernel, so theirs are not linked. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildWithAzle } from '../../src/cli/azle.js';
import { buildCanister } from '../../src/cli/build.js';
import { readCanisterConfig } from '../../src/cli/dfx-json.js';
import type { Subject } from './figures.js';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const KERNEL = fileURLToPath(new URL('../../dist/kernel/kernel.wasm', import.meta.url));

/** Those with a structure of ours, which needs the kernel. */
const LINKED: readonly CanisterName[] = ['ours', 'heap', 'messages'];

/** The last is what the subject `messages` is compared with. */
export type CanisterName = Subject | 'messages-azle';

/** The module of a canister, compressed so that it fits into a message. */
export async function buildSubject(name: CanisterName): Promise<Uint8Array> {
  const config = await readCanisterConfig(ROOT, name);
  await mkdir(dirname(config.wasmPath), { recursive: true });
  if (LINKED.includes(name)) {
    await buildCanister(config, { verbose: false, print: () => undefined, kernelPath: KERNEL });
  } else {
    await buildWithAzle(config, false);
  }
  return gzipSync(await readFile(config.wasmPath));
}
