/**
 * The generator of numbers behind the reference images: scripts of operations are written in its
 * terms, so that every implementation can replay them and must arrive at the same bytes.
 *
 * Source: `specs/ic-stable-structures.md` appendix A.
 */
export class RustGenerator {
  #state: bigint;

  constructor(scenario: number) {
    this.#state = BigInt(scenario);
  }

  /** The next number, of 31 bits. */
  next(): number {
    const next = this.#state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n;
    this.#state = BigInt.asUintN(64, next);
    return Number(this.#state >> 33n);
  }

  below(limit: number): number {
    return this.next() % limit;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() & 0xff);
  }
}
