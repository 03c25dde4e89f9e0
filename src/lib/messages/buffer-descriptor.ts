/**
 * How many bytes a payload has: those of its encoding, so that the number is the same on every
 * machine. (In the original it counts words of the processor.)
 *
 * Source: `specs/limen.md` sections 1.2 and 9.7; crate `limen-core`, `BufferDescriptor`.
 */
import type { Codec } from '../codec.js';
import { StorageError } from '../errors.js';
import { kind } from '../guards.js';

/** The size of a payload. */
export interface BufferDescriptor {
  /** In bytes. */
  readonly byteLength: number;
}

/** Tells the size of a payload. */
export type Describe<P> = (payload: P) => BufferDescriptor;

const NOTHING: BufferDescriptor = { byteLength: 0 };

/**
 * The descriptor of a payload that consists of bytes: a `Uint8Array`, another typed array, an array
 * buffer; `undefined` is a payload of none. O(1).
 *
 * Throws `INVALID_VALUE` for any other, whose size its codec knows: see {@link describedBy}.
 */
export function describeBytes(payload: unknown): BufferDescriptor {
  if (payload === undefined) return NOTHING;
  const { byteLength } = (payload ?? {}) as Partial<BufferDescriptor>;
  if (typeof byteLength === 'number') return { byteLength };
  throw new StorageError(
    'INVALID_VALUE',
    `payload: expected bytes, whose size shows, found ${kind(payload)}. ` +
      'Give the manager a describe function, such as describedBy(codec).',
    { found: kind(payload) },
  );
}

/**
 * Tells the size of payloads by a codec, which encodes each one for it. O(size of the payload).
 *
 * @example
 * const inbox = HeapMessageManager.create({ capacity: 100, describe: describedBy(text) });
 */
export function describedBy<P>(codec: Codec<P>): Describe<P> {
  return (payload) => ({ byteLength: codec.encode(payload).length });
}
