/**
 * How PocketIC's REST interface writes things down in JSON: principals and blobs in base64, 64-bit
 * and larger integers as bare numbers of any length, which `JSON.parse` would round.
 *
 * The exact parser is slow on long texts. So it serves the few routes that carry such integers, and
 * megabytes of arguments go through the parser of the language.
 *
 * Source: specs/replica.md section 1.2.
 */
import { Principal } from '@dfinity/principal';
import { JSONParse, JSONStringify } from 'json-with-bigint';

/** An error that the client is told, as `{ "message": … }`. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** The fields of a JSON object; an empty body, or null, is an object without fields. */
export type Fields = Readonly<Record<string, unknown>>;

export const U64_MAX = 2n ** 64n - 1n;
export const U128_MAX = 2n ** 128n - 1n;

const PRINCIPAL_SIZE_MAX = 29;
const NO_FIELDS: Fields = {};

export function parseFields(body: Uint8Array): Fields {
  return parseWith(JSON.parse, body);
}

/** Like {@link parseFields}, with large integers as `bigint`. */
export function parseExactFields(body: Uint8Array): Fields {
  return parseWith(JSONParse, body);
}

export function stringify(value: unknown): string {
  return JSON.stringify(value);
}

/** For values with a `bigint` in them. */
export function stringifyExact(value: unknown): string {
  // The library takes what is false for what has nothing to convert, and so fails at a bare 0n.
  return typeof value === 'bigint' ? String(value) : JSONStringify(value);
}

export function textField(fields: Fields, name: string): string {
  const value = fieldOf(fields, name);
  if (typeof value !== 'string') throw new RequestError(`${name}: expected a text`);
  return value;
}

export function blobField(fields: Fields, name: string): Uint8Array {
  return fromBase64(textField(fields, name), name);
}

export function principalField(fields: Fields, name: string): Principal {
  const bytes = blobField(fields, name);
  if (bytes.length <= PRINCIPAL_SIZE_MAX) return Principal.fromUint8Array(bytes);
  throw new RequestError(
    `${name}: expected at most ${PRINCIPAL_SIZE_MAX} bytes, got ${bytes.length}`,
  );
}

export function integerField(fields: Fields, name: string, max = U64_MAX): bigint {
  const value = fieldOf(fields, name);
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!whole) throw new RequestError(`${name}: expected an integer`);
  const integer = BigInt(value as number);
  if (integer >= 0n && integer <= max) return integer;
  throw new RequestError(`${name}: expected an integer from 0 to ${max}, got ${integer}`);
}

export function booleanField(fields: Fields, name: string): boolean {
  const value = fieldOf(fields, name);
  if (typeof value !== 'boolean') throw new RequestError(`${name}: expected true or false`);
  return value;
}

/** One of the texts that are there to choose from. */
export function choiceField<T extends string>(
  fields: Fields,
  name: string,
  choices: readonly T[],
): T {
  const value = fieldOf(fields, name);
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  throw new RequestError(`${name}: expected one of ${choices.join(', ')}, got ${show(value)}`);
}

export function objectField(fields: Fields, name: string): Fields {
  return asFields(fieldOf(fields, name) ?? NO_FIELDS, name);
}

export function listField(fields: Fields, name: string): readonly unknown[] {
  const value = fieldOf(fields, name) ?? [];
  if (!Array.isArray(value)) throw new RequestError(`${name}: expected a list`);
  return value;
}

export function asFields(value: unknown, name: string): Fields {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject) throw new RequestError(`${name}: expected an object, got ${show(value)}`);
  return value as Fields;
}

/** Whether the field is there; null is how Rust writes down that it is not. */
export function isGiven(fields: Fields, name: string): boolean {
  const value = fieldOf(fields, name);
  return value !== undefined && value !== null;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

export function principalToBase64(principal: Principal): string {
  return toBase64(principal.toUint8Array());
}

/** What every object inherits, such as `constructor`, is no field of the request. */
function fieldOf(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Copied out of Node's shared pool, because some readers of bytes look at the whole buffer. */
function fromBase64(text: string, name: string): Uint8Array {
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  if (!isBase64) throw new RequestError(`${name}: expected base64 with padding`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function parseWith(parse: (text: string) => unknown, body: Uint8Array): Fields {
  if (body.length === 0) return NO_FIELDS;
  return asFields(parsed(parse, body) ?? NO_FIELDS, 'the body');
}

function parsed(parse: (text: string) => unknown, body: Uint8Array): unknown {
  try {
    return parse(new TextDecoder().decode(body));
  } catch (thrown) {
    throw new RequestError(`malformed JSON: ${(thrown as Error).message}`);
  }
}

const SHOWN_LENGTH_MAX = 60;

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
}
