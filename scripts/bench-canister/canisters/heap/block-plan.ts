/** The works on a heap of blocks, by their names, for the canister and the script. */

/** In the order in which they are asked for. */
export const BLOCK_WORKS = ['open', 'free', 'allocate', 'walk'] as const;

export type BlockWork = (typeof BLOCK_WORKS)[number];

export interface BlockRequest {
  readonly work: BlockWork;
  /** The blocks to free, or the sizes to allocate; else as many numbers as there are operations. */
  readonly numbers: readonly bigint[] | BigUint64Array;
}
