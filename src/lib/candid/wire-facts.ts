/**
 * What reading a value of a message's type takes, told from the type alone: how deep it may go, how
 * few bytes it may have, and how much work it is for them. So nothing has to be counted while
 * values of harmless types are read, which are nearly all.
 *
 * Source: the Candid specification, "Binary format", "Memory".
 */
import type { WireType } from './wire-type.js';

/** Types that are built higher than this are counted while they are read, as recursive ones. */
export const HEIGHT_MAX = 50;

/** So many values are paid by each byte. */
const VALUES_PER_BYTE = 8;

/** What a value takes before anything in it that has a length, a tag or an index of its own. */
export interface Extent {
  /** How few bytes a value has. */
  readonly sizeMin: number;
  /** How many values are read: of a record, all of its fields. */
  readonly work: number;
}

const SIZES: Readonly<Partial<Record<WireType['kind'], number>>> = {
  null: 0,
  reserved: 0,
  empty: 0,
  nat16: 2,
  int16: 2,
  nat32: 4,
  int32: 4,
  float32: 4,
  nat64: 8,
  int64: 8,
  float64: 8,
  principal: 2,
  func: 4,
  service: 2,
};

/** A record that contains itself has no values, so nothing is too much to ask of one. */
const ENDLESS: Extent = { sizeMin: 0, work: Infinity };

/** The facts of the types of one message; each is looked at once. */
export class WireFacts {
  readonly #heights = new Map<WireType, number>();
  readonly #extents = new Map<WireType, Extent>();

  /**
   * Whether it has to be counted how deep values of a type lie: where they may lie in one another
   * any number of times, or just very often. Records are counted by what lies in them, as long as
   * that is anything but records. O(size) once.
   */
  isDeep(type: WireType): boolean {
    if (this.#height(type, 0) < Infinity) return false;
    return type.kind !== 'record' || this.extent(type).work === Infinity;
  }

  /** O(size) once. */
  extent(type: WireType, level = 0): Extent {
    if (type.kind !== 'record') return { sizeMin: SIZES[type.kind] ?? 1, work: 1 };
    const known = this.#extents.get(type);
    if (known !== undefined) return known;
    if (level > HEIGHT_MAX) return ENDLESS;
    this.#extents.set(type, ENDLESS);
    const extent = { sizeMin: 0, work: 1 };
    for (const field of type.fields) {
      const { sizeMin, work } = this.extent(field.type, level + 1);
      extent.sizeMin += sizeMin;
      extent.work += work;
    }
    this.#extents.set(type, extent);
    return extent;
  }

  /**
   * What a value has to pay where at least `sizeMin` bytes come with it: nothing where they are
   * enough for all the work.
   */
  price(type: WireType, sizeMin: number): number {
    const { work } = this.extent(type);
    return work <= VALUES_PER_BYTE * sizeMin ? 0 : work;
  }

  /** A type counts as endless while it is looked at, and so does one that contains itself. */
  #height(type: WireType, level: number): number {
    const known = this.#heights.get(type);
    if (known !== undefined) return known;
    if (level > HEIGHT_MAX) return Infinity;
    this.#heights.set(type, Infinity);
    let height = 0;
    for (const inner of innerTypes(type)) height = Math.max(height, this.#height(inner, level + 1));
    this.#heights.set(type, height + 1);
    return height + 1;
  }
}

/** The types of the values that lie in a value. */
function innerTypes(type: WireType): readonly WireType[] {
  switch (type.kind) {
    case 'opt':
    case 'vec':
      return [type.element];
    case 'record':
    case 'variant':
      return type.fields.map((field) => field.type);
    default:
      return [];
  }
}
