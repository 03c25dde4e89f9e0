/**
 * A message as bytes, for the managers that keep messages so: the header (`header-bytes.ts`), then
 * the payload as its codec encodes it. How long the payload is, the header says.
 *
 * Source: `specs/limen.md` sections 9.5 and 9.7.
 */
import { decodeRange, encodeChecked, type Codec } from '../codec.js';
import { assertCodec } from '../codecs/refusals.js';
import { corrupted, StorageError } from '../errors.js';
import { assertSize } from '../guards.js';
import { MESSAGE_HEADER_SIZE, readHeader, writeHeader } from './header-bytes.js';
import { assertMemoryClass, type MemoryClass } from './memory-class.js';
import type { MessageHeader } from './message-header.js';

/** The longest payload that a header can tell of. */
export const PAYLOAD_SIZE_MAX = 0xffff_ffff;

/** What a manager must be told of its payloads. */
export interface PayloadType<P> {
  readonly codec: Codec<P>;
  /** In bytes; needed for a codec without a bound, and never above the codec's own. */
  readonly payloadSizeMax?: number | undefined;
}

/** Turns messages of one type and one memory class into bytes and back. */
export class MessageBytes<P> {
  readonly codec: Codec<P>;
  /** In bytes. */
  readonly payloadSizeMax: number;

  /**
   * Throws `INCOMPATIBLE_TYPE` for a codec without a bound and no other bound for it; `TypeError`
   * and `RangeError` for what is no codec, no class of memory or no size.
   */
  constructor(
    { codec, payloadSizeMax = PAYLOAD_SIZE_MAX }: PayloadType<P>,
    readonly memoryClass: MemoryClass,
  ) {
    assertCodec('payload', codec);
    assertSize('payloadSizeMax', payloadSizeMax, PAYLOAD_SIZE_MAX);
    assertMemoryClass(memoryClass);
    this.codec = codec;
    this.payloadSizeMax = Math.min(boundOf(codec), payloadSizeMax);
    if (this.payloadSizeMax >= PAYLOAD_SIZE_MAX) throw withoutBound(codec.name);
  }

  /** Bytes of the largest message. */
  get sizeMax(): number {
    return MESSAGE_HEADER_SIZE + this.payloadSizeMax;
  }

  /**
   * The bytes of a message, its header stamped with size and class, behind `room` zeros for what
   * else a slot has. Throws as the codec does, and `VALUE_TOO_LARGE`. O(size of the payload).
   */
  encode(header: MessageHeader, payload: P, room = 0): Uint8Array {
    const encoded = encodeChecked(this.codec, payload);
    const payloadSize = encoded.length;
    if (payloadSize > this.payloadSizeMax) throw this.#tooLarge(payloadSize);
    const bytes = new Uint8Array(room + MESSAGE_HEADER_SIZE + payloadSize);
    writeHeader(bytes, room, header, payloadSize, this.memoryClass);
    bytes.set(encoded, room + MESSAGE_HEADER_SIZE);
    return bytes;
  }

  /** The header at `start`. Throws `CORRUPTED`, also for a payload above the bound. O(1). */
  readHeader(bytes: Uint8Array, start: number): MessageHeader {
    const header = readHeader(bytes, start);
    const { payloadSize } = header;
    if (payloadSize <= this.payloadSizeMax) return header;
    throw corrupted('size of a payload', `at most ${this.payloadSizeMax}`, payloadSize);
  }

  /** The payload of `size` bytes at `start`. Throws `CORRUPTED`. O(size). */
  readPayload(bytes: Uint8Array, start: number, size: number): P {
    return decodeRange(this.codec, bytes, start, start + size);
  }

  #tooLarge(size: number): StorageError {
    return new StorageError(
      'VALUE_TOO_LARGE',
      `payload of type ${this.codec.name}: expected at most ${this.payloadSizeMax} bytes, ` +
        `found ${size}. Nothing was stored; make the manager with a larger bound.`,
      { codec: this.codec.name, maxSize: this.payloadSizeMax, size },
    );
  }
}

function boundOf<P>({ bound }: Codec<P>): number {
  return bound === 'unbounded' ? PAYLOAD_SIZE_MAX : bound.maxSize;
}

function withoutBound(codec: string): StorageError {
  return new StorageError(
    'INCOMPATIBLE_TYPE',
    `a slot has a fixed size, and ${codec} has no bound. Give payloadSizeMax, in bytes.`,
    { codec },
  );
}
