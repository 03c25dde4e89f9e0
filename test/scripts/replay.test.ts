/**
 * `npm run replay` must be able to fail: a wrong result, a wrong byte and a missing file are named,
 * and a structure that is not there yet is neither passed nor hidden.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { replayCase } from '../../scripts/replay/engine.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CASE = 'btreemap-u64-u64';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  copyCase(CASE);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a case that is as it was passes', () => {
  expect(replayCase(folder, CASE)).toEqual({
    name: CASE,
    result: 'passed',
    detail: '1501 operations',
  });
});

test('a wrong result fails, with the operation that gave it', () => {
  changeOperations(CASE, (text) => text.replace('"op":"len","r":151', '"op":"len","r":150'));
  expect(replayCase(folder, CASE)).toMatchObject({
    result: 'failed',
    detail: 'operation 1501 (len): expected 150, found 151',
  });
});

test('a wrong byte fails, with its place', () => {
  changeImage(CASE, (image) => {
    image[40_000]! ^= 1;
    return image;
  });
  const outcome = replayCase(folder, CASE);
  expect(outcome).toMatchObject({ result: 'failed' });
  expect(outcome.detail).toMatch(/^image: byte 40000: expected \d+, found \d+$/);
});

test('another size of memory fails', () => {
  changeImage(CASE, (image) => image.subarray(65_536));
  expect(replayCase(folder, CASE).detail).toMatch(/^image: expected \d+ bytes, found \d+$/);
});

test.each([
  ['an operation that it does not know', '"op":"insert"', '"op":"explode"'],
  ['a type that it does not know', '"key":"u64"', '"key":"u65"'],
  ['a key that is none', '"k":"0000', '"k":"00'],
])('%s fails', (_label, from, to) => {
  changeOperations(CASE, (text) => text.replace(from, to));
  expect(replayCase(folder, CASE)).toMatchObject({ result: 'failed' });
});

test('the command counts what passed and failed, and names what it cannot replay', () => {
  copyCase(CASE, 'other-layout');
  changeOperations('other-layout', (text) => text.replace('"layout":2', '"layout":9'));
  writeFileSync(join(folder, 'MANIFEST.json'), JSON.stringify({ cases: { missing: {} } }));
  const { status, stdout } = run(folder);
  expect(stdout.split('\n')).toEqual([
    'passed: btreemap-u64-u64, 1501 operations',
    expect.stringMatching(/^FAILED: missing: .*ENOENT/),
    'not supported yet: other-layout (BTreeMap layout 9)',
    '1 passed, 1 failed',
    '',
  ]);
  expect(status).toBe(1);
});

test('the command succeeds where nothing failed', () => {
  expect(run(folder)).toMatchObject({ status: 0 });
});

test('the command refuses a folder that is not there, and one without a case', () => {
  expect(run(join(folder, 'nowhere'))).toMatchObject({ status: 2, stdout: '' });
  rmSync(join(folder, `${CASE}.ops.jsonl.gz`));
  expect(run(folder)).toMatchObject({ status: 1, stdout: '0 passed, 0 failed\n' });
});

function copyCase(name: string, copy = name): void {
  for (const suffix of ['.ops.jsonl.gz', '.bin.gz']) {
    cpSync(join(ROOT, 'test/fixtures/sequences', name + suffix), join(folder, copy + suffix));
  }
}

function changeOperations(name: string, change: (text: string) => string): void {
  const path = join(folder, `${name}.ops.jsonl.gz`);
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, gzipSync(change(text)));
}

function changeImage(name: string, change: (image: Uint8Array) => Uint8Array): void {
  const path = join(folder, `${name}.bin.gz`);
  writeFileSync(path, gzipSync(change(gunzipSync(readFileSync(path)))));
}

function run(path: string): { status: number | null; stdout: string } {
  const command = ['node_modules/tsx/dist/cli.mjs', 'scripts/replay.ts', path];
  const { status, stdout } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout };
}
