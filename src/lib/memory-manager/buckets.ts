/**
 * Who owns which bucket. A bucket is a run of pages; the virtual memory's n-th run of pages is the
 * n-th bucket of its list.
 *
 * INVARIANT: every list is in ascending order, see `memory-manager.ts`.
 */
export class Buckets {
  readonly #lists = new Map<number, number[]>();
  #count = 0;

  /** `owners` has the owning memory id of each allocated bucket; an id without a list is 255. */
  constructor(
    readonly sizeInPages: number,
    owners: Uint8Array,
  ) {
    for (const owner of owners) this.allocate(owner, 1);
  }

  /** Buckets ever allocated, which is the number of the next one. */
  get count(): number {
    return this.#count;
  }

  /** The buckets of a memory, in its own order. The list grows in place. */
  of(id: number): readonly number[] {
    return this.#listOf(id);
  }

  /** Gives the next `count` buckets to a memory. */
  allocate(id: number, count: number): void {
    const list = this.#listOf(id);
    for (let index = 0; index < count; index++) list.push(this.#count++);
  }

  #listOf(id: number): number[] {
    let list = this.#lists.get(id);
    if (list === undefined) {
      list = [];
      this.#lists.set(id, list);
    }
    return list;
  }
}
