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

/** The fields of a JSON object; an empty body is an object without fields. */
export type Fields = Readonly<Record<string, unknown>>;

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
  return JSONStringify(value);
}

export function textField(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new RequestError(`${name}: expected a text`);
  return value;
}

export function blobField(fields: Fields, name: string): Uint8Array {
  return fromBase64(textField(fields, name));
}

export function principalField(fields: Fields, name: string): Principal {
  return Principal.fromUint8Array(blobField(fields, name));
}

export function integerField(fields: Fields, name: string): bigint {
  const value = fields[name];
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!whole || (value as number) < 0) throw new RequestError(`${name}: expected an integer`);
  return BigInt(value as number);
}

export function objectField(fields: Fields, name: string): Fields {
  const value = fields[name] ?? {};
  if (typeof value !== 'object') throw new RequestError(`${name}: expected an object`);
  return value as Fields;
}

/** Copied out of Node's shared pool, because some readers of bytes look at the whole buffer. */
function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

export function principalToBase64(principal: Principal): string {
  return toBase64(principal.toUint8Array());
}

function parseWith(parse: (text: string) => unknown, body: Uint8Array): Fields {
  if (body.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = parse(new TextDecoder().decode(body));
  } catch (thrown) {
    throw new RequestError(`malformed JSON: ${(thrown as Error).message}`);
  }
  if (typeof parsed === 'object' && parsed !== null) return parsed as Fields;
  throw new RequestError('expected a JSON object');
}
