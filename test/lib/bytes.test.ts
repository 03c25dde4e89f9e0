import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as bytes from '../../src/lib/bytes.js';
import { StorageError } from '../../src/lib/errors.js';
import { fromHex, toHex } from '../support/hex.js';
import { compareArrays } from '../support/orders.js';
import { checkProperty } from '../support/property.js';

type Read = (bytes: Uint8Array, offset: number) => number;
type Write = (bytes: Uint8Array, offset: number, value: number) => void;
type ViewRead = (view: DataView, offset: number) => number | bigint;
type Format = readonly [name: string, max: number, read: Read, write: Write, byView: ViewRead];

/** The `DataView` of the engine is the judge. */
const FORMATS: readonly Format[] = [
  ['u16', 0xffff, bytes.readU16, bytes.writeU16, (v, o) => v.getUint16(o, true)],
  ['u32', 0xffff_ffff, bytes.readU32, bytes.writeU32, (v, o) => v.getUint32(o, true)],
  [
    'u64',
    Number.MAX_SAFE_INTEGER,
    bytes.readU64,
    bytes.writeU64,
    (v, o) => Number(v.getBigUint64(o, true)),
  ],
  [
    'big-endian u16',
    0xffff,
    bytes.readU16BigEndian,
    bytes.writeU16BigEndian,
    (v, o) => v.getUint16(o),
  ],
  [
    'big-endian u32',
    0xffff_ffff,
    bytes.readU32BigEndian,
    bytes.writeU32BigEndian,
    (v, o) => v.getUint32(o),
  ],
];

const BORDERS = [
  0,
  1,
  0xff,
  0x100,
  0xffff,
  0x7fff_ffff,
  0x8000_0000,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
];

describe.each(FORMATS)('%s', (_name, max, read, write, byView) => {
  const values = fc.oneof(
    fc.nat({ max }),
    fc.constantFrom(...BORDERS.filter((value) => value <= max)),
  );

  test('is written as DataView reads it and read back, at any offset, touching nothing else', () => {
    const property = fc.property(values, fc.nat({ max: 5 }), (value, offset) => {
      const array = new Uint8Array(16).fill(0xa5);
      write(array, offset, value);
      expect(byView(new DataView(array.buffer), offset)).toBe(value);
      expect(read(array, offset)).toBe(value);
      expect(array.filter((byte) => byte === 0xa5).length).toBeGreaterThanOrEqual(8);
      expect(array.subarray(0, offset).every((byte) => byte === 0xa5)).toBe(true);
      expect(array.subarray(offset + 8).every((byte) => byte === 0xa5)).toBe(true);
    });
    checkProperty(property);
  });
});

describe('a 64-bit field', () => {
  test('is refused above 2^53 - 1', () => {
    const array = fromHex('0000000000002000');
    const refusal = expect.objectContaining({ code: 'CORRUPTED' }) as unknown as Error;
    expect(() => bytes.readU64(array, 0)).toThrow(refusal);
    expect(() => bytes.readU64(fromHex('ffffffffffffffff'), 0)).toThrow(StorageError);
    expect(bytes.readU64(fromHex('ffffffffffff1f00'), 0)).toBe(2 ** 53 - 1);
  });
});

test('the numbers of a record are those that the plain functions read, up to the largest', () => {
  const record = new bytes.RecordBytes(22);
  const plain = new Uint8Array(22);
  for (const value of [0, 1, 0x0102_0304, 0xffff_ffff]) {
    const big = (BigInt(value) << 32n) | 0x8000_0005n;
    record.setU32(1, value);
    record.setBigU64(5, big);
    record.setU64(13, value * 0x20_0000);
    bytes.writeU32(plain, 1, value);
    bytes.writeBigU64(plain, 5, big);
    bytes.writeU64(plain, 13, value * 0x20_0000);
    expect(toHex(record.bytes)).toBe(toHex(plain));
    expect([record.u32(1), record.bigU64(5)]).toEqual([value, big]);
  }
});

describe('floating-point numbers', () => {
  test.each<[string, fc.Arbitrary<number>, Read, Write, ViewRead]>([
    ['f32', fc.float(), bytes.readF32BigEndian, bytes.writeF32BigEndian, (v, o) => v.getFloat32(o)],
    [
      'f64',
      fc.double(),
      bytes.readF64BigEndian,
      bytes.writeF64BigEndian,
      (v, o) => v.getFloat64(o),
    ],
  ])(
    '%s is written as DataView reads it and read back, at any offset',
    (_, values, read, write, byView) => {
      const property = fc.property(values, fc.nat({ max: 5 }), (value, offset) => {
        const array = new Uint8Array(13);
        write(array, offset, value);
        expect(byView(new DataView(array.buffer), offset)).toBe(value);
        expect(read(array, offset)).toBe(value);
      });
      checkProperty(property);
    },
  );
});

describe('little-endian numbers of 64 bits, and floating-point numbers', () => {
  test('are written and read as by DataView', () => {
    const values = fc.tuple(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double());
    const property = fc.property(values, fc.nat({ max: 5 }), ([whole, double], offset) => {
      const array = new Uint8Array(32);
      const view = new DataView(array.buffer);
      bytes.writeBigU64(array, offset, whole);
      expect(view.getBigInt64(offset, true)).toBe(whole);
      expect(bytes.readBigI64(array, offset)).toBe(whole);
      expect(bytes.readBigU64(array, offset)).toBe(BigInt.asUintN(64, whole));
      bytes.writeF64(array, offset + 8, double);
      expect(view.getFloat64(offset + 8, true)).toBe(double);
      expect(bytes.readF64(array, offset + 8)).toBe(double);
      bytes.writeF32(array, offset + 16, double);
      expect(view.getFloat32(offset + 16, true)).toBe(Math.fround(double));
      expect(bytes.readF32(array, offset + 16)).toBe(Math.fround(double));
    });
    checkProperty(property);
  });
});

describe('big-endian bigints', () => {
  test.each([
    [8, bytes.readU64BigEndian, bytes.writeU64BigEndian],
    [16, bytes.readU128BigEndian, bytes.writeU128BigEndian],
  ])('of %i bytes are written as their hexadecimal digits, at any offset', (size, read, write) => {
    const values = fc.bigInt({ min: 0n, max: 2n ** BigInt(8 * size) - 1n });
    checkProperty(
      fc.property(values, fc.nat({ max: 5 }), (value, offset) => {
        const array = new Uint8Array(size + 5);
        write(array, offset, value);
        const digits = value.toString(16).padStart(2 * size, '0');
        expect(toHex(array)).toBe('00'.repeat(offset) + digits + '00'.repeat(5 - offset));
        expect(read(array, offset)).toBe(value);
      }),
    );
  });

  test("are written in two's complement where they are negative", () => {
    const array = new Uint8Array(16);
    bytes.writeU64BigEndian(array, 0, -2n);
    expect(toHex(array)).toBe('fffffffffffffffe0000000000000000');
    bytes.writeU128BigEndian(array, 0, -2n);
    expect(toHex(array)).toBe('fffffffffffffffffffffffffffffffe');
  });
});

describe('bytes', () => {
  const arrays = fc.uint8Array({ max: 2, maxLength: 4 });

  test('are compared from the front, a prefix first, within their ranges only', () => {
    const property = fc.property(arrays, arrays, (left, right) => {
      const l = Uint8Array.of(9, ...left, 1);
      const r = Uint8Array.of(0, 0, ...right, 2);
      const sign = bytes.compareBytes(l, 1, 1 + left.length, r, 2, 2 + right.length);
      expect(Math.sign(sign)).toBe(Math.sign(compareArrays(left, right)));
      expect(bytes.equalBytes(left, right)).toBe(compareArrays(left, right) === 0);
    });
    checkProperty(property, { numRuns: 500 });
  });

  test('are joined in their order', () => {
    expect(bytes.concatBytes()).toEqual(new Uint8Array(0));
    const parts = [fromHex('01'), fromHex(''), fromHex('0203')];
    expect(toHex(bytes.concatBytes(...parts))).toBe('010203');
  });
});
