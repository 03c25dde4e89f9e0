/**
 * Memory of the kernel's own. The heap belongs to the Azle module, but pages that are added to it
 * belong to who added them: no allocator in there takes a page that it did not ask for. So the
 * kernel takes pages of its own when it first needs some, and never gives any back.
 *
 *     pages     for large things that are kept from one request to the next
 *     kept      for small ones
 *     scratch   one region for all; what an operation puts there is gone with the next one
 *
 * A trap takes back the pages together with the globals that know of them. Where the heap may not
 * grow, an operation answers that it cannot be done here, and JavaScript does it by itself.
 *
 * Source: WebAssembly specification, `memory.grow`.
 */
const PAGE_SIZE: usize = 65_536;

/** 4 MiB: several nodes of the largest entries that the staging area can carry. */
const SCRATCH_PAGES: i32 = 64;

/** What a structure may begin at. */
const ALIGNMENT: usize = 8;

let keptTop: usize = 0;
let keptEnd: usize = 0;
let scratch: usize = 0;
let scratchTop: usize = 0;
let scratchEnd: usize = 0;

/** So many new pages, filled with zeros; 0 where there are none to be had. */
export function takePages(count: i32): usize {
  const first = memory.grow(count);
  return first < 0 ? 0 : <usize>first * PAGE_SIZE;
}

/** So many bytes to keep, zero at first; 0 where there are none to be had. */
export function keep(size: usize): usize {
  const needed = alignUp(size);
  if (needed > keptEnd - keptTop) {
    const count = (needed + PAGE_SIZE - 1) / PAGE_SIZE;
    const pages = takePages(<i32>count);
    if (pages == 0) return 0;
    keptTop = pages;
    keptEnd = pages + count * PAGE_SIZE;
  }
  const start = keptTop;
  keptTop += needed;
  return start;
}

/** Begins an operation: the scratch region is empty again. False where there is none. */
export function openScratch(): bool {
  if (scratch == 0) scratch = takePages(SCRATCH_PAGES);
  if (scratch == 0) return false;
  scratchTop = scratch;
  scratchEnd = scratch + <usize>SCRATCH_PAGES * PAGE_SIZE;
  return true;
}

/** So many bytes of the scratch region, holding anything; 0 where it has no more room. */
export function allocate(size: usize): usize {
  if (size > scratchEnd - scratchTop) return 0;
  const start = scratchTop;
  scratchTop = min(scratchEnd, start + alignUp(size));
  return start;
}

/** Empties the scratch region from `start` on, where something was allocated. */
export function release(start: usize): void {
  scratchTop = start;
}

function alignUp(size: usize): usize {
  return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}
