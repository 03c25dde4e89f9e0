/**
 * Reads records. Nearly every record lies as its declaration says, one field after another, and is
 * read in one go. Any other is read again from its start by a way that knows all that a record can
 * be: fields that were added or removed, other types, damage.
 *
 * Source: `record-layout.ts`.
 */
import { readU16BigEndian } from '../bytes.js';
import { decodeRange } from '../codec.js';
import { StorageError } from '../errors.js';
import { isStoredAs } from './field-type.js';
import type { Field } from './record-field.js';
import { locateFields, RECORD_VERSION } from './record-layout.js';

const HEADER_SIZE = 2;
const SHORT_HEADER_SIZE = HEADER_SIZE + 1;

/**
 * The record from `start` up to `end`. O(total length). Throws `INCOMPATIBLE_TYPE` where a field
 * has another type or a required one is missing, `UNSUPPORTED_VERSION`, `CORRUPTED`.
 */
export function readRecord(
  fields: readonly Field[],
  bytes: Uint8Array,
  start: number,
  end: number,
): Record<string, unknown> {
  let value: Record<string, unknown> | undefined;
  try {
    value = readAsDeclared(fields, bytes, start, end);
  } catch {
    // A value is damaged, but perhaps not it alone: what comes first in the record is named.
  }
  return value ?? readAnyhow(fields, bytes, start, end);
}

/** The record, if it holds short fields of the declared types in their order, and no more. */
function readAsDeclared(
  fields: readonly Field[],
  bytes: Uint8Array,
  start: number,
  end: number,
): Record<string, unknown> | undefined {
  if (start === end || bytes[start] !== RECORD_VERSION) return undefined;
  const value: Record<string, unknown> = {};
  let offset = start + 1;
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!;
    const isThere =
      offset + SHORT_HEADER_SIZE <= end && readU16BigEndian(bytes, offset) === field.header;
    if (!isThere && field.isOptional) continue;
    if (!isThere) return undefined;
    const valueStart = offset + (field.size < 0 ? SHORT_HEADER_SIZE : HEADER_SIZE);
    offset = valueStart + (field.size < 0 ? bytes[offset + HEADER_SIZE]! : field.size);
    if (offset > end) return undefined;
    value[field.name] = decodeRange(field.codec, bytes, valueStart, offset);
  }
  return offset === end ? value : undefined;
}

function readAnyhow(
  fields: readonly Field[],
  bytes: Uint8Array,
  start: number,
  end: number,
): Record<string, unknown> {
  const stored = locateFields(bytes, start, end);
  const value: Record<string, unknown> = {};
  for (const field of fields) {
    const place = stored.get(field.number);
    if (place === undefined && field.isOptional) continue;
    if (place === undefined) throw incompatible(field, 'is missing');
    if (!isStoredAs(field.type, place.type)) throw incompatible(field, 'has another type');
    value[field.name] = decodeRange(field.codec, bytes, place.start, place.end);
  }
  return value;
}

function incompatible(field: Field, what: string): StorageError {
  const { name, number, codec } = field;
  return new StorageError(
    'INCOMPATIBLE_TYPE',
    `record: field ${name} (number ${number}, ${codec.name}) ${what} in the stored record. Keep ` +
      'the order and the types of stored fields; add new ones at the end, as optional ones, and ' +
      'put `reserved` where one was.',
    { field: name, number, codec: codec.name },
  );
}
