/** The benchmark's subject: our map, u64 to u64, in the canister's stable memory. */
import { IDL, query, update } from 'azle';
import { BTreeMap, defaultMemory, MemoryManager, u64 } from '../../../src/lib/index.js';
import { keyOf } from './keys';

const map = BTreeMap.init(MemoryManager.init(defaultMemory()).get(0), u64, u64);

export default class {
  @update([IDL.Nat32])
  insert(count: number): void {
    for (let index = 0; index < count; index++) map.insert(keyOf(index), BigInt(index));
  }

  @query([IDL.Nat32], IDL.Nat64)
  get(count: number): bigint {
    let sum = 0n;
    for (let index = 0; index < count; index++) sum += map.get(keyOf(index)) ?? 0n;
    return sum;
  }
}
