/** What a client may ask of a new instance: what is taken, and what is refused with a reason. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { startReplica, type ReplicaServer } from '../../../src/replica/index.js';
import { messageOf, RawClient } from './raw-client.js';

jest.setTimeout(60_000); // The first keys of a server take their time on a busy machine.

let server: ReplicaServer;
let client: RawClient;

beforeAll(async () => {
  server = await startReplica();
  client = new RawClient(server.url);
});

afterAll(() => server.stop());

const NEW = { state_config: 'New' };
const ONE_SUBNET = { subnet_config_set: { application: [NEW] } };

interface SubnetConfig {
  readonly subnet_kind: string;
  readonly cost_schedule: string;
  readonly instruction_config: string;
}

async function subnetsOf(config: object): Promise<SubnetConfig[]> {
  const { value } = await client.get(`${await client.instance(config)}/_/topology`);
  return Object.values((value as { subnet_configs: Record<string, SubnetConfig> }).subnet_configs);
}

async function timeOf(path: string): Promise<bigint> {
  const { value } = await client.get(`${path}/read/get_time`);
  return BigInt((value as { nanos_since_epoch: bigint }).nanos_since_epoch);
}

describe('subnets', () => {
  test('are of every kind', async () => {
    const lists = ['system', 'application', 'verified_application', 'cloud_engine'];
    const named = ['nns', 'sns', 'ii', 'fiduciary', 'bitcoin'];
    const subnet_config_set = Object.fromEntries([
      ...named.map((name) => [name, NEW]),
      ...lists.map((name) => [name, [NEW]]),
    ]) as object;
    const kinds = (await subnetsOf({ subnet_config_set })).map(({ subnet_kind }) => subnet_kind);
    expect(kinds).toEqual([
      'NNS',
      'SNS',
      'II',
      'Fiduciary',
      'Bitcoin',
      'System',
      'Application',
      'VerifiedApplication',
      'CloudEngine',
    ]);
  });

  test('show their cost schedule and their instruction limits', async () => {
    const subnet = {
      cost_schedule: 'Free',
      instruction_config: 'Benchmarking',
      dts_flag: 'Enabled',
    };
    const application = [{ ...NEW, ...subnet }, NEW, { cost_schedule: null }];
    expect(await subnetsOf({ subnet_config_set: { application } })).toMatchObject([
      { cost_schedule: 'Free', instruction_config: 'Benchmarking' },
      { cost_schedule: 'Normal', instruction_config: 'Production' },
      { cost_schedule: 'Normal', instruction_config: 'Production' },
    ]);
  });
});

test('settings that change nothing here are taken', async () => {
  const icp_config = {
    beta_features: 'Enabled',
    canister_backtrace: 'Disabled',
    function_name_length_limits: 'Enabled',
    canister_execution_rate_limiting: null,
  };
  await client.instance({ icp_config, log_level: 'debug', incomplete_state: 'Disabled' });
  await client.instance({ icp_features: { registry: null }, disable_ingress_validation: true });
});

describe('the initial time', () => {
  test('is what the client says, to the nanosecond', async () => {
    const nanos = 2n ** 63n + 1n;
    const config =
      `{"subnet_config_set":{"application":[{"state_config":"New"}]},` +
      `"initial_time":{"Timestamp":{"nanos_since_epoch":${nanos}}}}`;
    const { value } = await client.post('/instances', config);
    const id = (value as { Created: { instance_id: number } }).Created.instance_id;
    expect(await timeOf(`/instances/${id}`)).toBe(nanos);
  });

  test('is that of the wall clock where the instance makes progress by itself', async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const path = await client.instance({ initial_time: { AutoProgress: {} } });
    expect((await client.get(`${path}/auto_progress`)).value).toBe(true);
    expect(await timeOf(path)).toBeGreaterThanOrEqual(before);
    await client.delete(path);
  });
});

test('a gateway may come along', async () => {
  const { value } = await client.post('/instances', { ...ONE_SUBNET, http_gateway_config: {} });
  const { http_gateway_info, topology } = (
    value as { Created: { http_gateway_info: { port: number }; topology: unknown } }
  ).Created;
  const gateway = new RawClient(`http://127.0.0.1:${http_gateway_info.port}`);
  expect((await gateway.get('/_/topology')).value).toEqual(topology);
});

describe('a request is refused', () => {
  const subnets = (config: object): object => ({ subnet_config_set: config });
  const subnet = (config: object): object => subnets({ application: [{ ...NEW, ...config }] });

  test.each([
    ['without subnets', {}, 'must contain at least one subnet'],
    ['with empty lists of subnets', subnets({ application: [] }), 'at least one subnet'],
    ['with too many subnets', subnets({ application: Array(257).fill(NEW) }), 'at most 256'],
    ['with a subnet that is no object', subnets({ application: ['New'] }), 'got "New"'],
    ['with a list that is none', subnets({ application: NEW }), 'application: expected a list'],
    ['with subnets that are a list', subnets([]), 'subnet_config_set: expected an object'],
    ['with a state to load', subnet({ state_config: { FromPath: '/tmp' } }), 'state_config: this'],
    ['with a wrong cost schedule', subnet({ cost_schedule: 'Cheap' }), 'one of Normal, Free'],
    ['with wrong limits', subnet({ instruction_config: 7 }), 'got 7'],
    ['with a wrong flag', subnet({ dts_flag: true }), 'Enabled, Disabled, got true'],
    ['with a folder for the state', { ...ONE_SUBNET, state_dir: '/x' }, "offer 'state_dir': it"],
    ['with a Bitcoin node', { ...ONE_SUBNET, bitcoind_addr: ['::1'] }, "offer 'bitcoind_addr'"],
    ['with a Dogecoin node', { ...ONE_SUBNET, dogecoind_addr: [] }, "offer 'dogecoind_addr'"],
    ['with a feature', { ...ONE_SUBNET, icp_features: { ii: 'DefaultConfig' } }, "for 'ii'"],
    ['with a wrong switch', { ...ONE_SUBNET, icp_config: { beta_features: 'On' } }, 'got "On"'],
    [
      'with a validation flag of text',
      { ...ONE_SUBNET, disable_ingress_validation: 'yes' },
      'true',
    ],
    ['with a level of number', { ...ONE_SUBNET, log_level: 3 }, 'log_level: expected a text'],
    [
      'with a time before the beginning',
      { ...ONE_SUBNET, initial_time: { Timestamp: { nanos_since_epoch: 1 } } },
      'no earlier than 1620328630000000000 (provided 1)',
    ],
    [
      'with a time that is none',
      { ...ONE_SUBNET, initial_time: { Timestamp: {} } },
      'nanos_since_epoch: expected an integer',
    ],
    [
      'with a delay below nothing',
      { ...ONE_SUBNET, initial_time: { AutoProgress: { artificial_delay_ms: -1 } } },
      'from 0 to 2147483647, got -1',
    ],
    [
      'with a gateway at a port that is none',
      { ...ONE_SUBNET, http_gateway_config: { port: 65_536 } },
      'from 0 to 65535',
    ],
    ['that is a list', [], 'the body: expected an object, got a list'],
    ['that is no JSON', '{', 'malformed JSON'],
    ['that is a number', '7', 'the body: expected an object, got 7'],
  ])('%s', async (_, config, text) => {
    const before = (await client.get('/instances')).value as unknown[];
    const answer = await client.post('/instances', config);
    expect(answer.status).toBe(400);
    expect(messageOf(answer)).toContain(text);
    expect((await client.get('/instances')).value).toHaveLength(before.length);
  });

  test('with a gateway at an address that is not ours: nothing is made', async () => {
    const http_gateway_config = { ip_addr: '192.0.2.1' };
    const answer = await client.post('/instances', { ...ONE_SUBNET, http_gateway_config });
    expect(answer.status).toBe(502);
    expect(messageOf(answer)).toContain('Failed to bind to address 192.0.2.1:0');
    expect(((await client.get('/instances')).value as string[]).at(-1)).toBe('Deleted');
  });
});
