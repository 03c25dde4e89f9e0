import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../../src/lib/codec.js';
import {
  blob,
  bytes,
  candid,
  fixedBytes,
  list,
  optional,
  principal,
  record,
  text,
  tuple,
  u32,
  u8,
} from '../../../src/lib/codecs/index.js';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import { MessageBytes } from '../../../src/lib/messages/message-bytes.js';
import { GENERATION_MAX } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { SlotManager } from '../../../src/lib/messages/slot-manager.js';
import {
  StaticMessageManager,
  StaticSlots,
} from '../../../src/lib/messages/static-message-manager.js';
import { Principal } from '../../../src/lib/principal.js';
import { codeOf } from '../../support/memories.js';
import {
  describeMessageManager,
  describeRetirement,
} from '../../support/message-manager-conformance.js';
import { ProbeCodec } from '../../support/messages.js';
import {
  WRONG_CODECS,
  WRONG_NUMBERS,
  WRONG_OBJECTS,
  WRONG_SIZES,
} from '../../support/wrong-inputs.js';

describeMessageManager(
  'StaticMessageManager',
  ({ capacity, ...others }) => StaticMessageManager.create({ depth: capacity, ...others }),
  { slotRule: 'lowest', keepsBytes: true },
);

class LateManager extends SlotManager<string> {
  constructor() {
    const messages = new MessageBytes({ codec: new ProbeCodec() }, MemoryClass.host);
    const generations = new Uint32Array(2).fill(GENERATION_MAX - 2);
    super(new StaticSlots(2, messages, generations), MemoryClass.host);
  }
}

describeRetirement('StaticMessageManager', () => new LateManager());

/** Text of at most 4 bytes, by a codec that keeps the whole block of which it was shown a part. */
class SpyingCodec implements Codec<string> {
  readonly name = 'spy';
  readonly bound = { maxSize: 4, fixedSize: false };
  readonly encode = text.encode;
  block: Uint8Array = new Uint8Array(0);

  decode(shown: Uint8Array): string {
    this.block = new Uint8Array(shown.buffer);
    return text.decode(shown);
  }
}

const HEADER_SIZE = 56;
const SLOT_SIZE = HEADER_SIZE + 4;

/** The payloads of all slots, in hexadecimal digits. */
function payloadsOf(block: Uint8Array): string[] {
  return Array.from({ length: block.length / SLOT_SIZE }, (_, index) =>
    Buffer.from(block.subarray(index * SLOT_SIZE + HEADER_SIZE, (index + 1) * SLOT_SIZE)).toString(
      'hex',
    ),
  );
}

describe('the block of a static manager', () => {
  const codec = new SpyingCodec();
  const filled = () => {
    const manager = StaticMessageManager.create({ depth: 3, codec });
    const tokens = ['abcd', 'efgh', 'ijkl'].map((payload) => manager.store(Message.of(payload)));
    manager.withRead(tokens[2]!, ({ payload }) => payload);
    return { manager, tokens, block: codec.block };
  };

  test('holds all slots, and is allocated once', () => {
    const { manager, tokens, block } = filled();
    expect(block).toHaveLength(3 * SLOT_SIZE);
    expect(payloadsOf(block)).toEqual(['61626364', '65666768', '696a6b6c']);
    manager.free(tokens[1]!);
    const again = manager.store(Message.of('mn'));
    expect(manager.withRead(again, ({ payload }) => payload)).toBe('mn');
    expect(codec.block.buffer).toBe(block.buffer);
  });

  test('is zero where a message was freed or taken, or all were', () => {
    const { manager, tokens, block } = filled();
    manager.free(tokens[1]!);
    manager.take(tokens[0]!);
    expect(block.subarray(0, 2 * SLOT_SIZE).every((byte) => byte === 0)).toBe(true);
    expect(block[2 * SLOT_SIZE + HEADER_SIZE]).toBe('i'.charCodeAt(0));
    manager.clear();
    expect(block.every((byte) => byte === 0)).toBe(true);
  });

  test('is zero behind a payload that took the place of a longer one', () => {
    const { manager, tokens, block } = filled();
    manager.withWrite(tokens[0]!, (guard) => (guard.payload = 'x'));
    manager.free(tokens[1]!);
    manager.store(Message.of('yz'));
    expect(payloadsOf(block)).toEqual(['78000000', '797a0000', '696a6b6c']);
  });
});

describe('a static manager', () => {
  test('finds its slots again after many were freed', () => {
    const manager = StaticMessageManager.create({ depth: 100, codec: u32 });
    const tokens = Array.from({ length: 100 }, (_, payload) => manager.store(Message.of(payload)));
    for (const token of tokens.filter((_, index) => index % 3 === 0)) manager.free(token);
    const kept = tokens.filter((token) => manager.has(token));
    expect(kept.map((token) => manager.take(token).payload)).toEqual(
      Array.from({ length: 100 }, (_, payload) => payload).filter((payload) => payload % 3 !== 0),
    );
  });

  const view = record({ data: blob(8), more: optional(bytes) });
  const principalBytes = Uint8Array.of(1, 2, 3);
  test.each([
    ['bytes', bytes, Uint8Array.of(1, 2, 3)],
    ['blobs', blob(8), Uint8Array.of(1, 2, 3)],
    ['fixed bytes', fixedBytes(3), Uint8Array.of(1, 2, 3)],
    ['records', view, { data: Uint8Array.of(1, 2), more: Uint8Array.of(3) }],
    ['tuples', tuple(bytes, u8), [Uint8Array.of(1, 2), 3]],
    ['lists of blobs', list(blob(3)), [Uint8Array.of(1, 2), Uint8Array.of(3)]],
    ['Candid', candid(IDL, IDL.Vec(IDL.Nat8)), Uint8Array.of(1, 2, 3)],
    ['principals', principal, Principal.fromUint8Array(principalBytes)],
    ['texts', text, 'abc'],
  ] as [string, Codec<unknown>, unknown][])(
    'gives away no view of its block: %s',
    (_, codec, payload) => {
      const manager = StaticMessageManager.create({ depth: 1, codec, payloadSizeMax: 60 });
      const token = manager.store(Message.of(payload));
      const read = manager.withRead(token, (guard) => guard.payload);
      const edited = manager.withWrite(token, (guard) => guard.payload);
      const taken = manager.take(token).payload;
      const expected = codec.encode(payload);
      expect([read, edited, taken].map((found) => codec.encode(found))).toEqual([
        expected,
        expected,
        expected,
      ]);
    },
  );

  test('keeps no array that its caller goes on using', () => {
    const manager = StaticMessageManager.create({ depth: 1, codec: blob(3) });
    const payload = Uint8Array.of(1, 2, 3);
    const token = manager.store(Message.of(payload));
    payload.fill(9);
    manager.withRead(token, (guard) => guard.payload.fill(8));
    expect(manager.take(token).payload).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('needs a bound, of the codec or its own', () => {
    const withoutBound = { depth: 1, codec: text };
    expect(codeOf(() => StaticMessageManager.create(withoutBound))).toBe('INCOMPATIBLE_TYPE');
    const manager = StaticMessageManager.create({ ...withoutBound, payloadSizeMax: 3 });
    expect(manager.take(manager.store(Message.of('abc'))).payload).toBe('abc');
    expect(codeOf(() => manager.store(Message.of('abcd')))).toBe('VALUE_TOO_LARGE');
    expect(manager.available).toBe(1);
  });

  test('is on the host unless it is told otherwise', () => {
    const codec = u32;
    expect(StaticMessageManager.create({ depth: 1, codec }).memoryClass).toBe(MemoryClass.host);
    const memoryClass = MemoryClass.shared;
    const shared = StaticMessageManager.create({ depth: 1, codec, memoryClass });
    expect(shared.take(shared.store(Message.of(7))).header.memoryClass).toBe(memoryClass);
  });

  test('refuses more slots than an array can hold, and says how many it can', () => {
    const depth = 0x7fff_ffff / 60 + 1;
    for (const tooDeep of [Math.floor(depth), 0xffff_ffff]) {
      expect(() => StaticMessageManager.create({ depth: tooDeep, codec: u32 })).toThrow(
        new RangeError(
          'depth: expected at most 35791394 slots of 60 bytes, so that all have at most ' +
            `2147483647, got ${tooDeep}`,
        ),
      );
    }
  });

  test.each(WRONG_NUMBERS)('refuses %s as its depth', (_, wrong) => {
    const depth = wrong as number;
    expect(() => StaticMessageManager.create({ depth, codec: u32 })).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['2^32', 2 ** 32] as const])('refuses %s as its depth', (_, wrong) => {
    const depth = wrong as number;
    expect(() => StaticMessageManager.create({ depth, codec: u32 })).toThrow(RangeError);
  });

  test.each(WRONG_CODECS)('refuses %s as its codec', (_, wrong) => {
    const codec = wrong as Codec<number>;
    expect(() => StaticMessageManager.create({ depth: 1, codec })).toThrow(TypeError);
  });

  test.each(WRONG_OBJECTS.slice(1))('refuses %s as its class of memory', (_, wrong) => {
    const memoryClass = wrong as MemoryClass;
    const options = { depth: 1, codec: u32, memoryClass };
    expect(() => StaticMessageManager.create(options)).toThrow(TypeError);
  });
});
