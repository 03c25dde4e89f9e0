import { describe, expect, test } from '@jest/globals';
import { HEIGHT_MAX, WireFacts } from '../../../src/lib/candid/wire-facts.js';
import type { WireType } from '../../../src/lib/candid/wire-type.js';

const NULL: WireType = { kind: 'null' };
const NAT64: WireType = { kind: 'nat64' };
const record = (...types: WireType[]): WireType => ({
  kind: 'record',
  fields: types.map((type, id) => ({ id, type })),
});
const opt = (element: WireType): WireType => ({ kind: 'opt', element });

/** A type that `make` makes of itself. */
function recursive(make: (self: WireType) => WireType): WireType {
  const self = {} as WireType;
  return Object.assign(self, make(self));
}

/** A type in so many others. */
function nested(type: WireType, levels: number, around: (inner: WireType) => WireType): WireType {
  let whole = type;
  for (let level = 0; level < levels; level++) whole = around(whole);
  return whole;
}

describe('a type of a message', () => {
  test('has values of some bytes, and some work before those', () => {
    const facts = new WireFacts();
    expect(facts.extent(NAT64)).toEqual({ sizeMin: 8, work: 1 });
    expect(facts.extent(record())).toEqual({ sizeMin: 0, work: 1 });
    expect(facts.extent(record(NULL, NAT64, opt(NULL)))).toEqual({ sizeMin: 9, work: 4 });
  });

  test('is free of charge where bytes pay for it', () => {
    const facts = new WireFacts();
    expect(facts.price(NULL, 0)).toBe(1);
    expect(facts.price(NULL, 1)).toBe(0);
    expect(facts.price(record(...Array(7).fill(NULL)), 1)).toBe(0);
    expect(facts.price(record(...Array(8).fill(NULL)), 1)).toBe(9);
  });

  test('costs twice as much with each level that doubles it', () => {
    const twice = (inner: WireType) => record(inner, inner);
    expect(new WireFacts().price(nested(NULL, 40, twice), 1)).toBe(2 ** 41 - 1);
  });

  test('that contains itself without an end costs more than anybody has', () => {
    expect(
      new WireFacts().price(
        recursive((self) => record(self)),
        1,
      ),
    ).toBe(Infinity);
  });

  test('is deep where it contains itself, and where it is built very high', () => {
    const facts = new WireFacts();
    expect(facts.isDeep(recursive((self) => opt(record(NULL, self))))).toBe(true);
    expect(facts.isDeep(nested(NULL, 5, opt))).toBe(false);
    expect(facts.isDeep(nested(NULL, HEIGHT_MAX * 100, opt))).toBe(true);
    expect(facts.isDeep(nested(NULL, HEIGHT_MAX * 100, (inner) => record(inner)))).toBe(true);
  });

  test('is not counted as a record, since what lies in it is', () => {
    const facts = new WireFacts();
    expect(facts.isDeep(recursive((self) => record(NULL, opt(self))))).toBe(false);
    expect(facts.isDeep(recursive((self) => record(self)))).toBe(true);
  });

  test('is not deep for what its functions take', () => {
    const facts = new WireFacts();
    const own = recursive((self) => ({ kind: 'func', args: [self], results: [], annotations: [] }));
    expect(facts.isDeep(own)).toBe(false);
  });
});
