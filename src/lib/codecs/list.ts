/**
 * Any number of values of one type, one after another. Rust's crate has no `Vec<T>` but that of
 * bytes, so the layout is ours: the type of the elements, in the type byte of `field-type.ts`,
 * and then each element. Where that type does not say the size, it comes before the element.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  type of the elements: shape << 5 | kind; shape 0 where sizes follow
 *
 * and for each element:
 *
 *     OFFSET  SIZE  FIELD
 *          0   1/5  size of the element, see `size-field.ts`; absent where the shape says it
 *       then  size  the element, as its own codec encodes it
 *
 * The type is there so that a list whose elements changed their type is refused, not misread. The
 * elements of a list are read all at once: for thousands of them a structure of its own is better.
 *
 * Lists are compared element by element; of two that agree as far as the shorter goes, the shorter
 * comes first.
 *
 * Source: the gap in `specs/ic-stable-structures.md` section 5.1; golden vectors
 * `test/golden/codecs.txt`.
 */
import { compareBytes } from '../bytes.js';
import {
  decodeRange,
  encodeCheckedInto,
  type ByteOrder,
  type Codec,
  type KeyCodec,
} from '../codec.js';
import { corrupted, StorageError } from '../errors.js';
import { encodeByWriting } from './encode-by-writing.js';
import {
  fieldTypeOf,
  SIZE_IS_STORED,
  SIZE_OF_SHAPE,
  typeByteOf,
  type FieldType,
} from './field-type.js';
import { assertCodec, isKeyCodec, wrongType } from './refusals.js';
import { locateFixed, locateSized, putSizeBefore } from './size-field.js';

const TYPE_SIZE = 1;

/** Where the element at an offset lies. */
type Locate = (
  bytes: Uint8Array,
  offset: number,
  end: number,
) => readonly [start: number, end: number];

/**
 * A codec for arrays whose elements have this codec. Where they have an order, so has the list, and
 * it can be a key. O(total length).
 *
 * Throws `TypeError` for what is no array, `VALUE_TOO_LARGE` for an element above its bound,
 * `INCOMPATIBLE_TYPE` for a stored list of another type, `CORRUPTED` for stored bytes that are no
 * list, and what its elements throw; `list` itself throws `TypeError` for what is no codec.
 *
 * @example
 * const tagsOf = BTreeMap.init(memory.get(0), u64, list(text));
 * tagsOf.insert(1n, ['canister', 'typescript']);
 */
export function list<T>(element: KeyCodec<T>): KeyCodec<readonly T[]>;
export function list<T>(element: Codec<T>): Codec<readonly T[]>;
export function list<T>(element: Codec<T>): Codec<readonly T[]> {
  assertCodec('list element', element);
  const type = fieldTypeOf(element);
  const codec = codecFor(element, type);
  if (!isKeyCodec(element)) return codec;
  const isByBytes = element.order === compareBytes && type.shape !== SIZE_IS_STORED;
  const order = isByBytes ? compareBytes : orderOf(element.order, locatorOf(type));
  const keyCodec: KeyCodec<readonly T[]> = { ...codec, order };
  return keyCodec;
}

function codecFor<T>(element: Codec<T>, type: FieldType): Codec<readonly T[]> {
  const name = `list(${element.name})`;
  const typeByte = typeByteOf(type, type.shape);
  const locate = locatorOf(type);
  const isSized = type.shape === SIZE_IS_STORED;
  return {
    name,
    bound: 'unbounded',
    encode: (value) => encodeByWriting(encodeInto, value),
    encodeInto,
    decode: (bytes) => decodeAt(bytes, 0, bytes.length),
    decodeAt,
  };

  function encodeInto(value: readonly T[], target: Uint8Array, offset: number): number {
    if (!Array.isArray(value)) throw wrongType(name, 'an array', value);
    if (offset >= target.length) return -1;
    target[offset] = typeByte;
    let end = offset + TYPE_SIZE;
    for (const each of value as readonly T[]) {
      end = isSized ? writeSized(each, target, end) : encodeCheckedInto(element, each, target, end);
      if (end < 0) return -1;
    }
    return end;
  }

  function writeSized(value: T, target: Uint8Array, offset: number): number {
    const end = encodeCheckedInto(element, value, target, offset + 1);
    return end < 0 ? -1 : putSizeBefore(target, offset, end);
  }

  function decodeAt(bytes: Uint8Array, start: number, end: number): T[] {
    assertType(name, typeByte, start < end ? bytes[start] : undefined);
    const values: T[] = [];
    for (let offset = start + TYPE_SIZE; offset < end;) {
      const [valueStart, valueEnd] = locate(bytes, offset, end);
      values.push(decodeRange(element, bytes, valueStart, valueEnd));
      offset = valueEnd;
    }
    return values;
  }
}

/** Every element takes one byte at least, so that a walk over them comes to an end. */
function locatorOf({ shape }: FieldType): Locate {
  if (shape === SIZE_IS_STORED) return locateSized;
  const size = SIZE_OF_SHAPE[shape]!;
  return (_bytes, offset, end) => locateFixed(offset, size, end);
}

function assertType(name: string, expected: number, found: number | undefined): void {
  if (found === undefined) throw corrupted(name, 'at least 1 byte', 0);
  if (found === expected) return;
  throw new StorageError(
    'INCOMPATIBLE_TYPE',
    `${name}: expected elements of type ${expected}, found ${found}. Read the list with the ` +
      'codec that it was stored with.',
    { codec: name, expected, found },
  );
}

function orderOf(order: ByteOrder, locate: Locate): ByteOrder {
  return (left, leftStart, leftEnd, right, rightStart, rightEnd) => {
    let l = leftStart + TYPE_SIZE;
    let r = rightStart + TYPE_SIZE;
    while (l < leftEnd && r < rightEnd) {
      const [lStart, lEnd] = locate(left, l, leftEnd);
      const [rStart, rEnd] = locate(right, r, rightEnd);
      const sign = order(left, lStart, lEnd, right, rStart, rEnd);
      if (sign !== 0) return sign;
      l = lEnd;
      r = rEnd;
    }
    return Number(l < leftEnd) - Number(r < rightEnd);
  };
}
