/**
 * The bytes of a stable message store: frozen, and what is made of them where they are damaged.
 *
 * Source: `specs/limen.md` sections 9.5, 10 and 11.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { text } from '../../../src/lib/codecs/index.js';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import { MESSAGE_HEADER_LAYOUT } from '../../../src/lib/messages/header-bytes.js';
import { MessageFlags } from '../../../src/lib/messages/message-flags.js';
import { EMPTY_HEADER } from '../../../src/lib/messages/message-header.js';
import { tokenOf } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { StableMessageManager } from '../../../src/lib/messages/stable-message-manager.js';
import { MESSAGE_SLOT_LAYOUT } from '../../../src/lib/messages/stable/slot-area.js';
import { MESSAGE_STORE_LAYOUT } from '../../../src/lib/messages/stable/store-header.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { fromHex } from '../../support/hex.js';
import { codeOf, imageOf } from '../../support/memories.js';
import { stateOf } from '../../support/messages.js';
import { headOf, spoil } from '../../support/stored.js';

const TYPE = { codec: text, payloadSizeMax: 12 };
const OPTIONS = { ...TYPE, capacity: 4, memoryClass: MemoryClass.device(3) };

const SLOT_SIZE = 88;
const SLOTS = MESSAGE_STORE_LAYOUT.slots;

const FIELDS = {
  traceId: 0x0102_0304_0506_0708n,
  sequence: 9n,
  creationTick: 10n,
  deadline: 11n,
  qos: 'latency-critical',
  flags: MessageFlags.fromBits(5),
} as const;

/** Two messages, and between them a free slot that has held two. */
function makeStore(): VectorMemory {
  const memory = new VectorMemory();
  const manager = StableMessageManager.create(memory, OPTIONS);
  manager.store(Message.of('hello', FIELDS));
  const freed = manager.store(Message.of('gone'));
  manager.store(Message.of(''));
  manager.free(freed);
  manager.free(manager.store(Message.of('gone, too')));
  manager.intoMemory();
  return memory;
}

describe('the golden bytes', () => {
  const golden = readFileSync(
    new URL('../../golden/stable-message-manager.txt', import.meta.url),
    'utf8',
  )
    .split('\n')
    .map((line) => line.replace(/#.*/, '').replaceAll(' ', ''))
    .join('');

  test('are what is written', () => {
    expect(headOf(makeStore())).toBe(golden.replace(/(00)+$/, ''));
  });

  test('are read as the messages that they were made from', () => {
    const image = new Uint8Array(65_536);
    image.set(fromHex(golden));
    const manager = StableMessageManager.load(VectorMemory.from(image), TYPE);
    expect(manager.checkInvariants()).toBeUndefined();
    const memoryClass = MemoryClass.device(3);
    expect(stateOf(manager).messages).toEqual([
      [tokenOf(0, 1), { ...FIELDS, payloadSize: 5, memoryClass }, 'hello'],
      [tokenOf(2, 1), { ...EMPTY_HEADER, payloadSize: 0, memoryClass }, ''],
    ]);
    expect(manager.store(Message.of('again'))).toBe(tokenOf(1, 3));
  });
});

describe('a damaged header', () => {
  const at = MESSAGE_STORE_LAYOUT;

  test.each([
    ['a magic', at.magic, '53', 'BAD_MAGIC'],
    ['a version', 3, '02', 'UNSUPPORTED_VERSION'],
    ...reserved('the padding', at.padding, 4),
    ['a capacity below the slots used', at.capacity, '02', 'CORRUPTED'],
    ['a largest payload', at.payloadSizeMax, '0d', 'INCOMPATIBLE_TYPE'],
    ['a memory class', at.memoryClass, '04', 'CORRUPTED'],
    ['an ordinal of the host', at.memoryClass, '00', 'CORRUPTED'],
    ...reserved('the gap', at.gap, 6),
    ['a free slot above the high-water mark', at.freeHead, '03', 'CORRUPTED'],
    ['a free slot far above it', at.freeHead, 'feffffff', 'CORRUPTED'],
    ['a high-water mark above the capacity', at.highWater, '05', 'CORRUPTED'],
    ['a high-water mark below the live slots', at.highWater, '01', 'CORRUPTED'],
    ['more live slots than were used', at.live, '04', 'CORRUPTED'],
    ['more retired slots than are left', at.retired, '02', 'CORRUPTED'],
    ['the most retired slots', at.retired, 'ffffffff', 'CORRUPTED'],
    ...reserved('the end', at.reserved, 24),
  ] as [string, number, string, string][])('is refused: %s', (_, offset, bytes, code) => {
    const memory = makeStore();
    spoil(memory, offset, bytes);
    const before = imageOf(memory);
    expect(codeOf(() => StableMessageManager.init(memory, OPTIONS))).toBe(code);
    expect(codeOf(() => StableMessageManager.load(memory, TYPE))).toBe(code);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
  });

  test('is refused where the slots end beyond the memory', () => {
    const memory = makeStore();
    spoil(memory, at.capacity, 'ffffff00');
    spoil(memory, at.highWater, 'e9020000');
    expect(codeOf(() => StableMessageManager.load(memory, TYPE))).toBe('CORRUPTED');
    spoil(memory, at.highWater, 'e8020000');
    expect(64 + 0x2e8 * SLOT_SIZE).toBeLessThanOrEqual(65_536);
    expect(StableMessageManager.load(memory, TYPE).usage().live).toBe(2);
  });

  function reserved(where: string, offset: number, size: number) {
    return Array.from({ length: size }, (_, index) => [
      `reserved byte ${index} of ${where}`,
      offset + index,
      '01',
      'CORRUPTED',
    ]);
  }
});

/** The store with some bytes of a slot changed. */
function damaged(index: number, offset: number, bytes: string) {
  const memory = makeStore();
  spoil(memory, SLOTS + index * SLOT_SIZE + offset, bytes);
  return { memory, manager: StableMessageManager.init(memory, OPTIONS) };
}

describe('a damaged slot', () => {
  const at = MESSAGE_SLOT_LAYOUT;
  const [live, free] = [tokenOf(0, 1), tokenOf(1, 2)];

  test.each([
    ['the state of none that was used', at.state, '00'],
    ['an unknown state', at.state, '04'],
    ['an unknown state in its highest byte', at.state, '01000001'],
    ['no generation', at.generation, '00'],
    ['retired before its last generation', at.state, '03'],
    ...[0, 1, 2, 3].map((byte) => [`reserved byte ${byte}`, at.reserved + byte, '01']),
  ] as [string, number, string][])('is not read, freed or listed: %s', (_, offset, bytes) => {
    const { memory, manager } = damaged(0, offset, bytes);
    const before = imageOf(memory);
    const uses = [
      () => manager.read(live),
      () => manager.peekHeader(live),
      () => manager.readMut(live),
      () => manager.free(live),
      () => manager.take(live),
      () => manager.has(live),
      () => [...manager.tokens()],
      () => manager.clear(),
    ];
    expect(uses.map((use) => codeOf(use))).toEqual(uses.map(() => 'CORRUPTED'));
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(manager.checkInvariants()).toMatch(/^CORRUPTED: /);
    expect(manager.withRead(tokenOf(2, 1), ({ payload }) => payload)).toBe('');
    expect(codeOf(() => manager.repair())).toBe('CORRUPTED');
    expect(codeOf(() => manager.usage())).toBe('PREVIOUS_FAILURE');
  });

  test.each([
    ['live', at.state, '01'],
    ['never used', at.state, '00'],
    ['retired', at.state, '03'],
    ['of the last generation', at.generation, 'ffffffff'],
    ['of no generation', at.generation, '00000000'],
    ['followed by one above the high-water mark', at.next, '03000000'],
    ['followed by one beyond all', at.next, 'feffffff'],
    ['with a reserved byte', at.reserved, '01'],
  ])('is not taken from the free list: %s', (_, offset, bytes) => {
    const { memory, manager } = damaged(1, offset, bytes);
    const before = imageOf(memory);
    expect(codeOf(() => manager.store(Message.of('new')))).toBe('CORRUPTED');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(manager.usage()).toEqual({ capacity: 4, available: 2, live: 2, retired: 0 });
    expect(manager.checkInvariants()).toBeDefined();
  });

  test('that follows itself in the free list is used once, and the next store refused', () => {
    const { manager } = damaged(1, at.next, '01000000');
    expect(manager.checkInvariants()).toMatch(/an end/);
    const token = manager.store(Message.of('new'));
    expect(codeOf(() => manager.store(Message.of('newer')))).toBe('CORRUPTED');
    expect(manager.withRead(token, ({ payload }) => payload)).toBe('new');
  });

  test('keeps a live slot, wherever the free list leads', () => {
    const { manager } = damaged(1, at.next, '02000000');
    manager.store(Message.of('new'));
    expect(codeOf(() => manager.store(Message.of('newer')))).toBe('CORRUPTED');
    expect(manager.take(tokenOf(2, 1)).payload).toBe('');
  });

  test.each([
    ['no quality of service', MESSAGE_HEADER_LAYOUT.qos, '00'],
    ['a payload above the bound', MESSAGE_HEADER_LAYOUT.payloadSize, '0d000000'],
    ['a payload beyond all memory', MESSAGE_HEADER_LAYOUT.payloadSize, 'ffffffff'],
    ['a reserved byte', MESSAGE_HEADER_LAYOUT.reserved, '01'],
  ])('shows no message with %s, and can be freed', (_, offset, bytes) => {
    const { memory, manager } = damaged(0, at.message + offset, bytes);
    expect(codeOf(() => manager.withHeader(live, ({ header }) => header))).toBe('CORRUPTED');
    expect(codeOf(() => manager.withRead(live, ({ payload }) => payload))).toBe('CORRUPTED');
    expect(codeOf(() => manager.take(live))).toBe('CORRUPTED');
    expect([manager.borrowed, manager.has(live)]).toEqual([0, true]);
    expect(manager.checkInvariants()).toMatch(/^CORRUPTED: /);
    manager.free(live);
    expect(manager.checkInvariants()).toBeUndefined();
    expect(imageOf(memory).subarray(SLOTS + at.message, SLOTS + SLOT_SIZE)).toEqual(
      new Uint8Array(SLOT_SIZE - at.message),
    );
  });

  test('shows no payload that the codec does not read', () => {
    const { manager } = damaged(0, at.message + MESSAGE_HEADER_LAYOUT.end, 'ff');
    expect(manager.withHeader(live, ({ header }) => header.payloadSize)).toBe(5);
    expect(codeOf(() => manager.take(live))).toBe('CORRUPTED');
    expect(manager.has(live)).toBe(true);
  });

  test.each([
    ['behind a message', 0, SLOT_SIZE - 1],
    ['right behind a message', 0, at.message + MESSAGE_HEADER_LAYOUT.end + 5],
    ['in a free slot', 1, at.message],
    ['at the end of a free slot', 1, SLOT_SIZE - 1],
    ['as the next slot of a live one', 0, at.next],
    ['in a slot that was never used', 3, 0],
    ['at the end of a slot that was never used', 3, SLOT_SIZE - 1],
  ])('has no bytes that belong to no message: %s', (_, index, offset) => {
    const { memory, manager } = damaged(index, offset, '01');
    expect(manager.checkInvariants()).toMatch(/no message|not zero/);
    expect(manager.repair()).toEqual({ wiped: 1, relinked: 0, recounted: false });
    expect(manager.checkInvariants()).toBeUndefined();
    expect(headOf(memory)).toBe(headOf(makeStore()));
    expect(codeOf(() => manager.read(free))).toBe('NOT_ALLOCATED');
  });

  test.each([
    ['a capacity', MESSAGE_STORE_LAYOUT.capacity, '05', /another capacity/],
    ['a free slot', MESSAGE_STORE_LAYOUT.freeHead, 'ffffffff', /other counts/],
    ['a high-water mark', MESSAGE_STORE_LAYOUT.highWater, '04', /other counts/],
    ['live slots', MESSAGE_STORE_LAYOUT.live, '01', /other counts/],
    ['retired slots', MESSAGE_STORE_LAYOUT.retired, '01', /other counts/],
  ])('is told apart from a header with %s that RAM does not know', (_, offset, bytes, found) => {
    const memory = makeStore();
    const manager = StableMessageManager.load(memory, TYPE);
    spoil(memory, offset, bytes);
    expect(manager.checkInvariants()).toMatch(found);
  });
});

test.each([
  ['too few live slots', MESSAGE_STORE_LAYOUT.live, '01', 0],
  ['too many live slots', MESSAGE_STORE_LAYOUT.live, '03', 0],
  ['a retired slot', MESSAGE_STORE_LAYOUT.retired, '01', 0],
  ['an empty free list', MESSAGE_STORE_LAYOUT.freeHead, 'ffffffff', 1],
  ['a live slot as the first free one', MESSAGE_STORE_LAYOUT.freeHead, '00000000', 1],
])('wrong counts in the header are mended: %s', (_, offset, bytes, relinked) => {
  const memory = makeStore();
  spoil(memory, offset, bytes);
  const manager = StableMessageManager.load(memory, TYPE);
  expect(manager.checkInvariants()).toBeDefined();
  expect(manager.repair()).toEqual({ wiped: 0, relinked, recounted: relinked === 0 });
  expect(manager.checkInvariants()).toBeUndefined();
  expect(headOf(memory)).toBe(headOf(makeStore()));
});
