import { describe, expect, test } from '@jest/globals';

import {
  readLauncherOptions,
  type LauncherOptions,
} from '../../../src/replica/command/launcher-options.js';

function read(...args: string[]): LauncherOptions {
  const options = readLauncherOptions(args, {});
  if ('refusal' in options) throw new Error(options.refusal);
  return options;
}

function refusal(args: readonly string[], environment: Record<string, string> = {}): string {
  const options = readLauncherOptions(args, environment);
  return 'refusal' in options ? options.refusal : 'accepted';
}

test('takes what icp 1.5.0 passes', () => {
  const args = ['--interface-version', '1.1.0', '--state-dir', '/state', '--bind', '127.0.0.2'];
  args.push('--gateway-port', '8000', '--status-dir', '/status', '--verbose');
  args.push('--artificial-delay-ms=5', '--subnet=system', '--domain=my.test');
  expect(read(...args)).toEqual({
    address: '127.0.0.2',
    port: 8000,
    stateDirectory: '/state',
    statusDirectory: '/status',
    subnets: ['NNS', 'System'],
    domains: ['localhost', 'my.test'],
    delayInMs: 5,
    verbose: true,
    warnings: [],
  });
});

test('needs none of them', () => {
  expect(read()).toEqual({
    address: '127.0.0.1',
    port: 0,
    stateDirectory: undefined,
    statusDirectory: undefined,
    subnets: ['NNS', 'Application'],
    domains: ['localhost'],
    delayInMs: 0,
    verbose: false,
    warnings: [],
  });
});

test('makes each subnet that is asked for, the NNS once', () => {
  const { subnets } = read('--subnet', 'nns', '--subnet', 'application', '--subnet=application');
  expect(subnets).toEqual(['NNS', 'Application', 'Application']);
  expect(read('--subnet=nns').subnets).toEqual(['NNS']);
});

describe('refuses', () => {
  test.each([
    ['--ii', 'Internet Identity'],
    ['--nns', 'the NNS'],
    ['--bitcoind-addr=127.0.0.1:18444', 'no Bitcoin'],
    ['--dogecoind-addr=127.0.0.1:22556', 'no Dogecoin'],
    ['--custom-domains-file=x', 'by their ids'],
    ['--subnet=moon', 'expected one of application'],
    ['--subnet=toString', 'expected one of application'],
    ['--gateway-port=65536', 'up to 65535'],
    ['--gateway-port=-1', 'got -1'],
    ['--gateway-port=', 'expected a whole number'],
    ['--artificial-delay-ms=soon', 'got soon'],
    ['--state-dir', 'argument missing'],
    ['--hurry', 'unknown option --hurry'],
    ['start', 'unknown option start'],
    ['--interface-version=2.0.0', '2.0.0 is not supported'],
    ['--interface-version=', 'is not supported'],
  ])('%s', (arg, why) => {
    expect(refusal([arg])).toContain(why);
  });
});

test('accepts the last port, and only warns of what concerns a PocketIC server', () => {
  expect(read('--gateway-port=65535').port).toBe(65_535);
  const { warnings } = read('--config-port=5', '--stderr-file', 'x');
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toContain('--config-port changes nothing');
});

test('passes over what a newer caller says, and nothing else', () => {
  const newer = ['--interface-version=1.2.0', '--hurry', 'much', '--gateway-port=7'];
  const options = read(...newer);
  expect(options.port).toBe(7);
  expect(options.warnings[0]).toContain('--hurry much');
  const environment = { ICP_CLI_NETWORK_LAUNCHER_INTERFACE_VERSION: '1.2.0' };
  expect(refusal(['--hurry'], environment)).toBe('accepted');
  expect(refusal(['--hurry', '--interface-version=1.1.0'], environment)).toContain('--hurry');
});
