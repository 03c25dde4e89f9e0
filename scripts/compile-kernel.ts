/**
 * Compiles the kernel from AssemblyScript to Wasm. It gets no memory, no data and no runtime of its
 * own: it works in the memory of the Azle module, where every address is somebody else's.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMPILER = join(ROOT, 'node_modules', 'assemblyscript', 'bin', 'asc.js');

/** Writes the kernel to `target`. Throws with the compiler's messages where it does not compile. */
export async function compileKernel(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const args = [
    'src/kernel/assembly/index.ts',
    ...['--outFile', target],
    ...['--runtime', 'stub'],
    ...['--use', 'abort='],
    '--importMemory',
    '--noExportMemory',
    '--noAssert',
    // A request that is no number must trap, not turn into 0.
    ...['--disable', 'nontrapping-f2i'],
    '-O3',
  ];
  // Without source maps the compiler starts itself once more, to have them.
  const command = ['--enable-source-maps', COMPILER, ...args];
  await promisify(execFile)(process.execPath, command, { cwd: ROOT });
}
