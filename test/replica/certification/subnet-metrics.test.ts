/** What a subnet tells about itself, read from its certificate as clients read it. */
import { beforeEach, expect, test } from '@jest/globals';
import { Certificate, LookupPathStatus } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';

import { decodeCbor } from '../../../src/replica/certification/cbor.js';
import { path } from '../../../src/replica/certification/certifier.js';
import { encodeMetrics } from '../../../src/replica/certification/subnet-metrics.js';
import { totalConsumed } from '../../../src/replica/cycles-consumed.js';
import { memoryUsage } from '../../../src/replica/memory-usage.js';
import { Bench, canister, dataOf, PROXY, proxyArgument } from '../support.js';

const CANISTER = `${PROXY} (func (export "canister_update hello") (call $msg_reply))`;

/** Enough for fees, on subnets where they are due. */
const CYCLES = 10n ** 16n;

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench({ subnets: ['Application', 'Application'] });
  id = deploy(CANISTER);
});

function deploy(body: string): Principal {
  const canisterId = bench.create(CYCLES);
  dataOf(bench.install(canisterId, canister(body)));
  return canisterId;
}

/** Canisters, bytes, the halves of the cycles, transactions. */
async function metricsOf(): Promise<Map<number, unknown>> {
  const { rootKey, defaultSubnet: subnet } = bench.replica;
  const label = subnet.id.toUint8Array();
  const certificate = await Certificate.create({
    certificate: bench.replica.certify(subnet, [path('subnet', label, 'metrics')]),
    rootKey,
    canisterId: id,
    disableTimeVerification: true,
  });
  const found = certificate.lookup_path(['subnet', label, 'metrics']);
  if (found.status !== LookupPathStatus.Found) throw new Error(found.status);
  return decodeCbor(found.value) as Map<number, unknown>;
}

function cycles(metrics: Map<number, unknown>): bigint {
  const halves = metrics.get(2) as Map<number, number | bigint>;
  return BigInt(halves.get(0)!) + (BigInt(halves.get(1) ?? 0) << 64n);
}

async function transactions(): Promise<number> {
  return Number((await metricsOf()).get(3));
}

test('canisters, their memory and their cycles are counted', async () => {
  const second = bench.create();
  const both = [id, second].map((one) => bench.replica.canister(one)!);
  const metrics = await metricsOf();
  const memory = both.reduce((sum, one) => sum + memoryUsage(one), 0n);
  const consumed = both.reduce((sum, one) => sum + totalConsumed(one), 0n);
  expect(metrics.get(0)).toBe(2);
  expect(BigInt(metrics.get(1) as number)).toBe(memory);
  expect(cycles(metrics)).toBe(consumed);
  expect(consumed).toBeGreaterThan(0n);
});

test('what a deleted canister used and had is not forgotten', async () => {
  const before = cycles(await metricsOf());
  const left = 10n ** 13n;
  const second = bench.create(left);
  dataOf(bench.manageId('stop_canister', second));
  dataOf(bench.manageId('delete_canister', second));
  const metrics = await metricsOf();
  expect(metrics.get(0)).toBe(1);
  expect(cycles(metrics)).toBeGreaterThanOrEqual(before + left);
});

test('a message counts once, whatever comes of it', async () => {
  const before = await transactions();
  dataOf(bench.update(id, 'hello'));
  expect(await transactions()).toBe(before + 1);
  bench.update(id, 'hello', proxyArgument(id, 'hello'));
  dataOf(bench.manageId('start_canister', id));
  expect(await transactions()).toBe(before + 3);
  // The call of the caller, that to the callee, and the answer.
  dataOf(bench.update(id, 'proxy', proxyArgument(id, 'hello')));
  expect(await transactions()).toBe(before + 6);
  bench.query(id, 'hello');
  bench.replica.executeRound();
  expect(await transactions()).toBe(before + 6);
});

test('a heartbeat counts as a message', async () => {
  deploy('(func (export "canister_heartbeat"))');
  const before = await transactions();
  bench.replica.executeRound();
  expect(await transactions()).toBe(before + 1);
});

test('each subnet counts its own, and tells nobody of others', async () => {
  const [first, second] = bench.replica.subnets;
  const other = path('subnet', second!.id.toUint8Array(), 'metrics');
  const asked = await Certificate.create({
    certificate: bench.replica.certify(first!, [other]),
    rootKey: bench.replica.rootKey,
    canisterId: id,
    disableTimeVerification: true,
  });
  const { status } = asked.lookup_path(['subnet', second!.id.toUint8Array(), 'metrics']);
  // The client orders labels in its own way, and so does not see the proof that nothing is there.
  expect(status).not.toBe(LookupPathStatus.Found);
});

test('more cycles than 64 bits can tell come in two halves', () => {
  const usage = { transactions: 2n ** 40n, consumedByDeleted: 3n * 2n ** 64n + 5n };
  expect(decodeCbor(encodeMetrics([], usage))).toEqual(
    new Map<number, unknown>([
      [0, 0],
      [1, 0],
      [
        2,
        new Map([
          [0, 5],
          [1, 3],
        ]),
      ],
      [3, 2 ** 40],
    ]),
  );
});
