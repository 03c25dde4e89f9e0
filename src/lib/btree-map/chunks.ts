/**
 * Where a tree gets the chunks that its nodes and their overflow pages live in, all of one size. To
 * the tree a chunk is an address of its memory, that of the chunk's first byte.
 *
 *     begin ──► allocate, deallocate, clear ──► stageHeader ──► settle: the writes are in memory
 *                                                    └────────► restore: nothing was written
 *
 * A map with a memory of its own lays them side by side, see `chunk-allocator.ts`; one that shares
 * its memory with others takes blocks of an allocator.
 *
 * Source: house style rule 11.
 */
export interface Chunks {
  /** Bytes of a chunk. */
  readonly payloadSize: number;

  /** Whether what an operation gives back it may take again. */
  readonly areReusedAtOnce: boolean;

  /** There are no more chunks than these: what a damaged length or chain is known by. O(1). */
  readonly countMax: number;

  /** An operation begins, which may have to be taken back. */
  begin(): void;

  /** Takes a chunk, whose bytes are as they were, and returns its address. */
  allocate(): number;

  /** Gives a chunk back. It stays as it is until the operation has settled. */
  deallocate(address: number): void;

  /** Gives all chunks back. `inUse` finds them, for those who do not know it themselves. */
  clear(inUse: () => readonly number[]): void;

  /** Plans what is to be written of the chunks themselves, where anything has changed. */
  stageHeader(): void;

  /** The operation's writes are in memory. */
  settle(): void;

  /** The operation was given up: back to how it was at its beginning. */
  restore(): void;

  /** Somebody else has changed the chunks in memory: takes over what is there now. */
  reload(): void;

  /** Throws `CORRUPTED` unless the memory can hold all chunks. O(1). */
  assertWithinMemory(): void;

  /** Throws `CORRUPTED` unless an address may be that of a chunk. O(1). */
  assertPayload(address: number): void;

  /** The first rule that does not hold, given the chunks that a tree leads to. For tests. */
  firstViolation(inUse: ReadonlySet<number>): string | undefined;
}
