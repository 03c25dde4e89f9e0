/**
 * Builds the package into `dist`: the library, the link command and the replica from TypeScript,
 * the kernel from AssemblyScript. Both at once, since neither needs the other.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compileKernel } from './compile-kernel.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

/** The commands of the package; npm links them, and a test may start them as they are. */
const COMMANDS = [
  'cli/main.js',
  'replica/command/main.js',
  'replica/command/icp-launcher.js',
  'replica/server/main.js',
];
const EXECUTABLE = 0o755;

/** What the compiler does not bring along. */
const PAGES = ['replica/command/status-page.html'];

await rm(DIST, { recursive: true, force: true });
await Promise.all([compileTypeScript(), compileKernel(join(DIST, 'kernel', 'kernel.wasm'))]);
for (const command of COMMANDS) await chmod(join(DIST, command), EXECUTABLE);
for (const page of PAGES) await copyFile(join(ROOT, 'src', page), join(DIST, page));

/** In a process of its own, for both compilers keep a core busy. */
async function compileTypeScript(): Promise<void> {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json')]);
  } catch (error) {
    console.error((error as { stdout: string }).stdout);
    process.exit(1);
  }
}
