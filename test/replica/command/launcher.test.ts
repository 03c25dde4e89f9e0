/** The launcher as a whole, but for the process: what it starts, what it says, what it leaves. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { runLauncher } from '../../../src/replica/command/launcher.js';
import type { RunningReplica } from '../../../src/replica/command/run.js';

let folder: string;
let complained: string;
const running: RunningReplica[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  complained = '';
});

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  rmSync(folder, { recursive: true });
});

async function launch(...args: string[]): Promise<RunningReplica> {
  const launched = await tryLaunch(...args);
  if (typeof launched === 'number') throw new Error(`exit code ${launched}: ${complained}`);
  running.push(launched);
  return launched;
}

function tryLaunch(...args: string[]): Promise<RunningReplica | number> {
  return runLauncher(
    args,
    {},
    {
      print: () => undefined,
      printError: (text) => (complained += text),
      abort: () => {
        throw new Error('aborted');
      },
    },
  );
}

async function stop(replica: RunningReplica): Promise<void> {
  running.splice(running.indexOf(replica), 1);
  await replica.stop();
}

test('a network says where it is as long as it is there', async () => {
  const statusDirectory = join(folder, 'status');
  const network = await launch('--status-dir', statusDirectory);
  const status = JSON.parse(readFileSync(join(statusDirectory, 'status.json'), 'utf8'));
  expect(status).toMatchObject({
    gateway_port: network.port,
    root_key: Buffer.from(network.replica.rootKey).toString('hex'),
    default_effective_canister_id: 'lxzze-o7777-77777-aaaaa-cai',
  });
  const answer = await fetch(`http://127.0.0.1:${network.port}/api/v2/status`);
  expect(answer.status).toBe(200);
  await stop(network);
  expect(existsSync(statusDirectory)).toBe(false);
});

test('it has the subnets that were asked for, and keeps their state', async () => {
  const args = ['--state-dir', join(folder, 'state'), '--subnet=system'];
  const first = await launch(...args);
  const { rootKey } = first.replica;
  expect(first.replica.subnets.map(({ kind }) => kind)).toEqual(['NNS', 'System']);
  await stop(first);
  const second = await launch(...args);
  expect(second.replica.rootKey).toEqual(rootKey);
  await stop(second);
  expect(await tryLaunch(...args, '--subnet=application')).toBe(1);
  expect(complained).toContain('has the subnets NNS, System, asked for NNS, System, Application');
});

test('it starts nothing where it cannot do what it is told', async () => {
  const statusDirectory = join(folder, 'status');
  expect(await tryLaunch('--status-dir', statusDirectory, '--nns')).toBe(2);
  expect(complained).toContain('does not offer --nns');
  const network = await launch();
  const port = ['--gateway-port', String(network.port)];
  expect(await tryLaunch('--status-dir', statusDirectory, ...port)).toBe(1);
  expect(complained).toContain('is in use');
  expect(existsSync(statusDirectory)).toBe(false);
});

test('it warns of what changes nothing', async () => {
  await launch('--stdout-file', join(folder, 'x'));
  expect(complained).toBe(
    'Warning: --stdout-file changes nothing: this network runs without a PocketIC server\n',
  );
});
