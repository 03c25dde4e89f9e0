/**
 * A vec whose elements are Candid already. `compileArguments` takes one in place of an array, so
 * that a reply with many values needs none of them in JavaScript. Whoever makes it knows the type:
 * the bytes go out as they are.
 *
 * Source: the Candid specification, "Memory": a vec is its number of elements, and the elements.
 */
export class EncodedVec {
  /**
   * @param count The number of elements.
   * @param chunks What they are encoded as, one after the other.
   */
  constructor(
    readonly count: number,
    readonly chunks: readonly Uint8Array[],
  ) {}
}
