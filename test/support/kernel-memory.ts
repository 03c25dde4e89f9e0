/**
 * A canister's stable memory in Node: the library's memory over the real kernel. What stands on it
 * runs in the kernel where it can.
 */
import { Ic0StableMemory } from '../../src/lib/ic0-stable-memory.js';
import { Kernel } from '../../src/lib/kernel-client.js';
import type { VectorMemory } from '../../src/lib/vector-memory.js';
import { FakeAzle } from './fake-azle.js';
import { KernelHost } from './kernel-host.js';

export interface KernelMemory {
  readonly memory: Ic0StableMemory;
  /** The bytes behind it. */
  readonly stable: VectorMemory;
}

/** An empty stable memory of at most `pagesMax` pages. PRECONDITION: `KernelHost.compile`. */
export function kernelMemory(pagesMax = 1000, heapPagesMax = 65_536): KernelMemory {
  const host = KernelHost.createNow(pagesMax, heapPagesMax);
  return { memory: memoryOf(host), stable: host.stable };
}

/** The memory of a canister that was upgraded: a new kernel over the same bytes. */
export function upgradedMemory(stable: VectorMemory): Ic0StableMemory {
  return memoryOf(KernelHost.over(stable));
}

function memoryOf(host: KernelHost): Ic0StableMemory {
  return new Ic0StableMemory(new Kernel(new FakeAzle(host)));
}
