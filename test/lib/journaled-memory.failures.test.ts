/**
 * The disk of a journaled memory fails at every step of a run, and once it works again nothing is
 * lost: what a call has returned from is there, and what a call has thrown out of is not, unless it
 * was the sync that failed.
 */
import { describe, expect, test } from '@jest/globals';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { JournaledMemory } from '../../src/lib/journaled-memory.js';
import { WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { StorageError } from '../../src/lib/errors.js';
import { RecordingDisk } from '../support/crash/recording-disk.js';
import { LimitedStorage } from '../support/limited-storage.js';
import { codeOf, imageOf } from '../support/memories.js';

const OPTIONS = { checkpointBytes: 1500 };

const open = (disk: RecordingDisk): JournaledMemory =>
  JournaledMemory.open(disk.open('image'), disk.open('journal'), OPTIONS);

/** Transactions of a run: each writes its number into all of its bytes. */
const TRANSACTIONS = [1, 2, 3, 4, 5, 6];

function commit(memory: JournaledMemory, number: number): void {
  memory.transaction(() => {
    if (number % 2 === 1) memory.grow(1);
    memory.write(0, new Uint8Array(300).fill(number));
    memory.write(5000, new Uint8Array(300).fill(number));
  });
}

/** The number that is in all bytes, with a look at the size. */
function numberIn(memory: JournaledMemory): number {
  if (memory.size() === 0) return 0;
  const image = imageOf(memory);
  const number = image[0]!;
  expect(image.subarray(0, 300).every((byte) => byte === number)).toBe(true);
  expect(image.subarray(5000, 5300).every((byte) => byte === number)).toBe(true);
  expect(memory.size()).toBe(Math.ceil(number / 2));
  return number;
}

/** How many of the transactions have returned before the disk broke at its `step`-th step. */
function runOnBreakingDisk(disk: RecordingDisk, step: number) {
  let memory: JournaledMemory | undefined;
  let returned = 0;
  disk.failAfter(step);
  try {
    memory = open(disk);
    for (const number of TRANSACTIONS) {
      commit(memory, number);
      returned = number;
    }
    memory.close();
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError);
  } finally {
    disk.relent();
  }
  return { memory, returned };
}

/** How many steps a run takes on a disk that does not break. */
function stepCount(): number {
  const disk = new RecordingDisk();
  runOnBreakingDisk(disk, Infinity);
  return disk.events.length;
}

/** What a memory says after the disk broke; none where nothing had been written before. */
function refusalOf(memory: JournaledMemory): string {
  try {
    memory.size();
    return 'none';
  } catch (error) {
    return (error as StorageError).code;
  }
}

describe('a disk that breaks at any step', () => {
  test('loses nothing for who opens the files again', () => {
    for (let step = 0; step < stepCount(); step++) {
      const disk = new RecordingDisk();
      const { returned } = runOnBreakingDisk(disk, step);
      const memory = open(disk);
      const found = numberIn(memory);
      expect([returned, returned + 1]).toContain(found);
      for (const number of TRANSACTIONS.slice(found)) commit(memory, number);
      expect(numberIn(open(disk))).toBe(TRANSACTIONS.length);
    }
  });

  test('loses nothing for who reopens the memory, which says so until then', () => {
    const codes = new Set<string>();
    for (let step = 0; step < stepCount(); step++) {
      const { memory, returned } = runOnBreakingDisk(new RecordingDisk(), step);
      const code = memory === undefined ? 'HANDLE_CLOSED' : refusalOf(memory);
      codes.add(code);
      if (code === 'HANDLE_CLOSED') continue;
      const again = memory!.reopen();
      const found = numberIn(again);
      expect(code === 'none' ? [returned] : [returned, returned + 1]).toContain(found);
      for (const number of TRANSACTIONS.slice(found)) commit(again, number);
      expect(numberIn(again)).toBe(TRANSACTIONS.length);
    }
    expect([...codes].sort()).toEqual(['HANDLE_CLOSED', 'PREVIOUS_FAILURE', 'none']);
  });
});

describe('a write outside of a transaction', () => {
  test('whose journal cannot be written throws, and nothing has changed', () => {
    const journal = new LimitedStorage(1000);
    const memory = JournaledMemory.open(new HeapStorage(), journal);
    memory.grow(1);
    const length = journal.length();
    expect(codeOf(() => memory.write(0, new Uint8Array(600).fill(1)))).toBe('GROW_FAILED');
    expect(journal.length()).toBe(length);
    memory.write(0, Uint8Array.of(2));
    expect([...imageOf(memory).subarray(0, 2)]).toEqual([2, 0]);
  });

  test('whose sync failed may be there or not: the memory has to be opened again', () => {
    const disk = new RecordingDisk();
    const memory = open(disk);
    memory.grow(1);
    disk.failAfter(1);
    expect(codeOf(() => memory.write(0, Uint8Array.of(1)))).toBe('IO_FAILED');
    disk.relent();
    expect(codeOf(() => memory.read(0, new Uint8Array(1)))).toBe('PREVIOUS_FAILURE');
    expect(codeOf(() => memory.checkpoint())).toBe('PREVIOUS_FAILURE');
    memory.close();
    expect(imageOf(open(disk))[0]).toBe(1);
  });

  test('that is committed and cannot be put into the image returns, and says so afterwards', () => {
    const disk = new RecordingDisk();
    const memory = open(disk);
    memory.grow(1);
    disk.failAfter(2);
    memory.write(0, Uint8Array.of(1, 2));
    disk.relent();
    expect(codeOf(() => memory.size())).toBe('PREVIOUS_FAILURE');
    expect([...imageOf(memory.reopen()).subarray(0, 2)]).toEqual([1, 2]);
  });
});

describe('a memory without room', () => {
  test('says -1 where the image has none, also within a transaction', () => {
    const memory = JournaledMemory.open(new LimitedStorage(2 * WASM_PAGE_SIZE), new HeapStorage());
    expect(memory.grow(3)).toBe(-1);
    memory.transaction(() => {
      expect(memory.grow(1)).toBe(0);
      expect(memory.grow(2)).toBe(-1);
      expect(memory.grow(1)).toBe(1);
      memory.write(2 * WASM_PAGE_SIZE - 1, Uint8Array.of(1));
    });
    expect(memory.size()).toBe(2);
  });

  test('says -1 where the journal has none, and the image is as long as before', () => {
    const image = new HeapStorage();
    const memory = JournaledMemory.open(image, new LimitedStorage(520));
    expect(memory.grow(1)).toBe(-1);
    expect([memory.size(), image.length()]).toEqual([0, 0]);
  });

  test('undoes a transaction for which the journal has none', () => {
    const memory = JournaledMemory.open(new HeapStorage(), new LimitedStorage(3000));
    memory.grow(1);
    const large = (): void =>
      memory.transaction(() => memory.write(0, new Uint8Array(4000).fill(1)));
    expect(codeOf(large)).toBe('GROW_FAILED');
    expect(codeOf(() => memory.size())).toBe('ROLLED_BACK');
    expect(imageOf(memory.reopen()).every((byte) => byte === 0)).toBe(true);
  });
});
