/**
 * One of a few names, stored as its number: its place in the declaration, from 0 on.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  number of the name
 *
 * or, where more than 256 names are declared, the number in 2 bytes, big-endian.
 *
 * Names may be added at the end, up to the 256th, without touching what is stored. A name may be
 * changed: all that it was stored for is then called by the new one. Taking one out, or changing
 * their order, gives stored values another meaning, which nothing can notice; leave a name that is
 * no longer used where it is.
 *
 * Source: the gap in `specs/ic-stable-structures.md` section 5.1; golden vectors
 * `test/golden/codecs.txt`.
 */
import { compareBytes } from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { corrupted } from '../errors.js';
import { fixedSizeParts } from './fixed-size.js';
import { invalidValue, wrongType } from './refusals.js';
import { u16, u8 } from './unsigned.js';

const NAME_COUNT_IN_1_BYTE = 0x100;
const NAME_COUNT_MAX = 0x1_0000;

/**
 * A codec for one of these names, ordered as they are declared. O(1).
 *
 * The codec throws `TypeError` for what is no string, `INVALID_VALUE` for another name, `CORRUPTED`
 * for stored bytes that are the number of none. `enumeration` itself throws `TypeError` for what is
 * no string, `RangeError` for no names, a name twice, and more than 65,536.
 *
 * @param names All values, in their order.
 *
 * @example
 * const status = enumeration('open', 'paid', 'closed');
 * const orders = BTreeMap.init(memory.get(0), u64, record({ status, total: u64 }));
 * orders.insert(1n, { status: 'open', total: 5n });
 */
export function enumeration<const Names extends readonly string[]>(
  ...names: Names
): KeyCodec<Names[number]> {
  const numbers = numbersOf(names);
  const number = names.length <= NAME_COUNT_IN_1_BYTE ? u8 : u16;
  const size = number === u8 ? 1 : 2;
  const name = `enumeration(${names.join(', ')})`;
  return {
    ...fixedSizeParts(name, size, (bytes, offset) => {
      const index = number.decodeAt!(bytes, offset, offset + size);
      const found = names[index];
      if (found === undefined) throw corrupted(name, `a number below ${names.length}`, index);
      return found;
    }),
    order: compareBytes,
    encode: (value) => number.encode(numberOf(value)),
    encodeInto: (value, target, offset) => number.encodeInto!(numberOf(value), target, offset),
  };

  function numberOf(value: string): number {
    if (typeof value !== 'string') throw wrongType(name, 'a string', value);
    const index = numbers.get(value);
    if (index === undefined) throw invalidValue(name, 'one of its names', JSON.stringify(value));
    return index;
  }
}

function numbersOf(names: readonly string[]): ReadonlyMap<string, number> {
  for (const name of names) {
    if (typeof name !== 'string') throw wrongType('enumeration', 'names', name);
  }
  const numbers = new Map(names.map((name, index) => [name, index]));
  if (numbers.size !== names.length) {
    throw new RangeError('enumeration: expected each name once, got one of them twice');
  }
  if (names.length === 0 || names.length > NAME_COUNT_MAX) {
    throw new RangeError(`enumeration: expected 1 to ${NAME_COUNT_MAX} names, got ${names.length}`);
  }
  return numbers;
}
