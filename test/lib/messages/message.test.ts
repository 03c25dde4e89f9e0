import { describe, expect, test } from '@jest/globals';
import { u32, text } from '../../../src/lib/codecs/index.js';
import { describeBytes, describedBy } from '../../../src/lib/messages/buffer-descriptor.js';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import {
  EMPTY_HEADER,
  messageHeader,
  type HeaderFields,
} from '../../../src/lib/messages/message-header.js';
import { Message } from '../../../src/lib/messages/message.js';
import { codeOf } from '../../support/memories.js';

const FIELDS: HeaderFields = { traceId: 7n, deadline: 9n, qos: 'latency-critical' };

/** A message as it comes out of a manager. */
const stored = new Message(
  { ...messageHeader(FIELDS), payloadSize: 5, memoryClass: MemoryClass.shared },
  'hello',
);

describe('a message', () => {
  test('has the header that its sender gives it, and no size before it is stored', () => {
    const message = Message.of('hello', FIELDS);
    expect([message.payload, message.header]).toEqual(['hello', messageHeader(FIELDS)]);
    expect(Message.of(1).header).toEqual(EMPTY_HEADER);
    expect(codeOf(() => Message.of(1, { traceId: -1n }))).toBe('INVALID_VALUE');
  });

  test('can have the header of another, as it is', () => {
    expect(new Message(stored.header, 'other').header).toBe(stored.header);
  });

  test('keeps the fields of its sender with another payload, and loses the stamps', () => {
    const messages = [
      stored.withPayload(12),
      stored.mapPayload((payload) => payload.length),
      Message.of(0, FIELDS).withPayload(12),
    ];
    expect(messages.map(({ payload }) => payload)).toEqual([12, 5, 12]);
    for (const { header } of messages) expect(header).toEqual(messageHeader(FIELDS));
    expect([stored.payload, stored.header.payloadSize]).toEqual(['hello', 5]);
  });

  test('keeps its payload with other fields, and loses the stamps', () => {
    const message = stored.withHeader({ traceId: 8n, deadline: undefined });
    const fields = { ...FIELDS, traceId: 8n, deadline: undefined };
    expect([message.payload, message.header]).toEqual(['hello', messageHeader(fields)]);
    expect(codeOf(() => stored.withHeader({ sequence: -1n }))).toBe('INVALID_VALUE');
  });

  test('says how many bytes it has as a whole: 60 with a u32, on every machine', () => {
    const describe = describedBy(u32);
    expect(Message.of(7).describe(describe)).toEqual({ byteLength: 60 });
    expect(Message.of('äöü').describe(describedBy(text))).toEqual({ byteLength: 62 });
    expect(Message.of(new Uint8Array(3)).describe(describeBytes)).toEqual({ byteLength: 59 });
    expect(Message.of(undefined).describe(describeBytes)).toEqual({ byteLength: 56 });
  });
});
