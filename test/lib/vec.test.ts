import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../src/lib/codec.js';
import { blob, fixedBytes, text, u16, u32, u64, u8 } from '../../src/lib/codecs/index.js';
import { MinHeap } from '../../src/lib/min-heap.js';
import { BASE_VEC_LAYOUT } from '../../src/lib/vec/base-vec.js';
import { Vec } from '../../src/lib/vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, imageOf } from '../support/memories.js';
import { headOf, hex } from '../support/stored.js';
import { WRONG_CODECS, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

/** Bytes of a length, all alike. */
const run = (length: number, byte = length): Uint8Array => new Uint8Array(length).fill(byte);

function vecOf(values: readonly number[], memory = new VectorMemory()): Vec<number> {
  const vec = Vec.init(memory, u16);
  vec.extend(values);
  return vec;
}

describe('a vector', () => {
  test('that is new is empty and says so everywhere', () => {
    const vec = vecOf([]);
    expect(vec.length).toBe(0);
    expect(vec.isEmpty).toBe(true);
    expect(vec.get(0)).toBeUndefined();
    expect(vec.pop()).toBeUndefined();
    expect([...vec]).toEqual([]);
    expect(vec.checkInvariants()).toBeUndefined();
  });

  test('keeps what is pushed, and gives back the last', () => {
    const vec = vecOf([]);
    vec.push(5);
    vec.push(6);
    expect(vec.length).toBe(2);
    expect(vec.isEmpty).toBe(false);
    expect([vec.get(0), vec.get(1), vec.get(2)]).toEqual([5, 6, undefined]);
    expect(vec.pop()).toBe(6);
    expect([...vec]).toEqual([5]);
  });

  test('is there again when it is opened', () => {
    const vec = Vec.load(vecOf([1, 2, 3]).intoMemory(), u16);
    vec.push(4);
    expect([...Vec.init(vec.intoMemory(), u16)]).toEqual([1, 2, 3, 4]);
  });

  test('changes at any place', () => {
    const vec = vecOf([1, 2, 3, 4]);
    vec.set(1, 20);
    vec.insert(0, 0);
    vec.insert(5, 5);
    expect([...vec]).toEqual([0, 1, 20, 3, 4, 5]);
    expect(vec.remove(0)).toBe(0);
    expect(vec.remove(4)).toBe(5);
    expect(vec.swapRemove(0)).toBe(1);
    expect([...vec]).toEqual([4, 20, 3]);
    expect(vec.swapRemove(2)).toBe(3);
    vec.truncate(9);
    expect([...vec]).toEqual([4, 20]);
    vec.truncate(1);
    expect([...vec]).toEqual([4]);
    vec.clear();
    expect(vec.isEmpty).toBe(true);
  });

  test('moves more than fits one part', () => {
    const numbers = Array.from({ length: 80_000 }, (_, index) => index % 65_536);
    const vec = vecOf(numbers);
    vec.insert(0, 7);
    vec.insert(3, 8);
    expect([...vec].join()).toBe([7, 0, 1, 8, ...numbers.slice(2)].join());
    expect(vec.remove(3)).toBe(8);
    expect(vec.remove(0)).toBe(7);
    expect([...vec].join()).toBe(numbers.join());
  });

  test('extends itself by what it holds', () => {
    const vec = vecOf([1, 2]);
    vec.extend(vec);
    vec.extend([]);
    expect([...vec]).toEqual([1, 2, 1, 2]);
  });

  test.each([0, 1, 255, 256, 1_022, 1_023, 1_024, 65_535, 65_536, 70_000])(
    'holds elements of %i bytes in slots of other sizes',
    (size) => {
      for (const maxSize of [size, 255, 256, 65_535, 65_536].filter((max) => max >= size)) {
        const vec = Vec.init(new VectorMemory(), blob(maxSize));
        vec.extend([run(size, 7), run(0), run(size, 9)]);
        expect([...vec].map((value) => value.length)).toEqual([size, 0, size]);
        vec.insert(0, run(size, 8));
        expect(Buffer.compare(vec.get(1)!, run(size, 7))).toBe(0);
        expect(vec.checkInvariants()).toBeUndefined();
      }
    },
  );

  test('loses its last element, however short it is', () => {
    const vec = Vec.init(new VectorMemory(), blob(9));
    vec.extend([run(9), run(0)]);
    expect(vec.remove(1)).toEqual(run(0));
    expect([...vec]).toEqual([run(9)]);
  });

  test('holds elements that are longer than one read, all of one size', () => {
    const vec = Vec.init(new VectorMemory(), fixedBytes(5_000));
    vec.extend([run(5_000, 1), run(5_000, 2)]);
    expect(vec.remove(0)).toEqual(run(5_000, 1));
    expect(vec.get(0)).toEqual(run(5_000, 2));
  });

  test('holds elements without any bytes', () => {
    const vec = Vec.init(new VectorMemory(), fixedBytes(0));
    vec.extend([run(0), run(0), run(0)]);
    expect(vec.remove(1)).toEqual(run(0));
    expect([...Vec.load(vec.intoMemory(), fixedBytes(0))]).toEqual([run(0), run(0)]);
  });
});

describe('values', () => {
  const vec = vecOf([0, 1, 2, 3, 4]);

  test.each([
    [{}, [0, 1, 2, 3, 4]],
    [{ from: 2 }, [2, 3, 4]],
    [{ to: 2 }, [0, 1]],
    [{ from: 1, to: 3 }, [1, 2]],
    [{ from: 1, to: 3, reverse: true }, [2, 1]],
    [{ reverse: true }, [4, 3, 2, 1, 0]],
    [{ from: 3, to: 99 }, [3, 4]],
    [{ from: 3, to: 99, reverse: true }, [4, 3]],
    [{ from: 3, to: 2 }, []],
    [{ from: 9 }, []],
    [{ from: 9, reverse: true }, []],
    [{ from: undefined, to: undefined, reverse: undefined }, [0, 1, 2, 3, 4]],
  ])('of %j are %j', (range, expected) => {
    expect([...vec.values(range)]).toEqual(expected);
  });

  test('of what is no range are refused at once', () => {
    expect(() => vec.values({ from: -1 })).toThrow(RangeError);
    expect(() => vec.values({ to: 1.5 })).toThrow(RangeError);
    expect(() => vec.values({ to: '1' as never })).toThrow(TypeError);
  });

  test.each([
    ['of one size', fixedBytes(2)],
    ['that fill slots of their own size', blob(2)],
    ['that fill the longest slots which are read at once', blob(1_022)],
  ])('%s are read one by one', (_, codec) => {
    const memory = new VectorMemory();
    const elements = [1, 2, 3].map((byte) =>
      run(codec.bound === 'unbounded' ? 0 : codec.bound.maxSize, byte),
    );
    Vec.create(memory, codec).extend(elements);
    let reads = 0;
    const counting = {
      size: () => memory.size(),
      grow: () => -1,
      read: (offset: number, target: Uint8Array) => {
        reads += 1;
        memory.read(offset, target);
      },
      write: () => undefined,
    };
    const iterator = Vec.load(counting, codec).values();
    reads = 0;
    expect(iterator.next().value).toEqual(elements[0]);
    expect(reads).toBe(1);
    expect([...iterator]).toEqual(elements.slice(1));
    expect(reads).toBe(3);
  });

  test.each(['first', 'next', 'last'])('refuse the %s step after a change', (step) => {
    const changing = vecOf([1, 2]);
    const iterator = changing.values();
    if (step !== 'first') iterator.next();
    if (step === 'last') iterator.next();
    changing.set(0, 9);
    expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
  });
});

describe('the bytes', () => {
  // Section 4.2 of the specification, to the byte.
  test('of numbers are frozen', () => {
    const memory = new VectorMemory();
    const vec = Vec.create(memory, u16);
    expect(headOf(memory)).toBe(hex('53564301 0000000000000000 02000000 01'));
    vec.extend([0x0102, 0x0304]);
    vec.push(0x0506);
    expect(headOf(memory)).toBe(
      hex(`53564301 0300000000000000 02000000 01 ${'00'.repeat(47)} 0102 0304 0506`),
    );
    vec.pop();
    vec.set(0, 0xffff);
    expect(headOf(memory)).toBe(
      hex(`53564301 0200000000000000 02000000 01 ${'00'.repeat(47)} ffff 0304 0506`),
    );
  });

  test('of elements with a size of their own are frozen, with what shorter ones leave', () => {
    const memory = new VectorMemory();
    const vec = Vec.create(memory, blob(3));
    vec.extend([run(3, 0xaa), run(2, 0xbb), run(0)]);
    vec.set(0, run(1, 0xcc));
    expect(headOf(memory)).toBe(
      hex(`53564301 0300000000000000 03000000 00 ${'00'.repeat(47)} 01 ccaaaa 02 bbbb`),
    );
    vec.insert(0, run(1, 0xdd));
    vec.swapRemove(1);
    expect(headOf(memory)).toBe(
      hex(`53564301 0300000000000000 03000000 00 ${'00'.repeat(47)} 01 ddaaaa 00 ccaaaa 02 bbbb`),
    );
  });

  test.each([
    [255, '03'],
    [256, '0300'],
    [65_535, '0300'],
    [65_536, '03000000'],
  ])('of a slot for up to %i bytes begin with the size %s', (maxSize, size) => {
    const memory = new VectorMemory();
    Vec.create(memory, blob(maxSize)).push(run(3, 0xee));
    expect(headOf(memory).slice(2 * BASE_VEC_LAYOUT.slots)).toBe(`${size}eeeeee`);
  });

  test('of extending are those of pushing one by one', () => {
    const elements = [run(9), run(0), run(40), run(3)];
    const [one, many] = [new VectorMemory(), new VectorMemory()];
    const oneByOne = Vec.init(one, blob(40));
    const atOnce = Vec.init(many, blob(40));
    for (const element of elements) oneByOne.push(element);
    atOnce.extend(elements);
    expect(Buffer.compare(imageOf(one), imageOf(many))).toBe(0);
  });

  // 65,472 bytes of slots fit the first page.
  test.each([
    [65_472, 1],
    [65_473, 2],
    [131_008, 2],
    [131_009, 3],
  ])('of %i numbers of one byte take %i pages, also with insert', (count, pages) => {
    const memory = new VectorMemory();
    const vec = Vec.create(memory, u8);
    vec.extend(new Array(count - 1).fill(1));
    vec.insert(0, 7);
    expect(memory.size()).toBe(pages);
    expect(vec.get(count - 1)).toBe(1);
  });

  test('reach no further than the last byte of the last element', () => {
    const memory = new VectorMemory();
    const vec = Vec.create(memory, blob(70_000));
    vec.push(run(65_468));
    expect(memory.size()).toBe(1);
    vec.set(0, run(65_469));
    expect(memory.size()).toBe(2);
    vec.push(run(0));
    expect([...vec].map((value) => value.length)).toEqual([65_469, 0]);
    vec.pop();
    vec.insert(0, run(1));
    expect(memory.size()).toBe(Math.ceil((64 + 70_004 + 4 + 65_469) / 65_536));
    expect(vec.checkInvariants()).toBeUndefined();
  });
});

describe('opening', () => {
  test('creates in an empty memory only', () => {
    const memory = new VectorMemory();
    memory.grow(1);
    expect(codeOf(() => Vec.create(memory, u64))).toBe('NOT_EMPTY');
    expect(codeOf(() => Vec.init(memory, u64))).toBe('BAD_MAGIC');
    expect(headOf(memory)).toBe('');
    expect(codeOf(() => Vec.load(new VectorMemory(), u64))).toBe('CORRUPTED');
  });

  test('refuses the bytes of a heap', () => {
    const memory = MinHeap.create(new VectorMemory(), u16).intoMemory();
    expect(codeOf(() => Vec.init(memory, u16))).toBe('BAD_MAGIC');
  });

  test.each([
    ['smaller', blob(8), u16],
    ['larger', u16, u32],
    ['fixed', blob(2), fixedBytes(2)],
    ['not fixed', fixedBytes(2), blob(2)],
  ] as [string, Codec<unknown>, Codec<unknown>][])(
    'refuses a codec whose bound is %s, and changes nothing',
    (_, made, asked) => {
      const memory = Vec.create(new VectorMemory(), made).intoMemory();
      const before = headOf(memory);
      expect(codeOf(() => Vec.init(memory, asked))).toBe('INCOMPATIBLE_TYPE');
      expect(headOf(memory)).toBe(before);
      Vec.load(memory, made);
    },
  );

  test('refuses a codec without a bound, and says what there is for it', () => {
    const memory = new VectorMemory();
    expect(codeOf(() => Vec.init(memory, text))).toBe('INCOMPATIBLE_TYPE');
    expect(() => Vec.init(memory, text)).toThrow('UnboundedVec');
    expect(memory.size()).toBe(0);
  });

  test.each(WRONG_CODECS)('refuses %s as a codec', (_, value) => {
    expect(() => Vec.init(new VectorMemory(), value as never)).toThrow(TypeError);
  });

  test('refuses a bound that the header has no room for', () => {
    const huge = { ...u16, bound: { maxSize: 2 ** 32, fixedSize: false } };
    expect(() => Vec.init(new VectorMemory(), huge)).toThrow(RangeError);
    const large = { ...u16, bound: { maxSize: 2 ** 32 - 1, fixedSize: false } };
    const vec = Vec.init(new VectorMemory(), large);
    vec.push(7);
    expect([...vec]).toEqual([7]);
  });

  test('is refused while another handle holds the memory, and not after it', () => {
    const memory = new VectorMemory();
    const vec = vecOf([1, 2], memory);
    const iterator = vec.values();
    expect(codeOf(() => Vec.init(memory, u16))).toBe('MEMORY_IN_USE');
    expect(vec.intoMemory()).toBe(memory);
    for (const use of usesOf(vec)) expect(codeOf(use)).toBe('HANDLE_CLOSED');
    expect(codeOf(() => iterator.next())).toBe('HANDLE_CLOSED');
    expect([...Vec.init(memory, u16)]).toEqual([1, 2]);
  });

  test('a closed handle does not make its former memory grow', () => {
    const vec = Vec.init(new VectorMemory(), fixedBytes(40_000));
    vec.push(run(40_000));
    const memory = vec.intoMemory();
    expect(codeOf(() => vec.push(run(40_000, 1)))).toBe('HANDLE_CLOSED');
    expect(codeOf(() => vec.extend([run(40_000, 1)]))).toBe('HANDLE_CLOSED');
    expect(memory.size()).toBe(1);
  });
});

/** Every use of a handle. */
function usesOf(vec: Vec<number>): (() => unknown)[] {
  return [
    () => vec.length,
    () => vec.isEmpty,
    () => vec.get(0),
    () => vec.set(0, 1),
    () => vec.push(1),
    () => vec.extend([1]),
    () => vec.extend([]),
    () => vec.pop(),
    () => vec.insert(0, 1),
    () => vec.remove(0),
    () => vec.swapRemove(0),
    () => vec.truncate(0),
    () => vec.clear(),
    () => vec.values(),
    () => [...vec],
    () => vec.checkInvariants(),
    () => vec.intoMemory(),
  ];
}

describe('wrong arguments', () => {
  const uses: [string, (vec: Vec<number>, index: number) => unknown][] = [
    ['get', (vec, index) => vec.get(index)],
    ['set', (vec, index) => vec.set(index, 1)],
    ['insert', (vec, index) => vec.insert(index, 1)],
    ['remove', (vec, index) => vec.remove(index)],
    ['swapRemove', (vec, index) => vec.swapRemove(index)],
    ['truncate', (vec, index) => vec.truncate(index)],
  ];

  test.each(uses)('%s takes nothing but an index', (_, use) => {
    const vec = vecOf([1, 2, 3]);
    for (const [, value] of WRONG_NUMBERS) {
      expect(() => use(vec, value as number)).toThrow(TypeError);
    }
    for (const [, value] of WRONG_SIZES) {
      expect(() => use(vec, value as number)).toThrow(RangeError);
    }
    expect([...vec]).toEqual([1, 2, 3]);
  });

  test('an index beyond the end is refused where something would change', () => {
    const vec = vecOf([1, 2, 3]);
    expect(() => vec.set(3, 1)).toThrow(RangeError);
    expect(() => vec.insert(4, 1)).toThrow(RangeError);
    expect(() => vec.remove(3)).toThrow(RangeError);
    expect(() => vec.swapRemove(3)).toThrow(RangeError);
    expect(() => vecOf([]).remove(0)).toThrow('index: expected less than 0, got 0');
    expect([...vec]).toEqual([1, 2, 3]);
  });

  test.each([
    ['too large', run(4), 'VALUE_TOO_LARGE'],
    ['unknown to the codec', undefined, 'INVALID_VALUE'],
  ])('an element that is %s changes nothing', (_, value, code) => {
    const memory = new VectorMemory();
    const strict: Codec<Uint8Array | undefined> = {
      ...blob(3),
      encode: (bytes) => bytes ?? fixedBytes(3).encode(run(1)),
      decode: blob(3).decode,
    };
    const vec = Vec.init(memory, strict);
    vec.extend([run(1), run(2)]);
    const before = imageOf(memory);
    expect(codeOf(() => vec.push(value))).toBe(code);
    expect(codeOf(() => vec.set(0, value))).toBe(code);
    expect(codeOf(() => vec.insert(0, value))).toBe(code);
    expect(codeOf(() => vec.extend([run(1), value]))).toBe(code);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(vec.length).toBe(2);
  });
});
