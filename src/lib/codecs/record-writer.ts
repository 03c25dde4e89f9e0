/**
 * Writes records: the version, then one declared field after another, each value where it belongs
 * and its header in front of it once the size is known.
 *
 * Source: `record-layout.ts`.
 */
import { writeU16BigEndian, writeU32 } from '../bytes.js';
import { encodeCheckedInto } from '../codec.js';
import type { Field } from './record-field.js';
import { RECORD_VERSION } from './record-layout.js';

/** Number and type, and the two forms of a size. */
const HEADER_SIZE = 2;
const SHORT_HEADER_SIZE = HEADER_SIZE + 1;
const LONG_HEADER_SIZE = HEADER_SIZE + 4;
const SHORT_SIZE_MAX = 0xff;

/**
 * Writes the fields of `value` from `offset` on. Returns where they end, or -1 where `target` has
 * no room. O(total length). Throws what the codecs of the fields throw, the field's name first.
 */
export function writeRecord(
  fields: readonly Field[],
  value: Readonly<Record<string, unknown>>,
  target: Uint8Array,
  offset: number,
): number {
  if (offset >= target.length) return -1;
  target[offset] = RECORD_VERSION;
  let end = offset + 1;
  let index = 0;
  try {
    for (; index < fields.length && end > 0; index++) {
      const field = fields[index]!;
      const fieldValue = value[field.name];
      if (fieldValue === undefined && field.isOptional) continue;
      end = writeField(field, fieldValue, target, end);
    }
  } catch (error) {
    // Says which field it was: a record may have ten of the same type.
    const { name } = fields[index]!;
    if (error instanceof Error) error.message = `field ${name}: ${error.message}`;
    throw error;
  }
  return end;
}

function writeField(field: Field, value: unknown, target: Uint8Array, offset: number): number {
  if (field.size < 0) return writeSized(field, value, target, offset);
  const end = encodeCheckedInto(field.codec, value, target, offset + HEADER_SIZE);
  if (end > 0) writeU16BigEndian(target, offset, field.header);
  return end;
}

function writeSized(field: Field, value: unknown, target: Uint8Array, offset: number): number {
  const start = offset + SHORT_HEADER_SIZE;
  const end = encodeCheckedInto(field.codec, value, target, start);
  if (end < 0) return -1;
  const size = end - start;
  if (size > SHORT_SIZE_MAX) return makeLong(field, target, offset, size);
  writeU16BigEndian(target, offset, field.header);
  target[offset + HEADER_SIZE] = size;
  return end;
}

/** Moves a value that turned out to be long behind the header that it needs. */
function makeLong(field: Field, target: Uint8Array, offset: number, size: number): number {
  const from = offset + SHORT_HEADER_SIZE;
  const start = offset + LONG_HEADER_SIZE;
  if (start + size > target.length) return -1;
  target.copyWithin(start, from, from + size);
  writeU16BigEndian(target, offset, field.longHeader);
  writeU32(target, offset + HEADER_SIZE, size);
  return start + size;
}
