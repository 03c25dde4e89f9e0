import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BStack } from '../../../src/lib/bstack.js';
import { isLegacyStack, migrateStack } from '../../../src/lib/bstack/legacy.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { MemoryStorage } from '../../../src/lib/memory-storage.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { checkCrashes, type CrashTrial } from '../../support/crash/check-crashes.js';
import { RecordingDisk } from '../../support/crash/recording-disk.js';
import { fromHex, toHex } from '../../support/hex.js';
import { hex } from '../../support/stored.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { decode, encode } from '../../support/stack-payload.js';

/** A file of release 0.1.8, as its vectors A1 and A2 have it. */
function legacyFile(payload: Uint8Array, length = payload.length): HeapStorage {
  const header = fromHex(`4253544b 00010800 ${length.toString(16).padStart(2, '0')}00000000000000`);
  return new HeapStorage(Uint8Array.from([...header, ...payload]));
}

function migrated(from: HeapStorage): BStack {
  const to = new HeapStorage();
  migrateStack(from, to);
  return BStack.open(to);
}

const contentOf = (stack: BStack): string => decode(stack.get(0, stack.length));

describe('a stack of an older format', () => {
  test('vector A1: an empty file becomes one of format 0.4', () => {
    const from = new HeapStorage(fromHex('4253544b 00010800 0000000000000000'));
    const to = new HeapStorage();
    expect(migrateStack(from, to)).toBe(0);
    expect(toHex(to.toBytes())).toBe(hex(`4253544b 00040300 ${'00'.repeat(24)}`));
    expect(BStack.open(to).isEmpty).toBe(true);
  });

  test('vector A2: the payload is taken over to the byte', () => {
    const from = new HeapStorage(fromHex('4253544b 00010800 0800000000000000 68454c6c 6f776f72'));
    const before = from.toBytes();
    const to = new HeapStorage();
    expect(migrateStack(from, to)).toBe(8);
    expect(toHex(to.toBytes())).toBe(
      hex(`4253544b 00040300 0800000000000000 ${'00'.repeat(16)} 68454c6c6f776f72`),
    );
    const stack = BStack.open(to);
    expect(contentOf(stack)).toBe('hELlowor');
    expect(stack.push(encode('ld'))).toBe(8);
    expect(Buffer.compare(from.toBytes(), before)).toBe(0);
  });

  test('is told from others by its first six bytes, whatever release made it', () => {
    expect(isLegacyStack(new HeapStorage(fromHex('4253544b 00010f00 0000000000000000')))).toBe(
      true,
    );
    expect(isLegacyStack(new HeapStorage(fromHex('4253544b 0001')))).toBe(true);
    expect(isLegacyStack(new HeapStorage(fromHex('4253544b 00')))).toBe(false);
    expect(isLegacyStack(new HeapStorage(fromHex('4253544b 0004')))).toBe(false);
    expect(isLegacyStack(new HeapStorage())).toBe(false);
  });

  test('with more bytes than its length says loses them: that push was not committed', () => {
    expect(contentOf(migrated(legacyFile(encode('hello world'), 5)))).toBe('hello');
  });

  test('with fewer bytes than its length says has those: that pop had begun', () => {
    expect(contentOf(migrated(legacyFile(encode('hello'), 11)))).toBe('hello');
    const beyond = legacyFile(encode('hello'));
    beyond.write(8, new Uint8Array(8).fill(255));
    expect(contentOf(migrated(beyond))).toBe('hello');
  });

  test('defect: one whose first header was cut off is a stack without a byte', () => {
    for (let length = 6; length <= 16; length++) {
      const from = legacyFile(new Uint8Array(0));
      from.setLength(length);
      expect(migrated(from).isEmpty).toBe(true);
    }
  });

  test('of several parts is taken over whole, also into a memory', () => {
    const payload = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
    const from = legacyFile(payload, 0);
    from.write(8, fromHex('400d030000000000'));
    const to = MemoryStorage.init(new VectorMemory());
    expect(migrateStack(from, to)).toBe(200_000);
    const stack = BStack.open(to);
    expect(Buffer.compare(stack.get(0, stack.length), payload)).toBe(0);
  });

  test('is refused by BStack.open, which says what to do, and writes nothing', () => {
    const from = legacyFile(encode('hello'));
    const before = from.toBytes();
    expect(codeOf(() => BStack.open(from))).toBe('UNSUPPORTED_VERSION');
    expect(() => BStack.open(from)).toThrow(/migrate/i);
    expect(Buffer.compare(from.toBytes(), before)).toBe(0);
  });
});

describe('a migration is refused', () => {
  test.each([
    ['nothing', ''],
    ['the start of a header', '4253544b 00'],
    ['a stack of format 0.4', `4253544b 00040300 ${'00'.repeat(24)}`],
    ['a stack of a format to come', `4253544b 00050000 ${'00'.repeat(24)}`],
    ['other bytes', '00'.repeat(40)],
  ])('from %s', (_, bytes) => {
    const to = new HeapStorage();
    expect(codeOf(() => migrateStack(new HeapStorage(fromHex(bytes)), to))).toBe('BAD_MAGIC');
    expect(to.length()).toBe(0);
  });

  test('to a file with a byte in it', () => {
    const to = new HeapStorage(Uint8Array.of(7));
    expect(codeOf(() => migrateStack(legacyFile(encode('hello')), to))).toBe('NOT_EMPTY');
    expect([...to.toBytes()]).toEqual([7]);
  });
});

test('a migration that fails at any step leaves all of a stack or none, and the old file as it was', () => {
  const before = legacyFile(encode('hello')).toBytes();
  for (let steps = 0; ; steps++) {
    const disk = new RecordingDisk(new Map([['old', before]]));
    disk.failAfter(steps);
    try {
      migrateStack(disk.open('old'), disk.open('new'));
      expect(steps).toBe(5);
      return;
    } catch {
      disk.relent();
    }
    expect(Buffer.compare(disk.image().get('old')!, before)).toBe(0);
    const found = disk.image().get('new')!;
    expect(steps < 4 ? ['', 'BAD_MAGIC'] : ['hello']).toContain(opensAs(found));
    disk.open('new').setLength(0);
    expect(migrateStack(disk.open('old'), disk.open('new'))).toBe(5);
  }
});

/** What a file holds as a stack, or the code of the error. */
function opensAs(bytes: Uint8Array): string {
  try {
    return contentOf(BStack.open(new HeapStorage(bytes)));
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Migrates a payload of several blocks; a crash leaves no stack, or all of it. */
function migration(unsynced: boolean): CrashTrial<string> {
  const payload = new Uint8Array(1_000).fill(7);
  const old = legacyFile(payload, 0);
  old.write(8, fromHex('e803000000000000'));
  return {
    start: new Map([['old', old.toBytes()]]),
    run(disk, stepDone) {
      const to = disk.open('new');
      migrateStack(disk.open('old'), unsynced ? withoutSyncs(to) : to);
      stepDone();
    },
    reopen: (disk) => opensAs(disk.image().get('new') ?? new Uint8Array(0)),
    check(found, step) {
      if (found === decode(payload)) return;
      const isNone = found === 'BAD_MAGIC' || found === '';
      if (step > 0 || !isNone) throw new Error(`a stack of ${found.length} bytes`);
    },
  };
}

function withoutSyncs(file: ReturnType<RecordingDisk['open']>) {
  return Object.assign(Object.create(file) as typeof file, {
    length: () => file.length(),
    write: (offset: number, source: Uint8Array) => file.write(offset, source),
    setLength: (length: number) => file.setLength(length),
    sync: () => undefined,
  });
}

test('a migration that a crash has interrupted leaves no half of a stack', () => {
  const { crashes } = checkCrashes(migration(false), { powerLosses: 30 });
  expect(crashes).toBeGreaterThanOrEqual(100);
});

test('without its syncs it leaves half of a stack, and is found out', () => {
  expect(() => checkCrashes(migration(true), { powerLosses: 30 })).toThrow(/not recovered/);
});

test('any bytes are migrated, or refused with a code', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, isLegacy) => {
      if (isLegacy) bytes.set(fromHex('4253544b0001').subarray(0, bytes.length));
      const from = new HeapStorage(bytes);
      if (isLegacyStack(from)) {
        const { length } = migrated(from);
        expect(length).toBeLessThanOrEqual(Math.max(0, bytes.length - 16));
      } else expect(codeOf(() => migrateStack(from, new HeapStorage()))).toBe('BAD_MAGIC');
    }),
    { numRuns: 300 },
  );
});
