/**
 * The first entries of a range as elements of a Candid vec, which the kernel makes of its batches:
 *
 *     vec record { key : variant { ... }; value : blob }
 *
 * In an interpreter an entry that is decoded, put into an object and encoded again costs a hundred
 * times what it costs to copy it from here to there.
 *
 * Source: `src/kernel/assembly/scan/elements.ts` is the other side, and has the tables.
 */
import type { EncodedRange } from '../codec.js';
import { EncodedVec } from '../candid/encoded-vec.js';
import type { Batch } from './batch.js';
import type { BatchPool } from './batch-walk.js';

/** How the kernel is told what keys are. */
const KEY_KINDS = { blob: 0, text: 1, nat64: 2, int64: 3, principal: 4 } as const;
const CASE = 2 ** 8;
const COUNT = 2 ** 16;

/** What an element may have beside the bytes of key and value: lengths, tag, and case. */
const OVERHEAD_MAX = 12;

/** What the elements are to be, and how many. */
export interface ElementsRequest {
  /** What the keys are in Candid, and the index of that case in the variant, below 128. */
  readonly keyKind: keyof typeof KEY_KINDS;
  readonly caseIndex: number;
  /** The most entries, 1 or more. */
  readonly limit: number;
  /** The most bytes of all entries but the first, each counted with `overhead` more. */
  readonly sizeMax: number;
  readonly overhead: number;
}

/** What was found of a range. */
export interface EncodedEntries {
  readonly elements: EncodedVec;
  /** The key of the last one, as it is stored; `undefined` where there is none. */
  readonly lastKey: Uint8Array | undefined;
  /** Whether the range has more entries. */
  readonly hasMore: boolean;
}

/**
 * The entries at the beginning of a range; `undefined` where the kernel cannot hand over all of
 * them. PRECONDITION: neither keys nor values are numbers to the codecs.
 */
export function encodeEntries<K, V>(
  pool: BatchPool<K, V>,
  range: EncodedRange,
  isReverse: boolean,
  request: ElementsRequest,
): EncodedEntries | undefined {
  const batch = pool.take(range);
  batch.open(range, isReverse, true);
  const walk = new ElementsWalk(pool, batch, request);
  const encoded = walk.run();
  pool.giveBack(walk.batch);
  return encoded;
}

class ElementsWalk<K, V> {
  readonly #pool: BatchPool<K, V>;
  readonly #request: ElementsRequest;
  readonly #chunks: Uint8Array[] = [];
  #count = 0;
  #size = 0;
  #lastKey: Uint8Array | undefined;

  constructor(
    pool: BatchPool<K, V>,
    public batch: Batch<K, V>,
    request: ElementsRequest,
  ) {
    this.#pool = pool;
    this.#request = request;
  }

  run(): EncodedEntries | undefined {
    for (;;) {
      if (!this.#fill()) return this.batch.isLast ? this.#result(false) : undefined;
      const { batch } = this;
      const taken = this.#countThatFits();
      if (!this.#take(taken)) return undefined;
      if (taken < batch.count) return this.#result(true);
      if (batch.isLast) return this.#result(false);
    }
  }

  /** Asks for one entry more than is wanted, which tells whether there is one. */
  #fill(): boolean {
    const { source } = this.#pool;
    const wanted = this.#request.limit - this.#count + 1;
    if (this.batch.fill(source, wanted)) return true;
    if (this.batch.isLast || this.batch.isSurprised) return false;
    this.batch = this.batch.successor();
    return this.batch.fill(source, wanted);
  }

  /** How many entries of the batch the request has room for; the first of all has always. */
  #countThatFits(): number {
    const { limit, sizeMax } = this.#request;
    let count = Math.min(this.batch.count, limit - this.#count);
    const least = this.#count === 0 ? 1 : 0;
    while (count > least && this.#size + this.#sizeOf(count) > sizeMax) count--;
    return count;
  }

  #sizeOf(count: number): number {
    return this.batch.sizeOfFirst(count) + count * this.#request.overhead;
  }

  /** Takes the first `count` entries; false where one of them is not what it should be. */
  #take(count: number): boolean {
    if (count === 0) return true;
    const { keyKind, caseIndex } = this.#request;
    const target = new Uint8Array(this.batch.sizeOfFirst(count) + count * OVERHEAD_MAX);
    const elements = KEY_KINDS[keyKind] + caseIndex * CASE + count * COUNT;
    const length = this.#pool.source.encodeBatch(target, elements);
    if (length < 0) return false;
    this.#chunks.push(target.subarray(0, length));
    this.#lastKey = this.batch.keyAt(count - 1);
    this.#size += this.#sizeOf(count);
    this.#count += count;
    return true;
  }

  #result(hasMore: boolean): EncodedEntries {
    const elements = new EncodedVec(this.#count, this.#chunks);
    return { elements, lastKey: this.#lastKey, hasMore };
  }
}
