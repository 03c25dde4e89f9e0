/**
 * The sources as plain JavaScript in a folder of their own, for tests that start a program many
 * times: compiling them at each start would take longer than all the rest. Types are only taken
 * out, so it is done in an instant.
 */
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { transformFileSync } from '@swc/core';

const SOURCES = resolve('src');

/** Writes the rooms of `src` that these tests need; gives the path of `src` in the folder. */
export function compileInto(folder: string, rooms: readonly string[]): string {
  const target = join(folder, 'src');
  for (const room of rooms) {
    for (const path of filesBelow(join(SOURCES, room))) compile(path, target);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  return target;
}

function compile(path: string, target: string): void {
  const output = join(target, relative(SOURCES, path));
  mkdirSync(dirname(output), { recursive: true });
  if (!path.endsWith('.ts')) return cpSync(path, output);
  const { code } = transformFileSync(path, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  });
  writeFileSync(output.replace(/\.ts$/, '.js'), code);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
