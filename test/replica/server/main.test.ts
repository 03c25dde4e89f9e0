/**
 * The program that stands in for the PocketIC binary: its port file is the contract. It is started
 * as the client starts it, by a path that may be a link and from a folder that may be any.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { PocketIc } from '@dfinity/pic';

import { compileInto } from './compiled.js';

jest.setTimeout(30_000); // Each test starts processes.

/** The folder with the compiled program, one for all tests. */
let compiled: string;
const MAIN = (): string => join(compiled, 'src', 'replica', 'server', 'main.js');

beforeAll(() => {
  compiled = mkdtempSync(join(tmpdir(), 'compiled-'));
  compileInto(compiled, ['lib', 'replica', 'wasm']);
});

afterAll(() => rmSync(compiled, { recursive: true }));

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
  return startBare('--port-file', portFile, ...options);
}

function startBare(...options: string[]): ChildProcess {
  const server = spawn(process.execPath, [MAIN(), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  });
  started.push(server);
  return server;
}

function exit(process: ChildProcess): Promise<number | null> {
  return new Promise((done) => process.once('exit', done));
}

/** The server says where it listens when the port file is written. */
async function listening(process: ChildProcess): Promise<string> {
  for await (const line of process.stdout!) {
    expect(String(line)).toContain('http://');
    break;
  }
  return `http://127.0.0.1:${parseInt(readFileSync(portFile, 'utf8'))}`;
}

async function outputOf(process: ChildProcess): Promise<string> {
  let output = '';
  for await (const piece of process.stdout!) output += String(piece);
  for await (const piece of process.stderr!) output += String(piece);
  return output;
}

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'serves the client, and takes its port file away on %s',
  async (signal) => {
    const server = start();
    const pic = await PocketIc.create(await listening(server));
    await pic.createCanister();
    await pic.makeLive(); // A timer and a gateway do not keep the server from ending.
    expect(readFileSync(portFile, 'utf8')).toMatch(/^\d+\n$/);
    server.kill(signal);
    expect(await exit(server)).toBe(0);
    expect(existsSync(portFile)).toBe(false);
  },
);

describe('a port file that is there', () => {
  test('belongs to another server: this one leaves the field to it', async () => {
    writeFileSync(portFile, '1234\n');
    expect(await exit(start())).toBe(0);
    expect(readFileSync(portFile, 'utf8')).toBe('1234\n');
  });

  test('is made by one of two that start at the same time', async () => {
    const servers = [start(), start()];
    const loser = await Promise.race(servers.map(async (each) => (await exit(each), each)));
    const winner = servers.find((each) => each !== loser)!;
    const url = await listening(winner);
    expect(await (await fetch(`${url}/status`)).json()).toBeNull();
    winner.kill('SIGTERM');
    await exit(winner);
    expect(existsSync(portFile)).toBe(false);
  });

  test('in a folder that is not there is a failure', async () => {
    const server = startBare('--port-file', join(folder, 'none', 'server.port'));
    expect(await exit(server)).not.toBe(0);
  });
});

describe('the server ends', () => {
  test('when nobody has asked for anything for long enough', async () => {
    expect(await exit(start('--ttl', '0'))).toBe(0);
    expect(existsSync(portFile)).toBe(false);
  });

  test('and not before', async () => {
    const server = start('--ttl', '1');
    const url = await listening(server);
    const asking = setInterval(() => void fetch(`${url}/status`).catch(() => undefined), 200);
    await new Promise((next) => setTimeout(next, 2000));
    expect(server.exitCode).toBeNull();
    clearInterval(asking);
    expect(await exit(server)).toBe(0);
  });
});

describe('the command line', () => {
  test('may name the address, and what makes no difference here', async () => {
    const options = ['--log-levels', 'info', '--mainnet-routing-table', 'table.json', '-p', '0'];
    const server = start('--ip-addr', '127.0.0.1', ...options);
    expect((await fetch(`${await listening(server)}/status`)).status).toBe(200);
  });

  test('may ask for the version of the interface', async () => {
    expect(await outputOf(startBare('--version'))).toBe('pocket-ic-server 14.0.0\n');
  });

  test.each([
    ['a port that is no number', ['--port', 'http'], '--port: expected a whole number, got http'],
    ['a time that is no number', ['--ttl', '1.5'], '--ttl: expected a whole number, got 1.5'],
    ['an unknown option', ['--nothing'], "Unknown option '--nothing'"],
  ])('is refused with %s', async (_, options, text) => {
    const server = start(...options);
    const [code, output] = await Promise.all([exit(server), outputOf(server)]);
    expect(code).toBe(2);
    expect(output).toContain(text);
    expect(existsSync(portFile)).toBe(false);
  });

  test('is refused with a port that is taken, and the file goes away', async () => {
    const url = await listening(startBare('--port-file', portFile));
    const other = join(folder, 'other.port');
    const server = startBare('--port-file', other, '--port', new URL(url).port);
    expect(await exit(server)).toBe(1);
    expect(existsSync(other)).toBe(false);
  });
});

/** What a test suite does, in a process of its own: the client looks for errors of its own realm. */
const CLIENT = `
  import { PocketIc, PocketIcServer } from '@dfinity/pic';
  const server = await PocketIcServer.start({ ttl: 30 });
  const pic = await PocketIc.create(server.getUrl());
  console.log((await pic.createCanister()).toText());
  await pic.tearDown();
  await server.stop();
`;

function client(binPath: string): ChildProcess {
  const script = join(compiled, 'client.mjs');
  writeFileSync(script, CLIENT);
  const env = { ...process.env, TMPDIR: folder, POCKET_IC_BIN: binPath };
  const run = spawn(process.execPath, [script], { stdio: 'pipe', cwd: folder, env });
  started.push(run);
  return run;
}

describe('the client starts it', () => {
  test('through a link, from any folder, and makes it executable', async () => {
    chmodSync(MAIN(), 0o600);
    const link = join(folder, 'embedded-pocket-ic');
    symlinkSync(MAIN(), link);
    expect(await outputOf(client(link))).toBe('lxzze-o7777-77777-aaaaa-cai\n');
    expect(statSync(MAIN()).mode & 0o777).toBe(0o700);
    expect(existsSync(join(folder, `pocket_ic_${process.pid}.port`))).toBe(false);
  });

  test('once for all processes of one parent', async () => {
    chmodSync(MAIN(), 0o700);
    portFile = join(folder, `pocket_ic_${process.pid}.port`);
    const server = start();
    await listening(server);
    expect(await outputOf(client(MAIN()))).toBe('lxzze-o7777-77777-aaaaa-cai\n');
    expect(server.exitCode).toBeNull();
  });
});
