/**
 * Text to UTF-8 and back, strictly. The bytes of a text are also its order: comparing UTF-8 byte by
 * byte gives the order of code points, which is how Rust orders strings.
 *
 * In a canister `TextEncoder` is a polyfill that takes 630,000 instructions for 40 characters; the
 * kernel takes some ten thousand. Elsewhere the platform's own is the fastest.
 */
import { putBytes } from './codec.js';
import { corrupted } from './errors.js';
import { kernel, NOT_UNICODE, type Kernel } from './kernel-client.js';

/** The platform's, declared here because this room is compiled without any platform's types. */
declare const TextEncoder: new () => {
  encode(text: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number };
};
declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

/** ES2024, which QuickJS and every supported Node have; the library is typed for ES2022. */
interface WellFormable {
  isWellFormed(): boolean;
}

/** Made on first use and used for all calls: making one costs more than a short text does. */
let encoder: InstanceType<typeof TextEncoder> | undefined;
let decoder: InstanceType<typeof TextDecoder> | undefined;

/** The kernel and its staging area, as soon as there was a text for it: asking is half the cost. */
let staged: Kernel | undefined;
let staging: Uint8Array | undefined;

/**
 * The text in UTF-8, in an array of its own. An unpaired surrogate, which UTF-8 cannot hold,
 * becomes U+FFFD, as in `TextEncoder`. O(n).
 *
 * @example
 * encodeUtf8('é'); // Uint8Array [0xc3, 0xa9]
 */
export function encodeUtf8(text: string): Uint8Array {
  const connected = kernel();
  if (connected !== undefined) return connected.encode(text);
  return (encoder ??= new TextEncoder()).encode(text);
}

/**
 * As {@link encodeUtf8}, into `target` from `offset` on. Returns where the bytes end; or -1 where
 * `target` has no room for them, or `NOT_UNICODE` for half a surrogate pair: then those behind
 * `offset` may be anything. O(n).
 *
 * @example
 * encodeUtf8Into('é', target, 2); // 4
 */
export function encodeUtf8Into(text: string, target: Uint8Array, offset: number): number {
  if (target === staging) return staged!.stageText(text, offset);
  if (!isWellFormed(text)) return NOT_UNICODE;
  const connected = kernel();
  if (connected === undefined) return encodeOnPlatform(text, target, offset);
  staged = connected;
  staging = connected.staging;
  if (target === staging) return connected.stageText(text, offset);
  return putBytes(connected.encode(text), target, offset);
}

function encodeOnPlatform(text: string, target: Uint8Array, offset: number): number {
  if (offset > target.length) return -1;
  const window = target.subarray(offset);
  const { read, written } = (encoder ??= new TextEncoder()).encodeInto(text, window);
  return read === text.length ? offset + written : -1;
}

/**
 * The text of bytes in UTF-8. Nothing is repaired and nothing left out, also not a byte order
 * mark. O(n). Throws `CORRUPTED` for bytes that are not valid UTF-8.
 *
 * @example
 * decodeUtf8(Uint8Array.of(0xc3, 0xa9)); // 'é'
 */
export function decodeUtf8(bytes: Uint8Array): string {
  const connected = kernel();
  const text = connected === undefined ? decodeOnPlatform(bytes) : connected.decode(bytes);
  if (text === undefined) throw corrupted('text', 'valid UTF-8', 'other bytes');
  return text;
}

/** As {@link decodeUtf8}, of the bytes from `start` up to `end`, which lie within the array. */
export function decodeUtf8Range(bytes: Uint8Array, start: number, end: number): string {
  const text = tryDecodeUtf8Range(bytes, start, end);
  if (text === undefined) throw corrupted('text', 'valid UTF-8', 'other bytes');
  return text;
}

/** As {@link decodeUtf8Range}, but answers `undefined` for bytes that are not valid UTF-8. */
export function tryDecodeUtf8Range(
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  const connected = kernel();
  if (connected === undefined) return decodeOnPlatform(bytes.subarray(start, end));
  return connected.decodeRange(bytes, start, end);
}

/** Whether UTF-8 can hold the text: no surrogate is without its other half. O(n). */
export function isWellFormed(text: string): boolean {
  return (text as unknown as WellFormable).isWellFormed();
}

function decodeOnPlatform(bytes: Uint8Array): string | undefined {
  const used = (decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }));
  try {
    return used.decode(bytes);
  } catch {
    // One that has failed is in no defined state: the next call makes another one.
    decoder = undefined;
    return undefined;
  }
}
