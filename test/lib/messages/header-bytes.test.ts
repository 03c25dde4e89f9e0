import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MemoryClass } from '../../../src/lib/messages/memory-class.js';
import {
  classNumber,
  classOf,
  MESSAGE_HEADER_LAYOUT,
  MESSAGE_HEADER_SIZE,
  readHeader,
  writeHeader,
} from '../../../src/lib/messages/header-bytes.js';
import { MessageFlags } from '../../../src/lib/messages/message-flags.js';
import {
  EMPTY_HEADER,
  QUALITIES_OF_SERVICE,
  type MessageHeader,
} from '../../../src/lib/messages/message-header.js';
import { fromHex, toHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';

const FULL: MessageHeader = {
  traceId: 0x0102_0304_0506_0708n,
  sequence: 9n,
  creationTick: 2n ** 64n - 1n,
  deadline: 0x1122_3344_5566_7788n,
  qos: 'latency-critical',
  payloadSize: 0xaabb_ccdd,
  flags: MessageFlags.fromBits(0x8000_0005),
  memoryClass: MemoryClass.device(254),
};

const RESERVED = '00'.repeat(12);

/** Written once by hand, after the table in the source. */
const GOLDEN: [string, MessageHeader, string][] = [
  ['nothing is said', EMPTY_HEADER, `${'00'.repeat(32)} 00000000 00000000 02 00 00 00 ${RESERVED}`],
  [
    'all is said',
    FULL,
    `0807060504030201 0900000000000000 ffffffffffffffff 8877665544332211
     ddccbbaa 05000080 03 02 fe 01 ${RESERVED}`,
  ],
  [
    'the deadline is 0',
    { ...EMPTY_HEADER, deadline: 0n, qos: 'background', memoryClass: MemoryClass.shared },
    `${'00'.repeat(32)} 00000000 00000000 01 03 00 01 ${RESERVED}`,
  ],
  [
    'the memory is pinned',
    { ...EMPTY_HEADER, memoryClass: MemoryClass.pinnedHost },
    `${'00'.repeat(32)} 00000000 00000000 02 01 00 00 ${RESERVED}`,
  ],
];

const hexOf = (text: string): string => text.replaceAll(/\s/g, '');

function bytesOf(header: MessageHeader): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_HEADER_SIZE);
  writeHeader(bytes, 0, header);
  return bytes;
}

describe('the bytes of a header', () => {
  test.each(GOLDEN)('are these where %s', (_, header, golden) => {
    expect(toHex(bytesOf(header))).toBe(hexOf(golden));
    expect(readHeader(fromHex(hexOf(golden)), 0)).toEqual(header);
  });

  test('are 56, on every machine', () => {
    expect([MESSAGE_HEADER_SIZE, MESSAGE_HEADER_LAYOUT.end]).toEqual([56, 56]);
  });

  test('lie where they are asked for, and take the place of others', () => {
    const bytes = new Uint8Array(MESSAGE_HEADER_SIZE + 20).fill(0xee);
    writeHeader(bytes, 7, FULL);
    expect(toHex(bytes)).toBe('ee'.repeat(7) + toHex(bytesOf(FULL)) + 'ee'.repeat(13));
    expect(readHeader(bytes, 7)).toEqual(FULL);
    writeHeader(bytes, 7, EMPTY_HEADER);
    expect(readHeader(bytes, 7)).toEqual(EMPTY_HEADER);
  });

  test('hold every header', () => {
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const u32 = fc.nat({ max: 0xffff_ffff });
    const memoryClass = fc.oneof(
      fc.constantFrom(MemoryClass.host, MemoryClass.pinnedHost, MemoryClass.shared),
      fc.nat({ max: 255 }).map((ordinal) => MemoryClass.device(ordinal)),
    );
    const header = fc.record({
      traceId: u64,
      sequence: u64,
      creationTick: u64,
      deadline: fc.option(u64, { nil: undefined }),
      qos: fc.constantFrom(...QUALITIES_OF_SERVICE),
      payloadSize: u32,
      flags: u32.map((bits) => MessageFlags.fromBits(bits)),
      memoryClass,
    });
    checkProperty(
      fc.property(header, (value) => {
        expect(readHeader(bytesOf(value), 0)).toEqual(value);
      }),
    );
  });
});

describe('a header that was damaged is refused', () => {
  const { reserved, end, qos, memoryClass, ordinal, hasDeadline, deadline } = MESSAGE_HEADER_LAYOUT;
  const damages: [string, MessageHeader, number, number][] = [
    ['rank 0', FULL, qos, 0],
    ['rank 4', FULL, qos, 4],
    ['rank 255', FULL, qos, 255],
    ['class 4', EMPTY_HEADER, memoryClass, 4],
    ['class 255', EMPTY_HEADER, memoryClass, 255],
    ['a host with an ordinal', EMPTY_HEADER, ordinal, 1],
    ['a device that becomes shared and keeps its ordinal', FULL, memoryClass, 3],
    ['a device that becomes pinned and keeps its ordinal', FULL, memoryClass, 1],
    ['mark 2 of a deadline', EMPTY_HEADER, hasDeadline, 2],
    ['mark 2 of a deadline that is there', FULL, hasDeadline, 2],
    ['mark 255 of a deadline', EMPTY_HEADER, hasDeadline, 255],
    ['a deadline without its mark', FULL, hasDeadline, 0],
    ['the first byte of an absent deadline', EMPTY_HEADER, deadline, 1],
    ['the last byte of an absent deadline', EMPTY_HEADER, deadline + 7, 1],
  ];
  for (let offset = reserved; offset < end; offset++) {
    damages.push([`reserved byte ${offset}`, FULL, offset, 1]);
  }

  test.each(damages)('%s', (_, header, offset, value) => {
    const bytes = new Uint8Array(3 + MESSAGE_HEADER_SIZE);
    writeHeader(bytes, 3, header);
    bytes[3 + offset] = value;
    expect(codeOf(() => readHeader(bytes, 3))).toBe('CORRUPTED');
  });

  test('or read as another: no byte of it is without a meaning', () => {
    const bytes = bytesOf(FULL);
    for (let offset = 0; offset < MESSAGE_HEADER_SIZE; offset++) {
      const damaged = bytes.slice();
      damaged[offset]! ^= 1;
      let outcome: unknown;
      try {
        outcome = toHex(bytesOf(readHeader(damaged, 0)));
      } catch (error) {
        outcome = (error as { code: string }).code;
      }
      expect(['CORRUPTED', toHex(damaged)]).toContain(outcome);
    }
  });
});

test('classes have the numbers of the table', () => {
  const { host, pinnedHost, shared } = MemoryClass;
  const classes = [host, pinnedHost, MemoryClass.device(7), shared];
  expect(classes.map(classNumber)).toEqual([0, 1, 2, 3]);
  expect([classOf(0, 0), classOf(1, 0), classOf(2, 7), classOf(3, 0)]).toEqual(classes);
  expect(classOf(2, 7)).toBe(classes[2]);
  expect(codeOf(() => classOf(4, 0))).toBe('CORRUPTED');
  expect([0, 1, 3].map((number) => codeOf(() => classOf(number, 7)))).toEqual(
    Array(3).fill('CORRUPTED'),
  );
});
