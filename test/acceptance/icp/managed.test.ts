/** The real `icp` on a network that it starts itself, with the launcher of this project. */
import { existsSync, readFileSync } from 'node:fs';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { builtProgram } from './program.js';
import { COUNTER_MANIFEST, describeWithIcp, IcpProject } from './support.js';

const MANIFEST = `${COUNTER_MANIFEST}
networks:
  - name: local
    mode: managed
    gateway:
      port: 0
`;

const SECONDS_90 = 90_000;

describeWithIcp('icp on a managed network', () => {
  const launcher = builtProgram('icp-launcher.js');
  const project = new IcpProject(MANIFEST, { ICP_CLI_NETWORK_LAUNCHER_PATH: launcher });
  const icp = (...args: string[]): Promise<string> => project.icp(...args);
  let network: Descriptor;

  beforeAll(async () => {
    await icp('identity', 'new', 'alice', '--storage', 'plaintext');
    await icp('identity', 'default', 'alice');
    await icp('network', 'start', '--background');
    network = descriptorOf(project);
  }, SECONDS_90);

  afterAll(async () => {
    await icp('network', 'stop');
    project.remove();
  });

  test('hands out tokens and cycles to each identity', async () => {
    expect(await icp('token', 'balance')).toContain('Balance: 1000000.00000000 ICP');
    expect(await icp('cycles', 'balance')).toContain('Balance: 1_000_000_000_000_000 cycles');
  });

  test('deploys, calls and upgrades', async () => {
    expect(await icp('network', 'ping')).toContain('healthy');
    await icp('deploy');
    expect(await icp('canister', 'call', 'counter', 'inc', '()')).toContain('(1 : nat64)');
    project.install(2);
    await icp('deploy');
    expect(await icp('canister', 'call', 'counter', 'version', '()')).toContain('(2 : nat64)');
    const status = await icp('canister', 'status', 'counter');
    expect(status).toContain('Status: Running');
  });

  test('calls through the proxy canister', async () => {
    const { 'proxy-canister-id': proxy } = network;
    const call = ['canister', 'call', 'counter', 'get', '()', '--proxy', proxy];
    expect(await icp(...call)).toContain('(1 : nat64)');
    await icp('canister', 'settings', 'update', 'counter', '--add-controller', proxy, '--force');
    await icp('canister', 'stop', 'counter', '--proxy', proxy);
    expect(await icp('canister', 'status', 'counter', '--proxy', proxy)).toContain('Stopped');
    await icp('canister', 'start', 'counter');
  });

  test('serves the page of the Candid UI', async () => {
    const { port } = network.gateway;
    const id = network['candid-ui-canister-id'];
    const page = await fetch(`http://127.0.0.1:${port}/?canisterId=${id}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Candid UI');
  });

  test('takes and restores a snapshot', async () => {
    await icp('canister', 'stop', 'counter');
    const created = await icp('canister', 'snapshot', 'create', 'counter', '--quiet');
    const id = /[0-9a-f]{20,}/.exec(created)![0];
    await icp('canister', 'start', 'counter');
    await icp('canister', 'call', 'counter', 'inc', '()');
    await icp('canister', 'stop', 'counter');
    await icp('canister', 'snapshot', 'restore', 'counter', id);
    await icp('canister', 'start', 'counter');
    expect(await icp('canister', 'call', 'counter', 'get', '()')).toContain('(1 : nat64)');
  });

  test('ends when it is told to, and takes its status away', async () => {
    expect(existsSync(network['status-dir'])).toBe(true);
    expect(await icp('network', 'stop')).toContain('stopped');
    expect(existsSync(network['status-dir'])).toBe(false);
    await expect(fetch(`http://127.0.0.1:${network.gateway.port}/api/v2/status`)).rejects.toThrow();
    await icp('network', 'start', '--background');
  });
});

/** What `icp` writes down about a network that it has started. */
interface Descriptor {
  readonly gateway: { readonly port: number };
  readonly 'candid-ui-canister-id': string;
  readonly 'proxy-canister-id': string;
  readonly 'status-dir': string;
}

function descriptorOf(project: IcpProject): Descriptor {
  const path = project.path('.icp/cache/networks/local/descriptor.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Descriptor;
}
