/**
 * What each operation of a stack does, refuses, and leaves in the file.
 *
 * Source: `specs/bstack.md` sections 1.4 and 1.8, and Appendix A.
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../src/lib/bstack.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { codeOf } from '../support/memories.js';
import { WRONG_BYTES, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

const of = (...bytes: number[]) => Uint8Array.from(bytes);
const text = (letters: string) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
const lettersOf = (bytes: Uint8Array) => String.fromCharCode(...bytes);

function stackOf(letters: string): { stack: BStack; storage: HeapStorage } {
  const storage = new HeapStorage();
  const stack = BStack.open(storage);
  stack.push(text(letters));
  return { stack, storage };
}

const contentOf = (stack: BStack) => lettersOf(stack.get(0, stack.length));

/** The 32 bytes of a header at rest. */
function headerOf(length: number): number[] {
  return [...text('BSTK'), 0, 4, 3, 0, length, ...new Array<number>(23).fill(0)];
}

describe('the vectors of the original, with the header of format 0.4', () => {
  test('A1: a fresh file is its header', () => {
    const storage = new HeapStorage();
    const stack = BStack.open(storage);
    expect([...storage.toBytes()]).toEqual(headerOf(0));
    expect([stack.length, stack.isEmpty, stack.isAtomic]).toEqual([0, true, false]);
  });

  test('A2: push, discard and set', () => {
    const storage = new HeapStorage();
    const stack = BStack.open(storage);
    expect(stack.push(text('hello'))).toBe(0);
    expect(stack.push(text('world!'))).toBe(5);
    stack.discard(3);
    stack.set(1, text('EL'));
    expect(stack.length).toBe(8);
    expect([...storage.toBytes()]).toEqual([...headerOf(8), ...text('hELlowor')]);
  });
});

test('A3: atrunc, splice, cas, tryExtend, and what they refuse', () => {
  const { stack, storage } = stackOf('hello world');
  stack.atrunc(6, text('Rust'));
  expect(lettersOf(stack.splice(4, text('_big_tail')))).toBe('Rust');
  expect(stack.cas(0, text('hello'), text('HELLO'))).toBe(true);
  expect(stack.cas(0, text('hello'), text('xxxxx'))).toBe(false);
  expect(stack.cas(0, text('HELLO'), text('xxxx'))).toBe(false);
  expect(codeOf(() => stack.pop(99))).toBe('OUT_OF_BOUNDS');
  expect(() => stack.get(5, 2)).toThrow(RangeError);
  expect(stack.tryExtend(3, text('x'))).toBe(false);
  expect(stack.tryExtend(14, text('x'))).toBe(true);
  expect([...storage.toBytes()]).toEqual([...headerOf(15), ...text('HELLO_big_tailx')]);
});

describe('opening', () => {
  test('takes up what was there', () => {
    const { stack } = stackOf('hello');
    const again = BStack.open(stack.intoStorage());
    expect(contentOf(again)).toBe('hello');
    expect(again.push(text('!'))).toBe(5);
  });

  test.each(Array.from({ length: 32 }, (_, length) => length))(
    'takes the first %d bytes of a header for a file that was never begun',
    (length) => {
      const storage = new HeapStorage(Uint8Array.from(headerOf(0)).subarray(0, length));
      expect(BStack.open(storage).length).toBe(0);
      expect([...storage.toBytes()]).toEqual(headerOf(0));
    },
  );

  test.each([
    ['other bytes', text('some other file'), 'BAD_MAGIC'],
    ['other bytes, and few', text('BSTX'), 'BAD_MAGIC'],
    ['zeros', new Uint8Array(64), 'BAD_MAGIC'],
    ['format 0.1', of(...text('BSTK'), 0, 1, 8, 0, ...new Uint8Array(8)), 'UNSUPPORTED_VERSION'],
    ['format 0.5', of(...text('BSTK'), 0, 5, 0, 0, ...new Uint8Array(24)), 'UNSUPPORTED_VERSION'],
    ['format 1.4', of(...text('BSTK'), 1, 4, 0, 0, ...new Uint8Array(24)), 'UNSUPPORTED_VERSION'],
    ['half a header of a file in use', Uint8Array.from(headerOf(9)).subarray(0, 20), 'CORRUPTED'],
    [
      'an impossible length',
      of(...headerOf(0).slice(0, 8), ...new Uint8Array(8).fill(255), ...new Uint8Array(16)),
      'CORRUPTED',
    ],
  ])('refuses %s and writes nothing', (_, bytes, code) => {
    const storage = new HeapStorage(bytes);
    expect(codeOf(() => BStack.open(storage))).toBe(code);
    expect(storage.toBytes()).toEqual(bytes);
  });

  test('leaves the patch byte alone, whatever it is', () => {
    const bytes = Uint8Array.from(headerOf(0));
    bytes[6] = 77;
    const storage = new HeapStorage(bytes);
    BStack.open(storage).push(of(1));
    expect(storage.toBytes()[6]).toBe(77);
  });

  test('refuses a storage that another open stack holds, until that gives it back', () => {
    const { stack, storage } = stackOf('hello');
    expect(codeOf(() => BStack.open(storage))).toBe('FILE_IN_USE');
    expect(stack.intoStorage()).toBe(storage);
    expect(BStack.open(storage).length).toBe(5);
  });
});

describe('the end of a stack', () => {
  test('push of nothing says how long the stack is', () => {
    expect(stackOf('hello').stack.push(of())).toBe(5);
  });

  test('extend adds zeros, also where there were other bytes before', () => {
    const { stack } = stackOf('hello');
    stack.discard(3);
    expect(stack.extend(2)).toBe(2);
    expect([...stack.get(0, 4)]).toEqual([...text('he'), 0, 0]);
    expect(stack.extend(0)).toBe(4);
  });

  test('pop takes bytes off and gives them', () => {
    const { stack } = stackOf('hello');
    expect(lettersOf(stack.pop(2))).toBe('lo');
    expect(stack.pop(0)).toEqual(of());
    expect(contentOf(stack)).toBe('hel');
    expect(codeOf(() => stack.pop(4))).toBe('OUT_OF_BOUNDS');
    stack.discard(0);
    expect(codeOf(() => stack.discard(4))).toBe('OUT_OF_BOUNDS');
    stack.discard(3);
    expect(stack.isEmpty).toBe(true);
  });
});

describe('the middle of a stack', () => {
  test('is read by range and into an array', () => {
    const { stack } = stackOf('hello');
    expect(lettersOf(stack.get(1, 3))).toBe('el');
    expect(stack.get(5, 5)).toEqual(of());
    const target = new Uint8Array(3);
    stack.getInto(2, target);
    expect(lettersOf(target)).toBe('llo');
    stack.getInto(5, of());
  });

  test('is not read beyond the end, nor backwards', () => {
    const { stack } = stackOf('hello');
    const target = of(7, 7);
    expect(codeOf(() => stack.get(4, 6))).toBe('OUT_OF_BOUNDS');
    expect(codeOf(() => stack.getInto(4, target))).toBe('OUT_OF_BOUNDS');
    expect(target).toEqual(of(7, 7));
    expect(() => stack.get(5, 2)).toThrow(RangeError);
  });

  test.each([1, 200, 300, 70_000])('is overwritten and zeroed, %d bytes of it', (count) => {
    const { stack } = stackOf('ab');
    const bytes = Uint8Array.from({ length: count }, (_, index) => (index % 251) | 1);
    stack.extend(count);
    stack.push(text('yz'));
    stack.set(2, bytes);
    expect(stack.get(2, 2 + count)).toEqual(bytes);
    stack.zero(2, count);
    expect(stack.get(2, 2 + count)).toEqual(new Uint8Array(count));
    expect(lettersOf(stack.get(0, 2)) + lettersOf(stack.pop(2))).toBe('abyz');
  });

  test('is not written beyond the end', () => {
    const { stack, storage } = stackOf('hello');
    const before = storage.toBytes();
    expect(codeOf(() => stack.set(4, of(1, 2)))).toBe('OUT_OF_BOUNDS');
    expect(codeOf(() => stack.zero(6, 0))).toBe('OUT_OF_BOUNDS');
    stack.set(5, of());
    stack.zero(5, 0);
    expect(storage.toBytes()).toEqual(before);
  });
});

describe('the other operations', () => {
  test('read: peek, peekInto and getBatched', () => {
    const { stack } = stackOf('hello');
    expect(lettersOf(stack.peek(3))).toBe('lo');
    expect(stack.peek(5)).toEqual(of());
    const target = new Uint8Array(2);
    stack.peekInto(1, target);
    expect(lettersOf(target)).toBe('el');
    const spans = [
      { start: 4, end: 5 },
      { start: 0, end: 2 },
      { start: 1, end: 1 },
    ];
    expect(stack.getBatched(spans).map(lettersOf)).toEqual(['o', 'he', '']);
  });

  test('add and take off: popInto, tryDiscard, resize, ensure, ensureWith, extendSparse', () => {
    const { stack } = stackOf('hello');
    const target = new Uint8Array(2);
    stack.popInto(target);
    expect(lettersOf(target)).toBe('lo');
    expect(stack.tryDiscard(5, 1)).toBe(false);
    expect(stack.tryDiscard(3, 1)).toBe(true);
    stack.resize(1);
    stack.resize(3);
    expect(contentOf(stack)).toBe('h\0\0');
    expect([stack.ensure(2), stack.ensure(4)]).toEqual([false, true]);
    expect(stack.ensureWith(4, () => expect(true).toBe(false))).toBe(false);
    expect(stack.ensureWith(6, (bytes) => bytes.set(text('yz')))).toBe(true);
    expect(contentOf(stack)).toBe('h\0\0\0yz');
    const writes = [
      { offset: 3, bytes: text('B') },
      { offset: 0, bytes: text('A') },
    ];
    expect(stack.extendSparse(5, writes)).toBe(6);
    expect(lettersOf(stack.peek(6))).toBe('A\0\0B\0');
  });

  test('replace the tail: splice, spliceInto, replace', () => {
    const { stack } = stackOf('hello');
    expect(lettersOf(stack.splice(2, text('p')))).toBe('lo');
    const removed = new Uint8Array(3);
    stack.spliceInto(removed, text('ium'));
    expect(lettersOf(removed)).toBe('elp');
    stack.replace(3, (tail) => of(...tail, ...text('!')));
    expect(contentOf(stack)).toBe('hium!');
  });

  test('change the middle: repeat, copy, exchange, swap, swapInto, process, setBatched', () => {
    const { stack } = stackOf('0123456789');
    stack.repeat(0, 2, text('ab'));
    expect(contentOf(stack)).toBe('abab456789');
    stack.copy(4, 5, 5);
    expect(contentOf(stack)).toBe('abab445678');
    stack.exchange(0, 8, 2);
    expect(contentOf(stack)).toBe('78ab4456ab');
    expect(lettersOf(stack.swap(4, text('XY')))).toBe('44');
    const bytes = text('--');
    stack.swapInto(4, bytes);
    expect(lettersOf(bytes)).toBe('XY');
    stack.process(0, 2, (part) => part.reverse());
    expect(contentOf(stack)).toBe('87ab--56ab');
    const writes = [
      { offset: 9, bytes: text('!') },
      { offset: 0, bytes: text('hi') },
      { offset: 2, bytes: text(' ') },
      { offset: 5, bytes: of() },
    ];
    stack.setBatched(writes);
    expect(contentOf(stack)).toBe('hi b--56a!');
  });

  test('refuse what is beyond the end, and have changed nothing', () => {
    const { stack, storage } = stackOf('hello');
    const before = storage.toBytes();
    const beyond = { offset: 4, bytes: of(1, 2) };
    const uses = [
      () => stack.peek(6),
      () => stack.peekInto(4, new Uint8Array(2)),
      () => stack.getBatched([{ start: 4, end: 6 }]),
      () => stack.popInto(new Uint8Array(6)),
      () => stack.tryDiscard(5, 6),
      () => stack.atrunc(6, of(1)),
      () => stack.splice(6, of(1)),
      () => stack.spliceInto(new Uint8Array(6), of(1)),
      () => stack.replace(6, (tail) => tail),
      () => stack.repeat(0, 3, of(1, 2)),
      () => stack.copy(0, 3, 3),
      () => stack.copy(3, 0, 3),
      () => stack.exchange(0, 3, 3),
      () => stack.swap(4, of(1, 2)),
      () => stack.swapInto(4, of(1, 2)),
      () => stack.cas(4, of(1, 2), of(1, 2)),
      () => stack.process(4, 6, () => undefined),
      () => stack.setBatched([{ offset: 0, bytes: of(1) }, beyond]),
      () => stack.extendSparse(5, [{ offset: 0, bytes: of(1) }, beyond]),
      () => stack.lockUpTo(6),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'OUT_OF_BOUNDS'));
    expect(storage.toBytes()).toEqual(before);
  });

  test('refuse writes that overlap, ranges that overlap, and ends before starts', () => {
    const { stack, storage } = stackOf('hello');
    const before = storage.toBytes();
    const overlapping = [
      { offset: 0, bytes: of(1, 2) },
      { offset: 1, bytes: of(3) },
    ];
    const uses = [
      () => stack.setBatched(overlapping),
      () => stack.extendSparse(5, overlapping),
      () => stack.exchange(0, 1, 2),
      () => stack.process(3, 2, () => undefined),
      () => stack.getBatched([{ start: 3, end: 2 }]),
      () => stack.repeat(0, 2 ** 53 - 1, of(1, 2)),
      () => stack.resize(-1),
    ];
    for (const use of uses) expect(use).toThrow(RangeError);
    expect(storage.toBytes()).toEqual(before);
  });

  test('that ask a callback change nothing where it throws, answers later or comes back', () => {
    const { stack, storage } = stackOf('hello');
    const before = storage.toBytes();
    const callers = [
      (callback: () => never) => stack.edit(callback),
      (callback: () => never) => stack.replace(2, callback),
      (callback: () => never) => stack.process(0, 2, callback),
      (callback: () => never) => stack.ensureWith(9, callback),
    ];
    for (const call of callers) {
      const later = (async () => undefined) as unknown as () => never;
      const fails = () => {
        throw new Error('not today');
      };
      expect(() => call(fails)).toThrow('not today');
      expect(() => call(later)).toThrow(TypeError);
      expect(codeOf(() => call(() => stack.push(of(1)) as never))).toBe('REENTERED');
      expect(codeOf(() => call(() => stack.intoStorage() as never))).toBe('REENTERED');
    }
    expect(() => stack.replace(2, () => 'lo' as unknown as Uint8Array)).toThrow(TypeError);
    expect(storage.toBytes()).toEqual(before);
    expect(stack.push(of(1))).toBe(5);
  });

  test('refuse to change what is locked, and only that', () => {
    const { stack, storage } = stackOf('0123456789');
    stack.lockUpTo(4);
    stack.lockUpTo(2);
    const before = storage.toBytes();
    const uses = [
      () => stack.set(3, of(1)),
      () => stack.zero(0, 9),
      () => stack.repeat(3, 2, of(1)),
      () => stack.copy(5, 3, 2),
      () => stack.exchange(3, 8, 2),
      () => stack.exchange(8, 3, 2),
      () => stack.swap(0, of(1)),
      () => stack.cas(0, of(1), of(1)),
      () => stack.process(0, 1, () => undefined),
      () => stack.setBatched([{ offset: 3, bytes: of(1) }]),
      () => stack.edit((edit) => edit.set(3, of(1))),
      () => stack.edit((edit) => edit.zero(3, 1)),
      () => stack.pop(7),
      () => stack.discard(7),
      () => stack.resize(3),
      () => stack.atrunc(7, of(1)),
      () => stack.replace(7, (tail) => tail),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'READ_ONLY'));
    expect(storage.toBytes()).toEqual(before);
    stack.set(0, of());
    stack.copy(0, 4, 4);
    stack.discard(6);
    expect(contentOf(stack)).toBe('0123');
    BStack.open(stack.intoStorage()).set(0, of(1));
  });
});

describe('an edit', () => {
  test('commits what it wrote; later writes win, and reads see them', () => {
    const { stack } = stackOf('0123456789');
    const seen = stack.edit((edit) => {
      edit.set(2, text('abcd'));
      edit.zero(3, 1);
      edit.set(4, text('XY'));
      edit.set(0, text('-'));
      const target = new Uint8Array(3);
      edit.getInto(4, target);
      return `${edit.length} ${lettersOf(edit.get(1, 4))} ${lettersOf(target)}`;
    });
    expect(seen).toBe('10 1a\0 XY6');
    expect(contentOf(stack)).toBe('-1a\0XY6789');
  });

  test('copies what it is given', () => {
    const { stack } = stackOf('hello');
    const bytes = Buffer.from('HE');
    stack.edit((edit) => {
      edit.set(0, bytes);
      bytes.fill(0);
    });
    expect(contentOf(stack)).toBe('HEllo');
  });

  test('that throws, or answers later, has changed nothing', () => {
    const { stack } = stackOf('hello');
    const fails = () =>
      stack.edit((edit) => {
        edit.set(0, text('HELLO'));
        throw new RangeError('not today');
      });
    expect(fails).toThrow('not today');
    expect(() => stack.edit(async (edit) => edit.zero(0, 5))).toThrow(TypeError);
    expect(contentOf(stack)).toBe('hello');
  });

  test('refuses what is beyond the end, and goes on', () => {
    const { stack } = stackOf('hello');
    stack.edit((edit) => {
      expect(codeOf(() => edit.set(4, of(1, 2)))).toBe('OUT_OF_BOUNDS');
      expect(codeOf(() => edit.zero(6, 0))).toBe('OUT_OF_BOUNDS');
      expect(codeOf(() => edit.get(2, 6))).toBe('OUT_OF_BOUNDS');
      expect(codeOf(() => edit.getInto(6, of()))).toBe('OUT_OF_BOUNDS');
      edit.set(0, text('H'));
    });
    expect(contentOf(stack)).toBe('Hello');
  });

  test('refuses to be used when it is over', () => {
    const { stack } = stackOf('hello');
    const edit = stack.edit((given) => given);
    const uses = [
      () => edit.get(0, 1),
      () => edit.getInto(0, of()),
      () => edit.set(0, of()),
      () => edit.zero(0, 1),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'HANDLE_CLOSED'));
  });

  test('is not interrupted by another operation', () => {
    const { stack } = stackOf('hello');
    const uses = [
      () => stack.edit(() => 0),
      () => stack.push(of(1)),
      () => stack.get(0, 1),
      () => stack.close(),
    ];
    expect(stack.edit(() => uses.map(codeOf))).toEqual(uses.map(() => 'REENTERED'));
    expect(stack.edit(() => stack.length)).toBe(5);
    expect(contentOf(stack)).toBe('hello');
  });
});

describe('closing', () => {
  test('closes the storage as well, and ends the use of the stack', () => {
    const { stack, storage } = stackOf('hello');
    stack.close();
    expect(codeOf(() => storage.length())).toBe('HANDLE_CLOSED');
    const uses = [
      () => stack.length,
      () => stack.isEmpty,
      () => stack.push(of()),
      () => stack.extend(0),
      () => stack.pop(0),
      () => stack.discard(0),
      () => stack.get(0, 0),
      () => stack.getInto(0, of()),
      () => stack.set(0, of()),
      () => stack.zero(0, 0),
      () => stack.edit(() => 0),
      () => stack.close(),
      () => stack.intoStorage(),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'HANDLE_CLOSED'));
  });
});

describe('wrong arguments', () => {
  const { stack } = stackOf('hello');

  test.each(WRONG_BYTES)('refuses %p in place of bytes', (_, wrong) => {
    const bytes = wrong as Uint8Array;
    expect(() => stack.push(bytes)).toThrow(TypeError);
    expect(() => stack.set(0, bytes)).toThrow(TypeError);
    expect(() => stack.getInto(0, bytes)).toThrow(TypeError);
    expect(() => stack.edit((edit) => edit.set(0, bytes))).toThrow(TypeError);
    expect(() => stack.edit((edit) => edit.getInto(0, bytes))).toThrow(TypeError);
  });

  test.each([
    ...WRONG_NUMBERS.map(([label, wrong]) => [label, wrong, TypeError] as const),
    ...WRONG_SIZES.map(([label, wrong]) => [label, wrong, RangeError] as const),
  ])('refuses %p in place of a number', (_, wrong, error) => {
    const number = wrong as number;
    expect(() => stack.extend(number)).toThrow(error);
    expect(() => stack.pop(number)).toThrow(error);
    expect(() => stack.discard(number)).toThrow(error);
    expect(() => stack.get(number, 5)).toThrow(error);
    expect(() => stack.get(0, number)).toThrow(error);
    expect(() => stack.getInto(number, of())).toThrow(error);
    expect(() => stack.set(number, of())).toThrow(error);
    expect(() => stack.zero(number, 0)).toThrow(error);
    expect(() => stack.zero(0, number)).toThrow(error);
  });

  test('refuses more bytes than can be numbered', () => {
    expect(() => stack.extend(2 ** 53 - 1)).toThrow(RangeError);
    expect(contentOf(stack)).toBe('hello');
  });
});
