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
import type { Codec, ValueOf } from '../codec.js';
import { encodeByWriting } from './encode-by-writing.js';
import { KernelRecord, LEFT } from './kernel-record.js';
import type { OptionalCodec } from './optional.js';
import { readRecord } from './record-reader.js';
import { fieldsOf } from './record-field.js';
import { writeRecord } from './record-writer.js';
import { wrongType } from './refusals.js';
import type { ReservedCodec } from './reserved.js';

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
  const declared = fieldsOf(fields);
  const name = `record(${declared.map((field) => field.name).join(', ')})`;
  // Made with the codec, not with the first record: a query forgets what it has made.
  const quick = KernelRecord.of(declared);

  const encodeInto = (value: RecordOf<F>, target: Uint8Array, offset: number): number => {
    if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object', value);
    const end = quick === undefined ? LEFT : quick.writeTo(value, target, offset);
    return end === LEFT ? writeRecord(declared, value, target, offset) : end;
  };
  const decodeAt = (bytes: Uint8Array, start: number, end: number): RecordOf<F> => {
    const value = quick?.readFrom(bytes, start, end);
    return (value ?? readRecord(declared, bytes, start, end)) as RecordOf<F>;
  };
  return {
    name,
    bound: 'unbounded',
    encode: (value) => encodeByWriting(encodeInto, value),
    encodeInto,
    decode: (bytes) => decodeAt(bytes, 0, bytes.length),
    decodeAt,
  };
}
