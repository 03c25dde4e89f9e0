/**
 * A principal: the name of a user or canister, 0 to 29 bytes.
 *
 * This library depends on no other, so it has a principal of its own. To work with the ones that
 * an application already has, `Principal` is an *interface* with a maker of the same name: whatever
 * has these methods is a `Principal`, such as the class of `@dfinity/principal`; and ours has all
 * that Candid asks of one at run time.
 *
 * Source: the Internet Computer interface specification, "Principals".
 */
import { compareBytes } from './bytes.js';
import { compareWhole } from './codec.js';
import { assertBytes } from './guards.js';
import { principalFromText, principalToText } from './principal-text.js';

/** A principal has at most this many bytes. */
export const PRINCIPAL_SIZE_MAX = 29;

/** The principal of a caller without identity is this one byte. */
const ANONYMOUS_BYTE = 4;

/** What every principal can do, whoever's class it is. */
export interface Principal {
  /** Marks principals; Candid encoders look for it. */
  readonly _isPrincipal: true;

  /** The bytes, 0 to 29 of them. Do not change them. O(1). */
  toUint8Array(): Uint8Array;

  /** The text form, such as `rrkah-fqaaa-aaaaa-aaaaq-cai`. O(length). */
  toText(): string;

  /** As {@link Principal.toText}, so that a template string shows it. */
  toString(): string;

  /** Whether it stands for a caller without identity. O(1). */
  isAnonymous(): boolean;

  /**
   * Compares byte by byte, a prefix first, as `@dfinity/principal` does. This is *not* the order of
   * keys in a map, where a shorter principal comes first. O(length).
   */
  compareTo(other: Principal): 'lt' | 'eq' | 'gt';
}

class BytesPrincipal implements Principal {
  readonly _isPrincipal = true;

  constructor(private readonly bytes: Uint8Array) {}

  toUint8Array(): Uint8Array {
    return this.bytes;
  }

  toText(): string {
    return principalToText(this.bytes);
  }

  toString(): string {
    return this.toText();
  }

  isAnonymous(): boolean {
    return this.bytes.length === 1 && this.bytes[0] === ANONYMOUS_BYTE;
  }

  compareTo(other: Principal): 'lt' | 'eq' | 'gt' {
    const order = compareWhole(compareBytes, this.bytes, other.toUint8Array());
    if (order === 0) return 'eq';
    return order < 0 ? 'lt' : 'gt';
  }
}

/**
 * The principal that keeps these very bytes, which are nobody else's and no more than 29. O(1).
 * For this library, which has made them and checked them.
 */
export function principalWith(bytes: Uint8Array): Principal {
  return new BytesPrincipal(bytes);
}

/**
 * Makes principals.
 *
 * @example
 * const ledger = Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai');
 * ledger.toUint8Array().length; // 10
 */
export const Principal = {
  /**
   * The principal of a text form. O(length). Throws `TypeError` for what is no string,
   * `RangeError` for a wrong checksum, length, character or dash.
   */
  fromText(text: string): Principal {
    return Principal.fromUint8Array(principalFromText(text));
  },

  /**
   * The principal of these bytes, which are copied. O(length). Throws `TypeError` for what is no
   * `Uint8Array`, `RangeError` for more than 29 bytes.
   */
  fromUint8Array(bytes: Uint8Array): Principal {
    const { length } = assertBytes('principal', bytes);
    if (length > PRINCIPAL_SIZE_MAX) {
      throw new RangeError(
        `principal: expected at most ${PRINCIPAL_SIZE_MAX} bytes, got ${length}`,
      );
    }
    return new BytesPrincipal(new Uint8Array(bytes));
  },

  /** The principal of a caller without identity, `2vxsx-fae`. O(1). */
  anonymous(): Principal {
    return new BytesPrincipal(Uint8Array.of(ANONYMOUS_BYTE));
  },

  /** The principal of the management canister, `aaaaa-aa`: no bytes. O(1). */
  managementCanister(): Principal {
    return new BytesPrincipal(new Uint8Array(0));
  },
} as const;
