/**
 * Files as a crash of the Rust crate would have left them: each mode of its journal armed by hand,
 * with good records and with bad ones. And files that no program has left: whatever the bytes are,
 * opening them ends with a good stack or with an error that has a code.
 *
 * Source: `specs/bstack.md` section 1.8.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BStack } from '../../../src/lib/bstack.js';
import { JOURNAL_MODE } from '../../../src/lib/bstack/journal.js';
import { concatBytes, writeBigU64 } from '../../../src/lib/bytes.js';
import { StorageError } from '../../../src/lib/errors.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { checkCrashes } from '../../support/crash/check-crashes.js';
import { checkProperty } from '../../support/property.js';

const { WRITE, GROW, SHRINK, REPEAT, COPY, MANY, MANY_AS_DOCUMENTED } = JOURNAL_MODE;
const HEADER_SIZE = 32;
const HUGE = 2n ** 64n - 1n;

const text = (letters: string) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
const lettersOf = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** Numbers as a file has them. */
function words(...numbers: (number | bigint)[]): Uint8Array {
  const bytes = new Uint8Array(8 * numbers.length);
  numbers.forEach((number, index) => writeBigU64(bytes, 8 * index, BigInt(number)));
  return bytes;
}

interface Left {
  /** What counts, or would if the file had as many bytes. */
  readonly length?: number | bigint;
  readonly payload?: string;
  readonly target?: number | bigint;
  readonly mode?: bigint;
  readonly staged?: Uint8Array;
}

const PAYLOAD = '0123456789';

/** A file with 10 bytes and what is staged behind them. */
function fileOf({ length, payload = PAYLOAD, target = 0, mode = WRITE, staged }: Left): Uint8Array {
  return concatBytes(
    text('BSTK\0\x04\x03\0'),
    words(length ?? payload.length, target, mode),
    text(payload),
    staged ?? new Uint8Array(0),
  );
}

function contentOf(stack: BStack): string {
  expect(stack.checkInvariants()).toBeUndefined();
  return lettersOf(stack.peek(0));
}

const at = (offset: number) => HEADER_SIZE + offset;
const block = (start: number, end: number, letters: string) =>
  concatBytes(words(start, end), text(letters));

/** A name, a file, and what it holds when it is open. */
const FINISHED: [name: string, left: Left, content: string][] = [
  ['a write', { target: at(2), staged: text('abc') }, '01abc56789'],
  ['a write of everything', { target: at(0), staged: text('abcdefghij') }, 'abcdefghij'],
  [
    'an exchange of 0-2 with 7-9 before it counts: the first bytes come back',
    { payload: '7893456789', target: at(0), staged: text('012') },
    PAYLOAD,
  ],
  [
    'an exchange of 0-2 with 7-9 after that: it is finished',
    { payload: '7893456789', target: at(7), staged: text('012') },
    '7893456012',
  ],
  [
    'a repeat',
    { target: at(1), mode: REPEAT, staged: concatBytes(words(3), text('ab')) },
    '0ababab789',
  ],
  [
    'a repeat up to the end',
    { target: at(8), mode: REPEAT, staged: concatBytes(words(2), text('-')) },
    '01234567--',
  ],
  ['a copy', { target: at(6), mode: COPY, staged: words(1, 3) }, '0123451239'],
  ['a copy to the front', { target: at(0), mode: COPY, staged: words(5, 5) }, '5678956789'],
  ['a growing tail', { target: at(8), mode: GROW, staged: text('..abcd') }, '01234567abcd'],
  ['a shrinking tail', { target: at(4), mode: SHRINK, staged: text('ab') }, '0123ab'],
  [
    'many writes',
    { mode: MANY, staged: concatBytes(block(0, 2, 'ab'), block(5, 5, ''), block(9, 10, 'c')) },
    'ab2345678c',
  ],
  [
    'many writes, with the mode that the document of the original has',
    { mode: MANY_AS_DOCUMENTED, staged: block(3, 5, 'xy') },
    '012xy56789',
  ],
];

describe('an armed journal is finished', () => {
  test.each(FINISHED)('%s', (_, left, content) => {
    const storage = new HeapStorage(fileOf(left));
    expect(contentOf(BStack.open(storage))).toBe(content);
    expect([...storage.toBytes()]).toEqual([...fileOf({ payload: content })]);
  });

  test.each(FINISHED)('%s, also where that is interrupted at any moment', (_, left, content) => {
    const { crashes } = checkCrashes({
      start: new Map([['file', fileOf(left)]]),
      run: (disk) => BStack.open(disk.open()),
      reopen: (disk) => BStack.open(disk.open()),
      check: (stack) => expect(contentOf(stack)).toBe(content),
    });
    expect(crashes).toBeGreaterThan(8);
  });
});

const manyOf = (...parts: Uint8Array[]) => ({ mode: MANY, staged: concatBytes(...parts) });

describe('a journal that does not fit is put to rest, and nothing is replayed', () => {
  test.each<[string, Left]>([
    ['a write of nothing', { target: at(2) }],
    ['a write into the header', { target: 31, staged: text('abc') }],
    ['a write beyond the end', { target: at(8), staged: text('abc') }],
    ['a write far beyond', { target: HUGE, staged: text('abc') }],
    ['a repeat without a pattern', { target: at(0), mode: REPEAT, staged: words(3) }],
    ['a repeat without a count', { target: at(0), mode: REPEAT, staged: text('abc') }],
    [
      'a repeat beyond the end',
      { target: at(8), mode: REPEAT, staged: concatBytes(words(3), text('a')) },
    ],
    [
      'a repeat without end',
      { target: at(0), mode: REPEAT, staged: concatBytes(words(HUGE), text('ab')) },
    ],
    [
      'a repeat into the header',
      { target: 30, mode: REPEAT, staged: concatBytes(words(1), text('a')) },
    ],
    ['a copy that is cut short', { target: at(0), mode: COPY, staged: words(5) }],
    ['a copy over itself', { target: at(2), mode: COPY, staged: words(1, 3) }],
    ['a copy from beyond the end', { target: at(0), mode: COPY, staged: words(8, 3) }],
    ['a copy to beyond the end', { target: at(8), mode: COPY, staged: words(0, 3) }],
    ['a copy into the header', { target: 31, mode: COPY, staged: words(5, 1) }],
    ['a copy from nowhere', { target: at(0), mode: COPY, staged: words(HUGE, HUGE) }],
    ['a growing tail of an odd sum', { target: at(8), mode: GROW, staged: text('..abc') }],
    ['a growing tail that shrinks', { target: at(8), mode: GROW, staged: text('a') }],
    ['a growing tail behind the end', { target: at(11), mode: GROW, staged: text('abcde') }],
    ['a growing tail in the header', { target: 31, mode: GROW, staged: text('abcdefghijkl') }],
    ['a shrinking tail that grows', { target: at(8), mode: SHRINK, staged: text('abc') }],
    ['a shrinking tail of as much', { target: at(8), mode: SHRINK, staged: text('ab') }],
    ['a tail from nowhere', { target: HUGE, mode: SHRINK, staged: text('ab') }],
    ['a block without an end', manyOf(block(0, 1, 'a'), words(3))],
    ['a block without its bytes', manyOf(block(0, 1, 'a'), block(2, 5, 'ab'))],
    ['a block beyond the end', manyOf(block(0, 1, 'a'), block(9, 11, 'ab'))],
    ['a block that ends before it starts', manyOf(block(0, 1, 'a'), block(5, 4, 'b'))],
    ['a block without bounds', manyOf(block(0, 1, 'a'), words(0, HUGE))],
    ['many writes with a target', { target: at(0), mode: MANY, staged: block(0, 1, 'a') }],
    ['a mode of the future', { target: at(0), mode: HUGE - 6n, staged: text('abc') }],
    ['a mode of the future without a target', { mode: 7n, staged: text('abc') }],
  ])('%s', (_, left) => {
    const storage = new HeapStorage(fileOf(left));
    expect(contentOf(BStack.open(storage))).toBe(PAYLOAD);
    expect([...storage.toBytes()]).toEqual([...fileOf({})]);
  });
});

describe('without a journal', () => {
  test.each<[string, Left, string]>([
    ['a longer file is cut', { staged: text('abc') }, PAYLOAD],
    ['a shorter file tells the length', { length: 99 }, PAYLOAD],
    ['so it does beside an armed journal', { length: 99, target: at(0) }, PAYLOAD],
    ['a file with nothing but its header is empty', { length: 7, payload: '' }, ''],
  ])('%s', (_, left, content) => {
    expect(contentOf(BStack.open(new HeapStorage(fileOf(left))))).toBe(content);
  });

  test('a length that no file has is damage, and the file is left alone', () => {
    const bytes = fileOf({ length: 2n ** 53n });
    const storage = new HeapStorage(bytes);
    expect(() => BStack.open(storage)).toThrow('CORRUPTED');
    expect([...storage.toBytes()]).toEqual([...bytes]);
  });
});

const HONEST = ['BAD_MAGIC', 'UNSUPPORTED_VERSION', 'CORRUPTED'];

/** Opens any bytes: a good stack, or an error with a code and an untouched file. */
function openAnything(bytes: Uint8Array): void {
  const storage = new HeapStorage(bytes);
  try {
    const stack = BStack.open(storage);
    expect(stack.checkInvariants()).toBeUndefined();
    stack.push(text('more'));
    stack.set(0, text('more'));
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    expect(HONEST).toContain(error.code);
    expect(storage.toBytes()).toEqual(bytes);
  }
}

describe('whatever the bytes are', () => {
  const field = fc.oneof(fc.nat({ max: 200 }).map(BigInt), fc.bigInt(0n, HUGE));
  const mode = fc.oneof(fc.constantFrom(...Object.values(JOURNAL_MODE)), field);
  const staged = fc.array(fc.oneof(fc.nat({ max: 40 }), field), { maxLength: 8 });

  test('a header of any numbers opens, or is damage', () => {
    const left = fc.record({ length: field, target: field, mode });
    checkProperty(
      fc.property(left, staged, (header, numbers) => {
        openAnything(fileOf({ ...header, staged: words(...numbers) }));
      }),
      { numRuns: 500 },
    );
  });

  test('a file with a flipped bit, or cut anywhere, opens, or is damage', () => {
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    checkProperty(
      fc.property(fc.constantFrom(...FINISHED), place, fc.nat({ max: 8 }), (found, where, bit) => {
        const bytes = fileOf(found[1]);
        const offset = Math.floor(where * bytes.length);
        if (bit === 8) return openAnything(bytes.subarray(0, offset));
        bytes[offset]! ^= 1 << bit;
        openAnything(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
