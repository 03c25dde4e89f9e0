/** The subject `heap`: the allocator, and the structures that stand on it. */
import { IDL } from 'azle';
import { update } from '../../../src/azle/index.js';
import {
  BTreeMap,
  defaultMemory,
  MemoryManager,
  StableMemoryAllocator,
  u64,
} from '../../../src/lib/index.js';
import type { BlockRequest } from './heap/block-plan.js';
import { BlockWorks } from './heap/block-works.js';
import { HEAP_MEMORIES } from './heap/memories.js';
import type { StructureRequest } from './heap/plan.js';
import { carryOutOn } from './heap/structure-works.js';

const BlockRequestIdl = IDL.Record({ work: IDL.Text, numbers: IDL.Vec(IDL.Nat64) });
const StructureRequestIdl = IDL.Record({
  structure: IDL.Text,
  work: IDL.Text,
  entries: IDL.Nat32,
  order: IDL.Text,
});

/** Of hash maps. A fixed one, so that counts are exact. */
const HASH_KEY = Uint8Array.from({ length: 16 }, (_, index) => 16 * index + 7);

const manager = MemoryManager.init(defaultMemory());
const blocks = new BlockWorks(StableMemoryAllocator.init(manager.get(HEAP_MEMORIES.blocks)));
const places = {
  heap: StableMemoryAllocator.init(manager.get(HEAP_MEMORIES.structures), { hashKey: HASH_KEY }),
  map: BTreeMap.init(manager.get(HEAP_MEMORIES.map), u64, u64),
};

/** Both methods return the instructions of all operations together. */
export default class {
  @update([BlockRequestIdl], IDL.Nat64)
  work_on_blocks(request: BlockRequest): bigint {
    return blocks.carryOut(request);
  }

  @update([StructureRequestIdl], IDL.Nat64)
  work_on_structure(request: StructureRequest): bigint {
    return carryOutOn(places, request);
  }
}
