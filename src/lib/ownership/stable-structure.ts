/**
 * What all structures in a heap have in common. A structure is known by its *header block*, which
 * stays where it is for as long as the structure lives. So a slot with a structure is a pointer of
 * 8 bytes, moving a structure moves that pointer, and a handle stays good whatever becomes of the
 * container around it.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  kind of the structure
 *          1     1  layout version = 1
 *          2     2  zero
 *          4     4  revision: counts changes, so that every handle's iterators see them
 *          8     6  serial number: no other structure of the allocator has ever had it
 *         14     2  "SS"; in a freed block a link lies here, which is never so large
 *         16        the structure's own fields
 *
 * A handle holds no truth of its own. Before each operation it asks whether anything was written to
 * the heap since it last looked, and if so reads the header anew: so all handles of a structure
 * agree, and one whose structure was dropped finds that out.
 *
 *     owned ──► consumed     moved into a container, or disposed of: only once
 *     borrowed               the container owns it; disposing of the handle frees nothing
 *
 * There is no `FinalizationRegistry`: when something is freed must follow from the program alone.
 *
 * Source: the seed's drop-flag rules; `specs/ic-stable-memory.md` section 4.6, option A.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { TAG_SIZE, type StablePtr } from '../allocator/free-block.js';
import { readU16, readU32, writeU16, writeU32, writeU64 } from '../bytes.js';
import { DISPOSE } from '../dispose.js';
import { corrupted, StorageError } from '../errors.js';

const LAYOUT_VERSION = 1;
const VERSION_OFFSET = 1;
const ZERO_OFFSET = VERSION_OFFSET + 1;
const REVISION_OFFSET = ZERO_OFFSET + 2;
const SERIAL_OFFSET = REVISION_OFFSET + 4;
const MARK_OFFSET = SERIAL_OFFSET + 6;
/** Where a structure's own fields begin. */
export const FIELDS_OFFSET = MARK_OFFSET + 2;

const MARK = 0x5353;
const REVISION_LIMIT = 2 ** 32;

/** Where each field lies, for the test that compares the table above with the code. */
export const STRUCTURE_LAYOUT = {
  kind: 0,
  version: VERSION_OFFSET,
  zero: ZERO_OFFSET,
  revision: REVISION_OFFSET,
  serial: SERIAL_OFFSET,
  mark: MARK_OFFSET,
  fields: FIELDS_OFFSET,
} as const;

/** What the first byte of a header says. Numbers are never given to another kind. */
export const STRUCTURE_KIND = {
  SBox: 1,
  SVec: 2,
  SLog: 3,
  SHashMap: 4,
  SHashSet: 5,
  SBTreeMap: 6,
  SBTreeSet: 7,
  SCertifiedBTreeMap: 8,
  SRecord: 9,
} as const;

/** What a handle must know to read its header. */
export interface StructureShape {
  readonly kind: number;
  /** The type's name, such as `SVec(u64)`. */
  readonly name: string;
  /** Bytes of the header, the first 16 included. */
  readonly headerSize: number;
}

/** Who frees what a handle stands for. */
export type Ownership = 'owned' | 'borrowed' | 'consumed';

/** A handle of a structure in a heap. */
export abstract class StableStructure {
  /** The header as it was read last. Subclasses change their fields in it, then publish. */
  protected readonly header: Uint8Array;
  #ownership: Ownership = 'borrowed';
  /** The heap's revision when the header was read; -1 before. */
  #seen = -1;
  /** What the header is read into before it is known to be the same structure's. */
  #fresh: Uint8Array | undefined;

  constructor(
    readonly allocator: StableMemoryAllocator,
    /** The header block: what the structure is known by. */
    readonly ptr: StablePtr,
    readonly shape: StructureShape,
  ) {
    this.header = new Uint8Array(shape.headerSize);
  }

  /** Whether this handle is its structure's owner, has borrowed it, or is of no use any more. */
  get ownership(): Ownership {
    return this.#ownership;
  }

  /**
   * Frees the structure and all that it owns, where this handle owns it; for `using`. A borrowed
   * handle is just forgotten. O(all that it owns).
   */
  [DISPOSE](): void {
    if (this.#ownership === 'owned') this.destroy();
  }

  /** Looks at the structure for the first time, so that it is known again. Throws `CORRUPTED`. */
  open(): this {
    this.sync();
    return this;
  }

  /** Makes this handle the owner of a structure that nothing points to. */
  own(): this {
    this.sync();
    this.#ownership = 'owned';
    this.allocator.owned.add(this);
    return this;
  }

  /** The structure has got another owner. Throws as {@link assertOwned} does. */
  consume(): void {
    this.assertOwned();
    this.#forget();
  }

  /** Throws `VALUE_CONSUMED` unless this handle owns its structure. */
  assertOwned(): void {
    this.sync();
    if (this.#ownership !== 'owned') throw consumed(this.shape.name, 'a borrowed one');
  }

  /** Frees the structure and all that it owns, whoever owns it. O(all that it owns). */
  destroy(): void {
    this.sync();
    const { allocator, ptr } = this;
    this.releaseContents();
    allocator.writeBytes(this.#address, new Uint8Array(FIELDS_OFFSET));
    allocator.deallocate(allocator.blockAt(ptr));
    this.#forget();
  }

  /** Names every block of the structure, its header first. */
  trace(visit: (ptr: StablePtr) => void): void {
    this.sync();
    visit(this.ptr);
    this.traceContents(visit);
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`; for tests. */
  abstract checkInvariants(): string | undefined;

  /** Frees all that the structure owns but its header. */
  protected abstract releaseContents(): void;

  /** Names every block that the structure owns, but its header. */
  protected abstract traceContents(visit: (ptr: StablePtr) => void): void;

  /** Somebody else has changed the structure: what was kept of it in RAM is of no worth. */
  protected onChanged(): void {
    // Most structures keep nothing but the header.
  }

  /**
   * Comes first in each operation: the header is then as it is in memory. Throws `VALUE_CONSUMED`
   * for a handle that was moved or whose structure was dropped, `PREVIOUS_FAILURE`,
   * `HANDLE_CLOSED`. O(1), and reads nothing where nobody has written to the heap.
   */
  protected sync(): void {
    if (this.#ownership === 'consumed') throw consumed(this.shape.name, 'a consumed one');
    this.allocator.assertUsable();
    if (this.#seen !== this.allocator.revision) this.#reread();
  }

  /** Writes the header, whose fields the subclass has set, and counts the change. */
  protected publish(): void {
    const { header } = this;
    writeU32(header, REVISION_OFFSET, (this.revision + 1) % REVISION_LIMIT);
    this.allocator.writeBytes(this.#address, header);
    this.#seen = this.allocator.revision;
  }

  /** The kernel has changed the structure and counted that; nobody else has written since. */
  protected changedByKernel(revision: number): void {
    writeU32(this.header, REVISION_OFFSET, revision % REVISION_LIMIT);
    this.#seen = this.allocator.revision;
  }

  /** How often the structure was changed. PRECONDITION: {@link sync}. */
  protected get revision(): number {
    return readU32(this.header, REVISION_OFFSET);
  }

  /** What no other structure of the heap has ever had. PRECONDITION: {@link sync}. */
  protected get serial(): number {
    return serialOf(this.header);
  }

  /** Throws `CHANGED_WHILE_ITERATING` unless the structure is as it was at `revision`. */
  protected assertUnchanged(revision: number): void {
    this.sync();
    if (this.revision === revision) return;
    throw new StorageError(
      'CHANGED_WHILE_ITERATING',
      `the ${this.shape.name} was changed while an iterator walked it. ` +
        'Collect what you need first, then change it.',
      { structure: this.shape.name },
    );
  }

  /** Where the header lies. */
  get #address(): StablePtr {
    return this.ptr + TAG_SIZE;
  }

  #forget(): void {
    this.#ownership = 'consumed';
    this.allocator.owned.delete(this);
  }

  #reread(): void {
    const { allocator, header, shape } = this;
    const isFirst = this.#seen < 0;
    const fresh = isFirst ? header : (this.#fresh ??= new Uint8Array(header.length));
    allocator.readBlock(this.ptr, fresh);
    if (!isHeader(fresh)) throw isFirst ? notAHeader(this.ptr) : dropped(shape.name);
    assertKind(fresh, shape);
    if (serialOf(fresh) !== serialOf(header)) throw dropped(shape.name);
    const isChanged = readU32(fresh, REVISION_OFFSET) !== this.revision;
    if (!isFirst) header.set(fresh);
    this.#seen = allocator.revision;
    if (isChanged) this.onChanged();
  }
}

/** Makes the header of an empty structure, its fields zero. Throws `OUT_OF_MEMORY`. */
export function createHeader(allocator: StableMemoryAllocator, shape: StructureShape): StablePtr {
  const slice = allocator.allocate(shape.headerSize);
  const header = new Uint8Array(shape.headerSize);
  header[0] = shape.kind;
  header[VERSION_OFFSET] = LAYOUT_VERSION;
  writeU64(header, SERIAL_OFFSET, allocator.nextSerial());
  writeU16(header, MARK_OFFSET, MARK);
  allocator.writeBytes(slice.offset(0, header.length), header);
  return slice.ptr;
}

function isHeader(header: Uint8Array): boolean {
  return readU16(header, MARK_OFFSET) === MARK;
}

function serialOf(header: Uint8Array): number {
  return readU32(header, SERIAL_OFFSET) + readU16(header, SERIAL_OFFSET + 4) * REVISION_LIMIT;
}

function assertKind(header: Uint8Array, { kind, name }: StructureShape): void {
  if (header[0] !== kind) throw corrupted(`kind of the ${name}`, kind, header[0]!);
  const version = header[VERSION_OFFSET]!;
  if (version !== LAYOUT_VERSION) {
    throw new StorageError(
      'UNSUPPORTED_VERSION',
      `expected layout version ${LAYOUT_VERSION} of ${name}, found ${version}. ` +
        'Open it with a release that knows this version.',
      { name, expected: LAYOUT_VERSION, found: version },
    );
  }
  const zero = readU16(header, ZERO_OFFSET);
  if (zero !== 0) throw corrupted(`reserved bytes of the ${name}`, 0, zero);
}

function notAHeader(ptr: StablePtr): StorageError {
  return corrupted('header of a structure', 'its mark', `other bytes at ${ptr}`);
}

function consumed(name: string, found: string): StorageError {
  return new StorageError(
    'VALUE_CONSUMED',
    `${name}: expected a handle that owns its structure, found ${found}. A handle can be moved ` +
      'once; get another one from the structure that has it now, with get or detach.',
    { name, found },
  );
}

function dropped(name: string): StorageError {
  return new StorageError(
    'VALUE_CONSUMED',
    `${name}: expected a structure, found that it was dropped: removed from its container, or ` +
      'overwritten. Get a handle of what is there now.',
    { name },
  );
}
