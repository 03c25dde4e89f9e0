import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../../src/lib/codec.js';
import { blob, text, u32, unit } from '../../../src/lib/codecs/index.js';
import { MESSAGE_HEADER_LAYOUT } from '../../../src/lib/messages/header-bytes.js';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import { MessageBytes, PAYLOAD_SIZE_MAX } from '../../../src/lib/messages/message-bytes.js';
import { EMPTY_HEADER, messageHeader } from '../../../src/lib/messages/message-header.js';
import { toHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';
import { WRONG_CODECS, WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

const { host } = MemoryClass;
const HEADER_SIZE = 56;

describe('a message as bytes', () => {
  test('is its header, stamped, and its payload', () => {
    const memoryClass = MemoryClass.device(3);
    const messages = new MessageBytes({ codec: text, payloadSizeMax: 9 }, memoryClass);
    const header = messageHeader({ traceId: 7n });
    const bytes = messages.encode(header, 'äb');
    expect(bytes).toHaveLength(HEADER_SIZE + 3);
    expect(toHex(bytes.subarray(HEADER_SIZE))).toBe('c3a462');
    expect(messages.readHeader(bytes, 0)).toEqual({ ...header, payloadSize: 3, memoryClass });
    expect(messages.readPayload(bytes, HEADER_SIZE, 3)).toBe('äb');
    expect(header).toEqual(messageHeader({ traceId: 7n }));
  });

  test('leaves room in front of itself', () => {
    const messages = new MessageBytes({ codec: u32 }, host);
    const bytes = messages.encode(EMPTY_HEADER, 0xffff_ffff, 5);
    expect(bytes).toHaveLength(5 + HEADER_SIZE + 4);
    expect(bytes.subarray(0, 5).every((byte) => byte === 0)).toBe(true);
    expect(messages.readHeader(bytes, 5).payloadSize).toBe(4);
    expect(messages.readPayload(bytes, 5 + HEADER_SIZE, 4)).toBe(0xffff_ffff);
  });

  test('can have a payload of no bytes', () => {
    const messages = new MessageBytes({ codec: unit }, host);
    const bytes = messages.encode(EMPTY_HEADER, undefined);
    expect([messages.payloadSizeMax, messages.sizeMax, bytes.length]).toEqual([0, 56, 56]);
    expect(messages.readPayload(bytes, HEADER_SIZE, 0)).toBeUndefined();
  });

  test.each([
    ['the bound of its codec', blob(10), undefined, 10],
    ['the bound of its manager', text, 7, 7],
    ['the smaller of both: that of the codec', blob(10), 99, 10],
    ['the smaller of both: that of the manager', blob(10), 7, 7],
    ['none', text, 0, 0],
  ] as [string, Codec<unknown>, number | undefined, number][])(
    'has payloads up to %s',
    (_, codec, payloadSizeMax, expected) => {
      const messages = new MessageBytes({ codec, payloadSizeMax }, host);
      expect([messages.payloadSizeMax, messages.sizeMax]).toEqual([expected, 56 + expected]);
    },
  );

  test('has no payload above its bound, whoever sets it', () => {
    const byManager = new MessageBytes({ codec: text, payloadSizeMax: 3 }, host);
    expect(byManager.encode(EMPTY_HEADER, 'abc')).toHaveLength(59);
    expect(codeOf(() => byManager.encode(EMPTY_HEADER, 'abcd'))).toBe('VALUE_TOO_LARGE');
    expect(() => byManager.encode(EMPTY_HEADER, 'abcd')).toThrow('at most 3 bytes, found 4');
    const byCodec = new MessageBytes({ codec: blob(3) }, host);
    expect(codeOf(() => byCodec.encode(EMPTY_HEADER, new Uint8Array(4)))).toBe('VALUE_TOO_LARGE');
  });

  test('needs a bound, and not that of the header itself', () => {
    expect(codeOf(() => new MessageBytes({ codec: text }, host))).toBe('INCOMPATIBLE_TYPE');
    const payloadSizeMax = PAYLOAD_SIZE_MAX;
    const type = { codec: text, payloadSizeMax };
    expect(codeOf(() => new MessageBytes(type, host))).toBe('INCOMPATIBLE_TYPE');
    const largest = new MessageBytes({ ...type, payloadSizeMax: payloadSizeMax - 1 }, host);
    expect(largest.sizeMax).toBe(2 ** 32 + 54);
  });

  test('is corrupted where its header tells of a payload above the bound', () => {
    const messages = new MessageBytes({ codec: text, payloadSizeMax: 3 }, host);
    const bytes = messages.encode(EMPTY_HEADER, 'abc');
    bytes[MESSAGE_HEADER_LAYOUT.payloadSize] = 4;
    expect(codeOf(() => messages.readHeader(bytes, 0))).toBe('CORRUPTED');
    bytes[MESSAGE_HEADER_LAYOUT.payloadSize] = 3;
    bytes[HEADER_SIZE] = 0xff;
    expect(messages.readHeader(bytes, 0).payloadSize).toBe(3);
    expect(codeOf(() => messages.readPayload(bytes, HEADER_SIZE, 3))).toBe('CORRUPTED');
  });

  test.each(WRONG_CODECS)('is not made by %s', (_, wrong) => {
    const codec = wrong as Codec<number>;
    expect(() => new MessageBytes({ codec, payloadSizeMax: 1 }, host)).toThrow(TypeError);
  });

  test.each(WRONG_NUMBERS.slice(1))('has no bound that is %s', (_, wrong) => {
    const payloadSizeMax = wrong as number;
    expect(() => new MessageBytes({ codec: text, payloadSizeMax }, host)).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['2^32', 2 ** 32] as const])('has no bound that is %s', (_, wrong) => {
    const payloadSizeMax = wrong as number;
    expect(() => new MessageBytes({ codec: text, payloadSizeMax }, host)).toThrow(RangeError);
  });

  test('has a class of memory', () => {
    const none = undefined as unknown as MemoryClass;
    expect(() => new MessageBytes({ codec: u32 }, none)).toThrow(TypeError);
  });
});
