import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../../src/lib/allocator.js';
import type { StablePtr } from '../../../src/lib/allocator/free-block.js';
import { readU64, writeU64 } from '../../../src/lib/bytes.js';
import { text, u64 } from '../../../src/lib/codecs/index.js';
import {
  FIELDS_OFFSET,
  STRUCTURE_LAYOUT,
  StableStructure,
  type StructureShape,
} from '../../../src/lib/ownership/stable-structure.js';
import {
  stableTypeOf,
  storeInSlot,
  type StableType,
} from '../../../src/lib/ownership/stable-type.js';
import { structureType } from '../../../src/lib/ownership/structure-type.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { codeOf, restarted } from '../../support/memories.js';

/** The smallest structure that owns something: a number and a text. */
class Labelled extends StableStructure {
  static readonly shape: StructureShape = {
    kind: 200,
    name: 'Labelled',
    headerSize: FIELDS_OFFSET + 16,
  };
  static readonly label = stableTypeOf(text);
  /** How often the header was found changed by somebody else. */
  changes = 0;

  get number(): number {
    this.sync();
    return readU64(this.header, FIELDS_OFFSET);
  }

  set number(value: number) {
    this.sync();
    writeU64(this.header, FIELDS_OFFSET, value);
    this.publish();
  }

  get label(): string {
    this.sync();
    return Labelled.label.load(this.allocator, this.header, FIELDS_OFFSET + 8);
  }

  set label(value: string) {
    this.sync();
    this.header.set(storeInSlot(this.allocator, Labelled.label, value), FIELDS_OFFSET + 8);
    this.publish();
  }

  /** A walk that a change must end. */
  *digits(): Generator<number, void> {
    this.sync();
    const { revision } = this;
    for (let rest = this.number; rest > 0; rest = Math.floor(rest / 10)) {
      this.assertUnchanged(revision);
      yield rest % 10;
    }
  }

  checkInvariants(): string | undefined {
    return undefined;
  }

  protected releaseContents(): void {
    if (this.#hasLabel) Labelled.label.drop(this.allocator, this.header, FIELDS_OFFSET + 8);
  }

  protected traceContents(visit: (ptr: StablePtr) => void): void {
    if (!this.#hasLabel) return;
    Labelled.label.trace(this.allocator, this.header, FIELDS_OFFSET + 8, visit);
  }

  protected override onChanged(): void {
    this.changes += 1;
  }

  get #hasLabel(): boolean {
    return readU64(this.header, FIELDS_OFFSET + 8) !== 0;
  }
}

interface Plain {
  readonly number: number;
  readonly label: string;
}

const labelled: StableType<Plain, Labelled> = structureType<Plain, Labelled>({
  shape: Labelled.shape,
  empty: () => ({ number: 0, label: '' }),
  open: (allocator, ptr) => new Labelled(allocator, ptr, Labelled.shape),
  fill(handle, { number, label }) {
    handle.number = number;
    handle.label = label;
  },
  toPlain: ({ number, label }) => ({ number, label }),
});

const ADA: Plain = { number: 36, label: 'Ada' };

function start(maxPages = 0) {
  const memory = new VectorMemory();
  return { memory, heap: StableMemoryAllocator.create(memory, { maxPages }) };
}

describe('a handle', () => {
  test('of a root is borrowed, and there again after an upgrade', () => {
    const { memory, heap } = start();
    const handle = heap.root('ada', labelled, ADA);
    expect([handle.ownership, handle.number, handle.label]).toEqual(['borrowed', 36, 'Ada']);
    handle.number = 37;
    const again = StableMemoryAllocator.load(restarted(memory)).root('ada', labelled);
    expect([again.number, again.label]).toEqual([37, 'Ada']);
  });

  test('agrees with every other handle of the same structure', () => {
    const { heap } = start();
    const one = heap.root('ada', labelled, ADA);
    const other = heap.root('ada', labelled);
    one.number = 1;
    expect(other.number).toBe(1);
    other.number = 2;
    expect(one.number).toBe(2);
    expect([one.changes, other.changes]).toEqual([1, 1]);
    heap.allocate(16);
    expect([one.number, other.number, one.changes, other.changes]).toEqual([2, 2, 1, 1]);
  });

  test('that owns its structure frees it when it is disposed of, and only once', () => {
    const { heap } = start();
    const handle = heap.create(labelled, ADA);
    expect([handle.ownership, heap.owned.size]).toEqual(['owned', 1]);
    expect(heap.verify().leaked).toEqual([]);
    expect(codeOf(() => heap.assertNoLeaks())).toBe('VALUE_CONSUMED');
    handle[Symbol.dispose]();
    handle[Symbol.dispose]();
    expect([handle.ownership, heap.owned.size, heap.allocatedSize]).toEqual(['consumed', 0, 0]);
    heap.assertNoLeaks();
  });

  test('that is borrowed frees nothing when it is disposed of', () => {
    const { heap } = start();
    heap.root('ada', labelled, ADA)[Symbol.dispose]();
    expect(heap.root('ada', labelled).label).toBe('Ada');
  });

  test('is consumed when it is moved, and refuses everything then', () => {
    const { heap } = start();
    const handle = heap.create(labelled, ADA);
    heap.attachRoot('ada', labelled, handle);
    expect([handle.ownership, heap.owned.size]).toEqual(['consumed', 0]);
    const uses = [
      () => handle.number,
      () => (handle.number = 5),
      () => heap.attachRoot('again', labelled, handle),
      () => handle.consume(),
    ];
    for (const use of uses) expect(codeOf(use)).toBe('VALUE_CONSUMED');
    expect(heap.root('ada', labelled).number).toBe(36);
    expect(heap.roots()).toHaveLength(1);
    expect(heap.verify()).toMatchObject({ leaked: [] });
  });

  test('cannot be moved while it is borrowed', () => {
    const { heap } = start();
    const handle = heap.root('ada', labelled, ADA);
    expect(codeOf(() => heap.attachRoot('eve', labelled, handle))).toBe('VALUE_CONSUMED');
    expect(heap.roots()).toHaveLength(1);
    expect(heap.verify()).toMatchObject({ leaked: [] });
  });

  test('cannot be moved into another heap', () => {
    const { heap } = start();
    const other = start().heap;
    const handle = heap.create(labelled, ADA);
    expect(codeOf(() => other.attachRoot('ada', labelled, handle))).toBe('INCOMPATIBLE_TYPE');
    expect([handle.ownership, other.allocatedSize]).toEqual(['owned', 0]);
  });

  test('finds out that its structure was dropped, also where another one took its place', () => {
    const { heap } = start();
    const handle = heap.root('ada', labelled, ADA);
    heap.removeRoot('ada', labelled);
    expect(codeOf(() => handle.number)).toBe('VALUE_CONSUMED');
    const next = heap.root('eve', labelled, { number: 1, label: 'Eve' });
    expect(next.ptr).toBe(handle.ptr);
    expect(codeOf(() => handle.number)).toBe('VALUE_CONSUMED');
    expect(codeOf(() => handle.destroy())).toBe('VALUE_CONSUMED');
    expect(next.label).toBe('Eve');
  });

  test('ends the walks of all handles when it changes the structure', () => {
    const { heap } = start();
    const one = heap.root('ada', labelled, { number: 123, label: '' });
    const digits = one.digits();
    expect(digits.next().value).toBe(3);
    heap.allocate(16);
    expect(digits.next().value).toBe(2);
    heap.root('ada', labelled).label = 'changed';
    expect(codeOf(() => digits.next())).toBe('CHANGED_WHILE_ITERATING');
  });

  test('is of no use once the heap is closed', () => {
    const { heap } = start();
    const handle = heap.root('ada', labelled, ADA);
    heap.intoMemory();
    expect(codeOf(() => handle.number)).toBe('HANDLE_CLOSED');
  });
});

describe('the four rules', () => {
  test('hold for a slot that is written and read by hand', () => {
    const { heap } = start();
    const slot = heap.allocate(labelled.size).offset(0, labelled.size);
    const given = heap.create(labelled, ADA);
    heap.writeFixed(slot, labelled, given);
    expect(given.ownership).toBe('consumed');
    const seen = heap.readFixedForReference(slot, labelled);
    expect([seen.ownership, seen.label]).toEqual(['borrowed', 'Ada']);
    const taken = heap.readFixedForMove(slot, labelled);
    expect([taken.ownership, taken.ptr]).toEqual(['owned', given.ptr]);
    const before = heap.allocatedSize;
    taken[Symbol.dispose]();
    expect(heap.allocatedSize).toBeLessThan(before);
    expect(codeOf(() => seen.label)).toBe('VALUE_CONSUMED');
  });

  test('hold for plain values, which are their slots', () => {
    const { heap } = start();
    const number = stableTypeOf(u64);
    const slot = heap.allocate(number.size).offset(0, number.size);
    heap.writeFixed(slot, number, 7n);
    expect(heap.readFixedForReference(slot, number)).toBe(7n);
    expect(heap.readFixedForMove(slot, number)).toBe(7n);
  });

  test('free what a plain value of any size owned, when it is taken away', () => {
    const { heap } = start();
    const box = stableTypeOf(text);
    const slot = heap.allocate(box.size).offset(0, box.size);
    const before = heap.allocatedSize;
    heap.writeFixed(slot, box, 'a text');
    expect(heap.readFixedForReference(slot, box)).toBe('a text');
    expect(heap.readFixedForMove(slot, box)).toBe('a text');
    expect(heap.allocatedSize).toBe(before);
  });
});

describe('a structure', () => {
  test('of which a part finds no room leaves nothing behind', () => {
    const { heap } = start(1);
    const label = 'x'.repeat(70_000);
    expect(codeOf(() => heap.create(labelled, { number: 1, label }))).toBe('OUT_OF_MEMORY');
    expect([heap.allocatedSize, heap.owned.size]).toEqual([0, 0]);
  });

  test.each([
    ['another kind', STRUCTURE_LAYOUT.kind, [201], 'CORRUPTED'],
    ['a later version', STRUCTURE_LAYOUT.version, [2], 'UNSUPPORTED_VERSION'],
    ['a reserved byte', STRUCTURE_LAYOUT.zero, [1], 'CORRUPTED'],
    ['no mark', STRUCTURE_LAYOUT.mark, [0], 'CORRUPTED'],
  ])('with %s in its header is refused', (_, offset, bytes, code) => {
    const { memory, heap } = start();
    const { ptr } = heap.root('ada', labelled, ADA);
    heap.writeBytes(heap.sliceAt(ptr).offset(offset, 1), Uint8Array.from(bytes));
    const again = StableMemoryAllocator.load(restarted(memory));
    expect(codeOf(() => again.root('ada', labelled).number)).toBe(code);
  });

  test.each([0, 12, 2 ** 40, 65_528])('whose slot points to %d is refused', (ptr) => {
    const { heap } = start();
    heap.allocate(16);
    const slot = new Uint8Array(8);
    writeU64(slot, 0, ptr);
    expect(codeOf(() => labelled.load(heap, slot, 0))).toBe('CORRUPTED');
    expect(codeOf(() => labelled.drop(heap, slot, 0))).toBe('CORRUPTED');
    expect(codeOf(() => Labelled.label.load(heap, slot, 0))).toBe('CORRUPTED');
    expect(codeOf(() => Labelled.label.drop(heap, slot, 0))).toBe('CORRUPTED');
  });
});
