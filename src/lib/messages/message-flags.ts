/**
 * The flags of a message: 32 bits, of which three have a meaning. The others are kept as they are.
 *
 *     BIT  FLAG
 *       0  first of its batch
 *       1  last of its batch
 *       2  may be degraded
 *
 * Source: `specs/limen.md` section 1.3; crate `limen-core`, `MessageFlags`. There `contains` is
 * true where *any* bit of a mask is set; here {@link MessageFlags.contains} means all of them, as
 * the word says, and {@link MessageFlags.intersects} means any.
 */
import { assertSize } from '../guards.js';

const BITS_MAX = 0xffff_ffff;

/**
 * A set of flags; never changes.
 *
 * @example
 * const flags = MessageFlags.empty.with(MessageFlags.FIRST_IN_BATCH);
 * flags.isFirst; // true
 */
export class MessageFlags {
  static readonly FIRST_IN_BATCH = 1 << 0;
  static readonly LAST_IN_BATCH = 1 << 1;
  static readonly DEGRADE_ALLOWED = 1 << 2;

  /** No flag at all. */
  static readonly empty = new MessageFlags(0);

  private constructor(
    /** From 0 to 2^32 - 1. */
    readonly bits: number,
  ) {}

  /** The flags of these bits, those without a meaning included. Throws `RangeError`. O(1). */
  static fromBits(bits: number): MessageFlags {
    return assertSize('bits of flags', bits, BITS_MAX) === 0
      ? MessageFlags.empty
      : new MessageFlags(bits);
  }

  /** These and the bits of `mask`. O(1). */
  with(mask: number): MessageFlags {
    return MessageFlags.fromBits((this.bits | mask) >>> 0);
  }

  /** These but for the bits of `mask`. O(1). */
  without(mask: number): MessageFlags {
    return MessageFlags.fromBits((this.bits & ~mask) >>> 0);
  }

  /** Whether every bit of `mask` is set. O(1). */
  contains(mask: number): boolean {
    return (this.bits & mask) === (mask | 0);
  }

  /** Whether some bit of `mask` is set. O(1). */
  intersects(mask: number): boolean {
    return (this.bits & mask) !== 0;
  }

  get isFirst(): boolean {
    return this.contains(MessageFlags.FIRST_IN_BATCH);
  }

  get isLast(): boolean {
    return this.contains(MessageFlags.LAST_IN_BATCH);
  }

  get canDegrade(): boolean {
    return this.contains(MessageFlags.DEGRADE_ALLOWED);
  }
}
