import { describe, expect, test } from '@jest/globals';
import { describedBy } from '../../../src/lib/messages/buffer-descriptor.js';
import { HeapMessageManager, HeapSlots } from '../../../src/lib/messages/heap-message-manager.js';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import { GENERATION_MAX } from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { SlotManager } from '../../../src/lib/messages/slot-manager.js';
import { codeOf } from '../../support/memories.js';
import {
  describeMessageManager,
  describeRetirement,
} from '../../support/message-manager-conformance.js';
import { ProbeCodec } from '../../support/messages.js';
import { WRONG_NUMBERS, WRONG_OBJECTS, WRONG_SIZES } from '../../support/wrong-inputs.js';

describeMessageManager(
  'HeapMessageManager',
  ({ codec, ...others }) => HeapMessageManager.create({ ...others, describe: describedBy(codec) }),
  { slotRule: 'lowest', keepsBytes: false },
);

class LateManager extends SlotManager<string> {
  constructor() {
    const describePayload = describedBy(new ProbeCodec());
    const used = GENERATION_MAX - 2;
    const slots = new HeapSlots(2, MemoryClass.host, describePayload, [used, used]);
    super(slots, MemoryClass.host);
  }
}

describeRetirement('HeapMessageManager', () => new LateManager());

describe('a heap manager', () => {
  test('keeps payloads of any type as they are, and copies none', () => {
    const manager = HeapMessageManager.create<Uint8Array | undefined>({ capacity: 2 });
    const bytes = Uint8Array.of(1, 2, 3);
    const token = manager.store(Message.of(bytes));
    expect(manager.withRead(token, ({ payload }) => payload)).toBe(bytes);
    expect(manager.withWrite(token, ({ payload }) => payload)).toBe(bytes);
    expect(manager.take(token).payload).toBe(bytes);
    expect(manager.take(manager.store(Message.of(undefined))).header.payloadSize).toBe(0);
  });

  test('asks for a description of payloads whose size does not show', () => {
    const manager = HeapMessageManager.create<string>({ capacity: 1 });
    expect(codeOf(() => manager.store(Message.of('text')))).toBe('INVALID_VALUE');
    expect(manager.available).toBe(1);
  });

  test('says the size of an edit at the commit; in the original it goes stale', () => {
    const manager = HeapMessageManager.create<Uint8Array>({ capacity: 1 });
    const token = manager.store(Message.of(new Uint8Array(2)));
    manager.withWrite(token, (guard) => (guard.payload = new Uint8Array(5)));
    expect(manager.withHeader(token, ({ header }) => header.payloadSize)).toBe(5);
  });

  test('of one slot gives B no token of A; in the original both have the same', () => {
    const manager = HeapMessageManager.create<Uint8Array>({ capacity: 1 });
    const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)].map((payload) => Message.of(payload));
    const tokenOfA = manager.store(a!);
    manager.free(tokenOfA);
    const tokenOfB = manager.store(b!);
    expect(tokenOfB).not.toBe(tokenOfA);
    expect(codeOf(() => manager.read(tokenOfA))).toBe('STALE_TOKEN');
    expect(manager.take(tokenOfB)).toEqual(
      new Message({ ...b!.header, payloadSize: 1 }, Uint8Array.of(2)),
    );
  });

  test('takes no time to make for many slots, and uses the first', () => {
    const manager = HeapMessageManager.create({ capacity: 1_000_000 });
    expect(manager.store(Message.of(undefined))).toBe(2n ** 32n);
    expect(manager.usage()).toEqual({ capacity: 1e6, available: 999_999, live: 1, retired: 0 });
  });

  test.each(WRONG_NUMBERS)('refuses %s as its capacity', (_, wrong) => {
    expect(() => HeapMessageManager.create({ capacity: wrong as number })).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['2^32', 2 ** 32] as const])(
    'refuses %s as its capacity',
    (_, wrong) => {
      expect(() => HeapMessageManager.create({ capacity: wrong as number })).toThrow(RangeError);
    },
  );

  test.each(WRONG_OBJECTS.slice(1))('refuses %s as its class of memory', (_, wrong) => {
    const memoryClass = wrong as MemoryClass;
    expect(() => HeapMessageManager.create({ capacity: 1, memoryClass })).toThrow(TypeError);
  });
});
