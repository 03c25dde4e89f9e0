/**
 * Reads the fields of decoded CBOR maps. A field that is missing or of another type refuses the
 * whole request, with its name and what was expected. A field that is `null` counts as missing.
 */
import { Principal } from '@dfinity/principal';

import { RequestRefused } from './refusal.js';

export type Fields = ReadonlyMap<string, unknown>;

const PRINCIPAL_SIZE_MAX = 29;
const U64_MAX = 2n ** 64n - 1n;

export function mapOf(value: unknown, name: string): Fields {
  const isMap = value instanceof Map && [...value.keys()].every((key) => typeof key === 'string');
  if (!isMap) throw malformed(name, 'a map with texts for keys');
  return value as Fields;
}

export function optional<Value>(
  fields: Fields,
  name: string,
  read: (fields: Fields, name: string) => Value,
): Value | undefined {
  return (fields.get(name) ?? undefined) === undefined ? undefined : read(fields, name);
}

export function mapField(fields: Fields, name: string): Fields {
  return mapOf(fields.get(name), name);
}

export function textField(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (typeof value !== 'string') throw malformed(name, 'a text');
  return value;
}

export function blobField(fields: Fields, name: string): Uint8Array {
  return blobOf(fields.get(name), name);
}

export function principalField(fields: Fields, name: string): Principal {
  return principalOf(fields.get(name), name);
}

export function natField(fields: Fields, name: string): bigint {
  const value = fields.get(name);
  const isNat = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!isNat || (value as number) < 0 || BigInt(value as number) > U64_MAX) {
    throw malformed(name, 'a natural number of 64 bits');
  }
  return BigInt(value as number);
}

export function listField(fields: Fields, name: string): readonly unknown[] {
  return listOf(fields.get(name), name);
}

export function listOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(name, 'an array');
  return value;
}

export function blobOf(value: unknown, name: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed(name, 'a byte string');
  return value;
}

export function principalOf(value: unknown, name: string): Principal {
  const bytes = blobOf(value, name);
  if (bytes.length > PRINCIPAL_SIZE_MAX) throw malformed(name, 'a principal of at most 29 bytes');
  return Principal.fromUint8Array(bytes);
}

function malformed(name: string, expected: string): RequestRefused {
  return new RequestRefused(`Malformed request: ${name}: expected ${expected}`);
}
