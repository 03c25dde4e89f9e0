/**
 * The bound of the elements, as a field in the header of a structure that keeps them in slots:
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  largest size of an element in bytes, little-endian
 *          4     1  1 = all elements have that size, 0 = they need not
 *
 * It is all that is known of their type, and a structure opens only with a codec of this bound.
 *
 * Source: `specs/ic-stable-structures.md` section 4.2.
 */
import { readU32, writeU32 } from '../bytes.js';
import type { Codec } from '../codec.js';
import { assertCodec } from '../codecs/refusals.js';
import type { LimitedBound } from '../codecs/tuple-layout.js';
import { corrupted, StorageError } from '../errors.js';
import { assertSize } from '../guards.js';

const SIZE_MAX_OFFSET = 0;
const IS_FIXED_OFFSET = SIZE_MAX_OFFSET + 4;
/** Bytes of the field. */
export const BOUND_SIZE = IS_FIXED_OFFSET + 1;

const ELEMENT_SIZE_MAX = 0xffff_ffff;

/** Where each part lies, for the test that compares the table above with the code. */
export const BOUND_LAYOUT = { sizeMax: SIZE_MAX_OFFSET, isFixed: IS_FIXED_OFFSET } as const;

/** The bound of a codec whose values fit slots. Throws `INCOMPATIBLE_TYPE` where it has none. */
export function boundForSlots<T>(structure: string, codec: Codec<T>): LimitedBound {
  assertCodec(structure, codec);
  const { name, bound } = codec;
  if (bound !== 'unbounded') {
    assertSize(`largest size of ${name}`, bound.maxSize, ELEMENT_SIZE_MAX);
    return bound;
  }
  throw new StorageError(
    'INCOMPATIBLE_TYPE',
    `${structure}: values of ${name} can have any size, and a slot cannot. Use a codec with a ` +
      'bound, such as blob(64); a vector of elements of any size is an UnboundedVec.',
    { structure, codec: name },
  );
}

export function writeBound(header: Uint8Array, offset: number, bound: LimitedBound): void {
  writeU32(header, offset + SIZE_MAX_OFFSET, bound.maxSize);
  header[offset + IS_FIXED_OFFSET] = bound.fixedSize ? 1 : 0;
}

/** Throws `INCOMPATIBLE_TYPE` unless the stored bound is that of the codec; `CORRUPTED`. */
export function assertStoredBound<T>(
  structure: string,
  codec: Codec<T>,
  header: Uint8Array,
  offset: number,
): void {
  const flag = header[offset + IS_FIXED_OFFSET]!;
  if (flag > 1) throw corrupted('mark of a fixed size', '0 or 1', flag);
  const stored = { maxSize: readU32(header, offset + SIZE_MAX_OFFSET), fixedSize: flag === 1 };
  const [expected, found] = [inWords(stored), inWords(boundForSlots(structure, codec))];
  if (expected === found) return;
  throw new StorageError(
    'INCOMPATIBLE_TYPE',
    `the ${structure} holds elements of ${expected}, and ${codec.name} has ${found}. ` +
      'Open it with the codec that it was made with.',
    { structure, codec: codec.name, expected, found },
  );
}

function inWords({ maxSize, fixedSize }: LimitedBound): string {
  return `${fixedSize ? 'exactly' : 'at most'} ${maxSize} bytes`;
}
