/**
 * Where a manager says that its payloads live: a label on the manager, which it stamps on what it
 * stores. No manager treats one class otherwise than another; what a port accepts without a copy is
 * the business of `placement.ts`.
 *
 * Source: `specs/limen.md` section 1.5; crate `limen-core`, enum `MemoryClass`.
 */
import { assertSize, kind } from '../guards.js';

/** The highest ordinal of a device: it is stored in a byte. */
const DEVICE_ORDINAL_MAX = 255;

/** What kinds of memory there are. */
export type MemoryClassKind = 'host' | 'pinned-host' | 'device' | 'shared';

/**
 * A class of memory. There is one object of each, so `===` compares them.
 *
 * @example
 * MemoryClass.device(3) === MemoryClass.device(3); // true
 * `${MemoryClass.device(3)}`; // 'device 3'
 */
export class MemoryClass {
  static readonly #devices = new Map<number, MemoryClass>();

  /** The heap of this process; what a manager has unless it is told otherwise. */
  static readonly host = new MemoryClass('host', 0);
  /** Memory of the host that is never paged out. */
  static readonly pinnedHost = new MemoryClass('pinned-host', 0);
  /** Memory that several processes or threads see. */
  static readonly shared = new MemoryClass('shared', 0);

  private constructor(
    readonly kind: MemoryClassKind,
    /** Which device, from 0 to 255; 0 for the other kinds. */
    readonly ordinal: number,
  ) {}

  /** The memory of a device. Throws `RangeError` above 255. O(1). */
  static device(ordinal: number): MemoryClass {
    assertSize('ordinal of a device', ordinal, DEVICE_ORDINAL_MAX);
    let device = MemoryClass.#devices.get(ordinal);
    if (device === undefined) {
      device = new MemoryClass('device', ordinal);
      MemoryClass.#devices.set(ordinal, device);
    }
    return device;
  }

  toString(): string {
    return this.kind === 'device' ? `device ${this.ordinal}` : this.kind;
  }
}

/** Throws `TypeError` for what is no {@link MemoryClass}. */
export function assertMemoryClass(value: unknown): void {
  if (value instanceof MemoryClass) return;
  throw new TypeError(`memory class: expected a MemoryClass, got ${kind(value)}`);
}
