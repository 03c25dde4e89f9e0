import { describe, expect, test } from '@jest/globals';
import { assertMemoryClass, MemoryClass } from '../../../src/lib/messages/memory-class.js';
import { WRONG_NUMBERS, WRONG_OBJECTS, WRONG_SIZES } from '../../support/wrong-inputs.js';

const ALL = [
  MemoryClass.host,
  MemoryClass.pinnedHost,
  MemoryClass.shared,
  MemoryClass.device(0),
  MemoryClass.device(255),
];

describe('a class of memory', () => {
  test('has a kind, an ordinal where it is a device, and a name', () => {
    expect(ALL.map(({ kind, ordinal }) => [kind, ordinal])).toEqual([
      ['host', 0],
      ['pinned-host', 0],
      ['shared', 0],
      ['device', 0],
      ['device', 255],
    ]);
    expect(ALL.map(String)).toEqual(['host', 'pinned-host', 'shared', 'device 0', 'device 255']);
  });

  test('is one object', () => {
    const ordinals = Array.from({ length: 256 }, (_, ordinal) => ordinal);
    const devices = ordinals.map((ordinal) => MemoryClass.device(ordinal));
    expect(devices.map(({ ordinal }) => ordinal)).toEqual(ordinals);
    expect(devices.every((device, ordinal) => device === MemoryClass.device(ordinal))).toBe(true);
    expect(new Set([...devices, ...ALL]).size).toBe(256 + 3);
  });

  test.each(WRONG_NUMBERS)('refuses %s as the ordinal of a device', (_, wrong) => {
    expect(() => MemoryClass.device(wrong as number)).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['256', 256] as const])(
    'refuses %s as the ordinal of a device',
    (_, wrong) => {
      expect(() => MemoryClass.device(wrong as number)).toThrow(RangeError);
    },
  );

  const likeOne = ['what has its fields', { kind: 'host', ordinal: 0 }] as const;
  test.each([...WRONG_OBJECTS, likeOne])('is told from %s', (_, wrong) => {
    for (const memoryClass of ALL) assertMemoryClass(memoryClass);
    expect(() => assertMemoryClass(wrong)).toThrow(TypeError);
    expect(() => assertMemoryClass(wrong)).toThrow('memory class: expected a MemoryClass, got');
  });
});
