/** A user's folder with a canister of one file, beside the packages that are installed here. */
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The sources of the library, for a canister's imports. */
export const LIBRARY = join(process.cwd(), 'src', 'lib');

const TSCONFIG = { compilerOptions: { target: 'ES2022', module: 'ESNext', strict: true } };

/** Makes the folder and returns its path. */
export async function createAzleProject(name: string, source: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'stable-structures-test-'));
  await mkdir(join(root, 'src'));
  await symlink(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  await writeFile(join(root, 'src', 'index.ts'), source);
  await writeFile(join(root, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(root, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  const canisters = { [name]: { type: 'custom', main: 'src/index.ts' } };
  await writeFile(join(root, 'dfx.json'), JSON.stringify({ canisters }));
  return root;
}

export async function removeFolder(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}
