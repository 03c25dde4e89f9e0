import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import {
  ACCEPTED_DEVICE_MAX,
  decidePlacement,
  PlacementAcceptance,
} from '../../../src/lib/messages/placement.js';
import { checkProperty } from '../../support/property.js';
import { WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

const { host, pinnedHost, shared } = MemoryClass;
const { empty } = PlacementAcceptance;
const DEVICES = Array.from({ length: 256 }, (_, ordinal) => MemoryClass.device(ordinal));
const CLASSES = [host, pinnedHost, shared, ...DEVICES];

/** Which of all classes are accepted. */
const acceptedBy = (acceptance: PlacementAcceptance): MemoryClass[] =>
  CLASSES.filter((memoryClass) => acceptance.accepts(memoryClass));

describe('the bits of an acceptance', () => {
  test.each([
    ['nothing', empty, 0],
    ['the host', PlacementAcceptance.host, 0b1],
    ['all of the host', PlacementAcceptance.hostAll, 0b11],
    ['the host, added', empty.withHost(), 0b1],
    ['pinned memory', empty.withPinnedHost(), 0b10],
    ['device 0', empty.withDevice(0), 1 << 2],
    ['device 1', empty.withDevice(1), 0b1000],
    ['device 15', empty.withDevice(15), 1 << 17],
    ['all devices', empty.withAllDevices(), 0x3fffc],
    ['shared memory', empty.withShared(), 0x40000],
    ['all', PlacementAcceptance.hostAll.withAllDevices().withShared(), 0x7ffff],
  ])('are those of the original: %s', (_, acceptance, bits) => {
    expect([acceptance.bits, acceptance.isEmpty]).toEqual([bits, bits === 0]);
  });

  test('without a meaning are kept, and accept nothing', () => {
    const acceptance = PlacementAcceptance.fromBits(0xfff8_0000);
    expect([acceptance.bits, acceptance.isEmpty]).toEqual([0xfff8_0000, false]);
    expect(acceptedBy(acceptance)).toEqual([]);
    expect(acceptance.withHost().bits).toBe(0xfff8_0001);
    expect(acceptance.union(acceptance).bits).toBe(0xfff8_0000);
    expect(acceptance.intersect(acceptance).bits).toBe(0xfff8_0000);
    expect(acceptance.contains(PlacementAcceptance.fromBits(0x8000_0000))).toBe(true);
  });

  test.each(WRONG_NUMBERS)('are not %s', (_, wrong) => {
    expect(() => PlacementAcceptance.fromBits(wrong as number)).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['2^32', 2 ** 32] as const])('are not %s', (_, wrong) => {
    expect(() => PlacementAcceptance.fromBits(wrong as number)).toThrow(RangeError);
  });
});

describe('an acceptance', () => {
  test('accepts the classes that were added, and no others', () => {
    expect(acceptedBy(empty)).toEqual([]);
    expect(acceptedBy(PlacementAcceptance.hostAll)).toEqual([host, pinnedHost]);
    expect(acceptedBy(empty.withDevice(3).withShared())).toEqual([shared, DEVICES[3]]);
    const accepted = DEVICES.slice(0, ACCEPTED_DEVICE_MAX + 1);
    expect(acceptedBy(empty.withAllDevices())).toEqual(accepted);
  });

  test('takes no device for another; in the original device 17 passes for device 1', () => {
    const devices = DEVICES.map(({ ordinal }) => ordinal);
    const taken = devices.filter((ordinal) => empty.tryWithDevice(ordinal) !== undefined);
    expect(taken).toEqual(devices.slice(0, 16));
    for (const ordinal of taken) {
      expect(acceptedBy(empty.withDevice(ordinal))).toEqual([DEVICES[ordinal]]);
    }
    for (const ordinal of [16, 17, 255]) {
      expect(() => empty.withDevice(ordinal)).toThrow(RangeError);
      expect(() => PlacementAcceptance.exactly(DEVICES[ordinal]!)).toThrow(RangeError);
    }
    expect(PlacementAcceptance.fromBits(0xffff_ffff).accepts(MemoryClass.device(17))).toBe(false);
  });

  test.each(CLASSES.slice(0, 19).map((memoryClass) => [String(memoryClass), memoryClass] as const))(
    'can be of exactly one class: %s',
    (_, memoryClass) => {
      expect(acceptedBy(PlacementAcceptance.exactly(memoryClass))).toEqual([memoryClass]);
    },
  );

  test('never changes', () => {
    const acceptance = PlacementAcceptance.fromBits(0b1);
    acceptance.withPinnedHost().withDevice(2).withShared().union(PlacementAcceptance.hostAll);
    expect(acceptance.bits).toBe(0b1);
    expect(PlacementAcceptance.host.bits).toBe(0b1);
  });

  test('is a set of bits', () => {
    const bits = fc.nat({ max: 0xffff_ffff });
    checkProperty(
      fc.property(bits, bits, (left, right) => {
        const [a, b] = [PlacementAcceptance.fromBits(left), PlacementAcceptance.fromBits(right)];
        const [wideLeft, wideRight] = [BigInt(left), BigInt(right)];
        expect([a.union(b).bits, a.intersect(b).bits, a.contains(b), b.contains(a)]).toEqual([
          Number(wideLeft | wideRight),
          Number(wideLeft & wideRight),
          (wideLeft | wideRight) === wideLeft,
          (wideLeft | wideRight) === wideRight,
        ]);
        expect([a.contains(empty), a.contains(a), a.union(b).contains(b)]).toEqual([
          true,
          true,
          true,
        ]);
      }),
    );
  });

  test('contains what it has, and not what it has a part of', () => {
    const { hostAll } = PlacementAcceptance;
    expect(hostAll.contains(PlacementAcceptance.host)).toBe(true);
    expect(PlacementAcceptance.host.contains(hostAll)).toBe(false);
    expect(empty.contains(empty)).toBe(true);
  });

  test.each(WRONG_NUMBERS)('has no device %s', (_, wrong) => {
    expect(() => empty.withDevice(wrong as number)).toThrow(TypeError);
    expect(() => empty.tryWithDevice(wrong as number)).toThrow(TypeError);
  });

  test.each(WRONG_SIZES)('has no device %s', (_, wrong) => {
    expect(() => empty.withDevice(wrong as number)).toThrow(RangeError);
    expect(() => empty.tryWithDevice(wrong as number)).toThrow(RangeError);
  });
});

test('a payload is handed on as it is exactly where its class is accepted', () => {
  const { hostAll } = PlacementAcceptance;
  expect(decidePlacement(PlacementAcceptance.host, pinnedHost)).toBe('adapt-required');
  expect(decidePlacement(PlacementAcceptance.host, host)).toBe('zero-copy');
  expect(decidePlacement(hostAll, pinnedHost)).toBe('zero-copy');
  expect(decidePlacement(hostAll, shared)).toBe('adapt-required');
  expect(decidePlacement(empty.withDevice(1), MemoryClass.device(17))).toBe('adapt-required');
  expect(decidePlacement(empty.withDevice(1), MemoryClass.device(1))).toBe('zero-copy');
});
