import { describe, expect, test } from '@jest/globals';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import { MessageFlags } from '../../../src/lib/messages/message-flags.js';
import {
  EMPTY_HEADER,
  isOverdue,
  messageHeader,
  QUALITIES_OF_SERVICE,
  rankOf,
  type HeaderFields,
  type QualityOfService,
} from '../../../src/lib/messages/message-header.js';
import { codeOf } from '../../support/memories.js';
import { WRONG_BIGINTS, WRONG_OBJECTS } from '../../support/wrong-inputs.js';

const NUMBERS = ['traceId', 'sequence', 'creationTick', 'deadline'] as const;
const U64_MAX = 2n ** 64n - 1n;

describe('a header', () => {
  test('of which nothing is said is that of the original', () => {
    expect(messageHeader()).toEqual({
      traceId: 0n,
      sequence: 0n,
      creationTick: 0n,
      deadline: undefined,
      qos: 'best-effort',
      payloadSize: 0,
      flags: MessageFlags.empty,
      memoryClass: MemoryClass.host,
    });
    expect(messageHeader()).toEqual(EMPTY_HEADER);
    expect(Object.isFrozen(EMPTY_HEADER)).toBe(true);
  });

  test('has the fields that are given, and the others of another header', () => {
    const flags = MessageFlags.fromBits(5);
    const first = messageHeader({ traceId: 1n, deadline: 2n, flags });
    const second = messageHeader({ sequence: 3n, qos: 'background' }, first);
    expect(second).toEqual({ ...first, sequence: 3n, qos: 'background' });
    expect(messageHeader({ deadline: undefined }, second).deadline).toBeUndefined();
    expect(first).toEqual({ ...EMPTY_HEADER, traceId: 1n, deadline: 2n, flags });
  });

  test('takes size and class of no sender', () => {
    const lying = { payloadSize: 99, memoryClass: MemoryClass.shared } as HeaderFields;
    expect(messageHeader(lying)).toEqual(EMPTY_HEADER);
    const stamped = { ...EMPTY_HEADER, payloadSize: 7, memoryClass: MemoryClass.device(1) };
    expect(messageHeader(lying, stamped)).toEqual(stamped);
  });

  test.each(NUMBERS)('has 64 bits for %s', (field) => {
    const found = [0n, 1n, 2n ** 53n + 1n, U64_MAX].map(
      (value) => messageHeader({ [field]: value })[field],
    );
    expect(found).toEqual([0n, 1n, 2n ** 53n + 1n, U64_MAX]);
    expect(codeOf(() => messageHeader({ [field]: -1n }))).toBe('INVALID_VALUE');
    expect(codeOf(() => messageHeader({ [field]: U64_MAX + 1n }))).toBe('INVALID_VALUE');
  });

  test.each(WRONG_BIGINTS)('refuses %s in place of a bigint', (_, wrong) => {
    for (const field of NUMBERS) {
      if (field === 'deadline' && wrong === undefined) continue;
      expect(() => messageHeader({ [field]: wrong })).toThrow(TypeError);
    }
  });

  test.each([...WRONG_OBJECTS, ['its bits alone', { bits: 7 }] as const])(
    'refuses %s in place of flags',
    (_, wrong) => {
      expect(() => messageHeader({ flags: wrong as MessageFlags })).toThrow(TypeError);
    },
  );

  test.each(['', 'urgent', 'Background', undefined, null, 2, {}, Symbol('background')])(
    'refuses a quality of service that there is not: %p',
    (wrong) => {
      const qos = wrong as QualityOfService;
      expect(codeOf(() => messageHeader({ qos }))).toBe('INVALID_VALUE');
    },
  );
});

test('qualities of service rank as in the original', () => {
  expect(QUALITIES_OF_SERVICE.map((qos) => [qos, rankOf(qos)])).toEqual([
    ['background', 1],
    ['best-effort', 2],
    ['latency-critical', 3],
  ]);
});

test('a message is overdue from its deadline on, and never without one', () => {
  const overdue = [4n, 5n, 6n].map((moment) => isOverdue({ deadline: 5n }, moment));
  expect(overdue).toEqual([false, true, true]);
  expect(isOverdue({ deadline: undefined }, U64_MAX)).toBe(false);
});
