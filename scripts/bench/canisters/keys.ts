/** The same keys for every subject: all different, and in no order. */

/** An odd number, so that multiplying by it modulo 2^64 maps no two numbers to one. */
const SCATTER = 0x9e37_79b9_7f4a_7c15n;

export function keyOf(index: number): bigint {
  return BigInt.asUintN(64, (BigInt(index) + 1n) * SCATTER);
}
