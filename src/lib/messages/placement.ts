/**
 * Which classes of memory a port takes a payload from without a copy: a set, kept as bits.
 *
 *     BIT      CLASS
 *     0        host
 *     1        pinned host
 *     2 to 17  device 0 to device 15
 *     18       shared
 *
 * A device above 15 has no bit. The original keeps the low four bits of the ordinal, so that device
 * 17 passes for device 1; here it is refused, and never accepted.
 *
 * Source: `specs/limen.md` section 1.5; crate `limen-core`, `PlacementAcceptance`.
 */
import { assertSize } from '../guards.js';
import { MemoryClass } from './memory-class.js';

const HOST_BIT = 1 << 0;
const PINNED_HOST_BIT = 1 << 1;
const FIRST_DEVICE = 2;
const SHARED_BIT = 1 << 18;
const ALL_DEVICES = SHARED_BIT - (1 << FIRST_DEVICE);

const BITS_MAX = 0xffff_ffff;

/** The highest ordinal of a device that can be accepted. */
export const ACCEPTED_DEVICE_MAX = 15;

/** Whether a payload can be handed on as it is, or has to be brought elsewhere first. */
export type PlacementDecision = 'zero-copy' | 'adapt-required';

/**
 * A set of memory classes; never changes.
 *
 * @example
 * const acceptance = PlacementAcceptance.hostAll.withDevice(2);
 * acceptance.accepts(MemoryClass.device(2)); // true
 */
export class PlacementAcceptance {
  /** Accepts nothing. */
  static readonly empty = new PlacementAcceptance(0);
  /** Accepts the host's memory alone: what a port does unless it is told otherwise. */
  static readonly host = new PlacementAcceptance(HOST_BIT);
  /** Accepts all of the host's memory, pinned or not. */
  static readonly hostAll = new PlacementAcceptance(HOST_BIT | PINNED_HOST_BIT);

  private constructor(
    /** From 0 to 2^32 - 1. */
    readonly bits: number,
  ) {}

  /** The set of these bits; those without a meaning are kept. Throws `RangeError`. O(1). */
  static fromBits(bits: number): PlacementAcceptance {
    return new PlacementAcceptance(assertSize('bits of an acceptance', bits, BITS_MAX));
  }

  /** Accepts this class and no other. Throws `RangeError` for a device above 15. O(1). */
  static exactly(memoryClass: MemoryClass): PlacementAcceptance {
    if (memoryClass.kind === 'device')
      return PlacementAcceptance.empty.withDevice(memoryClass.ordinal);
    return new PlacementAcceptance(bitOf(memoryClass));
  }

  get isEmpty(): boolean {
    return this.bits === 0;
  }

  withHost(): PlacementAcceptance {
    return joined(this, HOST_BIT);
  }

  withPinnedHost(): PlacementAcceptance {
    return joined(this, PINNED_HOST_BIT);
  }

  /** Throws `RangeError` for a device above 15, which has no bit. O(1). */
  withDevice(ordinal: number): PlacementAcceptance {
    assertSize('ordinal of a device', ordinal, ACCEPTED_DEVICE_MAX);
    return joined(this, bitOf(MemoryClass.device(ordinal)));
  }

  /** As {@link withDevice}, but `undefined` for a device above 15. O(1). */
  tryWithDevice(ordinal: number): PlacementAcceptance | undefined {
    return assertSize('ordinal of a device', ordinal) > ACCEPTED_DEVICE_MAX
      ? undefined
      : this.withDevice(ordinal);
  }

  withAllDevices(): PlacementAcceptance {
    return joined(this, ALL_DEVICES);
  }

  withShared(): PlacementAcceptance {
    return joined(this, SHARED_BIT);
  }

  /** What this or the other accepts. O(1). */
  union(other: PlacementAcceptance): PlacementAcceptance {
    return joined(this, other.bits);
  }

  /** What both accept. O(1). */
  intersect(other: PlacementAcceptance): PlacementAcceptance {
    return new PlacementAcceptance((this.bits & other.bits) >>> 0);
  }

  /** Whether this accepts all that the other does: nothing at all is always contained. O(1). */
  contains(other: PlacementAcceptance): boolean {
    return (this.bits & other.bits) >>> 0 === other.bits;
  }

  /** Whether this accepts the class; a device above 15 never. O(1). */
  accepts(memoryClass: MemoryClass): boolean {
    return (this.bits & bitOf(memoryClass)) !== 0;
  }
}

/**
 * Whether a payload of this class can be handed to a port as it is. O(1).
 *
 * @example
 * decidePlacement(PlacementAcceptance.host, MemoryClass.pinnedHost); // 'adapt-required'
 */
export function decidePlacement(
  acceptance: PlacementAcceptance,
  memoryClass: MemoryClass,
): PlacementDecision {
  return acceptance.accepts(memoryClass) ? 'zero-copy' : 'adapt-required';
}

/**
 * What is accepted, and the classes of these bits. No private method: where a class has one, the
 * compiler (5.9) gives it a second name, which is set only after the sets of the class were made.
 */
function joined(acceptance: PlacementAcceptance, bits: number): PlacementAcceptance {
  return PlacementAcceptance.fromBits((acceptance.bits | bits) >>> 0);
}

/** The bit of a class; 0 for a device that has none. */
function bitOf({ kind, ordinal }: MemoryClass): number {
  if (kind === 'host') return HOST_BIT;
  if (kind === 'pinned-host') return PINNED_HOST_BIT;
  if (kind === 'shared') return SHARED_BIT;
  return ordinal > ACCEPTED_DEVICE_MAX ? 0 : 1 << (FIRST_DEVICE + ordinal);
}
