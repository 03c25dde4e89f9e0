/**
 * What each operation does to the file, step by step: the order of writes and syncs is what a crash
 * finds, and the number of syncs is what an operation costs.
 *
 * The stack has 1,000 bytes: the file has 1,032, its blocks end at 256, 512, 768 and 1,024.
 *
 * Source: `specs/bstack.md` sections 1.4 and 1.8.
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../src/lib/bstack.js';
import type { Storage } from '../../src/lib/storage.js';
import { RecordingDisk, type DiskEvent } from '../support/crash/recording-disk.js';

const LENGTH = 1_000;

/** An event in words: `write 32+300` are 300 bytes from offset 32 of the file on. */
function inWords(event: DiskEvent): string {
  if (event.kind === 'sync') return 'sync';
  if (event.kind === 'setLength') return `end ${event.length}`;
  return `write ${event.offset}+${event.bytes.length}`;
}

/** What an operation on the stack of 1,000 bytes does. */
function eventsOf(operation: (stack: BStack) => unknown): string[] {
  const disk = new RecordingDisk();
  const stack = BStack.open(disk.open());
  stack.push(new Uint8Array(LENGTH).fill(1));
  disk.events.length = 0;
  operation(stack);
  return disk.events.map(inWords);
}

const bytes = (count: number) => new Uint8Array(count);

/** A journal whose record has `staged` bytes, over the writes in place. */
const journaled = (staged: number, ...inPlace: string[]) => [
  `write 1032+${staged}`,
  'sync',
  'write 16+16',
  'sync',
  ...inPlace,
  'sync',
  'write 16+16',
  'sync',
  'end 1032',
];

const NOTHING: string[] = [];

describe('at the end', () => {
  test.each<[string, (stack: BStack) => unknown, string[]]>([
    ['push', (stack) => stack.push(bytes(5)), ['write 1032+5', 'sync', 'write 8+8', 'sync']],
    ['push of nothing', (stack) => stack.push(bytes(0)), NOTHING],
    ['extend', (stack) => stack.extend(5), ['end 1037', 'write 8+8', 'sync']],
    ['extend by nothing', (stack) => stack.extend(0), NOTHING],
    [
      'extendSparse',
      (stack) => stack.extendSparse(20, [{ offset: 4, bytes: bytes(2) }]),
      ['end 1052', 'write 1036+2', 'sync', 'write 8+8', 'sync'],
    ],
    ['pop', (stack) => stack.pop(10), ['end 1022', 'write 8+8', 'sync']],
    ['pop of nothing', (stack) => stack.pop(0), NOTHING],
    ['discard', (stack) => stack.discard(10), ['end 1022', 'write 8+8', 'sync']],
    ['discard of nothing', (stack) => stack.discard(0), NOTHING],
    ['tryExtend of another length', (stack) => stack.tryExtend(9, bytes(5)), NOTHING],
    ['tryExtend by nothing', (stack) => stack.tryExtend(LENGTH, bytes(0)), NOTHING],
    ['tryDiscard of another length', (stack) => stack.tryDiscard(9, 5), NOTHING],
    ['ensure', (stack) => stack.ensure(LENGTH), NOTHING],
    ['resize to less', (stack) => stack.resize(9), ['end 41', 'write 8+8', 'sync']],
    [
      'atrunc to more',
      (stack) => stack.atrunc(10, bytes(15)),
      [
        'end 1052',
        'write 1037+15',
        'sync',
        'write 16+16',
        'sync',
        'write 1022+15',
        'sync',
        'write 8+24',
        'sync',
        'end 1037',
      ],
    ],
    [
      'atrunc to less',
      (stack) => stack.atrunc(10, bytes(4)),
      [
        'end 1036',
        'write 1032+4',
        'sync',
        'write 16+16',
        'sync',
        'write 1022+4',
        'sync',
        'write 8+24',
        'sync',
        'end 1026',
      ],
    ],
    ['atrunc to as much', (stack) => stack.atrunc(8, bytes(8)), ['write 1024+8', 'sync']],
    ['atrunc to nothing', (stack) => stack.atrunc(8, bytes(0)), ['end 1024', 'write 8+8', 'sync']],
    ['atrunc of nothing', (stack) => stack.atrunc(0, bytes(0)), NOTHING],
  ])('%s', (_, operation, events) => {
    expect(eventsOf(operation)).toEqual(events);
  });

  test('extend right after a journal waits until the cut is durable', () => {
    const events = eventsOf((stack) => {
      stack.set(0, bytes(300));
      stack.extend(5);
    });
    expect(events.slice(-5)).toEqual(['end 1032', 'end 1037', 'sync', 'write 8+8', 'sync']);
  });
});

describe('in the middle', () => {
  test.each<[string, (stack: BStack) => unknown, string[]]>([
    ['set up to the end of a block', (stack) => stack.set(0, bytes(224)), ['write 32+224', 'sync']],
    ['set of a block', (stack) => stack.set(224, bytes(256)), ['write 256+256', 'sync']],
    ['set beyond a block', (stack) => stack.set(0, bytes(225)), journaled(225, 'write 32+225')],
    ['set over an edge', (stack) => stack.set(223, bytes(2)), journaled(2, 'write 255+2')],
    ['set of nothing', (stack) => stack.set(5, bytes(0)), NOTHING],
    ['zero within a block', (stack) => stack.zero(0, 9), ['write 32+9', 'sync']],
    ['zero', (stack) => stack.zero(0, 900), journaled(9, 'write 32+900')],
    ['zero of nothing', (stack) => stack.zero(0, 0), NOTHING],
    ['repeat', (stack) => stack.repeat(2, 300, bytes(3)), journaled(11, 'write 34+900')],
    ['repeat of nothing', (stack) => stack.repeat(0, 300, bytes(0)), NOTHING],
    ['repeat no times', (stack) => stack.repeat(0, 0, bytes(3)), NOTHING],
    ['copy within a block', (stack) => stack.copy(500, 0, 100), ['write 32+100', 'sync']],
    ['copy', (stack) => stack.copy(0, 600, 400), journaled(16, 'write 632+400')],
    ['copy over itself', (stack) => stack.copy(0, 100, 400), journaled(400, 'write 132+400')],
    ['copy to where it is', (stack) => stack.copy(100, 100, 400), NOTHING],
    [
      'exchange',
      (stack) => stack.exchange(0, 700, 300),
      journaled(632, 'write 32+300', 'write 732+300'),
    ],
    ['exchange of neighbours', (stack) => stack.exchange(0, 8, 8), ['write 32+16', 'sync']],
    ['exchange of nothing', (stack) => stack.exchange(0, 8, 0), NOTHING],
    ['swap', (stack) => stack.swap(0, bytes(8)), ['write 32+8', 'sync']],
    ['swapInto', (stack) => stack.swapInto(0, bytes(800)), journaled(800, 'write 32+800')],
    ['cas of other bytes', (stack) => stack.cas(0, bytes(1), bytes(1)), NOTHING],
    ['cas of nothing', (stack) => stack.cas(0, bytes(0), bytes(0)), NOTHING],
    ['process', (stack) => stack.process(0, 800, () => undefined), journaled(800, 'write 32+800')],
    ['process of nothing', (stack) => stack.process(5, 5, () => undefined), NOTHING],
    [
      'setBatched',
      (stack) =>
        stack.setBatched([
          { offset: 990, bytes: bytes(10) },
          { offset: 0, bytes: bytes(8) },
        ]),
      journaled(50, 'write 32+8', 'write 1022+10'),
    ],
  ])('%s', (_, operation, events) => {
    expect(eventsOf(operation)).toEqual(events);
  });
});

describe('an edit', () => {
  test.each<[string, [offset: number, count: number][], string[]]>([
    ['of nothing', [], NOTHING],
    ['of no bytes', [[5, 0]], NOTHING],
    [
      'within one block',
      [
        [0, 8],
        [200, 8],
        [100, 8],
      ],
      ['write 32+208', 'sync'],
    ],
    [
      'of writes that touch',
      [
        [0, 200],
        [200, 200],
      ],
      journaled(400, 'write 32+400'),
    ],
    [
      'of writes that overlap',
      [
        [0, 300],
        [100, 300],
      ],
      journaled(400, 'write 32+400'),
    ],
    [
      'of writes here and there',
      [
        [500, 8],
        [0, 8],
        [900, 8],
      ],
      journaled(72, 'write 32+8', 'write 532+8', 'write 932+8'),
    ],
  ])('%s', (_, writes, events) => {
    const found = eventsOf((stack) =>
      stack.edit((edit) => {
        for (const [offset, count] of writes) edit.set(offset, bytes(count));
      }),
    );
    expect(found).toEqual(events);
  });

  test('has 4 syncs, however many writes it has', () => {
    const events = eventsOf((stack) =>
      stack.edit((edit) => {
        for (let offset = 0; offset < LENGTH; offset += 5) edit.set(offset, bytes(2));
      }),
    );
    expect(events.filter((event) => event === 'sync').length).toBe(4);
    expect(events.length).toBe(4 + 200 + 4);
  });
});

describe('opening and closing', () => {
  test('create with one sync, and open with one', () => {
    const disk = new RecordingDisk();
    const stack = BStack.open(disk.open());
    expect(disk.events.map(inWords)).toEqual(['write 0+32', 'sync']);
    BStack.open(stack.intoStorage()).close();
    expect(disk.events.map(inWords)).toEqual(['write 0+32', 'sync', 'sync']);
  });
});

test('a storage that is atomic sees no sync, no journal, and nothing staged', () => {
  const disk = new RecordingDisk();
  const storage = disk.open();
  const atomic = new Proxy(storage, {
    get(target, name) {
      if (name === 'isAtomic') return true;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  }) as Storage;
  const stack = BStack.open(atomic);
  stack.push(bytes(LENGTH));
  stack.set(0, bytes(900));
  stack.zero(0, 900);
  stack.copy(0, 100, 800);
  stack.edit((edit) => {
    edit.set(0, bytes(1));
    edit.set(900, bytes(1));
  });
  stack.atrunc(10, bytes(15));
  stack.atrunc(15, bytes(10));
  stack.extend(5);
  stack.pop(5);
  expect(stack.isAtomic).toBe(true);
  expect(disk.events.map(inWords)).toEqual([
    'write 0+32',
    ...['write 32+1000', 'write 8+8'],
    ...['write 32+900', 'write 32+900', 'write 132+800'],
    ...['write 32+1', 'write 932+1'],
    ...['end 1037', 'write 1022+15', 'write 8+8'],
    ...['write 1022+10', 'end 1032', 'write 8+8'],
    ...['end 1037', 'write 8+8'],
    ...['end 1032', 'write 8+8'],
  ]);
});
