import { describe, expect, test } from '@jest/globals';
import { HeapMessageManager } from '../../../src/lib/messages/heap-message-manager.js';
import type { HeaderFields } from '../../../src/lib/messages/message-header.js';
import { receive, send } from '../../../src/lib/messages/token-delivery.js';
import { TokenLanes } from '../../../src/lib/messages/token-lanes.js';
import { TokenQueue } from '../../../src/lib/messages/token-queue.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { numbered } from '../../support/token-queues.js';

const URGENT: HeaderFields = { qos: 'latency-critical' };
const BACKGROUND: HeaderFields = { qos: 'background' };

function lanesWith(urgentMax: number, othersMax: number) {
  const queueOf = (maxCount: number) => TokenQueue.create(new VectorMemory(), { maxCount });
  const lanes = new TokenLanes(queueOf(urgentMax), queueOf(othersMax));
  const messages = HeapMessageManager.create<Uint8Array>({ capacity: 100 });
  const put = (number: number, fields: HeaderFields = {}) => {
    const message = numbered(number, fields);
    return send(lanes.laneOf(message.header.qos), messages, message);
  };
  const next = () => receive(lanes, messages, ({ header }) => Number(header.traceId)).result;
  return { lanes, messages, put, next };
}

describe('two lanes', () => {
  test('give what is urgent first, and each in its order', () => {
    const { lanes, put, next } = lanesWith(9, 9);
    put(1);
    put(2, BACKGROUND);
    put(3, URGENT);
    put(4, URGENT);
    expect([lanes.length, lanes.isEmpty]).toEqual([4, false]);
    expect([next(), next()]).toEqual([3, 4]);
    put(5, URGENT);
    expect([next(), next(), next(), next()]).toEqual([5, 1, 2, undefined]);
    expect([lanes.length, lanes.isEmpty, lanes.peek(), lanes.pop()]).toEqual([
      0,
      true,
      undefined,
      undefined,
    ]);
  });

  test('have limits of their own', () => {
    const { put } = lanesWith(2, 1);
    expect([put(1).isAdmitted, put(2).isAdmitted]).toEqual([true, false]);
    const urgent = [3, 4, 5].map((number) => put(number, URGENT).isAdmitted);
    expect(urgent).toEqual([true, true, false]);
  });

  test('take a token by what its header says, and give it back with the time', () => {
    const { lanes, messages } = lanesWith(9, 9);
    const calm = messages.store(numbered(1, { deadline: 5n }));
    const urgent = messages.store(numbered(2, { ...URGENT, deadline: 6n }));
    for (const token of [calm, urgent]) lanes.push(token, messages, 1n);
    expect([lanes.urgent.length, lanes.others.length, messages.borrowed]).toEqual([1, 1, 0]);
    expect(lanes.push(calm, messages, 5n).refusal?.reason).toBe('expired');
    expect(lanes.peek()!.token).toBe(urgent);
    const popped = [lanes.pop(5n), lanes.pop(5n)];
    expect(popped.map((each) => [each!.token, each!.isExpired])).toEqual([
      [urgent, false],
      [calm, true],
    ]);
  });

  test('free what was received, also where something urgent has come meanwhile', () => {
    const { lanes, messages, put, next } = lanesWith(9, 9);
    put(1);
    receive(lanes, messages, () => put(2, URGENT));
    expect([lanes.urgent.length, lanes.others.length, messages.usage().live]).toEqual([1, 0, 1]);
    expect(next()).toBe(2);
  });
});
