import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { json } from '../../../src/lib/codecs/json.js';
import { isKeyCodec } from '../../../src/lib/codecs/refusals.js';
import { StorageError } from '../../../src/lib/errors.js';
import { Principal } from '../../../src/lib/principal.js';
import { decodeUtf8, encodeUtf8 } from '../../../src/lib/utf8.js';
import { anyPrincipal } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { checkProperty } from '../../support/property.js';

const codec = json();

/** Names that look like the codec's own, or that every object has. */
const trickyNames = fc.constantFrom(
  '$date',
  '$$date',
  '$',
  '$$',
  '$undefined',
  '$Uint8Array',
  '__proto__',
  'constructor',
  'toJSON',
  '',
  '0',
);
const leaves = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, NaN, Infinity, -Infinity, -0, '$date'),
  fc.double(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  anyPrincipal(),
  fc.uint8Array({ maxLength: 4 }),
  fc.oneof(
    fc.int8Array({ maxLength: 3 }),
    fc.uint8ClampedArray({ maxLength: 3 }),
    fc.int16Array({ maxLength: 3 }),
    fc.uint16Array({ maxLength: 3 }),
    fc.int32Array({ maxLength: 3 }),
    fc.uint32Array({ maxLength: 3 }),
    fc.float32Array({ maxLength: 3 }),
    fc.float64Array({ maxLength: 3 }),
    fc.bigInt64Array({ maxLength: 3 }),
    fc.bigUint64Array({ maxLength: 3 }),
  ),
);
const { data } = fc.letrec<{ data: unknown }>((tie) => {
  const names = fc.oneof(trickyNames, fc.string({ maxLength: 3 }));
  const few = { maxLength: 3 };
  return {
    data: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaves,
      fc.array(tie('data'), few),
      fc.array(fc.tuple(names, tie('data')), few).map(objectOf),
      fc.array(fc.tuple(tie('data'), tie('data')), few).map((entries) => new Map(entries)),
      fc.array(tie('data'), few).map((values) => new Set(values)),
    ),
  };
});

/** Also where a name is `__proto__`, which `Object.fromEntries` defines. */
function objectOf(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries);
}

/** Jest's own would compare what properties called `constructor` hold by identity. */
function assertSame(found: unknown, value: unknown): void {
  expect(isDeepStrictEqual(found, value)).toBe(true);
}

function textOf(value: unknown): string {
  return decodeUtf8(codec.encode(value));
}

function valueOf(text: string): unknown {
  return codec.decode(encodeUtf8(text));
}

describeCodecLaws({
  codec,
  values: data,
  wrongTypes: [],
  wrongValues: [
    ['a function', () => 7],
    ['a symbol', Symbol('7')],
    ['an instance of a class', new (class Account {})()],
    ['an error', new Error('7')],
    ['a pattern', /7/],
    ['a promise', Promise.resolve(7)],
    ['a boxed number', Object(7)],
    ['a buffer without a view', new ArrayBuffer(1)],
    ['a view that is no array', new DataView(new ArrayBuffer(1))],
    ['a property named by a symbol', { [Symbol('7')]: 7 }],
    ['a date that is none', new Date(NaN)],
    ['a function deep inside', { a: [new Map([[1, new Set([() => 7])]])] }],
  ],
});

describe('data as JSON', () => {
  test('comes back exactly, undefined properties and all', () => {
    checkProperty(
      fc.property(data, (value) => assertSame(codec.decode(codec.encode(value)), value)),
      { numRuns: 1000 },
    );
  });

  test.each<[string, unknown, string]>([
    ['plain data', { a: [1, 'é', null, true] }, '{"a":[1,"é",null,true]}'],
    ['undefined', undefined, '{"$undefined":true}'],
    ['no number', NaN, '{"$number":"NaN"}'],
    ['minus zero', -0, '{"$number":"-0"}'],
    ['minus infinity', -Infinity, '{"$number":"-Infinity"}'],
    ['a bigint', -12n, '{"$bigint":"-12"}'],
    ['a date', new Date(0), '{"$date":"1970-01-01T00:00:00.000Z"}'],
    ['a late date', new Date(8.64e15), '{"$date":"+275760-09-13T00:00:00.000Z"}'],
    ['a map', new Map([[{ a: 1 }, [2]]]), '{"$map":[[{"a":1},[2]]]}'],
    ['a set', new Set(['a']), '{"$set":["a"]}'],
    ['a principal', Principal.anonymous(), '{"$principal":"2vxsx-fae"}'],
    ['bytes', Uint8Array.of(0, 255), '{"$Uint8Array":"00ff"}'],
    ['words', Int16Array.of(-1), '{"$Int16Array":[-1]}'],
    ['fractions', Float64Array.of(1.5, NaN), '{"$Float64Array":[1.5,{"$number":"NaN"}]}'],
    ['long words', BigUint64Array.of(1n), '{"$BigUint64Array":["1"]}'],
    ['half a surrogate pair', '\ud800', '"\\ud800"'],
  ])('%s has a text that one can read', (_label, value, text) => {
    expect(textOf(value)).toBe(text);
    expect(valueOf(text)).toStrictEqual(value);
  });

  test('is any text that JSON.stringify made', () => {
    const value = { name: 'Ada', tags: ['a', null], nested: { deep: 1.5e300 } };
    expect(valueOf(JSON.stringify(value, null, 2))).toEqual(value);
  });

  test('is a value only, and says nothing of its type', () => {
    expect(isKeyCodec(codec)).toBe(false);
    expect(json<{ a: number }>()).toBe(codec);
  });

  test('keeps a Buffer as bytes, of its own range only', () => {
    const buffer = Buffer.from([9, 1, 2, 9]).subarray(1, 3);
    expect(textOf(buffer)).toBe('{"$Uint8Array":"0102"}');
    expect(textOf(Uint16Array.of(9, 1, 2).subarray(1))).toBe('{"$Uint16Array":[1,2]}');
  });
});

describe("a user's data that looks like the codec's own", () => {
  test.each<[string, string]>([
    ['{"$date":"now"}', '{"$$date":"now"}'],
    ['{"$$date":"now"}', '{"$$$date":"now"}'],
    ['{"$":1,"a":2}', '{"$$":1,"a":2}'],
    ['{"__proto__":{"isAdmin":true}}', '{"__proto__":{"isAdmin":true}}'],
    ['{"toJSON":"x"}', '{"toJSON":"x"}'],
    ['{"_isPrincipal":true,"toText":"x"}', '{"_isPrincipal":true,"toText":"x"}'],
  ])('stays what it is: %s', (sent, text) => {
    const value: unknown = JSON.parse(sent);
    expect(textOf(value)).toBe(text);
    const back = valueOf(text) as Record<string, unknown>;
    expect(JSON.stringify(back)).toBe(sent);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(back['isAdmin']).toBeUndefined();
  });
});

describe('JSON that was damaged', () => {
  test.each([
    ['cut', '{"a":1'],
    ['empty', ''],
    ['marked twice', '{"$date":"1970-01-01T00:00:00.000Z","$bigint":"1"}'],
    ['marked beside other properties', '{"a":1,"$bigint":"1"}'],
    ['marked as something unknown', '{"$Account":{}}'],
    ['marked as something that every object has', '{"$constructor":[]}'],
    ['a number that JSON has', '{"$number":"1"}'],
    ['a bigint with a sign too many', '{"$bigint":"-0"}'],
    ['a bigint that is a number', '{"$bigint":1}'],
    ['a bigint in another base', '{"$bigint":"0x1"}'],
    ['a date that is none', '{"$date":"tomorrow"}'],
    ['a date in other words', '{"$date":"1970-01-01"}'],
    ['a date that is a number', '{"$date":0}'],
    ['a principal that is none', '{"$principal":"aaaaa-ab"}'],
    ['a principal that is a number', '{"$principal":7}'],
    ['a set of nothing', '{"$set":1}'],
    ['a map of nothing', '{"$map":1}'],
    ['a map without pairs', '{"$map":[1]}'],
    ['a map of threes', '{"$map":[[1,2,3]]}'],
    ['bytes of half a digit', '{"$Uint8Array":"0"}'],
    ['bytes as numbers', '{"$Uint8Array":[0]}'],
    ['words as text', '{"$Int16Array":"00"}'],
    ['words that are too large', '{"$Int16Array":[32768]}'],
    ['words that are texts', '{"$Int16Array":["1"]}'],
    ['a number beside another mark', '{"$Float64Array":[{"$number":"NaN","$set":[]}]}'],
    ['a number of another mark', '{"$Float64Array":[{"$bigint":"NaN"}]}'],
    ['a list in numbers', '{"$Float64Array":[[]]}'],
    ['long words that are numbers', '{"$BigInt64Array":[1]}'],
    ['long words that are too large', '{"$BigUint64Array":["18446744073709551616"]}'],
  ])('is refused: %s', (_label, text) => {
    expect(() => valueOf(text)).toThrow(/^CORRUPTED/);
  });

  test('is refused where the bytes are no text', () => {
    expect(() => codec.decode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(/^CORRUPTED/);
  });

  test('is read as data or refused, whatever JSON it is', () => {
    const property = fc.property(fc.json(), fc.array(trickyNames), (text, names) => {
      const marked = names.reduce((inner, name) => `{${JSON.stringify(name)}:${inner}}`, text);
      let value: unknown;
      try {
        value = valueOf(marked);
      } catch (error) {
        expect(error).toBeInstanceOf(StorageError);
        return;
      }
      assertSame(valueOf(textOf(value)), value);
    });
    checkProperty(property, { numRuns: 500 });
  });
});

describe('the depth of data', () => {
  function nested(depth: number, innermost: unknown = 1): unknown {
    let value = innermost;
    for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
    return value;
  }

  test('is at most 256, whatever lies at the bottom', () => {
    const deepest = nested(256, NaN);
    expect(valueOf(textOf(deepest))).toStrictEqual(deepest);
    const ofMaps = nested(255, new Map([[1, 2n]]));
    expect(valueOf(textOf(ofMaps))).toStrictEqual(ofMaps);
    expect(() => codec.encode(nested(257))).toThrow(/^INVALID_VALUE/);
    expect(() => codec.encode(nested(256, new Map()))).toThrow(/^INVALID_VALUE/);
    expect(() => codec.encode(nested(256, []))).toThrow(/^INVALID_VALUE/);
  });

  test.each([
    ['arrays', '['.repeat(257) + ']'.repeat(257)],
    ['objects', '{"a":'.repeat(257) + '1' + '}'.repeat(257)],
    ['sets', '{"$set":['.repeat(257) + ']}'.repeat(257)],
    ['maps', '{"$map":[[1,'.repeat(257) + '1' + ']]}'.repeat(257)],
    ['a million arrays', '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
    ['arrays in arrays', '{"$Float64Array":['.repeat(100_000) + ']}'.repeat(100_000)],
  ])('is never exceeded by stored text: %s', (_label, text) => {
    expect(() => valueOf(text)).toThrow(/^CORRUPTED/);
  });

  test('has no end in a circle, which is refused', () => {
    const circle: unknown[] = [];
    circle.push(circle, circle);
    expect(() => codec.encode(circle)).toThrow(/^INVALID_VALUE.*circle/);
    const map = new Map<string, unknown>();
    map.set('self', map);
    expect(() => codec.encode({ map })).toThrow(/^INVALID_VALUE.*circle/);
  });

  test('counts places, not objects: one that is there twice comes back as two', () => {
    const shared = { a: 1 };
    const [first, second] = valueOf(textOf([shared, shared])) as [unknown, unknown];
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
  });
});
