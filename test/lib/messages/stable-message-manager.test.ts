import { describe, expect, test } from '@jest/globals';
import { blob, bytes, text, u32 } from '../../../src/lib/codecs/index.js';
import { FileMemory } from '../../../src/lib/host/file-memory.js';
import { JournaledFileMemory } from '../../../src/lib/host/journaled-file-memory.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { WASM_PAGE_SIZE, type Memory } from '../../../src/lib/memory.js';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import {
  tokenGeneration,
  tokenIndex,
  tokenOf,
  type MessageToken,
} from '../../../src/lib/messages/message-token.js';
import { Message } from '../../../src/lib/messages/message.js';
import { StableMessageManager } from '../../../src/lib/messages/stable-message-manager.js';
import { MESSAGE_STORE_LAYOUT } from '../../../src/lib/messages/stable/store-header.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import {
  codeOf,
  CountdownMemory,
  CountingMemory,
  imageOf,
  restarted,
} from '../../support/memories.js';
import { describeMessageManager } from '../../support/message-manager-conformance.js';
import { stateOf } from '../../support/messages.js';
import { IS_SLOW } from '../../support/model.js';
import { scratchFolder } from '../../support/scratch.js';
import { spoil } from '../../support/stored.js';
import {
  WRONG_CODECS,
  WRONG_NUMBERS,
  WRONG_OBJECTS,
  WRONG_SIZES,
} from '../../support/wrong-inputs.js';

describeMessageManager(
  'StableMessageManager',
  (wanted) => StableMessageManager.create(new VectorMemory(), wanted),
  { slotRule: 'last freed', keepsBytes: true },
);

const TYPE = { codec: text, payloadSizeMax: 30 };
const OPTIONS = { ...TYPE, capacity: 5 };

/** A store of four messages, whose slots 2 and 0 are free again, in this order. */
function filled(memory: Memory = new VectorMemory()) {
  const manager = StableMessageManager.init(memory, OPTIONS);
  const tokens = ['zero', 'one', 'two', 'three'].map((payload) =>
    manager.store(Message.of(payload, { traceId: 7n })),
  );
  manager.free(tokens[0]!);
  manager.free(tokens[2]!);
  return { memory, manager, tokens };
}

const isSameImage = (left: Uint8Array, right: Uint8Array): boolean =>
  Buffer.compare(left, right) === 0;

describe('an upgrade', () => {
  test('keeps tokens, messages, generations and the order of free slots', () => {
    const { memory, manager, tokens } = filled();
    const before = stateOf(manager);
    const after = StableMessageManager.init(restarted(memory), OPTIONS);
    expect(stateOf(after)).toEqual(before);
    expect(after.withRead(tokens[1]!, ({ payload }) => payload)).toBe('one');
    expect(codeOf(() => after.read(tokens[2]!))).toBe('NOT_ALLOCATED');
    const again = ['a', 'b', 'c'].map((payload) => after.store(Message.of(payload)));
    expect(again.map(tokenIndex)).toEqual([2, 0, 4]);
    expect(again.map(tokenGeneration)).toEqual([2, 2, 1]);
    expect(codeOf(() => after.read(tokens[2]!))).toBe('STALE_TOKEN');
    expect(after.checkInvariants()).toBeUndefined();
  });

  test('ends every borrow', () => {
    const { memory, manager, tokens } = filled();
    manager.readMut(tokens[1]!).payload = 'never committed';
    manager.read(tokens[3]!);
    const after = StableMessageManager.init(restarted(memory), OPTIONS);
    expect(after.borrowed).toBe(0);
    after.withWrite(tokens[1]!, (guard) => guard.setHeader({ sequence: 1n }));
    expect(after.take(tokens[1]!).payload).toBe('one');
    after.free(tokens[3]!);
    expect(after.usage()).toEqual({ capacity: 5, available: 5, live: 0, retired: 0 });
  });

  test('keeps every one of many messages', () => {
    const count = IS_SLOW ? 100_000 : 10_000;
    const memory = new VectorMemory();
    const options = { codec: u32, capacity: count };
    const manager = StableMessageManager.init(memory, options);
    const tokens: MessageToken[] = [];
    for (let index = 0; index < count; index++) tokens.push(manager.store(Message.of(index)));
    const after = StableMessageManager.init(restarted(memory), options);
    const lost = tokens.filter(
      (token, index) => after.withRead(token, ({ payload }) => payload) !== index,
    );
    expect([lost, after.available, after.usage().live]).toEqual([[], 0, count]);
  });
});

describe('opening', () => {
  test('creates in an empty memory only, and leaves another one as it is', () => {
    const memory = new VectorMemory();
    memory.grow(1);
    spoil(memory, 0, '53445101');
    const before = imageOf(memory);
    expect(codeOf(() => StableMessageManager.create(memory, OPTIONS))).toBe('NOT_EMPTY');
    expect(codeOf(() => StableMessageManager.init(memory, OPTIONS))).toBe('BAD_MAGIC');
    expect(codeOf(() => StableMessageManager.load(memory, TYPE))).toBe('BAD_MAGIC');
    expect(isSameImage(imageOf(memory), before)).toBe(true);
    expect(codeOf(() => StableMessageManager.load(new VectorMemory(), TYPE))).toBe('CORRUPTED');
    const full = new VectorMemory(0);
    expect(codeOf(() => StableMessageManager.init(full, OPTIONS))).toBe('GROW_FAILED');
    expect(full.size()).toBe(0);
  });

  test('refuses other messages than the store was made for', () => {
    const memory = filled().manager.intoMemory();
    const before = imageOf(memory);
    const others = [
      { ...OPTIONS, payloadSizeMax: 31 },
      { ...OPTIONS, payloadSizeMax: 29 },
      { ...OPTIONS, memoryClass: MemoryClass.shared },
      { ...OPTIONS, capacity: 4 },
      { capacity: 5, codec: text },
    ];
    const codes = others.map((options) => codeOf(() => StableMessageManager.init(memory, options)));
    expect(codes).toEqual(others.map(() => 'INCOMPATIBLE_TYPE'));
    expect(isSameImage(imageOf(memory), before)).toBe(true);
    const unbounded = { codec: text, capacity: 1 };
    expect(codeOf(() => StableMessageManager.create(new VectorMemory(), unbounded))).toBe(
      'INCOMPATIBLE_TYPE',
    );
  });

  test('knows the class of the store, also where it is not told', () => {
    const memoryClass = MemoryClass.device(200);
    const manager = StableMessageManager.create(new VectorMemory(), { ...OPTIONS, memoryClass });
    const token = manager.store(Message.of('x'));
    const after = StableMessageManager.init(manager.intoMemory(), OPTIONS);
    expect(after.memoryClass).toBe(memoryClass);
    expect(after.withHeader(token, ({ header }) => header.memoryClass)).toBe(memoryClass);
  });

  test.each(WRONG_CODECS)('refuses %s as a codec', (_, codec) => {
    const options = { codec: codec as never, capacity: 1, payloadSizeMax: 1 };
    expect(() => StableMessageManager.create(new VectorMemory(), options)).toThrow(TypeError);
  });

  test('refuses sizes that are none, and classes and options', () => {
    const memory = new VectorMemory();
    const create = (options: object) => () =>
      StableMessageManager.create(memory, { ...OPTIONS, ...options });
    for (const [, value] of WRONG_NUMBERS) {
      expect(create({ capacity: value })).toThrow(TypeError);
      if (value !== undefined) expect(create({ payloadSizeMax: value })).toThrow(TypeError);
    }
    for (const [, value] of [...WRONG_SIZES, ['too many', 2 ** 32]]) {
      expect(create({ capacity: value })).toThrow(RangeError);
      expect(create({ payloadSizeMax: value })).toThrow(RangeError);
    }
    expect(create({ memoryClass: { kind: 'host', ordinal: 0 } })).toThrow(TypeError);
    for (const [, value] of WRONG_OBJECTS) {
      expect(() => StableMessageManager.create(memory, value as never)).toThrow(TypeError);
    }
    expect(memory.size()).toBe(0);
  });

  test('is refused while another handle holds the memory, and not after it', () => {
    const { memory, manager, tokens } = filled();
    const guard = manager.read(tokens[1]!);
    expect(codeOf(() => StableMessageManager.init(memory, OPTIONS))).toBe('MEMORY_IN_USE');
    expect(manager.intoMemory()).toBe(memory);
    const token = tokens[1]!;
    const uses: (() => unknown)[] = [
      () => manager.capacity,
      () => manager.available,
      () => manager.usage(),
      () => manager.store(Message.of('x')),
      () => manager.peekHeader(token),
      () => manager.read(token),
      () => manager.readMut(token),
      () => manager.free(token),
      () => manager.take(token),
      () => manager.has(token),
      () => [...manager.tokens()],
      () => manager.clear(),
      () => manager.setCapacity(9),
      () => manager.repair(),
      () => manager.checkInvariants(),
      () => manager.intoMemory(),
      () => guard.header,
      () => guard.payload,
    ];
    expect(uses.map((use) => codeOf(use))).toEqual(uses.map(() => 'HANDLE_CLOSED'));
    guard.release();
    expect(StableMessageManager.init(memory, OPTIONS).take(token).payload).toBe('one');
  });
});

describe('the capacity', () => {
  test('is raised and lowered, though not below the slots that were used', () => {
    const { memory, manager } = filled();
    manager.setCapacity(4);
    expect([manager.capacity, manager.available]).toEqual([4, 2]);
    expect(codeOf(() => manager.setCapacity(3))).toBe('INCOMPATIBLE_TYPE');
    manager.setCapacity(0xffff_ffff);
    expect(manager.usage()).toMatchObject({ capacity: 0xffff_ffff, available: 0xffff_fffd });
    expect(manager.checkInvariants()).toBeUndefined();
    expect(StableMessageManager.load(restarted(memory), TYPE).capacity).toBe(0xffff_ffff);
  });

  test('that is asked for at opening is taken over where it is larger, and none is lost', () => {
    const { memory, manager } = filled();
    const messages = stateOf(manager).messages;
    const wide = StableMessageManager.init(restarted(memory), { ...OPTIONS, capacity: 6 });
    for (let count = 0; count < 4; count++) wide.store(Message.of('more'));
    expect(codeOf(() => wide.store(Message.of('more')))).toBe('NO_FREE_SLOTS');
    expect(stateOf(wide).messages).toEqual(expect.arrayContaining(messages));
    expect(codeOf(() => StableMessageManager.init(restarted(memory), OPTIONS))).toBe(
      'INCOMPATIBLE_TYPE',
    );
  });

  test('that is not changed is not written', () => {
    const { memory } = filled();
    const watched = new CountdownMemory(restarted(memory));
    watched.failWritesAfter(0);
    const manager = StableMessageManager.init(watched, OPTIONS);
    manager.setCapacity(5);
    expect([watched.steps, manager.capacity]).toEqual([0, 5]);
  });

  test('is refused where the last slots would have no address', () => {
    const memory = new VectorMemory();
    const huge = { codec: blob(0xffff_fff0), capacity: 0xffff_ffff };
    expect(() => StableMessageManager.create(memory, huge)).toThrow(RangeError);
    const manager = StableMessageManager.create(memory, { ...huge, capacity: 2_000_000 });
    expect(() => manager.setCapacity(0xffff_ffff)).toThrow(RangeError);
    expect(manager.capacity).toBe(2_000_000);
  });

  test.each([...WRONG_NUMBERS, ...WRONG_SIZES])('is not %s', (_, value) => {
    const { manager } = filled();
    const error = typeof value === 'number' ? RangeError : TypeError;
    expect(() => manager.setCapacity(value as number)).toThrow(error);
    expect(manager.capacity).toBe(5);
  });
});

describe('the memory', () => {
  test('takes the pages that the slots used need, and no more', () => {
    const memory = new VectorMemory();
    const options = { codec: blob(20_000), capacity: 1_000_000 };
    const manager = StableMessageManager.init(memory, options);
    const sizes = Array.from({ length: 7 }, () => {
      manager.store(Message.of(new Uint8Array(1)));
      return memory.size();
    });
    expect(sizes).toEqual([1, 1, 1, 2, 2, 2, 3]);
    manager.clear();
    for (let count = 0; count < 7; count++) manager.store(Message.of(new Uint8Array(1)));
    expect(memory.size()).toBe(3);
  });

  test('holds no byte of a message that was freed, taken or replaced by a shorter one', () => {
    const memory = new VectorMemory();
    const manager = StableMessageManager.init(memory, { ...TYPE, capacity: 4 });
    const fields = { traceId: 0x5e5e_5e5e_5e5en, sequence: 0x5e5en };
    const tokens = [1, 2, 3, 4].map(() => manager.store(Message.of('^'.repeat(30), fields)));
    const secretBytes = () => imageOf(memory).filter((byte) => byte === 0x5e).length;
    expect(secretBytes()).toBe(4 * 38);
    manager.free(tokens[0]!);
    manager.take(tokens[1]!);
    manager.withWrite(tokens[2]!, (guard) => {
      guard.payload = '^';
    });
    expect(secretBytes()).toBe(9 + 38);
    manager.clear();
    expect(secretBytes()).toBe(0);
    expect(manager.checkInvariants()).toBeUndefined();
  });

  test('may hold payloads of a page and more, and of nothing', () => {
    const memory = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 }).get(3);
    const manager = StableMessageManager.init(memory, {
      codec: bytes,
      payloadSizeMax: 70_000,
      capacity: 3,
    });
    const payloads = [70_000, 0, 953].map((size) => new Uint8Array(size).fill(9));
    const tokens = payloads.map((payload) => manager.store(Message.of(payload)));
    manager.withWrite(tokens[1]!, (guard) => (guard.payload = payloads[0]!));
    manager.withWrite(tokens[0]!, (guard) => (guard.payload = payloads[1]!));
    const after = StableMessageManager.init(restarted(memory), {
      codec: bytes,
      payloadSizeMax: 70_000,
      capacity: 3,
    });
    const sizes = tokens.map((token) => after.take(token).payload.length);
    expect(sizes).toEqual([0, 70_000, 953]);
    expect(after.checkInvariants()).toBeUndefined();
  });

  test("has slots up to its last byte, and the first that was never used is nobody's", () => {
    const memory = new VectorMemory();
    const manager = StableMessageManager.init(memory, { codec: blob(104), capacity: 400 });
    const tokens = Array.from({ length: 372 }, (_, index) =>
      manager.store(Message.of(Uint8Array.of(index % 256))),
    );
    expect([64 + 372 * slotSizeOf(104), memory.size()]).toEqual([65_536, 1]);
    expect(manager.checkInvariants()).toBeUndefined();
    expect(manager.withRead(tokens[371]!, ({ payload }) => payload)).toEqual(Uint8Array.of(115));
    manager.setCapacity(500);
    expect(codeOf(() => manager.read(tokenOf(372, 1)))).toBe('BAD_TOKEN');
    manager.free(tokens[0]!);
    memory.grow(1);
    expect(codeOf(() => manager.read(tokenOf(372, 1)))).toBe('BAD_TOKEN');
  });

  test('shows through the window what lies within and beyond it', () => {
    const manager = StableMessageManager.init(new VectorMemory(), {
      codec: blob(2_000),
      capacity: 9,
    });
    const payloads = [951, 952, 953, 1_024, 2_000].map((size) =>
      Uint8Array.from({ length: size }, (_, index) => index % 251),
    );
    const tokens = payloads.map((payload) => manager.store(Message.of(payload)));
    const found = tokens.map((token) => manager.withRead(token, ({ payload }) => payload));
    expect(found.every((payload, index) => isSameImage(payload, payloads[index]!))).toBe(true);
  });

  describe('in a file', () => {
    const path = scratchFolder();

    test('has the messages after a restart', () => {
      const file = path();
      const memory = FileMemory.open(file);
      const { tokens } = filled(memory);
      memory.close();
      const again = FileMemory.open(file);
      const after = StableMessageManager.init(again, OPTIONS);
      expect(after.take(tokens[3]!).payload).toBe('three');
      expect(after.checkInvariants()).toBeUndefined();
      again.close();
    });

    test('with a journal is put back with the transaction that fails', () => {
      const file = path();
      const memory = JournaledFileMemory.open(file);
      const { manager, tokens } = memory.transaction(() => filled(memory));
      expect(() =>
        memory.transaction(() => {
          manager.take(tokens[1]!);
          throw new Error('no');
        }),
      ).toThrow('no');
      expect(codeOf(() => manager.take(tokens[1]!))).toBe('ROLLED_BACK');
      const again = memory.reopen();
      const after = StableMessageManager.init(again, OPTIONS);
      expect(after.take(tokens[1]!).payload).toBe('one');
      again.close();
    });
  });
});

test('a slot is retired after its last generation, and never used again', () => {
  const { memory, manager } = filled();
  manager.intoMemory();
  spoil(memory, MESSAGE_STORE_LAYOUT.slots + 2 * slotSizeOf(30), 'feffffff');
  const after = StableMessageManager.init(memory, OPTIONS);
  const last = after.store(Message.of('the last one'));
  expect([tokenIndex(last), tokenGeneration(last)]).toEqual([2, 0xffff_ffff]);
  expect(after.take(last).payload).toBe('the last one');
  expect(after.usage()).toEqual({ capacity: 5, available: 2, live: 2, retired: 1 });
  expect(codeOf(() => after.read(last))).toBe('NOT_ALLOCATED');
  expect(after.checkInvariants()).toBeUndefined();
  expect(after.repair()).toEqual({ wiped: 0, relinked: 0, recounted: false });
  const reopened = StableMessageManager.init(after.intoMemory(), OPTIONS);
  const next = ['a', 'b'].map((payload) => reopened.store(Message.of(payload)));
  expect(next.map(tokenIndex)).toEqual([0, 4]);
  expect(codeOf(() => reopened.store(Message.of('c')))).toBe('NO_FREE_SLOTS');
  reopened.clear();
  expect(reopened.usage()).toEqual({ capacity: 5, available: 4, live: 0, retired: 1 });
});

function slotSizeOf(payloadSizeMax: number): number {
  return Math.ceil((16 + 56 + payloadSizeMax) / 8) * 8;
}

describe('what a call costs', () => {
  /** Accesses of the memory in a store, of which so many slots are in use. */
  function costsAt(used: number): Record<string, number[]> {
    const memory = new SparseMemory();
    const options = { codec: u32, capacity: 2 * used };
    StableMessageManager.create(memory, options).intoMemory();
    memory.grow(Math.ceil((64 + used * slotSizeOf(4)) / WASM_PAGE_SIZE) - 1);
    const number = Buffer.alloc(4);
    number.writeUInt32LE(used);
    memory.write(MESSAGE_STORE_LAYOUT.highWater, number);
    memory.write(MESSAGE_STORE_LAYOUT.live, number);
    const cost = (act: () => unknown): number[] => {
      const before = [memory.reads, memory.writes];
      act();
      return [memory.reads - before[0]!, memory.writes - before[1]!];
    };
    let manager!: StableMessageManager<number>;
    const opening = cost(() => (manager = StableMessageManager.init(memory, options)));
    const other = manager.store(Message.of(0));
    const elsewhere = () => manager.has(other);
    let token!: MessageToken;
    const costs = { opening, store: cost(() => (token = manager.store(Message.of(1)))) };
    const edit = () => manager.withWrite(token, (guard) => (guard.payload = 2));
    return {
      ...costs,
      has: cost(() => manager.has(token)),
      peekHeader: cost(() => [elsewhere(), manager.withHeader(token, ({ header }) => header)]),
      read: cost(() => [elsewhere(), manager.withRead(token, ({ message }) => message)]),
      readAgain: cost(() => manager.withRead(token, ({ message }) => message)),
      edit: cost(() => [elsewhere(), edit()]),
      free: cost(() => manager.free(token)),
      storeAgain: cost(() => (token = manager.store(Message.of(1)))),
      take: cost(() => manager.take(token)),
      usage: cost(() => manager.usage()),
    };
  }

  test('is the same with a thousand slots and with a million', () => {
    const costs = costsAt(1_000);
    expect(costs).toEqual({
      opening: [1, 0],
      store: [0, 2],
      has: [1, 0],
      peekHeader: [2, 0],
      read: [2, 0],
      readAgain: [0, 0],
      edit: [2, 1],
      free: [1, 2],
      storeAgain: [1, 2],
      take: [1, 2],
      usage: [0, 0],
    });
    expect(costsAt(1_000_000)).toEqual(costs);
  });

  test('is one more read for a payload beyond the window, and none for its header', () => {
    const memory = new CountingMemory();
    const manager = StableMessageManager.init(memory, { codec: blob(5_000), capacity: 2 });
    const token = manager.store(Message.of(new Uint8Array(953)));
    const short = manager.store(Message.of(new Uint8Array(952)));
    memory.reads = 0;
    manager.withHeader(token, ({ header }) => header);
    expect(memory.reads).toBe(1);
    manager.take(token);
    expect(memory.reads).toBe(2);
    manager.take(short);
    expect(memory.reads).toBe(3);
  });
});

/** Keeps the pages that were written to, so that a large memory is cheap; counts accesses. */
class SparseMemory implements Memory {
  reads = 0;
  writes = 0;
  readonly #pages = new Map<number, Uint8Array>();
  #size = 0;

  size(): number {
    return this.#size;
  }

  grow(pages: number): number {
    this.#size += pages;
    return this.#size - pages;
  }

  read(offset: number, target: Uint8Array): void {
    this.reads += 1;
    for (let at = 0; at < target.length; at++) {
      const page = this.#pages.get(Math.floor((offset + at) / WASM_PAGE_SIZE));
      target[at] = page === undefined ? 0 : page[(offset + at) % WASM_PAGE_SIZE]!;
    }
  }

  write(offset: number, source: Uint8Array): void {
    this.writes += 1;
    source.forEach((byte, at) => {
      const number = Math.floor((offset + at) / WASM_PAGE_SIZE);
      const page = this.#pages.get(number) ?? new Uint8Array(WASM_PAGE_SIZE);
      this.#pages.set(number, page);
      page[(offset + at) % WASM_PAGE_SIZE] = byte;
    });
  }
}
