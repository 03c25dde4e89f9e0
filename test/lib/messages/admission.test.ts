import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  admissionPolicy,
  decideAdmission,
  isExpired,
  occupancyOf,
  type AdmissionDecision,
  type AdmissionItem,
  type AdmissionOptions,
  type Load,
} from '../../../src/lib/messages/admission.js';
import { QUALITIES_OF_SERVICE } from '../../../src/lib/messages/message-header.js';
import { checkProperty } from '../../support/property.js';
import { expectSame } from '../../support/vec-model.js';
import {
  WRONG_BIGINTS,
  WRONG_NUMBERS,
  WRONG_SIZES,
  WRONG_TEXTS,
} from '../../support/wrong-inputs.js';

const ACTIONS = ['reject', 'drop-newest', 'evict-oldest', 'block'] as const;
const KINDS = { reject: 'reject', 'drop-newest': 'drop', block: 'block' } as const;

const item = (fields: Partial<AdmissionItem> = {}): AdmissionItem => ({
  payloadSize: 10,
  qos: 'best-effort',
  deadline: undefined,
  ...fields,
});

const decide = (
  options: AdmissionOptions,
  [count, bytes]: readonly [number, number],
  fields: Partial<AdmissionItem> = {},
  now?: bigint,
): AdmissionDecision =>
  decideAdmission(admissionPolicy(options), { count, bytes }, item(fields), now);

describe('a message', () => {
  test('is admitted up to the most messages, and not beyond', () => {
    expect(decide({ maxCount: 3 }, [2, 0])).toEqual({ kind: 'admit' });
    expect(decide({ maxCount: 3 }, [3, 0])).toEqual({ kind: 'reject', reason: 'full' });
    expect(decide({ maxCount: 3 }, [4, 0])).toEqual({ kind: 'reject', reason: 'full' });
  });

  test('counts itself: the cap on bytes is reached, and never passed', () => {
    const limits = { maxCount: 9, maxBytes: 30 };
    expect(decide(limits, [2, 20])).toEqual({ kind: 'admit' });
    expect(decide(limits, [2, 21])).toEqual({ kind: 'reject', reason: 'full' });
    expect(decide(limits, [2, 30], { payloadSize: 0 })).toEqual({ kind: 'admit' });
  });

  test('that is larger than the cap is refused at once, whatever else would be done', () => {
    const limits = { maxCount: 9, maxBytes: 30, whenFull: 'evict-oldest' } as const;
    expect(decide(limits, [0, 0], { payloadSize: 30 })).toEqual({ kind: 'admit' });
    const refused = { kind: 'reject', reason: 'too-large' };
    expect(decide(limits, [0, 0], { payloadSize: 31 })).toEqual(refused);
    expect(decide(limits, [9, 30], { payloadSize: 31 })).toEqual(refused);
  });

  test('is expired when its deadline has come, if a time is given', () => {
    const refused = { kind: 'reject', reason: 'expired' };
    expect(decide({ maxCount: 3 }, [0, 0], { deadline: 5n }, 5n)).toEqual(refused);
    expect(decide({ maxCount: 3 }, [0, 0], { deadline: 5n }, 4n)).toEqual({ kind: 'admit' });
    expect(decide({ maxCount: 3 }, [0, 0], { deadline: 5n })).toEqual({ kind: 'admit' });
    expect(decide({ maxCount: 3 }, [0, 0], {}, 5n)).toEqual({ kind: 'admit' });
    expect(decide({ maxCount: 3, whenFull: 'block' }, [3, 0], { deadline: 5n }, 6n)).toEqual(
      refused,
    );
    expect(isExpired({ deadline: 0n }, 0n)).toBe(true);
  });

  test('meets a full queue as the limits say', () => {
    const at = (whenFull: (typeof ACTIONS)[number]) =>
      decide({ maxCount: 3, maxBytes: 100, whenFull }, [3, 50]);
    expect(ACTIONS.map(at)).toEqual([
      { kind: 'reject', reason: 'full' },
      { kind: 'drop', reason: 'full' },
      { kind: 'evict', keep: { count: 2, bytes: 90 } },
      { kind: 'block', reason: 'full' },
    ]);
  });

  test('meets a congested queue as the limits say', () => {
    const at = (whenSoft: (typeof ACTIONS)[number] | 'admit') =>
      decide({ maxCount: 9, softCount: 3, whenSoft }, [4, 50]);
    expect((['admit', ...ACTIONS] as const).map(at)).toEqual([
      { kind: 'admit' },
      { kind: 'reject', reason: 'congested' },
      { kind: 'drop', reason: 'congested' },
      { kind: 'evict', keep: { count: 3, bytes: Infinity } },
      { kind: 'block', reason: 'congested' },
    ]);
    expect(decide({ maxCount: 9, softCount: 3 }, [8, 50])).toEqual({ kind: 'admit' });
  });

  test('that is urgent enough is admitted between the marks, and not above', () => {
    const limits = { maxCount: 9, softCount: 3, urgentFrom: 'best-effort' } as const;
    const at = (count: number) =>
      QUALITIES_OF_SERVICE.map((qos) => decide(limits, [count, 0], { qos }).kind);
    expect(at(2)).toEqual(['admit', 'admit', 'admit']);
    expect(at(3)).toEqual(['reject', 'admit', 'admit']);
    expect(at(9)).toEqual(['reject', 'reject', 'reject']);
    expect(decide({ ...limits, whenSoft: 'block' }, [3, 0], { qos: 'background' })).toEqual({
      kind: 'block',
      reason: 'congested',
    });
  });
});

test('the occupancy names the highest mark that is reached', () => {
  const policy = admissionPolicy({ maxCount: 10, softCount: 5, maxBytes: 100, softBytes: 50 });
  const markOf = (count: number, bytes: number) => occupancyOf(policy, { count, bytes }).mark;
  expect([markOf(4, 49), markOf(5, 0), markOf(0, 50)]).toEqual([
    'below-soft',
    'between',
    'between',
  ]);
  expect([markOf(9, 99), markOf(10, 0), markOf(0, 100)]).toEqual(['between', 'at-hard', 'at-hard']);
  expect(occupancyOf(policy, { count: 1, bytes: 2 })).toEqual({
    count: 1,
    bytes: 2,
    mark: 'below-soft',
  });
});

describe('limits', () => {
  test('that are left out are the loosest ones', () => {
    const policy = admissionPolicy({ maxCount: 7 });
    expect(policy).toEqual({
      maxCount: 7,
      softCount: 7,
      maxBytes: Infinity,
      softBytes: Infinity,
      whenSoft: 'admit',
      whenFull: 'reject',
      urgentFrom: undefined,
    });
    expect(admissionPolicy(policy)).toEqual(policy);
    expect(admissionPolicy({ maxCount: 7, maxBytes: 9 }).softBytes).toBe(9);
    expect(admissionPolicy({ maxCount: 7, urgentFrom: 'background' }).whenSoft).toBe('reject');
  });

  test.each([
    ['no messages at all', { maxCount: 0 }],
    ['a soft mark above the hard one', { maxCount: 3, softCount: 4 }],
    ['a soft mark of none', { maxCount: 3, softCount: 0 }],
    ['a cap of no bytes', { maxCount: 3, maxBytes: 0 }],
    ['a soft mark for bytes above the hard one', { maxCount: 3, maxBytes: 3, softBytes: 4 }],
    ['a soft mark for bytes of none', { maxCount: 3, maxBytes: 3, softBytes: 0 }],
    ['a soft mark for bytes without a hard one', { maxCount: 3, softBytes: 4 }],
    ['an action that there is not', { maxCount: 3, whenFull: 'evict' }],
    ['to admit to a full queue', { maxCount: 3, whenFull: 'admit' }],
    ['another action that there is not', { maxCount: 3, whenSoft: 'evict' }],
    ['a quality of service that there is not', { maxCount: 3, urgentFrom: 'urgent' }],
    [
      'urgency where all are admitted',
      { maxCount: 3, urgentFrom: 'background', whenSoft: 'admit' },
    ],
  ])('with %s are refused', (_, options) => {
    expect(() => admissionPolicy(options as AdmissionOptions)).toThrow(RangeError);
  });

  test('of another type are refused', () => {
    const wrong: unknown[] = [undefined, null, 7, 'seven'];
    for (const [, value] of WRONG_NUMBERS) {
      if (value === undefined) continue;
      wrong.push({ maxCount: value }, { maxCount: 3, softCount: value });
      wrong.push({ maxCount: 3, maxBytes: value }, { maxCount: 3, maxBytes: 3, softBytes: value });
    }
    for (const [, value] of WRONG_TEXTS) {
      if (value === undefined) continue;
      wrong.push({ maxCount: 3, whenFull: value }, { maxCount: 3, whenSoft: value });
      wrong.push({ maxCount: 3, urgentFrom: value, whenSoft: 'block' });
    }
    const answers = wrong.map((value) =>
      thrownBy(() => admissionPolicy(value as AdmissionOptions)),
    );
    expect(new Set(answers)).toEqual(new Set(['TypeError']));
    const sizes = WRONG_SIZES.map(([, value]) =>
      thrownBy(() => admissionPolicy({ maxCount: value as number })),
    );
    expect(new Set(sizes)).toEqual(new Set(['RangeError']));
  });

  test('are not asked with a time that is none', () => {
    const times = WRONG_BIGINTS.filter(([, value]) => value !== undefined);
    const answers = times.map(([, now]) =>
      thrownBy(() => decide({ maxCount: 1 }, [0, 0], {}, now as bigint)),
    );
    expect(new Set(answers)).toEqual(new Set(['TypeError']));
  });
});

function thrownBy(action: () => unknown): string {
  try {
    action();
    return 'nothing';
  } catch (error) {
    return (error as Error).name;
  }
}

/** The original's rules as its specification tells them, with one action for both marks. */
function original(
  action: (typeof ACTIONS)[number] | 'by-deadline',
  limits: { maxCount: number; softCount: number; maxBytes?: number; softBytes?: number },
  { count, bytes }: Load,
  size: number,
): string {
  const hardBytes = limits.maxBytes;
  const softBytes = hardBytes === undefined ? undefined : limits.softBytes;
  if (count >= limits.maxCount || (hardBytes !== undefined && bytes >= hardBytes)) {
    if (hardBytes !== undefined && size >= hardBytes) return 'reject';
    if (action === 'by-deadline') return 'reject';
    return action === 'evict-oldest' ? 'evict until below hard' : KINDS[action];
  }
  if (count < limits.softCount && (softBytes === undefined || bytes < softBytes)) return 'admit';
  if (action === 'by-deadline') return 'admit';
  return action === 'evict-oldest' ? 'evict 1' : KINDS[action];
}

const someLimits = fc
  .record({
    softCount: fc.integer({ min: 1, max: 6 }),
    moreCount: fc.nat(5),
    bytes: fc.option(fc.record({ soft: fc.integer({ min: 1, max: 60 }), more: fc.nat(50) })),
  })
  .map(({ softCount, moreCount, bytes }) => ({
    maxCount: softCount + moreCount,
    softCount,
    ...(bytes === null ? {} : { maxBytes: bytes.soft + bytes.more, softBytes: bytes.soft }),
  }));

/** An empty queue holds no bytes. */
const someLoad = fc
  .record({ count: fc.nat(12), bytes: fc.nat(120) })
  .map(({ count, bytes }) => ({ count, bytes: count === 0 ? 0 : bytes }));

test('where the message does not cross the cap on bytes, decisions are those of the original', () => {
  const action = fc.constantFrom(...ACTIONS, 'by-deadline' as const);
  checkProperty(
    fc.property(action, someLimits, someLoad, fc.nat(40), (act, limits, load, size) => {
      const { maxBytes = Infinity } = limits;
      fc.pre(size > 0 && size < maxBytes);
      fc.pre(load.bytes >= maxBytes || load.bytes + size <= maxBytes);
      const [whenSoft, whenFull] =
        act === 'by-deadline' ? (['admit', 'reject'] as const) : ([act, act] as const);
      const policy = admissionPolicy({ ...limits, whenSoft, whenFull });
      const found = decideAdmission(policy, load, item({ payloadSize: size }));
      const expected = original(act, limits, load, size);
      if (found.kind !== 'evict') return expectSame(found.kind, expected);
      const keep =
        expected === 'evict 1'
          ? { count: load.count - 1, bytes: maxBytes - size }
          : { count: limits.maxCount - 1, bytes: maxBytes - size };
      expectSame([expected.startsWith('evict'), found.keep], [true, keep]);
    }),
    { numRuns: 500 },
  );
});

test('whatever is admitted leaves the queue within its hard limits', () => {
  const actions = fc.tuple(
    fc.constantFrom('admit' as const, ...ACTIONS),
    fc.constantFrom(...ACTIONS),
  );
  checkProperty(
    fc.property(
      actions,
      someLimits,
      someLoad,
      fc.nat(130),
      ([whenSoft, whenFull], limits, load, size) => {
        const { maxCount, maxBytes = Infinity } = limits;
        const policy = admissionPolicy({ ...limits, whenSoft, whenFull });
        const decision = decideAdmission(policy, load, item({ payloadSize: size }));
        if (decision.kind !== 'admit' && decision.kind !== 'evict') return;
        const left = decision.kind === 'admit' ? load : decision.keep;
        const isWithin = left.count + 1 <= maxCount && left.bytes + size <= maxBytes;
        expectSame([isWithin, left.count >= 0, left.bytes >= 0], [true, true, true]);
      },
    ),
    { numRuns: 500 },
  );
});
