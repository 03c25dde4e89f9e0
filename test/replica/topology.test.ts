/** Subnets and the ids that they give out. */
import { expect, test } from '@jest/globals';

import { nodeHost } from '../../src/replica/index.js';
import { canisterIdOf, defaultSubnet, makeSubnets, subnetOf } from '../../src/replica/topology.js';

const SEED = Uint8Array.of(1);

test('the first canister of the first application subnet is the one of PocketIC', () => {
  const [subnet] = makeSubnets(nodeHost, SEED, ['Application']);
  expect(canisterIdOf(subnet!.firstIndex).toText()).toBe('lxzze-o7777-77777-aaaaa-cai');
});

test('the ids of an application subnet do not depend on the others', () => {
  const subnets = makeSubnets(nodeHost, SEED, ['NNS', 'SNS', 'Application', 'Application']);
  const { firstIndex } = defaultSubnet(subnets);
  expect(canisterIdOf(firstIndex).toText()).toBe('lxzze-o7777-77777-aaaaa-cai');
  expect(canisterIdOf(subnets[0]!.firstIndex).toText()).toBe('rwlgt-iiaaa-aaaaa-aaaaa-cai');
});

test('ranges do not overlap, and ids differ', () => {
  const subnets = makeSubnets(nodeHost, SEED, ['System', 'Application', 'II', 'Application']);
  for (const subnet of subnets) {
    expect(subnetOf(subnets, canisterIdOf(subnet.firstIndex))).toBe(subnet);
    expect(subnetOf(subnets, canisterIdOf(subnet.lastIndex))).toBe(subnet);
  }
  expect(new Set(subnets.map(({ id }) => id.toText())).size).toBe(4);
});

test('canisters pay unless a subnet is asked for where they do not', () => {
  const subnets = makeSubnets(nodeHost, SEED, [
    'Application',
    { kind: 'Application' },
    { kind: 'Application', costSchedule: 'Free' },
  ]);
  const schedules = subnets.map(({ costSchedule }) => costSchedule);
  expect(schedules).toEqual(['Normal', 'Normal', 'Free']);
});
