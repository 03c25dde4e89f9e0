/**
 * Where an element of an unbounded vector lies, as a slot of its index (little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  address of its first chunk; 0 = it has no bytes
 *          8     4  its size in bytes
 *         12     4  reserved, zero
 *
 * Source: house style rules 1 and 3.
 */
import { readU32, readU64, writeU32, writeU64 } from '../bytes.js';
import type { Codec } from '../codec.js';
import { assertReservedZero } from '../magic.js';

const ADDRESS_OFFSET = 0;
const SIZE_OFFSET = ADDRESS_OFFSET + 8;
const RESERVED_OFFSET = SIZE_OFFSET + 4;
const RESERVED_SIZE = 4;

/** Where each field lies, for the test that compares the table above with the code. */
export const PLACE_LAYOUT = {
  address: ADDRESS_OFFSET,
  size: SIZE_OFFSET,
  reserved: RESERVED_OFFSET,
} as const;

export interface Place {
  readonly address: number;
  /** In bytes. */
  readonly size: number;
}

/** Places as the elements of a vector. */
export const place: Codec<Place> = {
  name: 'place of an element',
  bound: { maxSize: RESERVED_OFFSET + RESERVED_SIZE, fixedSize: true },
  encode({ address, size }) {
    const bytes = new Uint8Array(RESERVED_OFFSET + RESERVED_SIZE);
    writeU64(bytes, ADDRESS_OFFSET, address);
    writeU32(bytes, SIZE_OFFSET, size);
    return bytes;
  },
  decode(bytes) {
    assertReservedZero(place.name, bytes, RESERVED_OFFSET, RESERVED_SIZE);
    return { address: readU64(bytes, ADDRESS_OFFSET), size: readU32(bytes, SIZE_OFFSET) };
  },
};
