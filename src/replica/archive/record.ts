/**
 * Records: how journals and checkpoints are cut into pieces that can be checked one by one.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  length of the body in bytes, little-endian
 *          4     4  CRC-32 of the length, little-endian
 *          8     4  CRC-32 of the body, little-endian
 *         12     n  body
 *
 * The length has a checksum of its own, so that a file which ends too early can be told from one
 * whose length was changed: the first was cut off while it was written, the second is damaged.
 *
 * Source: own design, after the journals of databases.
 */
import { readU32, writeU32 } from '../../lib/bytes.js';
import { crc32 } from '../../lib/principal-text.js';

const LENGTH_OFFSET = 0;
const LENGTH_CHECKSUM_OFFSET = LENGTH_OFFSET + 4;
const BODY_CHECKSUM_OFFSET = LENGTH_CHECKSUM_OFFSET + 4;
export const RECORD_HEADER_SIZE = BODY_CHECKSUM_OFFSET + 4;

export interface RecordHeader {
  readonly length: number;
  readonly bodyChecksum: number;
}

export function writeRecordHeader(body: Uint8Array): Uint8Array {
  const header = new Uint8Array(RECORD_HEADER_SIZE);
  writeU32(header, LENGTH_OFFSET, body.length);
  writeU32(header, LENGTH_CHECKSUM_OFFSET, lengthChecksum(header));
  writeU32(header, BODY_CHECKSUM_OFFSET, crc32(body));
  return header;
}

/** Undefined where the header is not what was written. */
export function readRecordHeader(header: Uint8Array): RecordHeader | undefined {
  if (readU32(header, LENGTH_CHECKSUM_OFFSET) !== lengthChecksum(header)) return undefined;
  return {
    length: readU32(header, LENGTH_OFFSET),
    bodyChecksum: readU32(header, BODY_CHECKSUM_OFFSET),
  };
}

export function isBodyOf({ length, bodyChecksum }: RecordHeader, body: Uint8Array): boolean {
  return body.length === length && crc32(body) === bodyChecksum;
}

function lengthChecksum(header: Uint8Array): number {
  return crc32(header.subarray(LENGTH_OFFSET, LENGTH_CHECKSUM_OFFSET));
}
