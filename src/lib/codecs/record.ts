/**
 * Objects with named fields, as values. Names are not stored: a field goes by its number, which is
 * its place in the declaration, from 1 on. See `record-layout.ts` for the bytes.
 *
 * A record can change without touching what is stored:
 *
 *     - optional fields added at the end are missing in old records;
 *     - fields that were removed are skipped in them: put `reserved` in their place;
 *     - a required field may become optional, and a field may be renamed;
 *     - a field whose type changed is refused with `INCOMPATIBLE_TYPE`.
 *
 * What must not change is the order of declaration. It takes the place of numbers in the
 * declaration, as Protocol Buffers have them: those say nothing that the order does not, and can be
 * given twice.
 *
 * The bound is `unbounded` even where all fields are bounded, since a field added later must not
 * change it: headers of structures remember bounds.
 *
 * Source: design section 5.
 */
import { concatBytes } from '../bytes.js';
import { decodeRange, encodeChecked, type Codec, type ValueOf } from '../codec.js';
import { StorageError } from '../errors.js';
import { fieldTypeOf, isStoredAs, type FieldType } from './field-type.js';
import { isOptional, type OptionalCodec } from './optional.js';
import { FIELD_NUMBER_MAX, fieldHeader, locateFields, RECORD_VERSION } from './record-layout.js';
import { assertCodec, wrongType } from './refusals.js';
import { isReserved, type ReservedCodec } from './reserved.js';

/** The fields of a record: a codec for each name. */
export type RecordFields = Readonly<Record<string, Codec<unknown>>>;

/** The names of the fields that may be left out. */
export type OptionalNames<F extends RecordFields> = {
  [N in keyof F]: F[N] extends OptionalCodec<unknown> ? N : never;
}[keyof F];

/** The names of the fields that are no longer there. */
export type ReservedNames<F extends RecordFields> = {
  [N in keyof F]: F[N] extends ReservedCodec ? N : never;
}[keyof F];

/**
 * The values of a record: `{ name: string; bio?: string }` for
 * `{ name: text, bio: optional(text) }`.
 */
export type RecordOf<F extends RecordFields> = Flat<
  { [N in Exclude<keyof F, OptionalNames<F> | ReservedNames<F>>]: ValueOf<F[N]> } & {
    [N in OptionalNames<F>]?: F[N] extends OptionalCodec<infer T> ? T : never;
  }
>;

/** The same type as one object, so that editors show its fields. */
type Flat<T> = { [N in keyof T]: T[N] };

/** A declared field. */
interface Field {
  readonly name: string;
  readonly number: number;
  readonly isOptional: boolean;
  /** Of the value that is there, where the field is optional. */
  readonly codec: Codec<unknown>;
  readonly type: FieldType;
}

/** Integer-like names would come before all others, whatever the order of declaration. */
const INTEGER_NAME = /^(0|[1-9]\d*)$/;

/**
 * A codec for objects with these fields, in this order. O(total length).
 *
 * Properties without a field are not stored. Throws `TypeError` for what is no object and for
 * fields of a wrong type or left out, `VALUE_TOO_LARGE` and `INVALID_VALUE` as the fields do, the
 * name of the field first; on reading `INCOMPATIBLE_TYPE` where a stored field has another type or
 * a required one is missing, `UNSUPPORTED_VERSION`, `CORRUPTED`. `record` itself throws
 * `TypeError` for what is no codec, `RangeError` for a name that it cannot keep in order and for
 * more than 255 fields.
 *
 * @example
 * const user = record({ name: text, joined: u64, bio: optional(text) });
 * const users = BTreeMap.init(memory.get(0), principal, user);
 * users.insert(caller, { name: 'Ada', joined: 1815n });
 */
export function record<F extends RecordFields>(fields: F): Codec<RecordOf<F>> {
  const schema = schemaOf(fields);
  const name = `record(${schema.map((field) => field.name).join(', ')})`;
  return {
    name,
    bound: 'unbounded',
    encode(value) {
      if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object', value);
      return encodeRecord(schema, value);
    },
    decode: (bytes) => decodeRecord(schema, bytes) as RecordOf<F>,
  };
}

function schemaOf(fields: RecordFields): readonly Field[] {
  if (typeof fields !== 'object' || fields === null) {
    throw wrongType('record', 'an object of codecs', fields);
  }
  const names = Object.keys(fields);
  if (names.length > FIELD_NUMBER_MAX) {
    throw new RangeError(
      `record: expected at most ${FIELD_NUMBER_MAX} fields, got ${names.length}`,
    );
  }
  return names
    .map((name, index) => fieldOf(name, index + 1, fields[name]!))
    .filter((field) => !isReserved(field.codec));
}

function fieldOf(name: string, number: number, codec: Codec<unknown>): Field {
  assertCodec(`record field ${name}`, codec);
  if (INTEGER_NAME.test(name) || name === '__proto__') {
    throw new RangeError(`record: expected the name of a field, got ${name}`);
  }
  const present = isOptional(codec) ? codec.present : codec;
  return {
    name,
    number,
    isOptional: present !== codec,
    codec: present,
    type: fieldTypeOf(present),
  };
}

function encodeRecord(
  schema: readonly Field[],
  value: Readonly<Record<string, unknown>>,
): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(RECORD_VERSION)];
  for (const field of schema) {
    const fieldValue = value[field.name];
    if (field.isOptional && fieldValue === undefined) continue;
    const encoded = encodeField(field, fieldValue);
    parts.push(fieldHeader(field.number, field.type, encoded.length), encoded);
  }
  return concatBytes(...parts);
}

/** Says which field it was: a record may have ten of the same type. */
function encodeField(field: Field, value: unknown): Uint8Array {
  try {
    return encodeChecked(field.codec, value);
  } catch (error) {
    if (error instanceof Error) error.message = `field ${field.name}: ${error.message}`;
    throw error;
  }
}

function decodeRecord(schema: readonly Field[], bytes: Uint8Array): Record<string, unknown> {
  const stored = locateFields(bytes);
  const value: Record<string, unknown> = {};
  for (const field of schema) {
    const place = stored.get(field.number);
    if (place === undefined && field.isOptional) continue;
    if (place === undefined) throw incompatible(field, 'is missing');
    if (!isStoredAs(field.type, place.type)) throw incompatible(field, 'has another type');
    value[field.name] = decodeRange(field.codec, bytes, place.start, place.end);
  }
  return value;
}

function incompatible({ name, number, codec }: Field, what: string): StorageError {
  return new StorageError(
    'INCOMPATIBLE_TYPE',
    `record: field ${name} (number ${number}, ${codec.name}) ${what} in the stored record. Keep ` +
      'the order and the types of stored fields; add new ones at the end, as optional ones, and ' +
      'put `reserved` where one was.',
    { field: name, number, codec: codec.name },
  );
}
