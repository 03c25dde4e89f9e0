/**
 * A record in a heap whose fields are values of any kind: some plain, some structures that own
 * others. It is how one value owns several.
 *
 *     const Author = SRecord.of({ name: text, posts: SVec.of(text) });
 *     const authors = heap.root('authors', SBTreeMap.of(u64, Author));
 *     authors.insert(1n, { name: 'ada', posts: [] });
 *     authors.get(1n)?.get('posts').push('On the engine');
 *
 * A record of plain values that are read and written together is better off with the codec
 * `record`, which takes no block of its own and whose fields may come and go. Here each field is
 * read and written alone, and names and types of the fields are part of the type's name: they are
 * settled when the root is made.
 *
 * The slots lie in the header block, behind the fields of every structure:
 *
 *     OFFSET  SIZE  FIELD
 *         16     1  1 where the fields have values, 0 while the record is being made
 *         17     7  zero
 *         24        slot of the first field, of the second, ...
 *
 * INVARIANT: a record that can be reached has a value in every field.
 *
 * Limits: a new value is stored before the old one is freed, so both must fit the heap.
 *
 * Promise: what throws has changed nothing.
 *
 * Source: `specs/ic-stable-memory.md` section 4.2; house style rule 11.
 */
import type { StableMemoryAllocator } from './allocator.js';
import type { StablePtr } from './allocator/free-block.js';
import { rejecting } from './allocator/out-of-memory.js';
import { firstViolation } from './errors.js';
import { firstElementViolation } from './ownership/slots.js';
import { SLOTS_OFFSET, SLOTTED_LAYOUT, SlottedStructure } from './ownership/slotted-structure.js';
import { STRUCTURE_KIND, type StructureShape } from './ownership/stable-structure.js';
import { storeInSlot, type StableType } from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';
import {
  FieldSlots,
  type FieldSlot,
  type PlainOf,
  type PlainRecordOf,
  type StableFields,
  type ViewOf,
} from './s-record/field-slots.js';

/** Where each field lies, for the test that compares the table above with the code. */
export const S_RECORD_LAYOUT = SLOTTED_LAYOUT;

/**
 * A record in a heap. `F` is what its fields are, by their names.
 *
 * @example
 * const site = heap.root('site', SRecord.of({ title: text, visits: u64, log: SLog.of(text) }), {
 *   title: 'Notes',
 *   visits: 0n,
 *   log: [],
 * });
 * site.update('visits', (visits) => visits + 1n);
 * site.get('log').push('a visit');
 */
export class SRecord<F extends StableFields> extends SlottedStructure {
  readonly #fields: FieldSlots;

  private constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    shape: StructureShape,
    fields: FieldSlots,
  ) {
    super(allocator, ptr, shape);
    this.#fields = fields;
  }

  /**
   * The type of records with such fields; plain values of it are objects. There is no empty record:
   * a root needs an initial value. O(fields).
   */
  static of<F extends StableFields>(declared: F): StableType<PlainRecordOf<F>, SRecord<F>> {
    const fields = new FieldSlots(declared, SLOTS_OFFSET);
    const name = `SRecord(${fields.declaration})`;
    const shape = { kind: STRUCTURE_KIND.SRecord, name, headerSize: fields.end };
    return structureType<PlainRecordOf<F>, SRecord<F>>({
      shape,
      open: (allocator, ptr) => new SRecord(allocator, ptr, shape, fields),
      fill: (record, value) => record.#fill(value),
      toPlain: (record) => record.toPlain(),
    });
  }

  /**
   * A field: its plain value, or a borrowed handle of the structure, which is good for as long as
   * that is in the field. Throws `RangeError` for the name of no field, `CORRUPTED`. O(size of the
   * value).
   */
  get<N extends keyof F>(name: N): ViewOf<F[N]> {
    const { type, offset } = this.#open(name);
    return type.view(this.allocator, this.header, offset) as ViewOf<F[N]>;
  }

  /**
   * Gives a field another value and returns the one that was there, as a plain value; what that
   * owned is freed. O(size of both).
   *
   * Throws `RangeError` for the name of no field, `OUT_OF_MEMORY`, and what the codecs throw; the
   * record is then as it was.
   */
  set<N extends keyof F>(name: N, value: PlainOf<F[N]>): PlainOf<F[N]> {
    const field = this.#open(name);
    const old = field.type.load(this.allocator, this.header, field.offset);
    this.#overwrite(field, value);
    return old as PlainOf<F[N]>;
  }

  /**
   * Gives a field what `change` makes of its plain value, and returns that. Where it throws, or its
   * result finds no room, the record is as it was. Otherwise as {@link SRecord.set}.
   */
  update<N extends keyof F>(
    name: N,
    change: (value: PlainOf<F[N]>) => PlainOf<F[N]>,
  ): PlainOf<F[N]> {
    const { type, offset } = this.#open(name);
    const value = change(type.load(this.allocator, this.header, offset) as PlainOf<F[N]>);
    this.#overwrite(this.#open(name), value);
    return value;
  }

  /**
   * Moves what an owned handle stands for into a field, without a copy; the handle is consumed, and
   * what was in the field is freed. Throws `VALUE_CONSUMED` for a handle that is not owned,
   * `INCOMPATIBLE_TYPE` for one of another type or heap. O(what the old value owned).
   */
  attach<N extends keyof F>(name: N, handle: ViewOf<F[N]>): void {
    const field = this.#open(name);
    const { type } = field;
    const slot = new Uint8Array(type.size);
    rejecting(handle, () => type.move(this.allocator, handle, slot, 0));
    type.drop(this.allocator, this.replaceSlot(field.offset, slot), 0);
  }

  /**
   * Takes what is in a field, without a copy, and puts a plain value in its place. Of a structure
   * the caller gets an owned handle: attach it somewhere, or dispose of it. Otherwise as
   * {@link SRecord.set}.
   */
  detach<N extends keyof F>(name: N, replacement: PlainOf<F[N]>): ViewOf<F[N]> {
    const field = this.#open(name);
    const slot = this.#store(field, replacement);
    return field.type.take(this.allocator, this.replaceSlot(field.offset, slot), 0) as ViewOf<F[N]>;
  }

  /** All fields as plain values. Throws `CORRUPTED`. O(size of all). */
  toPlain(): PlainRecordOf<F> {
    this.syncFilled();
    return this.#fields.load(this.allocator, this.header) as PlainRecordOf<F>;
  }

  checkInvariants(): string | undefined {
    return firstViolation(() => {
      this.syncFilled();
      return firstElementViolation(
        Array.from(this.#fields, ({ type, offset }) =>
          type.view(this.allocator, this.header, offset),
        ),
      );
    });
  }

  protected releaseContents(): void {
    if (this.isFilled) this.#fields.drop(this.allocator, this.header);
  }

  protected traceContents(visit: (ptr: StablePtr) => void): void {
    this.syncFilled();
    this.#fields.trace(this.allocator, this.header, visit);
  }

  #fill(record: PlainRecordOf<F>): void {
    this.sync();
    const header = new Uint8Array(this.header.length);
    this.#fields.store(this.allocator, record, header);
    this.fillSlots(header.subarray(SLOTS_OFFSET));
  }

  /** Comes first in each operation on a field. */
  #open(name: PropertyKey): FieldSlot {
    this.syncFilled();
    return this.#fields.find(name);
  }

  #overwrite(field: FieldSlot, value: unknown): void {
    const old = this.replaceSlot(field.offset, this.#store(field, value));
    field.type.drop(this.allocator, old, 0);
  }

  #store({ type }: FieldSlot, value: unknown): Uint8Array {
    return rejecting(value, () => storeInSlot(this.allocator, type, value));
  }
}
