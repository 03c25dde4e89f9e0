/**
 * Modules of this project as plain JavaScript, for threads and pages that know no TypeScript: a
 * module and all that it imports are compiled into a folder, each file for itself.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Compiles a module, given by its path from the root. Returns where it lies in the folder. */
export function compileModules(entry: string, folder: string): string {
  const done = new Set<string>();
  const compile = (path: string): void => {
    if (done.has(path)) return;
    done.add(path);
    const { code } = transformSync(readFileSync(join(ROOT, path), 'utf8'), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    });
    const target = join(folder, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
    for (const [, specifier] of code.matchAll(/\bfrom ["'](\..*?)\.js["']/g)) {
      compile(relative(ROOT, join(ROOT, dirname(path), `${specifier}.ts`)));
    }
  };
  compile(entry);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return join(folder, entry.replace(/\.ts$/, '.js'));
}
