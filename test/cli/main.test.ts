import { expect, jest, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Each test starts the program, which takes its time on a busy machine. */
jest.setTimeout(60_000);

const TSX = createRequire(import.meta.url).resolve('tsx/cli');
const MAIN = join(process.cwd(), 'src', 'cli', 'main.ts');

test('help goes to the output and ends well', () => {
  const { status, stdout, stderr } = run('--help');
  expect(status).toBe(0);
  expect(stdout).toContain('Usage: stable-structures');
  expect(stderr).toBe('');
});

test('a mistake goes to the errors and ends with exit code 1', () => {
  const { status, stdout, stderr } = run('build');
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('Error: which canister?');
});

function run(...args: string[]) {
  return spawnSync(process.execPath, [TSX, MAIN, ...args], { encoding: 'utf8' });
}
