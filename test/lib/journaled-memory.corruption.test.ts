/** The bytes of a journal, frozen; and what becomes of a journal whose bytes are wrong. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { writeBigU64, writeU64 } from '../../src/lib/bytes.js';
import { crc64 } from '../../src/lib/crc64.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { JournaledMemory } from '../../src/lib/journaled-memory.js';
import { GENERATION_LAYOUT, RECORDS_OFFSET } from '../../src/lib/journaled-memory/generation.js';
import { RECORD_LAYOUT } from '../../src/lib/journaled-memory/record.js';
import { WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { StorageError } from '../../src/lib/errors.js';
import { toHex } from '../support/hex.js';
import { codeOf, imageOf } from '../support/memories.js';
import { checkProperty } from '../support/property.js';
import { hex } from '../support/stored.js';

/** Files as a crash leaves them after some transactions, and the memory after each of them. */
function crashed() {
  const image = new HeapStorage();
  const journal = new HeapStorage();
  const memory = JournaledMemory.open(image, journal);
  const before = image.toBytes();
  const states: Uint8Array[] = [before];
  for (let number = 1; number <= 4; number++) {
    memory.transaction(() => {
      if (number % 2 === 1) memory.grow(1);
      memory.write(40 * number, new Uint8Array(50).fill(number));
    });
    states.push(imageOf(memory));
  }
  return { before, image: image.toBytes(), journal: journal.toBytes(), states };
}

const opened = (image: Uint8Array, journal: Uint8Array): JournaledMemory =>
  JournaledMemory.open(new HeapStorage(image), new HeapStorage(journal));

test('the format is frozen', () => {
  const journal = new HeapStorage();
  const memory = JournaledMemory.open(new HeapStorage(), journal);
  memory.transaction(() => {
    memory.grow(1);
    memory.write(4095, Uint8Array.of(0xaa, 0xbb));
  });
  memory.write(7, Uint8Array.of(0xcc));
  const bytes = journal.toBytes();
  const zero = '00'.repeat(8);
  const page = '0000010000000000';
  expect(toHex(bytes.subarray(0, 32))).toBe(
    hex(`4a524e01 01 000000 ${zero} ${zero} bc66908886dc3051`),
  );
  expect(bytes.subarray(32, 512).every((byte) => byte === 0)).toBe(true);
  const first = hex(`332ad65513fa450e 4a00000000000000 ${zero} ${zero} ${page}`);
  const ranges = hex(`ff0f000000000000 0100000000000000 aa 0010000000000000 0100000000000000 bb`);
  const second = hex(`562e64d07af2873f 3900000000000000 ${zero} 0100000000000000 ${page}`);
  const range = hex('0700000000000000 0100000000000000 cc');
  expect(toHex(bytes.subarray(512))).toBe(first + ranges + second + range);
  memory.close();
  expect(toHex(journal.toBytes().subarray(256, 288))).toBe(
    hex(`4a524e01 02 000000 0100000000000000 ${page} 5c47d7607165af7b`),
  );
});

describe('a journal whose bytes are damaged', () => {
  test('gives an error with a code, or the memory of one of its transactions', () => {
    const { before, journal, states } = crashed();
    const damage = fc.record({
      at: fc.nat(journal.length - 1),
      bit: fc.nat(7),
      cut: fc.boolean(),
    });
    checkProperty(
      fc.property(damage, ({ at, bit, cut }) => {
        const damaged = cut ? journal.slice(0, at) : journal.slice();
        if (!cut) damaged[at]! ^= 1 << bit;
        try {
          const found = imageOf(opened(before, damaged));
          expect(states.some((state) => Buffer.compare(state, found) === 0)).toBe(true);
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
          expect(['BAD_MAGIC', 'CORRUPTED', 'UNSUPPORTED_VERSION']).toContain(error.code);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('in a record before the last is told from a crash', () => {
    const { before, journal } = crashed();
    journal[RECORDS_OFFSET + RECORD_LAYOUT.record.ranges + 20]! ^= 1;
    expect(codeOf(() => opened(before, journal))).toBe('CORRUPTED');
  });

  test('by a record in the place of another ends before it', () => {
    const { before, journal, states } = crashed();
    const length = RECORD_LAYOUT.record.ranges + RECORD_LAYOUT.range.bytes + 50;
    journal.copyWithin(RECORDS_OFFSET + length, RECORDS_OFFSET, RECORDS_OFFSET + length);
    expect(Buffer.compare(imageOf(opened(before, journal)), states[1]!)).toBe(0);
  });

  test('in the head of its generation is found by the records', () => {
    const { before, image, journal } = crashed();
    const again = new HeapStorage(journal);
    const memory = JournaledMemory.open(new HeapStorage(image), again);
    memory.write(0, Uint8Array.of(1));
    const bytes = again.toBytes();
    bytes[256 + GENERATION_LAYOUT.imageLength]! ^= 1;
    expect(codeOf(() => opened(before, bytes))).toBe('CORRUPTED');
  });

  test('is left as it is, and so is the image', () => {
    const { before } = crashed();
    const image = new HeapStorage(before);
    const journal = new HeapStorage(crashed().journal.fill(9, 0, 600));
    const bytes = journal.toBytes();
    expect(codeOf(() => JournaledMemory.open(image, journal))).toBe('BAD_MAGIC');
    expect(Buffer.compare(journal.toBytes(), bytes)).toBe(0);
    expect(Buffer.compare(image.toBytes(), before)).toBe(0);
  });
});

describe('refuses', () => {
  test.each([
    ['a file of somebody else', Uint8Array.of(1, 2, 3), 'BAD_MAGIC'],
    ['a long file of zeros', new Uint8Array(600), 'BAD_MAGIC'],
    ['a head that was cut', Uint8Array.of(0x4a, 0x52, 0x4e, 1), 'CORRUPTED'],
    ['another version', Uint8Array.of(0x4a, 0x52, 0x4e, 2), 'UNSUPPORTED_VERSION'],
  ])('%s as a journal', (_, journal, code) => {
    expect(codeOf(() => opened(new Uint8Array(0), journal))).toBe(code);
  });

  test('an image of other than whole pages', () => {
    expect(codeOf(() => opened(new Uint8Array(100), new Uint8Array(0)))).toBe('NOT_PAGE_ALIGNED');
  });

  test('an image that is shorter than its journal says', () => {
    const journal = new HeapStorage();
    JournaledMemory.open(new HeapStorage(new Uint8Array(2 * WASM_PAGE_SIZE)), journal);
    const image = new Uint8Array(WASM_PAGE_SIZE);
    expect(codeOf(() => opened(image, journal.toBytes()))).toBe('CORRUPTED');
  });

  const { record: RECORD, range: RANGE } = RECORD_LAYOUT;
  const firstRange = RECORDS_OFFSET + RECORD.ranges;
  test.each([
    ['a range beyond the image', firstRange + RANGE.offset, WASM_PAGE_SIZE],
    ['a range beyond its record', firstRange + RANGE.length, 51],
    ['a range that leaves a rest', firstRange + RANGE.length, 49],
    ['an image of other than whole pages', RECORDS_OFFSET + RECORD.imageLength, 100],
    ['an image that shrinks', RECORDS_OFFSET + RECORD.imageLength, 0],
  ])('a record with %s, although its checksum is right', (_, field, value) => {
    const { before, journal } = crashed();
    const length = RECORD.ranges + RANGE.bytes + 50;
    const bytes = journal.slice(0, RECORDS_OFFSET + length);
    writeU64(bytes, field, value);
    const checksum = crc64(bytes, RECORDS_OFFSET + RECORD.length);
    writeBigU64(bytes, RECORDS_OFFSET + RECORD.checksum, checksum);
    expect(codeOf(() => opened(before, bytes))).toBe('CORRUPTED');
  });
});

test('a journal whose creation never ended says nothing', () => {
  const image = new Uint8Array(WASM_PAGE_SIZE).fill(1);
  for (const length of [0, 1, 256, 512]) {
    expect(opened(image, new Uint8Array(length)).size()).toBe(1);
  }
});
