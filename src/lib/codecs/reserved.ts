/**
 * The place of a field that a record no longer has. Fields go by their place in the declaration, so
 * one that is simply deleted would hand its number to the next.
 *
 *     record({ name: text, nickname: reserved, bio: optional(text) })
 *
 * Here `bio` stays number 3, what old records hold as number 2 is skipped, and the name says what
 * it was. Nobody can give the number to another field without seeing that it was taken.
 *
 * Source: design section 5.
 */
import type { Codec } from '../codec.js';
import { corrupted } from '../errors.js';
import { wrongType } from './refusals.js';

/** The type of {@link reserved}, which no value has. */
export interface ReservedCodec extends Codec<never> {
  readonly isReserved: true;
}

/**
 * Stands for a removed field in the declaration of a record: its number is not used again, and the
 * record has no property of that name. Anywhere else it is a codec without values: it refuses
 * every one with `TypeError`, and all stored bytes with `CORRUPTED`.
 *
 * @example
 * const user = record({ name: text, nickname: reserved, bio: optional(text) });
 * user.encode({ name: 'Ada', bio: 'Poet' });
 */
export const reserved: ReservedCodec = {
  name: 'reserved',
  bound: 'unbounded',
  isReserved: true,
  encode(value) {
    throw wrongType('reserved', 'no value', value);
  },
  decode(bytes) {
    throw corrupted('reserved', 'no value', `${bytes.length} bytes`);
  },
};

/** Whether a codec is {@link reserved}. */
export function isReserved(codec: Codec<unknown>): codec is ReservedCodec {
  return 'isReserved' in codec;
}
