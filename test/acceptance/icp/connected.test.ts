/** The real `icp` on a replica that somebody started: a connected network. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { COUNTER_MANIFEST, describeWithIcp, IcpProject } from './support.js';
import { startProgram, type Program } from './program.js';

/** The canister of this package: 3.6 MB, more than one message can carry. */
const DATA_WASM = join(process.cwd(), '.azle', 'data', 'data.wasm');

const MANIFEST = `${COUNTER_MANIFEST}
  - name: data
    build:
      steps:
        - type: pre-built
          path: ${DATA_WASM}
networks:
  - name: replica
    mode: connected
    url: URL
    root-key: fetch
environments:
  - name: replica
    network: replica
`;

describeWithIcp('icp on a connected network', () => {
  const project = new IcpProject(MANIFEST);
  let replica: Program;

  beforeAll(async () => {
    replica = await startProgram('main.js', ['--port', '0']);
    project.write('icp.yaml', MANIFEST.replace('URL', replica.url));
  });

  afterAll(async () => {
    await replica.stop();
    project.remove();
  });

  const icp = (...args: string[]): Promise<string> => project.icp(...args, '-e', 'replica');
  const call = (method: string, ...more: string[]): Promise<string> =>
    icp('canister', 'call', 'counter', method, '()', ...more);

  test('deploys, calls and asks', async () => {
    await icp('deploy', 'counter');
    expect(await call('inc')).toContain('(1 : nat64)');
    expect(await call('inc')).toContain('(2 : nat64)');
    expect(await call('get', '--query')).toContain('(2 : nat64)');
    expect(await icp('canister', 'metadata', 'counter', 'candid:service')).toContain('inc :');
    expect(await icp('canister', 'logs', 'counter')).toContain('counted');
  });

  test('shows and changes settings', async () => {
    const changes = ['--freezing-threshold', '40d', '--log-visibility', 'public', '--force'];
    await icp('canister', 'settings', 'update', 'counter', ...changes);
    const settings = await icp('canister', 'settings', 'show', 'counter');
    expect(settings).toContain('Freezing threshold: 3_456_000');
    expect(settings).toContain('Log visibility: Public');
    const status = await icp('canister', 'status', 'counter');
    expect(status).toContain('Status: Running');
    expect(status).toContain('PUBLIC_CANISTER_ID:counter');
  });

  test('upgrades and keeps what the canister carries over', async () => {
    project.install(2);
    await icp('deploy', 'counter');
    expect(await call('version')).toContain('(2 : nat64)');
    expect(await call('get')).toContain('(2 : nat64)');
  });

  test('takes a snapshot to the disk and back', async () => {
    const snapshot = (...args: string[]): Promise<string> => icp('canister', 'snapshot', ...args);
    await icp('canister', 'stop', 'counter');
    const taken = (await project.icp(...CREATE_SNAPSHOT)).split('\n').find(isSnapshotId)!;
    expect(await snapshot('list', 'counter')).toContain(taken);
    await snapshot('download', 'counter', taken, '--output', project.path('snapshot'));
    expect(readdirSync(project.path('snapshot'))).toContain('metadata.json');

    await icp('canister', 'start', 'counter');
    expect(await call('inc')).toContain('(3 : nat64)');

    await icp('canister', 'stop', 'counter');
    await snapshot('delete', 'counter', taken);
    const input = ['--input', project.path('snapshot'), '--quiet'];
    const uploaded = (await snapshot('upload', 'counter', ...input))
      .split('\n')
      .find(isSnapshotId)!;
    expect(uploaded).not.toBe(taken);
    await snapshot('restore', 'counter', uploaded);
    await icp('canister', 'start', 'counter');
    expect(await call('get')).toContain('(2 : nat64)');
  });

  test('moves tokens and cycles', async () => {
    await project.icp('identity', 'new', 'alice', '--storage', 'plaintext');
    const alice = (await project.icp('identity', 'principal', '--identity', 'alice')).trim();
    await icp('token', 'transfer', '5', alice);
    expect(await icp('token', 'balance', '--identity', 'alice')).toContain('5.00000000 ICP');
    const minted = await icp('cycles', 'mint', '--icp', '1', '--identity', 'alice');
    expect(minted).toContain('Minted 3_519_900_000_000 cycles');
    const cycles = await icp('canister', 'top-up', 'counter', '--amount', '1t');
    expect(cycles).toContain('Topped up canister counter with 1_000_000_000_000 cycles');
    const refused = await project.refusal(
      ...['canister', 'top-up', 'counter', '--amount', '9t', '--identity', 'alice'],
      ...['-e', 'replica'],
    );
    expect(refused).toContain('Insufficient cycles');
  });

  test('deploys a large canister in chunks, for an identity of its own', async () => {
    const alice = ['--identity', 'alice'];
    await icp('deploy', 'data', ...alice);
    const create = '(record { name = "people"; key_type = variant { text } })';
    expect(await icp('canister', 'call', 'data', 'create_map', create, ...alice)).toContain('Ok');
    const insert = '("people", variant { text = "Ada" }, blob "1815")';
    await icp('canister', 'call', 'data', 'insert', insert, ...alice);
    await icp('deploy', 'data', ...alice);
    const get = '("people", variant { text = "Ada" })';
    const found = await icp('canister', 'call', 'data', 'get', get, '--query', ...alice);
    expect(found).toContain('Ok = opt blob "1815"');
  });

  test('lets nobody else control the canister', async () => {
    const args = ['canister', 'stop', 'counter', '--identity', 'alice', '-e', 'replica'];
    expect(await project.refusal(...args)).toContain('IC0512');
  });

  test('gets the cycles back when it deletes', async () => {
    expect(await icp('canister', 'delete', 'counter')).toMatch(/Recovered \d+ cycles/);
    const id = /[a-z0-9-]+-cai/.exec(await icp('canister', 'create', '--detached'))![0];
    await icp('canister', 'stop', id);
    await icp('canister', 'delete', id, '--no-recover-cycles');
    const status = ['canister', 'status', id, '-e', 'replica'];
    expect(await project.refusal(...status)).toContain(`Canister ${id} was not found`);
  });

  const CREATE_SNAPSHOT = ['canister', 'snapshot', 'create', 'counter', '--quiet', '-e', 'replica'];
});

function isSnapshotId(line: string): boolean {
  return /^[0-9a-f]{20,}$/.test(line.trim());
}
