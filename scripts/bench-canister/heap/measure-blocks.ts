/** Has the canister `heap` work on heaps of many live blocks, and notes what that costs. */
import { IDL } from '@dfinity/candid';
import { LiveHeap } from '../../bench/heap/live-heap.js';
import { MemoryManager, StableMemoryAllocator, VectorMemory } from '../../../src/lib/index.js';
import { BLOCK_WORKS, type BlockRequest, type BlockWork } from '../canisters/heap/block-plan.js';
import { HEAP_MEMORIES } from '../canisters/heap/memories.js';
import type { Figure } from '../figures.js';
import type { Method, Session } from '../session.js';

const SEED = 1;
/** Operations that are measured: a tenth of the live blocks, but no more than this. */
const SAMPLE_MAX = 500;
const OPENINGS = 10;
/** A walk costs so much for each block, and takes so long, that a larger heap is not walked. */
const WALKED_MAX = 100_000;

const WORK: Method = {
  name: 'work_on_blocks',
  mode: 'update',
  parameters: [IDL.Record({ work: IDL.Text, numbers: IDL.Vec(IDL.Nat64) })],
  results: [IDL.Nat64],
};

/** What a work is called in the figures, of a heap with so many live blocks. */
export function blockWorkName(work: BlockWork, count: number): string {
  return `${work} blocks ${count}`;
}

/**
 * Of a heap with so many live blocks. It is filled in the image of the canister's memory, with the
 * library in Node, which gives the bytes that the canister itself would have written.
 */
export function measureBlocks(session: Session, empty: Uint8Array, count: number): Figure[] {
  const memory = VectorMemory.from(empty);
  const blocks = MemoryManager.load(memory).get(HEAP_MEMORIES.blocks);
  const live = new LiveHeap(StableMemoryAllocator.load(blocks), count, SEED);
  session.restart(memory.toBytes());
  const numbers = numbersOf(live);
  const works = BLOCK_WORKS.filter((work) => work !== 'walk' || count <= WALKED_MAX);
  return works.map((work) => {
    const request: BlockRequest = { work, numbers: numbers[work].map(BigInt) };
    const instructions = Number(session.call(WORK, request).result);
    const operations = request.numbers.length;
    return { work: blockWorkName(work, count), subject: 'heap', instructions, operations };
  });
}

/** What each work is told: which blocks are freed, and which sizes are asked for. */
function numbersOf(live: LiveHeap): Readonly<Record<BlockWork, readonly number[]>> {
  const operations = Math.min(Math.ceil(live.count / 10), SAMPLE_MAX);
  const blocks = Array.from({ length: operations }, () => live.takeBlock());
  return {
    open: new Array<number>(OPENINGS).fill(0),
    free: blocks.map(({ ptr }) => ptr),
    allocate: blocks.map(() => live.drawSize()),
    walk: [0],
  };
}
