/** The program that stands in for the PocketIC binary: its port file is the contract. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PocketIc } from '@dfinity/pic';

const MAIN = resolve('src/replica/server/main.ts');

jest.setTimeout(60_000); // Each test starts a process that compiles TypeScript.

let folder: string;
let portFile: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replica-'));
  portFile = join(folder, 'server.port');
});

afterEach(() => {
  for (const server of started.splice(0)) server.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(...options: string[]): ChildProcess {
  const values = ['--import', 'tsx', MAIN, '--port-file', portFile, ...options];
  const server = spawn(process.execPath, values, { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(server);
  return server;
}

function exit(process: ChildProcess): Promise<number | null> {
  return new Promise((done) => process.once('exit', done));
}

/** The server says where it listens when the port file is written. */
async function listening(process: ChildProcess): Promise<string> {
  for await (const line of process.stdout!) {
    expect(String(line)).toContain('http://127.0.0.1:');
    break;
  }
  return `http://127.0.0.1:${parseInt(readFileSync(portFile, 'utf8'))}`;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'serves the client, and takes its port file away on %s',
  async (signal) => {
    const server = start();
    const pic = await PocketIc.create(await listening(server));
    await pic.createCanister();
    await pic.tearDown();
    server.kill(signal);
    expect(await exit(server)).toBe(0);
    expect(existsSync(portFile)).toBe(false);
  },
);

test('leaves the field to the server whose port file is there', async () => {
  writeFileSync(portFile, '1234\n');
  expect(await exit(start())).toBe(0);
  expect(readFileSync(portFile, 'utf8')).toBe('1234\n');
});

test('ends when nobody has asked for anything for long enough', async () => {
  expect(await exit(start('--ttl', '0'))).toBe(0);
  expect(existsSync(portFile)).toBe(false);
});

test('refuses a port that is no number', async () => {
  expect(await exit(start('--port', 'http'))).toBe(2);
});
