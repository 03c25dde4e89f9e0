/**
 * The examples of `docs/ownership.md` do what they say: all of its code runs as one program, and
 * each line that ends with `// => value` has that value.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import * as lib from '../src/lib/index.js';

const PAGE = readFileSync(new URL('../docs/ownership.md', import.meta.url), 'utf8');

/** The code of the page, without its imports. */
const CODE = Array.from(PAGE.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!)
  .join('\n')
  .replace(/^import .*?;$/gms, '');

/** A line with an outcome becomes a comparison: `expected(() => expression, () => value)`. */
const PROGRAM = CODE.replace(/^( *)(.*); \/\/ => (.*)$/gm, '$1expected(() => $2, () => $3);');

test('the examples of the page about ownership have the outcomes that they show', () => {
  let count = 0;
  const expected = (actual: () => unknown, value: () => unknown): void => {
    expect(actual()).toEqual(value());
    count += 1;
  };
  const { outputText } = ts.transpileModule(PROGRAM, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const names = Object.keys(lib);
  const run = new Function(...names, 'expected', outputText.replace(/^export \{\};$/m, ''));
  run(...Object.values(lib), expected);
  expect(count).toBe(PAGE.match(/\/\/ => /g)!.length);
});
