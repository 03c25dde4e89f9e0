/** Values of the core as bytes: what is written is read, and nothing else is. */
import { describe, expect, test } from '@jest/globals';

import { kind, type Kind } from '../../../src/replica/archive/value-format.js';
import { readValue } from '../../../src/replica/archive/value-reader.js';
import { writeValue } from '../../../src/replica/archive/value-writer.js';

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

const POINT: Kind = kind<Point, readonly number[]>({
  name: 'point',
  owns: (value) => value instanceof Point,
  parts: ({ x, y }) => [x, y],
  make: ([x, y]) => new Point(x!, y!),
});

function there(value: unknown): Uint8Array {
  return writeValue(value, [POINT]);
}

function back(bytes: Uint8Array): unknown {
  return readValue(bytes, [POINT]);
}

describe('a value is read as it was written', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['truth', [true, false]],
    ['numbers', [0, -0, 1.5, -1, 2 ** 53, 2 ** 60, Infinity, -Infinity, NaN]],
    ['small bigints', [0n, -1n, 1n, 63n, 64n, -64n, -65n, 127n, 128n]],
    ['large bigints', [2n ** 64n, -(2n ** 64n), 2n ** 128n - 1n, -(2n ** 127n)]],
    ['texts', ['', 'a', 'ÿ\u0000', '\ufeffmark', '😀', 'x'.repeat(300)]],
    ['bytes', [new Uint8Array(0), Uint8Array.of(0, 255), new Uint8Array(5000).fill(7)]],
    ['arrays', [[], [[1], [2, [3]]]]],
    [
      'maps, in their order',
      new Map<unknown, unknown>([
        [2, 'b'],
        ['a', new Map()],
        [1n, 1],
      ]),
    ],
    ['sets', new Set([3, 1, 2])],
    ['objects', { b: 1, a: { c: undefined }, __proto: 2, '': 3 }],
    ['classes', [new Point(1, 2), { at: new Point(3, 4) }]],
  ])('%s', (_, value) => {
    expect(back(there(value))).toEqual(value);
  });

  test('a field that is undefined is a field', () => {
    expect(Object.keys(back(there({ a: undefined })) as object)).toEqual(['a']);
  });

  test('the order of maps and fields is kept', () => {
    const map = back(
      there(
        new Map([
          [2, 0],
          [1, 0],
        ]),
      ),
    ) as Map<number, number>;
    expect([...map.keys()]).toEqual([2, 1]);
  });

  test('a hole of an array is read as undefined', () => {
    const holes: unknown[] = [];
    holes[2] = 1;
    expect(back(there(holes))).toEqual([undefined, undefined, 1]);
  });

  test('what is shared is written once, and shared again', () => {
    const bytes = new Uint8Array(500);
    const point = new Point(1, 2);
    const [first, second, { third }, one, two] = back(
      there([bytes, bytes, { third: bytes }, point, point]),
    ) as [Uint8Array, Uint8Array, { third: Uint8Array }, Point, Point];
    expect([second === first, third === first, one === two]).toEqual([true, true, true]);
    expect(there([bytes, bytes]).length).toBeLessThan(there([bytes]).length + 5);
  });

  test('the same value gives the same bytes', () => {
    const value = () => ({ list: [1, new Point(1, 2)], map: new Map([['k', 5n]]) });
    expect(there(value())).toEqual(there(value()));
  });

  test('long bytes go to the blobs where there are any, short ones do not', () => {
    const blobs: Uint8Array[] = [];
    const value = [new Uint8Array(1024).fill(1), new Uint8Array(1023).fill(2)];
    const bytes = writeValue(value, [], { put: (blob) => blobs.push(blob) - 1 });
    expect(blobs).toEqual([value[0]]);
    expect(readValue(bytes, [], blobs)).toEqual(value);
  });
});

test('the bytes are the ones of the table', () => {
  const value = [undefined, null, false, true, 1, -2n, 'é', Uint8Array.of(9), new Map([[{}, 'a']])];
  expect(
    Buffer.from(there([...value, new Set([3n]), new Point(0, 0), value[7]])).toString('hex'),
  ).toBe(
    '0a0c' + // an array of 12
      '01020304' + // undefined, null, false, true
      '05000000000000f03f' + // 1
      '0603' + // -2n, folded 3
      '0702c3a9' + // é
      '080109' + // one byte: object 0
      '0b010d00070161' + // a map of the object 1, which has no field, to a text: object 2
      '0c010606' + // a set of 3n: object 3
      '0e05706f696e740a02' +
      '050000000000000000'.repeat(2) + // a point
      '0f00', // the bytes once more
  );
});

describe('a value that no layout is known for is refused', () => {
  const circle: unknown[] = [];
  circle.push(circle);

  test.each<[string, unknown, string]>([
    ['a function', { run: () => 1 }, 'a function'],
    ['a symbol', Symbol('s'), 'a symbol'],
    ['an unknown class', [new (class Stranger {})()], 'a Stranger'],
    ['a circle', circle, 'contains itself'],
  ])('%s', (_, value, what) => {
    expect(() => there(value)).toThrow(expect.objectContaining({ code: 'UNKNOWN_KIND' }));
    expect(() => there(value)).toThrow(what);
  });
});

describe('bytes that are no value are refused', () => {
  test.each<[string, number[]]>([
    ['no bytes', []],
    ['tag 0', [0]],
    ['an unknown tag', [16]],
    ['more after the end', [1, 1]],
    ['a number cut short', [5, 0, 0]],
    ['a text longer than the bytes', [7, 5, 65]],
    ['a length without end', [7, 128, 128, 128, 128, 128, 128, 128, 128]],
    ['more elements than bytes', [10, 255, 255, 255, 127]],
    ['an object that was not there', [15, 0]],
    ['a blob that is not there', [9, 0]],
    ['an unknown kind', [14, 1, 65, 1]],
    ['a bigint without end', [6, ...new Array<number>(200).fill(255)]],
    ['a value too deep', new Array<number>(300).fill(10).flatMap((tag) => [tag, 1])],
  ])('%s', (_, bytes) => {
    expect(() => back(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'DAMAGED' }),
    );
  });

  test('every cut of a value', () => {
    const bytes = there({ a: [1, 2n, 'three'], b: new Map([[1, Uint8Array.of(4)]]) });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => back(bytes.subarray(0, length))).toThrow('the state is damaged');
    }
  });
});
