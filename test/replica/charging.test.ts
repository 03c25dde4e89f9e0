/** What things cost, who pays, and what becomes of those who cannot. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { feesOf, freezingThreshold } from '../../src/replica/fees.js';
import type { CostSchedule, SubnetKind } from '../../src/replica/index.js';
import * as idl from '../../src/replica/management/idl.js';
import {
  Bench,
  canister,
  CONTROLLER,
  dataOf,
  errorOf,
  messageOf,
  numberOf,
  PROXY,
  STRANGER,
} from './support.js';

const TRILLION = 1_000_000_000_000n;
const SECOND = 1_000_000_000n;

const PAYING = `${PROXY}
  (func (export "canister_update nothing") (call $msg_reply))
  (func (export "canister_update fail") unreachable)
  (func (export "canister_query ask") (call $reply_i32 (i32.const 1)))
  (func (export "canister_query cost")
    (call $cost_call (i64.const 5) (i64.const 10) (i32.const 0))
    (call $cost_create_canister (i32.const 16))
    (call $cost_http_request (i64.const 100) (i64.const 1000) (i32.const 32))
    (call $canister_liquid_cycle_balance128 (i32.const 48))
    (call $canister_cycle_balance128 (i32.const 64))
    (call $reply_bytes (i32.const 0) (i32.const 80)))
  (func (export "canister_query key_cost")
    (call $reply_i32 (i32.or
      (call $cost_sign_with_ecdsa (i32.const 0) (i32.const 5) (i32.const 0) (i32.const 0))
      (i32.shl (call $cost_sign_with_schnorr
        (i32.const 0) (i32.const 5) (i32.const 2) (i32.const 0)) (i32.const 8)))))
  (func (export "canister_update burn")
    (call $cycles_burn128 (i64.const -1) (i64.const -1) (i32.const 0))
    (call $reply_bytes (i32.const 0) (i32.const 16)))
  (func (export "canister_update spend")
    (call $call_new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $call_cycles_add128 (i64.const 0) (i64.const 100000000000000)))
  (func (export "canister_heartbeat"))`;

let bench: Bench;
let id: Principal;

function deploy(kind: SubnetKind = 'Application', costSchedule: CostSchedule = 'Normal'): void {
  bench = new Bench({ subnets: [{ kind, costSchedule }] });
  id = bench.create(10n * TRILLION);
  dataOf(bench.install(id, canister(PAYING)));
}

const amounts = (data: Uint8Array): bigint[] => {
  const words = new BigUint64Array(data.slice().buffer);
  return Array.from({ length: words.length / 2 }, (_, index) => words[2 * index]!);
};

/** What it costs to do something, but for the heartbeats of the rounds that it takes. */
function costOf(action: () => void): bigint {
  const before = bench.cycles(id);
  action();
  return before - bench.cycles(id);
}

function heartbeatCost(): bigint {
  return costOf(() => bench.replica.executeRound());
}

describe('in the schedule Normal', () => {
  beforeEach(() => deploy());

  test('an update costs its ingress, its message and its instructions', () => {
    const heartbeat = heartbeatCost();
    const cost = costOf(() => dataOf(bench.update(id, 'nothing', new Uint8Array(100))));
    const instructions = cost - heartbeat - 1_200_000n - 2_000n * 107n - 5_000_000n;
    expect(instructions).toBeGreaterThan(500n);
    expect(instructions).toBeLessThan(1000n);
  });

  test('a message that traps costs the same', () => {
    const heartbeat = heartbeatCost();
    const cost = costOf(() => bench.update(id, 'fail'));
    const instructions = cost - heartbeat - 1_200_000n - 2_000n * 4n - 5_000_000n;
    expect(instructions).toBeGreaterThan(0n);
    expect(instructions).toBeLessThan(1000n);
  });

  test('a query costs nothing', () => {
    expect(costOf(() => dataOf(bench.query(id, 'ask')))).toBe(0n);
  });

  test('a call costs its bytes both ways, and its callback', () => {
    const heartbeat = heartbeatCost();
    const size = 1 + 10 + 1 + 3 + 8 + 4;
    const cost = costOf(() => dataOf(bench.call(id, id, 'ask')));
    // Three messages; "ask" goes out and four bytes come back.
    const known = 3n * 5_000_000n + 260_000n + 1_000n * (3n + 4n);
    const ingress = 1_200_000n + 2_000n * BigInt('proxy'.length + size);
    const instructions = cost - heartbeat - known - ingress;
    expect(instructions).toBeGreaterThan(1000n);
    expect(instructions).toBeLessThan(50_000n);
  });

  test('existing costs 127,000 for each GiB and second, in steps of 10 seconds', () => {
    const heartbeat = heartbeatCost();
    const after = (seconds: bigint): bigint => {
      bench.replica.clock.set(bench.replica.clock.now + seconds * SECOND);
      return heartbeatCost() - heartbeat;
    };
    expect(after(9n)).toBe(0n);
    const threshold = freezingThreshold(
      bench.replica.canister(id)!,
      feesOf(bench.replica.subnets[0]!),
    );
    const thirtyDays = after(2_592_000n);
    expect(Number(thirtyDays - threshold)).toBeCloseTo(Number(threshold) / 288_000, -6);
    // One page of heap, and a little more.
    expect(thirtyDays).toBeGreaterThan((127_000n * 2_592_000n) / 16_384n);
    expect(thirtyDays).toBeLessThan((127_000n * 2_592_000n) / 8_192n);
  });

  test('the cost functions say what will be taken', () => {
    const [call, create, outcall, liquid, balance] = amounts(dataOf(bench.query(id, 'cost')));
    const execution = 5_000_000n + 40_000_000_000n;
    expect(call).toBe(260_000n + 1_000n * (15n + 2n ** 21n) + execution);
    expect(create).toBe(500_000_000_000n);
    expect(outcall).toBe(13n * (3_000_000n + 60_000n * 13n + 400n * 100n + 800n * 1000n));
    const threshold = freezingThreshold(
      bench.replica.canister(id)!,
      feesOf(bench.replica.subnets[0]!),
    );
    expect(balance! - liquid!).toBe(threshold);
  });

  test('no more is burnt than would freeze the canister', () => {
    const [burnt] = amounts(dataOf(bench.update(id, 'burn')));
    expect(burnt).toBeGreaterThan(9n * TRILLION);
    expect(errorOf(bench.update(id, 'nothing'))).toBe(207);
  });

  test('no more is sent than the canister is free to spend', () => {
    const response = bench.update(id, 'spend');
    expect(errorOf(response)).toBe(504);
    expect(messageOf(response)).toContain('is out of cycles: please top up the canister with');
  });
});

describe.each([
  ['Free', 'Application'],
  ['Normal', 'NNS'],
  ['Normal', 'System'],
] as const)('in the schedule %s of a subnet of kind %s', (schedule, kind) => {
  test('nothing costs anything', () => {
    deploy(kind, schedule);
    dataOf(bench.update(id, 'nothing'));
    bench.update(id, 'fail');
    dataOf(bench.call(id, id, 'ask'));
    bench.replica.clock.set(bench.replica.clock.now + 2_592_000n * SECOND);
    bench.replica.executeRound();
    expect(bench.cycles(id)).toBe(10n * TRILLION);
    const [call, create, outcall, liquid, balance] = amounts(dataOf(bench.query(id, 'cost')));
    expect([call, create, outcall]).toEqual([0n, 0n, 0n]);
    expect(liquid).toBe(balance);
  });
});

test('keys for threshold signatures are unknown here, whatever their name', () => {
  deploy();
  expect(numberOf(bench.query(id, 'key_cost'))).toBe(2 + 256 * 1);
});

describe('a frozen canister', () => {
  beforeEach(() => {
    deploy();
    const settings = { freezing_threshold: [10n ** 13n] };
    dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
  });

  test('lets no message in, and tells its controllers what it lacks', () => {
    const text = `Canister ${id.toText()} is out of cycles`;
    const response = bench.update(id, 'nothing', undefined, CONTROLLER);
    expect(errorOf(response)).toBe(207);
    expect(messageOf(response)).toMatch(
      /: please top up the canister with at least \d+ additional/,
    );
    expect(messageOf(bench.update(id, 'nothing', undefined, STRANGER))).toBe(text);
  });

  test('answers no query', () => {
    const response = bench.query(id, 'ask');
    expect(errorOf(response)).toBe(207);
    expect(messageOf(response)).toContain("is unable to process query calls because it's frozen.");
  });

  test('has no heartbeat', () => {
    expect(heartbeatCost()).toBe(0n);
  });

  test('cannot be upgraded', () => {
    expect(errorOf(bench.install(id, canister(PAYING), { mode: { reinstall: null } }))).toBe(207);
  });

  test('lives again when it gets cycles', () => {
    bench.replica.addCycles(id, 1_000_000n * TRILLION);
    dataOf(bench.update(id, 'nothing'));
  });
});

test('a canister that cannot pay for a call is told so', () => {
  deploy();
  const [burnt] = amounts(dataOf(bench.update(id, 'burn')));
  // Enough for the message, but not for the callback too.
  bench.replica.addCycles(id, 10_000_000_000n);
  expect(burnt).toBeGreaterThan(0n);
  expect(errorOf(bench.call(id, id, 'ask'))).toBe(2);
});

test('a canister that cannot pay for its existence loses its code, and its callers hear of it', () => {
  deploy();
  dataOf(bench.update(id, 'burn'));
  const { version } = bench.replica.canister(id)!;
  bench.replica.clock.set(bench.replica.clock.now + 10n ** 10n * SECOND);
  bench.replica.executeRound();
  const { code, cycles, version: after } = bench.replica.canister(id)!;
  expect([code, cycles, after]).toEqual([undefined, 0n, version + 1n]);
  expect(errorOf(bench.update(id, 'nothing'))).toBe(537);
});
