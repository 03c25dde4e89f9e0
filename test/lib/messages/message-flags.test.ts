import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MessageFlags } from '../../../src/lib/messages/message-flags.js';
import { checkProperty } from '../../support/property.js';
import { WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

const { FIRST_IN_BATCH, LAST_IN_BATCH, DEGRADE_ALLOWED, empty } = MessageFlags;

describe('the flags of a message', () => {
  test('are the bits of the original', () => {
    expect([FIRST_IN_BATCH, LAST_IN_BATCH, DEGRADE_ALLOWED]).toEqual([1, 2, 4]);
  });

  test.each([
    [0, [false, false, false]],
    [0b001, [true, false, false]],
    [0b010, [false, true, false]],
    [0b100, [false, false, true]],
    [0b011, [true, true, false]],
    [0xffff_fff8, [false, false, false]],
    [0xffff_ffff, [true, true, true]],
  ])('of the bits %d have names', (bits, expected) => {
    const { isFirst, isLast, canDegrade } = MessageFlags.fromBits(bits);
    expect([isFirst, isLast, canDegrade]).toEqual(expected);
  });

  test('contain a mask whose bits are all set; in the original one of them does', () => {
    const mask = FIRST_IN_BATCH | LAST_IN_BATCH;
    const first = empty.with(FIRST_IN_BATCH);
    expect([first.contains(mask), first.intersects(mask)]).toEqual([false, true]);
    const both = first.with(LAST_IN_BATCH);
    expect([both.contains(mask), both.intersects(mask)]).toEqual([true, true]);
    expect([both.contains(DEGRADE_ALLOWED), both.intersects(DEGRADE_ALLOWED)]).toEqual([
      false,
      false,
    ]);
    expect([empty.contains(0), empty.intersects(0), both.contains(0), both.intersects(0)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  test('without a meaning are kept', () => {
    const flags = MessageFlags.fromBits(0xdead_bee0);
    expect(flags.bits).toBe(0xdead_bee0);
    expect(flags.with(LAST_IN_BATCH).bits).toBe(0xdead_bee2);
    expect(flags.with(LAST_IN_BATCH).without(LAST_IN_BATCH).bits).toBe(0xdead_bee0);
  });

  test('know their last bit, also where an operator has made it the sign', () => {
    const highest = 1 << 31;
    const flags = empty.with(highest);
    expect([flags.bits, flags.contains(highest), flags.intersects(highest)]).toEqual([
      2 ** 31,
      true,
      true,
    ]);
    expect(flags.without(highest)).toEqual(empty);
  });

  test('never change', () => {
    const flags = MessageFlags.fromBits(FIRST_IN_BATCH);
    flags.with(LAST_IN_BATCH);
    flags.without(FIRST_IN_BATCH);
    expect(flags.bits).toBe(FIRST_IN_BATCH);
    expect(empty.bits).toBe(0);
    expect(MessageFlags.fromBits(0)).toBe(empty);
  });

  test('are a set of bits', () => {
    const bits = fc.nat({ max: 0xffff_ffff });
    checkProperty(
      fc.property(bits, bits, (value, mask) => {
        const flags = MessageFlags.fromBits(value);
        const [wide, wideMask] = [BigInt(value), BigInt(mask)];
        expect([
          flags.with(mask).bits,
          flags.without(mask).bits,
          flags.contains(mask),
          flags.intersects(mask),
        ]).toEqual([
          Number(wide | wideMask),
          Number(wide - (wide & wideMask)),
          (wide & wideMask) === wideMask,
          (wide & wideMask) !== 0n,
        ]);
      }),
    );
  });

  test.each(WRONG_NUMBERS)('are not %s', (_, wrong) => {
    expect(() => MessageFlags.fromBits(wrong as number)).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['2^32', 2 ** 32] as const])('are not %s', (_, wrong) => {
    expect(() => MessageFlags.fromBits(wrong as number)).toThrow(RangeError);
  });
});
