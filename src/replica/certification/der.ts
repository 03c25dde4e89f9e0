/**
 * Public keys in their DER form, as the Internet Computer names and exchanges them: a sequence of
 * an algorithm and a bit string.
 *
 * An algorithm has one encoding, so it is compared as bytes; nothing in it is interpreted. Lengths
 * have one encoding too: whatever is not the shortest is refused.
 *
 * Source: RFC 5280 section 4.1; IC interface specification, "Signatures".
 */
import { concatBytes } from '../bytes.js';
import { hex } from '../hex.js';

/** The algorithms by the bytes inside their sequence. */
const ALGORITHMS = {
  bls: '060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201',
  ed25519: '06032b6570',
  p256: '06072a8648ce3d020106082a8648ce3d030107',
  secp256k1: '06072a8648ce3d020106052b8104000a',
  cose: '060a2b0601040183b8430101',
  canister: '060a2b0601040183b8430102',
} as const;

export type Algorithm = keyof typeof ALGORITHMS;

export interface PublicKey {
  readonly algorithm: Algorithm;
  readonly key: Uint8Array;
}

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const INTEGER = 0x02;
const LONG_LENGTH = 0x80;

export function publicKeyToDer({ algorithm, key }: PublicKey): Uint8Array {
  const bits = element(BIT_STRING, concatBytes(Uint8Array.of(0), key));
  const identifier = element(SEQUENCE, fromHex(ALGORITHMS[algorithm]));
  return element(SEQUENCE, concatBytes(identifier, bits));
}

/** Undefined where the bytes are not exactly one key of an algorithm that is known. */
export function publicKeyFromDer(der: Uint8Array): PublicKey | undefined {
  const outer = readElement(der, SEQUENCE);
  if (outer === undefined || outer.rest.length > 0) return undefined;
  const identifier = readElement(outer.content, SEQUENCE);
  const bits = identifier && readElement(identifier.rest, BIT_STRING);
  if (bits === undefined || bits.rest.length > 0 || bits.content[0] !== 0) return undefined;
  const name = hex(identifier!.content);
  const known = Object.entries(ALGORITHMS).find(([, bytes]) => bytes === name);
  return known && { algorithm: known[0] as Algorithm, key: bits.content.subarray(1) };
}

/** The form of an RSA key that names no algorithm: modulus and exponent. */
export function rsaKeyToDer(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return element(SEQUENCE, concatBytes(positive(modulus), positive(exponent)));
}

/** A leading zero keeps a number positive whose first bit is set. */
function positive(bytes: Uint8Array): Uint8Array {
  return element(INTEGER, bytes[0]! >= LONG_LENGTH ? concatBytes(Uint8Array.of(0), bytes) : bytes);
}

function element(tag: number, content: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(tag, ...lengthBytes(content.length)), content);
}

function lengthBytes(length: number): number[] {
  if (length < LONG_LENGTH) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [LONG_LENGTH + bytes.length, ...bytes];
}

interface Element {
  readonly content: Uint8Array;
  readonly rest: Uint8Array;
}

function readElement(bytes: Uint8Array, tag: number): Element | undefined {
  if (bytes[0] !== tag || bytes.length < 2) return undefined;
  const long = bytes[1]! >= LONG_LENGTH ? bytes[1]! - LONG_LENGTH : 0;
  if (long > 2 || bytes.length < 2 + long) return undefined;
  const length = long === 0 ? bytes[1]! : bytes.subarray(2, 2 + long).reduce(bigEndian, 0);
  const start = 2 + long;
  const shortest = lengthBytes(length).length === start - 1;
  if (!shortest || bytes.length < start + length) return undefined;
  return { content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

function bigEndian(value: number, byte: number): number {
  return value * 0x100 + byte;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g)!, (byte) => parseInt(byte, 16));
}

const SCALAR_SIZE = 32;

/** The form r . s of an ECDSA signature on a curve of 256 bits. */
export function ecdsaSignatureFromDer(der: Uint8Array): Uint8Array | undefined {
  const outer = readElement(der, SEQUENCE);
  const r = outer && readElement(outer.content, INTEGER);
  const s = r && readElement(r.rest, INTEGER);
  if (s === undefined || s.rest.length > 0 || outer!.rest.length > 0) return undefined;
  const scalars = [r!.content, s.content].map((bytes) => (bytes[0] === 0 ? bytes.slice(1) : bytes));
  if (scalars.some((bytes) => bytes.length > SCALAR_SIZE)) return undefined;
  const signature = new Uint8Array(2 * SCALAR_SIZE);
  scalars.forEach((bytes, index) => {
    signature.set(bytes, (index + 1) * SCALAR_SIZE - bytes.length);
  });
  return signature;
}
