import { describe, expect, test } from '@jest/globals';
import { ALLOCATOR_LAYOUT } from '../../src/lib/btree-map/chunk-allocator.js';
import { blob, bytes, text, u8 } from '../../src/lib/codecs/index.js';
import type { Memory } from '../../src/lib/memory.js';
import { UnboundedVec } from '../../src/lib/unbounded-vec.js';
import { ELEMENT_STORE_LAYOUT } from '../../src/lib/unbounded-vec/element-store.js';
import { PLACE_LAYOUT } from '../../src/lib/unbounded-vec/place.js';
import { BASE_VEC_LAYOUT } from '../../src/lib/vec/base-vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, DiskFull, imageOf } from '../support/memories.js';
import { headOf, hex, spoil } from '../support/stored.js';
import { WRONG_CODECS, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

const FOUR = { chunkSizeInBytes: 4 };

/** A vector of texts in chunks of four bytes, on memories that can fail. */
function vecOf(values: readonly string[]) {
  const index = new CountdownMemory(new VectorMemory());
  const data = new CountdownMemory(new VectorMemory());
  const vec = UnboundedVec.init(index, data, text, FOUR);
  vec.extend(values);
  return { vec, index, data };
}

function load(index: Memory, data: Memory): UnboundedVec<string> {
  return UnboundedVec.load(index, data, text);
}

const copyOf = (memory: Memory): VectorMemory => VectorMemory.from(imageOf(memory));

describe('an unbounded vector', () => {
  test('that is new is empty and says so everywhere', () => {
    const { vec } = vecOf([]);
    expect(vec.length).toBe(0);
    expect(vec.isEmpty).toBe(true);
    expect(vec.get(0)).toBeUndefined();
    expect(vec.pop()).toBeUndefined();
    expect([...vec]).toEqual([]);
    expect(vec.checkInvariants()).toBeUndefined();
  });

  test('holds elements of any size', () => {
    const vec = UnboundedVec.init(new VectorMemory(), new VectorMemory(), bytes);
    const sizes = [0, 1, 255, 256, 257, 512, 513, 100_000, 0, 3];
    vec.extend(sizes.map((size) => new Uint8Array(size).fill(size)));
    sizes.forEach((size, index) => {
      expect(Buffer.compare(vec.get(index)!, new Uint8Array(size).fill(size))).toBe(0);
    });
    expect(vec.chunkSizeInBytes).toBe(256);
    expect(vec.checkInvariants()).toBeUndefined();
  });

  test('changes at any place', () => {
    const { vec } = vecOf(['one', 'two', 'three']);
    vec.push('a fourth that is longer');
    vec.set(0, 'the first, which is longer still');
    vec.set(2, '');
    vec.insert(0, 'zero');
    vec.insert(5, 'five');
    expect(vec.remove(0)).toBe('zero');
    expect(vec.swapRemove(0)).toBe('the first, which is longer still');
    expect([...vec]).toEqual(['five', 'two', '', 'a fourth that is longer']);
    expect(vec.pop()).toBe('a fourth that is longer');
    expect([...vec.values({ from: 1, reverse: true })]).toEqual(['', 'two']);
    vec.truncate(9);
    vec.truncate(1);
    expect([...vec]).toEqual(['five']);
    vec.clear();
    expect(vec.checkInvariants()).toBeUndefined();
    expect(vec.isEmpty).toBe(true);
  });

  test('is there again when it is opened, with the chunks that it was made with', () => {
    const { vec } = vecOf(['one', 'two two two']);
    const again = UnboundedVec.init(...vec.intoMemories(), text, { chunkSizeInBytes: 99 });
    expect(again.chunkSizeInBytes).toBe(4);
    expect([...again]).toEqual(['one', 'two two two']);
    again.push('three');
    expect([...load(...again.intoMemories())]).toEqual(['one', 'two two two', 'three']);
  });

  test('keeps the bound of a codec that has one', () => {
    const vec = UnboundedVec.init(new VectorMemory(), new VectorMemory(), blob(2));
    vec.push(new Uint8Array(2));
    expect(codeOf(() => vec.push(new Uint8Array(3)))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => vec.set(0, new Uint8Array(3)))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => vec.insert(0, new Uint8Array(3)))).toBe('VALUE_TOO_LARGE');
    expect(vec.length).toBe(1);
    const numbers = UnboundedVec.init(new VectorMemory(), new VectorMemory(), u8);
    expect(codeOf(() => numbers.extend([1, 300]))).toBe('INVALID_VALUE');
    expect(numbers.isEmpty).toBe(true);
  });

  test('uses again what was given back', () => {
    const { vec, data } = vecOf(new Array(1_000).fill('twelve bytes'));
    const pages = data.size();
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 1_000; index++) vec.set(index, round % 2 ? 'twelve bytes' : '4');
      while (!vec.isEmpty) vec.swapRemove(0);
      vec.extend(new Array(1_000).fill('twelve again'));
      expect(vec.checkInvariants()).toBeUndefined();
    }
    expect(data.size()).toBe(pages);
  });

  test('overwrites in place with one write for each chunk, and one for the place', () => {
    const { vec, index, data } = vecOf(['twelve bytes', 'two']);
    vec.push('three');
    for (const memory of [index, data]) memory.failWritesAfter(Infinity);
    vec.set(0, 'other bytes');
    expect([index.steps, data.steps]).toEqual([1, 3]);
  });

  test('refuses the next step of an iterator after a change', () => {
    const { vec } = vecOf(['one', 'two']);
    const iterator = vec.values();
    iterator.next();
    vec.set(1, 'three');
    expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
  });
});

test('the bytes are frozen', () => {
  const { vec, index, data } = vecOf(['abcdef', '', 'g']);
  vec.set(0, 'xy');
  const address = (text: string) => `${text}00000000000000`;
  expect(headOf(index)).toBe(
    hex(
      `53554901 0300000000000000 10000000 01 ${'00'.repeat(47)}` +
        `${address('60')} 02000000 00000000 ${'00'.repeat(16)} ${address('98')} 01`,
    ),
  );
  const allocated = '43484b01 01 000000';
  expect(headOf(data)).toBe(
    hex(
      `53554401 ${'00'.repeat(28)}` +
        `42544101 00000000 ${address('0c')} ${address('02')} ${address('6c')} ${'00'.repeat(16)}` +
        `${allocated} ${address('00')} ${address('00')} 78796364` +
        `43484b01 00 000000 ${address('a4')} ${address('00')} 65660000` +
        `${allocated} ${address('00')} ${address('00')} 67000000` +
        `43484b01`,
    ).replace(/(00)+$/, ''),
  );
});

describe('opening', () => {
  test('creates in two empty memories only', () => {
    const full = new VectorMemory();
    full.grow(1);
    for (const [index, data] of [
      [full, new VectorMemory()],
      [new VectorMemory(), full],
    ] as const) {
      expect(codeOf(() => UnboundedVec.create(index, data, text))).toBe('NOT_EMPTY');
    }
    expect(codeOf(() => UnboundedVec.init(full, new VectorMemory(), text))).toBe('BAD_MAGIC');
    expect(codeOf(() => UnboundedVec.init(new VectorMemory(), full, text))).toBe('CORRUPTED');
    expect(headOf(full)).toBe('');
  });

  test('refuses memories that were exchanged, and one memory for both', () => {
    const [index, data] = vecOf(['one']).vec.intoMemories();
    expect(codeOf(() => load(data, index))).toBe('BAD_MAGIC');
    expect(codeOf(() => load(index, index))).toBe('MEMORY_IN_USE');
    expect(codeOf(() => load(index, new VectorMemory()))).toBe('CORRUPTED');
    expect([...load(index, data)]).toEqual(['one']);
  });

  test.each(WRONG_CODECS)('refuses %s as a codec', (_, value) => {
    const memories = [new VectorMemory(), new VectorMemory()] as const;
    expect(() => UnboundedVec.init(...memories, value as never)).toThrow(TypeError);
    const [index, data] = vecOf([]).vec.intoMemories();
    expect(() => UnboundedVec.load(index, data, value as never)).toThrow(TypeError);
  });

  test('refuses chunks of other sizes', () => {
    for (const chunkSizeInBytes of [0, 65_537, ...WRONG_SIZES.map(([, size]) => size as number)]) {
      const memories = [new VectorMemory(), new VectorMemory()] as const;
      expect(() => UnboundedVec.init(...memories, text, { chunkSizeInBytes })).toThrow(RangeError);
      expect(memories[1].size()).toBe(0);
    }
    for (const chunkSizeInBytes of [1, 65_536]) {
      const memories = [new VectorMemory(), new VectorMemory()] as const;
      const vec = UnboundedVec.init(...memories, text, { chunkSizeInBytes });
      vec.push('abc');
      expect([...load(...vec.intoMemories())]).toEqual(['abc']);
    }
  });

  test('is refused while another handle holds one of the memories, and not after it', () => {
    const { vec, index, data } = vecOf(['one']);
    expect(codeOf(() => load(index, new VectorMemory()))).toBe('MEMORY_IN_USE');
    expect(codeOf(() => load(copyOf(index), data))).toBe('MEMORY_IN_USE');
    expect(vec.intoMemories()).toEqual([index, data]);
    for (const use of [
      () => vec.length,
      () => vec.isEmpty,
      () => vec.get(0),
      () => vec.set(0, ''),
      () => vec.push(''),
      () => vec.extend([]),
      () => vec.pop(),
      () => vec.insert(0, ''),
      () => vec.remove(0),
      () => vec.swapRemove(0),
      () => vec.truncate(0),
      () => vec.clear(),
      () => vec.values(),
      () => [...vec],
      () => vec.checkInvariants(),
      () => vec.intoMemories(),
    ]) {
      expect(codeOf(use)).toBe('HANDLE_CLOSED');
    }
    expect([...load(index, data)]).toEqual(['one']);
  });
});

describe('wrong indices', () => {
  test.each([
    ['get', (vec: UnboundedVec<string>, index: number) => vec.get(index)],
    ['set', (vec: UnboundedVec<string>, index: number) => vec.set(index, '')],
    ['insert', (vec: UnboundedVec<string>, index: number) => vec.insert(index, '')],
    ['remove', (vec: UnboundedVec<string>, index: number) => vec.remove(index)],
    ['swapRemove', (vec: UnboundedVec<string>, index: number) => vec.swapRemove(index)],
    ['truncate', (vec: UnboundedVec<string>, index: number) => vec.truncate(index)],
  ])('are refused by %s', (name, use) => {
    const { vec } = vecOf(['one', 'two']);
    for (const [, value] of WRONG_NUMBERS) {
      expect(() => use(vec, value as number)).toThrow(TypeError);
    }
    for (const [, value] of WRONG_SIZES) {
      expect(() => use(vec, value as number)).toThrow(RangeError);
    }
    const isLenient = name === 'get' || name === 'truncate';
    if (!isLenient) expect(() => use(vec, 3)).toThrow(RangeError);
    expect([...vec]).toEqual(['one', 'two']);
  });
});

describe('where a memory fails', () => {
  const WRITING: [string, (vec: UnboundedVec<string>) => unknown][] = [
    ['push', (vec) => vec.push('a new one')],
    ['extend', (vec) => vec.extend(['some', 'more and more'])],
    ['set', (vec) => vec.set(0, 'much longer than before')],
    ['insert', (vec) => vec.insert(0, 'in front')],
    ['pop', (vec) => vec.pop()],
    ['remove', (vec) => vec.remove(0)],
    ['swapRemove', (vec) => vec.swapRemove(0)],
    ['truncate', (vec) => vec.truncate(1)],
    ['clear', (vec) => vec.clear()],
  ];

  /** Index and data that end with their page. */
  function nearlyFull(failing: 'index' | 'data') {
    const tested = vecOf([]);
    if (failing === 'data') tested.vec.push('x'.repeat(9_300));
    else tested.vec.extend(new Array(4_092).fill(''));
    return tested;
  }

  const GROWING: [string, (vec: UnboundedVec<string>) => unknown][] = [
    ['push', (vec) => vec.push('x'.repeat(100))],
    ['extend', (vec) => vec.extend(['', '', 'x'.repeat(100)])],
    ['insert', (vec) => vec.insert(0, 'x'.repeat(100))],
    ['set', (vec) => vec.set(0, 'x'.repeat(9_400))],
  ];

  test.each(GROWING)('a grow of the data refused in %s changes nothing', (_, change) => {
    const { vec, index, data } = nearlyFull('data');
    const before = [imageOf(index), imageOf(data)] as const;
    data.refuseGrowsAfter(0);
    expect(codeOf(() => change(vec))).toBe('GROW_FAILED');
    expect(Buffer.compare(imageOf(index), before[0])).toBe(0);
    expect(Buffer.compare(imageOf(data), before[1])).toBe(0);
    expect(vec.checkInvariants()).toBeUndefined();
    expect(vec.length).toBe(1);
    // Nothing that was planned for the refused change is written with the next one.
    vec.push('');
    vec.pop();
    expect(Buffer.compare(imageOf(data), before[1])).toBe(0);
    data.relent();
    change(vec);
    expect(vec.checkInvariants()).toBeUndefined();
  });

  test.each(GROWING.slice(0, 3))(
    'a grow of the index refused in %s changes nothing',
    (_, change) => {
      const { vec, index, data } = nearlyFull('index');
      const before = [imageOf(index), imageOf(data)] as const;
      index.refuseGrowsAfter(0);
      expect(codeOf(() => change(vec))).toBe('GROW_FAILED');
      expect(Buffer.compare(imageOf(index), before[0])).toBe(0);
      expect(Buffer.compare(imageOf(data), before[1])).toBe(0);
      expect(vec.checkInvariants()).toBeUndefined();
      expect(vec.length).toBe(4_092);
      index.relent();
      change(vec);
      expect(vec.checkInvariants()).toBeUndefined();
    },
  );

  test.each(['index', 'data'] as const)('a failed write of the %s closes the handle', (failing) => {
    for (const [, change] of WRITING) {
      for (let writes = 0; ; writes++) {
        const tested = vecOf(['one', 'twenty-two', '']);
        tested[failing].failWritesAfter(writes);
        try {
          change(tested.vec);
          break;
        } catch (error) {
          expect(error).toBeInstanceOf(DiskFull);
        }
        tested[failing].relent();
        expect(codeOf(() => tested.vec.get(0))).toBe('PREVIOUS_FAILURE');
        expect(codeOf(() => tested.vec.push(''))).toBe('PREVIOUS_FAILURE');
      }
    }
  });

  test('creating that is refused room leaves the memories free', () => {
    const [none, some] = [new VectorMemory(0), new VectorMemory()];
    expect(codeOf(() => UnboundedVec.create(some, none, text))).toBe('GROW_FAILED');
    expect(some.size()).toBe(0);
    expect(codeOf(() => UnboundedVec.create(none, some, text))).toBe('GROW_FAILED');
    expect(codeOf(() => UnboundedVec.create(none, new VectorMemory(), text))).toBe('GROW_FAILED');
  });
});

describe('damaged bytes', () => {
  const { header, payload } = ELEMENT_STORE_LAYOUT;
  const { reserved, slots } = BASE_VEC_LAYOUT;
  const { header: allocator, chunk } = ALLOCATOR_LAYOUT;
  /** Where the payload of the first chunk lies. */
  const first = header.firstChunk + chunk.payload;

  function stored() {
    const [index, data] = vecOf(['eleven long', 'two']).vec.intoMemories();
    return { index, data };
  }

  test.each([
    ['a magic of the index', 'index', 0, '00', 'BAD_MAGIC'],
    ['a version of the index', 'index', 3, '02', 'UNSUPPORTED_VERSION'],
    ['a reserved byte of the index', 'index', reserved, '01', 'CORRUPTED'],
    ['the last reserved byte of the index', 'index', reserved + 46, '01', 'CORRUPTED'],
    ['a length beyond the index', 'index', BASE_VEC_LAYOUT.length, 'ffff', 'CORRUPTED'],
    ['a magic of the data', 'data', 0, '00', 'BAD_MAGIC'],
    ['a version of the data', 'data', 3, '02', 'UNSUPPORTED_VERSION'],
    ['a reserved byte of the data', 'data', header.reserved, '01', 'CORRUPTED'],
    ['the last reserved byte of the data', 'data', header.reserved + 27, '01', 'CORRUPTED'],
    ['an allocator', 'data', header.allocator, '00', 'CORRUPTED'],
    [
      'more chunks than there is room for',
      'data',
      header.allocator + allocator.allocatedCount,
      'ffffff',
      'CORRUPTED',
    ],
    ['chunks without room', 'data', header.allocator + allocator.payloadSize, '08', 'CORRUPTED'],
    [
      'chunks that are too large',
      'data',
      header.allocator + allocator.payloadSize,
      '090001',
      'CORRUPTED',
    ],
  ] as const)('%s are refused at opening', (_, name, offset, spoilt, code) => {
    const memories = stored();
    spoil(memories[name], offset, spoilt);
    expect(codeOf(() => load(memories.index, memories.data))).toBe(code);
  });

  test.each([
    ['a place without an address', 'index', slots + PLACE_LAYOUT.address, '00'.repeat(8)],
    ['a place without a size', 'index', slots + PLACE_LAYOUT.size, '00'],
    ['a size above that of all chunks', 'index', slots + PLACE_LAYOUT.size, 'ffffffff'],
    ['a size that ends before the chain does', 'index', slots + PLACE_LAYOUT.size, '04'],
    ['a size that goes on behind the chain', 'index', slots + PLACE_LAYOUT.size, '0d'],
    ['a reserved byte of a place', 'index', slots + PLACE_LAYOUT.reserved + 3, '01'],
    ['an address that is no chunk', 'index', slots + PLACE_LAYOUT.address, '61'],
    ['an address beyond the memory', 'index', slots + PLACE_LAYOUT.address + 4, '01'],
    ['a chain in a circle', 'data', first + payload.next, hex('60')],
    ['a chain that ends early', 'data', first + payload.next, '00'],
  ] as const)('%s are found where they are read', (_, name, offset, spoilt) => {
    const memories = stored();
    spoil(memories[name], offset, spoilt);
    const vec = load(memories.index, memories.data);
    expect(vec.get(1)).toBe('two');
    const before = [imageOf(memories.index), imageOf(memories.data)] as const;
    for (const use of [
      () => vec.get(0),
      () => vec.set(0, 'other'),
      () => vec.remove(0),
      () => vec.swapRemove(0),
      () => vec.truncate(0),
    ]) {
      expect(codeOf(use)).toBe('CORRUPTED');
    }
    expect(vec.checkInvariants()).toMatch(/^CORRUPTED/);
    expect(Buffer.compare(imageOf(memories.index), before[0])).toBe(0);
    expect(Buffer.compare(imageOf(memories.data), before[1])).toBe(0);
    expect(vec.length).toBe(2);
    vec.push('three');
    expect(vec.get(2)).toBe('three');
  });

  // Four chunks of four bytes: no room is made for a size that they cannot hold.
  test('a size is compared with all chunks before they are walked', () => {
    const { index, data } = stored();
    spoil(index, slots + PLACE_LAYOUT.size, '11');
    expect(() => load(index, data).get(0)).toThrow('size of an element: expected at most 16');
  });

  test('chunks that are a byte too large are refused, also where there are none', () => {
    const [index, data] = vecOf([]).vec.intoMemories();
    spoil(data, header.allocator + allocator.payloadSize, '090001');
    expect(codeOf(() => load(index, data))).toBe('CORRUPTED');
  });

  // There lie the zeros of the link in the chunk's header, and then those of its own link.
  test('an address shortly before a chunk is found where it is read', () => {
    const [index, data] = vecOf(['two']).vec.intoMemories();
    spoil(index, slots + PLACE_LAYOUT.address, '58');
    expect(codeOf(() => load(index, data).get(0))).toBe('CORRUPTED');
  });

  test('of chunks that nobody has, or two have, are found by the check', () => {
    const lost = stored();
    spoil(lost.index, slots, '00'.repeat(16));
    expect(load(lost.index, lost.data).checkInvariants()).toBe(
      '4 chunks are allocated, 1 are in use',
    );
    const shared = vecOf(['one', 'two']).vec.intoMemories();
    spoil(shared[0], slots + 16, '60');
    expect(load(...shared).checkInvariants()).toBe('a chunk is used twice');
    const gap = vecOf(['one', 'two']);
    gap.vec.pop();
    const [index, data] = gap.vec.intoMemories();
    // The head of the free list now is the tail: the chunk between is nobody's.
    spoil(data, header.allocator + allocator.freeHead, '88');
    expect(load(index, data).checkInvariants()).toBe(
      'the free list does not end with the chunk behind all others',
    );
  });
});
