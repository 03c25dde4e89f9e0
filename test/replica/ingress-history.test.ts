/** The ingress history: how long an answer is kept, and what is left of it after that. */
import { beforeEach, expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import { hex } from '../../src/replica/hex.js';
import {
  addIngress,
  ANSWERS_SIZE_MAX,
  answerIngress,
  beginIngress,
  emptyHistory,
  forgetIngress,
  responseTo,
  type IngressHistory,
} from '../../src/replica/ingress-history.js';
import { reply } from '../../src/replica/rejection.js';
import { Bench, CONTROLLER, errorOf, messageOf } from './support.js';

const MINUTE = 60_000_000_000n;

let history: IngressHistory;

function add(number: number, expiry?: bigint): string {
  const id = new Uint8Array(32).fill(number);
  const who = Principal.anonymous();
  const shared = { sender: who, receiver: who, effectiveId: undefined, subnetId: who };
  addIngress(history, { id, ...shared, expiry });
  return hex(id);
}

const statusOf = (id: string): unknown => history.messages.get(id)?.status;

beforeEach(() => {
  history = emptyHistory();
});

test('a message is received, then processed, then answered', () => {
  const id = add(1);
  expect(statusOf(id)).toBe('received');
  expect(beginIngress(history, id, 0n)).toBe(true);
  expect(statusOf(id)).toBe('processing');
  answerIngress(history, id, reply(Uint8Array.of(1)), 0n);
  expect(responseTo(history.messages.get(id)!)).toEqual(reply(Uint8Array.of(1)));
});

test('an answer is kept for five minutes, and a message without one for ever', () => {
  const [answered, waiting] = [add(1), add(2)];
  answerIngress(history, answered, reply(new Uint8Array(0)), MINUTE);
  forgetIngress(history, 6n * MINUTE);
  expect(history.messages.has(answered)).toBe(true);
  forgetIngress(history, 6n * MINUTE + 1n);
  expect(history.messages.has(answered)).toBe(false);
  expect(history.messages.has(waiting)).toBe(true);
});

test('where answers take too much room, the oldest are done and gone', () => {
  const half = reply(new Uint8Array(ANSWERS_SIZE_MAX / 2));
  const ids = [add(1), add(2), add(3)];
  // Answered in another order than they came in.
  answerIngress(history, ids[1]!, half, 1n);
  answerIngress(history, ids[0]!, half, 2n);
  expect(statusOf(ids[1]!)).toBe(half);
  answerIngress(history, ids[2]!, reply(Uint8Array.of(1)), 3n);
  expect(statusOf(ids[1]!)).toBe('done');
  expect(statusOf(ids[0]!)).toBe(half);
  expect(history.answersSize).toBe(ANSWERS_SIZE_MAX / 2 + 1);
});

test('a message that waited past its expiry does not begin', () => {
  expect(beginIngress(history, add(1, 10n), 10n)).toBe(true);
  expect(beginIngress(history, add(2, 10n), 11n)).toBe(false);
});

test('and is answered with that', () => {
  const bench = new Bench();
  const { replica } = bench;
  const canisterId = bench.deploy('(func (export "canister_update run") (call $msg_reply))');
  const call = { sender: CONTROLLER, canisterId, method: 'run', argument: new Uint8Array(0) };
  const messageId = new Uint8Array(32);
  replica.submit({ ...call, messageId, expiry: replica.clock.now });
  replica.clock.set(replica.clock.now + MINUTE);
  replica.executeRound();
  const response = responseTo(replica.ingress(hex(messageId))!)!;
  expect(errorOf(response)).toBe(202);
  expect(messageOf(response)).toMatch(/timed out waiting to start executing/);
});
