/**
 * What a subnet tells about its size and its work, as a leaf of its state tree: a map in CBOR with
 * numbers for the names of its fields, as the real system writes it. Clients in Rust take either.
 *
 *     0  how many canisters there are
 *     1  how many bytes they take
 *     2  how many cycles were ever consumed: a map of 0, the low 64 bits, and 1, the others
 *     3  how many messages were carried out
 *
 * Source: IC interface specification, "The system state tree"; dfinity/ic, `canonical_state`.
 */
import type { Canister } from '../canister.js';
import { totalConsumed } from '../cycles-consumed.js';
import { memoryUsage } from '../memory-usage.js';
import type { SubnetUsage } from '../subnet-usage.js';
import { encodePlainCbor } from './cbor.js';

interface Share {
  readonly memory: bigint;
  readonly consumed: bigint;
}

/** What a canister adds; canisters are values, so each is looked at once. */
const SHARES = new WeakMap<Canister, Share>();

export function encodeMetrics(canisters: readonly Canister[], usage: SubnetUsage): Uint8Array {
  const shares = canisters.map(shareOf);
  const memory = shares.reduce((sum, share) => sum + share.memory, 0n);
  const consumed = shares.reduce((sum, share) => sum + share.consumed, usage.consumedByDeleted);
  return encodePlainCbor(
    new Map<number, unknown>([
      [0, canisters.length],
      [1, memory],
      [2, halves(consumed)],
      [3, usage.transactions],
    ]),
  );
}

function shareOf(canister: Canister): Share {
  const known = SHARES.get(canister);
  if (known !== undefined) return known;
  const share = { memory: memoryUsage(canister), consumed: totalConsumed(canister) };
  SHARES.set(canister, share);
  return share;
}

/** The upper half is there only where it is not 0. */
function halves(amount: bigint): Map<number, bigint> {
  const [low, high] = [amount % 2n ** 64n, amount / 2n ** 64n];
  return new Map(
    high === 0n
      ? [[0, low]]
      : [
          [0, low],
          [1, high],
        ],
  );
}
