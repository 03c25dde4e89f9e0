/**
 * Compiles the kernel from AssemblyScript to Wasm. It gets no memory, no data and no runtime of its
 * own: it works in the memory of the Azle module, where every address is somebody else's.
 */
import asc from 'assemblyscript/asc';
import { mkdir } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = 'src/kernel/assembly/index.ts';

/** Writes the kernel to `target`. Throws with the compiler's messages where it does not compile. */
export async function compileKernel(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const { error, stderr } = await asc.main([
    ENTRY,
    ...['--baseDir', ROOT],
    ...['--outFile', relative(ROOT, target)],
    ...['--runtime', 'stub'],
    ...['--use', 'abort='],
    '--importMemory',
    '--noExportMemory',
    '--noAssert',
    '-O3',
  ]);
  if (error !== null) throw new Error(`the kernel does not compile:\n${stderr.toString()}`);
}
