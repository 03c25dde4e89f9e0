/**
 * Numbers that look random and are the same in every run: all of them follow from a seed.
 */

/** What a counter goes up by in the generator SplitMix64, and its two multipliers. */
const STEP = 0x9e37_79b9_7f4a_7c15n;
const FIRST_MULTIPLIER = 0xbf58_476d_1ce4_e5b9n;
const SECOND_MULTIPLIER = 0x94d0_49bb_1331_11ebn;

/**
 * The first `count` numbers of SplitMix64, of 64 bits each. No two are equal: each is a counter
 * mixed by steps that can be undone.
 */
export function distinctNumbers(seed: number, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => numberAt(seed, index));
}

/** The number at one place of {@link distinctNumbers}, without those before it. */
export function numberAt(seed: number, index: number): bigint {
  return mix(BigInt(seed) + STEP * BigInt(index + 1));
}

/** The same items in another order, which follows from the seed (Fisher and Yates). */
export function shuffled<T>(seed: number, items: readonly T[]): T[] {
  const result = [...items];
  const numbers = distinctNumbers(seed, items.length);
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = Number(numbers[last]! % BigInt(last + 1));
    [result[last], result[chosen]] = [result[chosen]!, result[last]!];
  }
  return result;
}

function mix(counter: bigint): bigint {
  let number = BigInt.asUintN(64, counter);
  number = BigInt.asUintN(64, (number ^ (number >> 30n)) * FIRST_MULTIPLIER);
  number = BigInt.asUintN(64, (number ^ (number >> 27n)) * SECOND_MULTIPLIER);
  return number ^ (number >> 31n);
}
