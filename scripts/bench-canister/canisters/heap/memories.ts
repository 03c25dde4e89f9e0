/** Where the canister `heap` keeps what: each in a virtual memory of its own. */
export const HEAP_MEMORIES = {
  /** A heap with nothing but blocks, which the script fills. */
  blocks: 0,
  /** A heap with the structures. */
  structures: 1,
  /** A map that stands in no heap, to compare. */
  map: 2,
} as const;
