import fs from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { LOCK_SUFFIX } from '../../../src/lib/host/file-lock.js';
import { FileMemory } from '../../../src/lib/host/file-memory.js';
import { WASM_PAGE_SIZE, type Memory } from '../../../src/lib/memory.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { StableMemory, StableMemoryOverlay } from '../../../src/replica/stable-memory.js';
import { codeOf, imageOf } from '../../support/memories.js';
import { describeMemory } from '../../support/memory-conformance.js';
import { checkProperty } from '../../support/property.js';
import { scratchFolder } from '../../support/scratch.js';

const path = scratchFolder();

describeMemory('FileMemory', () => FileMemory.open(path(), { maxPages: 12 }));

afterEach(() => {
  jest.restoreAllMocks();
});

/** A file with these bytes. */
function fileOf(bytes: Uint8Array): string {
  const file = path();
  fs.writeFileSync(file, bytes);
  return file;
}

const pagesOf = (count: number, byte = 0): Uint8Array =>
  new Uint8Array(count * WASM_PAGE_SIZE).fill(byte);

describe('a file of memory', () => {
  test('is made empty, and is the memory and nothing else', () => {
    const file = path();
    const memory = FileMemory.open(file);
    expect(fs.readFileSync(file)).toHaveLength(0);
    memory.grow(2);
    memory.write(65_535, Uint8Array.of(1, 2));
    memory.sync();
    memory.close();
    const expected = pagesOf(2);
    expected.set([1, 2], 65_535);
    expect(Buffer.compare(fs.readFileSync(file), expected)).toBe(0);
    expect(fs.existsSync(file + LOCK_SUFFIX)).toBe(false);
  });

  test('has as many pages as its length says, and its bytes, untouched', () => {
    const file = fileOf(pagesOf(3, 7));
    const memory = FileMemory.open(file, { mode: 'open' });
    expect([memory.size(), memory.path, memory.paddedBytes]).toEqual([3, file, 0]);
    expect(Buffer.compare(imageOf(memory), pagesOf(3, 7))).toBe(0);
    memory.close();
    expect(Buffer.compare(fs.readFileSync(file), pagesOf(3, 7))).toBe(0);
  });

  test.each([1, WASM_PAGE_SIZE - 1, WASM_PAGE_SIZE + 100])(
    'of %d bytes is none, and is left alone',
    (length) => {
      const file = fileOf(new Uint8Array(length).fill(5));
      expect(() => FileMemory.open(file)).toThrow(
        expect.objectContaining({ code: 'NOT_PAGE_ALIGNED', details: { path: file, length } }),
      );
      expect(Buffer.compare(fs.readFileSync(file), new Uint8Array(length).fill(5))).toBe(0);
      expect(fs.existsSync(file + LOCK_SUFFIX)).toBe(false);
    },
  );

  test('whose last zeros were cut gets them back where that is wanted', () => {
    const file = fileOf(pagesOf(1, 5).subarray(0, 65_530));
    const memory = FileMemory.open(file, { padToPage: true });
    expect([memory.size(), memory.paddedBytes]).toEqual([1, 6]);
    expect([...imageOf(memory).subarray(65_528)]).toEqual([5, 5, 0, 0, 0, 0, 0, 0]);
    memory.close();
    expect(FileMemory.open(file, { padToPage: true }).paddedBytes).toBe(0);
  });

  test('that is only read is never padded', () => {
    const file = fileOf(Uint8Array.of(1));
    const options = { readOnly: true, padToPage: true };
    expect(codeOf(() => FileMemory.open(file, options))).toBe('NOT_PAGE_ALIGNED');
    expect(fs.statSync(file).size).toBe(1);
  });

  test('that is only read refuses every change', () => {
    const file = fileOf(pagesOf(1, 3));
    const memory = FileMemory.open(file, { readOnly: true });
    expect(memory.isReadOnly).toBe(true);
    expect(codeOf(() => memory.grow(1))).toBe('READ_ONLY');
    expect(codeOf(() => memory.write(0, Uint8Array.of(1)))).toBe('READ_ONLY');
    expect(memory.grow(0)).toBe(1);
    expect(Buffer.compare(fs.readFileSync(file), pagesOf(1, 3))).toBe(0);
  });

  test('may be larger than 4 GiB', () => {
    const file = path();
    const memory = FileMemory.open(file);
    memory.grow(70_000);
    memory.write(4_500_000_000, Uint8Array.of(1, 2, 3));
    const target = new Uint8Array(4);
    memory.read(4_499_999_999, target);
    expect([...target]).toEqual([0, 1, 2, 3]);
    memory.close();
    fs.truncateSync(file, 70_000 * WASM_PAGE_SIZE - 5);
    expect(codeOf(() => FileMemory.open(file))).toBe('NOT_PAGE_ALIGNED');
    const padded = FileMemory.open(file, { padToPage: true });
    expect([padded.size(), padded.paddedBytes]).toEqual([70_000, 5]);
    padded.close();
    fs.rmSync(file);
  });

  test('grows to its limit and not beyond, and one that is larger already stays', () => {
    const memory = FileMemory.open(path(), { maxPages: 2 });
    expect([memory.grow(3), memory.grow(2), memory.grow(1), memory.grow(0)]).toEqual([
      -1, 0, -1, 2,
    ]);
    const larger = FileMemory.open(fileOf(pagesOf(3)), { maxPages: 2 });
    expect([larger.grow(0), larger.grow(1), larger.size()]).toEqual([3, -1, 3]);
  });

  test.each([-1, 1.5, 2 ** 37])('cannot be limited to %p pages', (maxPages) => {
    expect(() => FileMemory.open(path(), { maxPages })).toThrow(RangeError);
  });

  test('refuses everything once it is closed', () => {
    const memory = FileMemory.open(path());
    memory[Symbol.dispose]();
    memory[Symbol.dispose]();
    const uses = [
      () => memory.size(),
      () => memory.grow(1),
      () => memory.read(0, new Uint8Array(0)),
      () => memory.write(0, new Uint8Array(0)),
      () => memory.sync(),
      () => memory.close(),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'HANDLE_CLOSED'));
  });
});

describe('a disk', () => {
  test('that is full: grow gives -1, and the file is as it was', () => {
    const file = fileOf(pagesOf(1, 3));
    const memory = FileMemory.open(file);
    const facts = { ...fs.statfsSync('.'), blocks: 100, bavail: 31, bsize: 4096 };
    jest.spyOn(fs, 'statfsSync').mockReturnValue(facts as fs.StatsFs & fs.BigIntStatsFs);
    expect(memory.grow(2)).toBe(-1);
    expect(fs.statSync(file).size).toBe(WASM_PAGE_SIZE);
    expect(memory.size()).toBe(1);
    expect(memory.grow(1)).toBe(1);
    expect(fs.statSync(file).size).toBe(2 * WASM_PAGE_SIZE);
  });

  test('takes a page that is all zeros for nothing, where it has holes', () => {
    const file = path();
    const memory = FileMemory.open(file);
    memory.grow(100);
    // A file system without holes would have taken 12,800 blocks of 512 bytes.
    expect(fs.statSync(file).blocks).toBeLessThan(1_000);
  });
});

// A opens one page, B grows the file to five, A grows by one and sets the length to two: B's pages
// are gone, and its next write leaves a length that no open accepts.
test('defect: of two writers, the one who grows last cuts off what the other has added', () => {
  const file = fileOf(pagesOf(1, 1));
  const a = FileMemory.open(file);
  expect(codeOf(() => FileMemory.open(file))).toBe('FILE_IN_USE');

  const b = FileMemory.open(file, { lock: false });
  b.grow(4);
  b.write(4 * WASM_PAGE_SIZE, Uint8Array.of(9));
  expect(codeOf(() => a.grow(1))).toBe('FILE_CHANGED');
  expect(codeOf(() => a.sync())).toBe('FILE_CHANGED');
  expect(fs.statSync(file).size).toBe(5 * WASM_PAGE_SIZE);
  b.sync();
});

test('defect: grow gives bytes here and pages there', () => {
  const memory = FileMemory.open(path());
  expect([memory.grow(2), memory.grow(1), memory.grow(0)]).toEqual([0, 2, 3]);
});

describe('one script of grow, read and write', () => {
  /** The stable memory of a canister in the embedded replica, bounds checked as it checks them. */
  class CanisterMemory implements Memory {
    readonly overlay = new StableMemoryOverlay(StableMemory.empty);
    size = (): number => this.overlay.size;
    grow = (pages: number): number => this.overlay.grow(pages);
    read = (offset: number, target: Uint8Array): void => this.overlay.read(offset, target);
    write = (offset: number, source: Uint8Array): void => this.overlay.write(offset, source);
  }

  test('gives one image on the heap, in a file and in a canister', () => {
    const step = fc.record({
      pages: fc.constantFrom(0, 0, 0, 1, 3),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      bytes: fc.uint8Array({ maxLength: 70_000, size: 'max' }),
    });
    checkProperty(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const file = path();
        const canister = new CanisterMemory();
        const memories = [new VectorMemory(), FileMemory.open(file), canister];
        for (const { pages, at, bytes } of steps) {
          const outcomes = memories.map((memory) => {
            const oldSize = memory.grow(pages);
            const room = memory.size() * WASM_PAGE_SIZE - bytes.length;
            if (room < 0) return [oldSize];
            const offset = Math.floor(at * room);
            memory.write(offset, bytes);
            const target = new Uint8Array(Math.min(room, 100));
            memory.read(room - target.length, target);
            return [oldSize, ...target];
          });
          expect(outcomes[1]).toEqual(outcomes[0]);
          expect(outcomes[2]).toEqual(outcomes[0]);
        }
        const image = imageOf(memories[0]!);
        expect(Buffer.compare(fs.readFileSync(file), image)).toBe(0);
        expect(Buffer.compare(canister.overlay.commit().toBytes(), image)).toBe(0);
        fs.rmSync(file);
      }),
      { numRuns: 6 },
    );
  });
});
