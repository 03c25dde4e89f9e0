/**
 * The fields of a record type: what each is called, and where its slot lies in the record's header
 * block. Slots lie one behind another, in the order in which the fields were declared.
 *
 * Source: `specs/ic-stable-memory.md` section 4.2, values that own other values.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import type { Codec } from '../codec.js';
import { wrongType } from '../codecs/refusals.js';
import { stableTypeOf, type StableType } from '../ownership/stable-type.js';

/** What the fields of a record may be, by their names. */
export type StableFields = Readonly<Record<string, Codec<unknown> | StableType<unknown, unknown>>>;

/** The plain value of a field. */
export type PlainOf<S> =
  S extends StableType<infer P, unknown> ? P : S extends Codec<infer P> ? P : never;

/** What reading a field gives. */
export type ViewOf<S> =
  S extends StableType<unknown, infer H> ? H : S extends Codec<infer P> ? P : never;

/** The plain value of a record. */
export type PlainRecordOf<F> = { readonly [N in keyof F]: PlainOf<F[N]> };

/** A field. */
export interface FieldSlot {
  readonly name: string;
  readonly type: StableType<unknown, unknown>;
  /** Where its slot lies in the header block. */
  readonly offset: number;
}

/** All fields of a record type. */
export class FieldSlots {
  readonly #byName = new Map<string, FieldSlot>();
  /** Where the last slot ends. */
  readonly end: number;

  constructor(fields: StableFields, start: number) {
    let offset = start;
    for (const [name, field] of Object.entries(fields)) {
      const type = stableTypeOf<unknown, unknown>(field);
      this.#byName.set(name, { name, type, offset });
      offset += type.size;
    }
    this.end = offset;
  }

  /** Names and types, as they are declared. */
  get declaration(): string {
    return Array.from(this.#byName.values(), ({ name, type }) => `${name}: ${type.name}`).join(
      ', ',
    );
  }

  /** The field of this name. Throws `RangeError` where there is none. */
  find(name: PropertyKey): FieldSlot {
    const field = typeof name === 'string' ? this.#byName.get(name) : undefined;
    if (field !== undefined) return field;
    const names = [...this.#byName.keys()].join(', ');
    throw new RangeError(`field: expected one of ${names}, got ${String(name)}`);
  }

  [Symbol.iterator](): Iterator<FieldSlot> {
    return this.#byName.values();
  }

  /**
   * Fills all slots with a plain record. Where one field is refused, or finds no room, those before
   * it are dropped. Throws `TypeError` for what is no object, and as {@link StableType.store} does.
   */
  store(allocator: StableMemoryAllocator, record: unknown, header: Uint8Array): void {
    if (typeof record !== 'object' || record === null)
      throw wrongType('SRecord', 'an object', record);
    const stored: FieldSlot[] = [];
    try {
      for (const field of this) {
        const value = (record as Readonly<Record<string, unknown>>)[field.name];
        field.type.store(allocator, value, header, field.offset);
        stored.push(field);
      }
    } catch (error) {
      if (allocator.isUsable) {
        for (const { type, offset } of stored) type.drop(allocator, header, offset);
      }
      throw error;
    }
  }

  /** The plain record of the slots. Throws `CORRUPTED`. */
  load(allocator: StableMemoryAllocator, header: Uint8Array): Record<string, unknown> {
    return Object.fromEntries(
      Array.from(this, ({ name, type, offset }) => [name, type.load(allocator, header, offset)]),
    );
  }

  /** Frees all that the values of the slots own. */
  drop(allocator: StableMemoryAllocator, header: Uint8Array): void {
    for (const { type, offset } of this) type.drop(allocator, header, offset);
  }

  /** Names every block that the values of the slots own. */
  trace(
    allocator: StableMemoryAllocator,
    header: Uint8Array,
    visit: (ptr: StablePtr) => void,
  ): void {
    for (const { type, offset } of this) type.trace(allocator, header, offset, visit);
  }
}
