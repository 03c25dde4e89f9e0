/**
 * A list of numbered records in blocks of an allocator on a stack in a file, for a process that
 * writes and one that checks. A record is the handle of the one before it, its number, and bytes
 * that show it; the handle of the newest lies in the first bytes of the stack.
 */
import { FirstFitBStackAllocator } from '../../src/lib/bstack-allocators/first-fit.js';
import type { BStackBlock } from '../../src/lib/bstack-allocators/block.js';
import { readU32, writeU32 } from '../../src/lib/bytes.js';
import { openFileStack } from '../../src/lib/host/file-stack.js';

const HANDLE_SIZE = 16;
const NUMBER_SIZE = 4;

/** Opens or creates it. */
export function openRecordList(path: string): RecordList {
  return new RecordList(FirstFitBStackAllocator.open(openFileStack(path)));
}

export class RecordList {
  constructor(readonly allocator: FirstFitBStackAllocator) {}

  /** The blocks of the newest records, or of all, the newest first. */
  blocks(countMax = Infinity): BStackBlock[] {
    const blocks: BStackBlock[] = [];
    let handle = this.allocator.stack.get(0, HANDLE_SIZE);
    while (blocks.length < countMax && handle.some((byte) => byte !== 0)) {
      const block = this.allocator.restore(handle);
      blocks.push(block);
      handle = block.read().subarray(0, HANDLE_SIZE);
    }
    return blocks;
  }

  /** Puts a record in front. */
  add(number: number): void {
    const { allocator } = this;
    const record = recordOf(number, allocator.stack.get(0, HANDLE_SIZE));
    const block = allocator.alloc(record.length);
    block.write(record);
    allocator.stack.set(0, block.toBytes());
  }

  /** Drops the record behind the newest where its number is 1, 4, 7 and so on. */
  drop(): void {
    const [newest, dropped] = this.blocks(2);
    if (newest === undefined || dropped === undefined) return;
    if (numberOf(dropped) % 3 !== 1) return;
    newest.write(dropped.read().subarray(0, HANDLE_SIZE));
    this.allocator.dealloc(dropped);
  }
}

/** The number in a block; throws where the block is not as it was written. */
export function numberOf(block: BStackBlock): number {
  const found = block.read();
  const number = readU32(found, HANDLE_SIZE);
  const expected = recordOf(number, found.subarray(0, HANDLE_SIZE));
  if (Buffer.compare(found, expected) !== 0) throw new Error(`record ${number} is damaged`);
  return number;
}

function recordOf(number: number, previous: Uint8Array): Uint8Array {
  const record = new Uint8Array(HANDLE_SIZE + NUMBER_SIZE + ((number * 37) % 400));
  record.fill(number, HANDLE_SIZE);
  record.set(previous);
  writeU32(record, HANDLE_SIZE, number);
  return record;
}
