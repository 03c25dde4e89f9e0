/**
 * What the original's own benchmark says of the same works: instructions of a Rust canister, which
 * were counted inside of it, as here. It goes through the keys 0, 1, 2, ..., u64 to u64.
 *
 * Source: `docs/benchmarks.md` of the crate `ic-stable-memory`, of February 2023, and its example
 * `performance_counter`; `specs/ic-stable-memory.md` section 6.1.
 */

/** Instructions of all operations of a work, and how many operations those were. */
interface Published {
  readonly instructions: number;
  readonly operations: number;
}

/** By structure and work. */
const PUBLISHED: Readonly<Record<string, Readonly<Record<string, Published>>>> = {
  SVec: ofEach(100_000, { push: 26_655_890, get: 17_200_206, pop: 10_800_205 }),
  SLog: ofEach(100_000, { push: 14_153_495, get: 34_324_270, pop: 11_356_247 }),
  SHashMap: ofEach(100_000, { insert: 214_530_518, get: 48_427_466, remove: 97_830_942 }),
  SHashSet: ofEach(100_000, { insert: 188_571_411, contains: 42_327_466, remove: 94_205_462 }),
  SBTreeMap: ofEach(100_000, { insert: 424_801_097, get: 275_698_231, remove: 501_973_804 }),
  SBTreeSet: ofEach(100_000, { insert: 477_202_531, contains: 267_576_134, remove: 617_281_117 }),
  SCertifiedBTreeMap: ofEach(5_000, {
    insert: 9_108_725_043,
    // The original's is a tree on the heap. Ours is that, too, or the bytes for the client at once.
    witness: 3_541_619_761,
    'witness in CBOR': 3_541_619_761,
    remove: 6_693_095_737,
    'insert in tens': 1_354_608_056,
    'remove in tens': 731_156_025,
  }),
};

/** The original's instructions for one operation; undefined where it published none. */
export function publishedCostOf(structure: string, work: string): number | undefined {
  const published = PUBLISHED[structure]?.[work];
  return published && published.instructions / published.operations;
}

function ofEach(
  operations: number,
  totals: Readonly<Record<string, number>>,
): Readonly<Record<string, Published>> {
  const entries = Object.entries(totals).map(([work, instructions]) => [
    work,
    { instructions, operations },
  ]);
  return Object.fromEntries(entries) as Record<string, Published>;
}
