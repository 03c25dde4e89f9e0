/**
 * The examples of the pages below `docs` do what they say: all of the code of a page runs as one
 * program, in an empty folder, and each line that ends with `// => value` has that value.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import ts from 'typescript';
import * as host from '../src/lib/host/index.js';
import * as lib from '../src/lib/index.js';

const HOME = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docs-examples-'));
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(HOME);
  rmSync(folder, { recursive: true });
});

test.each(['ownership.md', 'files.md', 'messages.md'])(
  'the examples of %s have the outcomes shown',
  (name) => {
    const page = readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
    let count = 0;
    run(programOf(page), (actual, value) => {
      expect(actual()).toEqual(value());
      count += 1;
    });
    expect(count).toBe(page.match(/\/\/ => /g)!.length);
  },
);

/** The code of a page without its imports; a line with an outcome becomes a comparison. */
function programOf(page: string): string {
  return Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!)
    .join('\n')
    .replace(/^import .*?;$/gms, '')
    .replace(/^( *)(.*); \/\/ => (.*)$/gm, '$1expected(() => $2, () => $3);');
}

function run(program: string, expected: (actual: () => unknown, value: () => unknown) => void) {
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const known = { ...lib, ...host, expected };
  const body = outputText.replace(/^export \{\};$/m, '');
  new Function(...Object.keys(known), body)(...Object.values(known));
}
