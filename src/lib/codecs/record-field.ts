/**
 * The fields of a record as they were declared, with all that can be known of them before there is
 * a value: a codec is made once and used for every record.
 *
 * Source: `record-layout.ts`.
 */
import type { Codec } from '../codec.js';
import {
  fieldTypeOf,
  SIZE_IN_1_BYTE,
  SIZE_IN_4_BYTES,
  SIZE_IS_STORED,
  SIZE_OF_SHAPE,
  typeByteOf,
  type FieldType,
} from './field-type.js';
import { isOptional } from './optional.js';
import { FIELD_NUMBER_MAX } from './record-layout.js';
import { assertCodec, wrongType } from './refusals.js';
import { isReserved } from './reserved.js';

/** A declared field. */
export interface Field {
  readonly name: string;
  readonly number: number;
  readonly isOptional: boolean;

  /** Of the value that is there, where the field is optional. */
  readonly codec: Codec<unknown>;
  readonly type: FieldType;

  /** The size of all values; -1 where each has its size with it. */
  readonly size: number;

  /** Number and type, big-endian, before a value whose size is in the type or in 1 byte. */
  readonly header: number;

  /** The same before a value whose size is in 4 bytes. */
  readonly longHeader: number;
}

/** Integer-like names would come before all others, whatever the order of declaration. */
const INTEGER_NAME = /^(0|[1-9]\d*)$/;

/** The fields of this declaration by ascending number, without those that are reserved. */
export function fieldsOf(declaration: Readonly<Record<string, Codec<unknown>>>): readonly Field[] {
  if (typeof declaration !== 'object' || declaration === null) {
    throw wrongType('record', 'an object of codecs', declaration);
  }
  const names = Object.keys(declaration);
  if (names.length > FIELD_NUMBER_MAX) {
    throw new RangeError(
      `record: expected at most ${FIELD_NUMBER_MAX} fields, got ${names.length}`,
    );
  }
  return names
    .map((name, index) => fieldOf(name, index + 1, declaration[name]!))
    .filter((field) => !isReserved(field.codec));
}

function fieldOf(name: string, number: number, codec: Codec<unknown>): Field {
  assertCodec(`record field ${name}`, codec);
  if (INTEGER_NAME.test(name) || name === '__proto__') {
    throw new RangeError(`record: expected the name of a field, got ${name}`);
  }
  const present = isOptional(codec) ? codec.present : codec;
  const type = fieldTypeOf(present);
  const isSized = type.shape === SIZE_IS_STORED;
  return {
    name,
    number,
    isOptional: present !== codec,
    codec: present,
    type,
    size: SIZE_OF_SHAPE[type.shape]!,
    header: (number << 8) | typeByteOf(type, isSized ? SIZE_IN_1_BYTE : type.shape),
    longHeader: (number << 8) | typeByteOf(type, SIZE_IN_4_BYTES),
  };
}
