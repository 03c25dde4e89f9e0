/**
 * The kernel, compiled from the sources as they are now. Compiling takes seconds, so the result is
 * kept in the system's folder for temporary files, under a name made of the sources.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileKernel } from '../../scripts/compile-kernel.js';

const ROOT = process.cwd();
const SCRIPT = join(ROOT, 'scripts', 'compile-kernel.ts');
const SOURCES = join(ROOT, 'src', 'kernel', 'assembly');

/** The path of the compiled kernel. */
export async function compiledKernelPath(): Promise<string> {
  const path = join(tmpdir(), `stable-structures-kernel-${hashOfSources()}.wasm`);
  if (existsSync(path)) return path;
  const unfinished = `${path}.${process.pid}`;
  await compileKernel(unfinished);
  renameSync(unfinished, path);
  return path;
}

/** The compiled kernel. */
export async function compiledKernel(): Promise<Uint8Array> {
  return new Uint8Array(readFileSync(await compiledKernelPath()));
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(SCRIPT));
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(SOURCES, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
