/** The benchmark's rival: Azle's own StableBTreeMap, with the JSON that it has by default. */
import { IDL, query, StableBTreeMap, update } from 'azle';
import { keyOf } from './keys';

const map = new StableBTreeMap<bigint, bigint>(0);

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
