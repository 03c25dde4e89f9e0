/**
 * Who has which part of a canister's stable memory: opens the image with the library and prints
 * one line a virtual memory. This is what the same bytes look like on a laptop.
 */
import { MemoryManager, VectorMemory, WASM_PAGE_SIZE } from '../../src/lib/index.js';
import type { MapInfo } from './session.js';

/** Virtual memories that are no user's map, see `src/canister/catalogue.ts`. */
const KNOWN = new Map([
  [0, 'catalogue of maps'],
  [1, 'grants'],
  [252, 'letters of the outbox'],
  [253, 'schedule of the outbox'],
  [254, "Azle's own file system"],
]);

const BAR_WIDTH = 24;

/** The lines of the map. */
export function memoryMap(image: Uint8Array, maps: readonly MapInfo[]): string[] {
  const manager = MemoryManager.load(VectorMemory.from(image));
  const usage = manager.usage();
  const largest = Math.max(...usage.map(({ sizeInPages }) => sizeInPages));
  const owners = new Map([
    ...KNOWN,
    ...maps.map(
      ({ memory_id, name, length }) => [memory_id, `map ${name}, ${length} entries`] as const,
    ),
  ]);
  const lines = usage.map(({ id, sizeInPages, bucketCount }) => {
    const bar = '#'.repeat(Math.ceil((sizeInPages / largest) * BAR_WIDTH)).padEnd(BAR_WIDTH);
    const taken = mebibytes(bucketCount * manager.bucketSizeInPages);
    const size = `${mebibytes(sizeInPages)} of ${taken}`;
    return `  ${String(id).padStart(3)}  ${bar}  ${size.padEnd(24)} ${owners.get(id) ?? 'unknown'}`;
  });
  const total = mebibytes(image.length / WASM_PAGE_SIZE);
  return [
    ...lines,
    `  all  ${total}, dealt out in buckets of ${mebibytes(manager.bucketSizeInPages)}`,
  ];
}

function mebibytes(pages: number): string {
  return `${((pages * WASM_PAGE_SIZE) / 2 ** 20).toFixed(2)} MiB`;
}
