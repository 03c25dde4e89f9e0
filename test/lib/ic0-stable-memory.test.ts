import { beforeAll, expect, test } from '@jest/globals';
import { Ic0StableMemory } from '../../src/lib/ic0-stable-memory.js';
import { Kernel } from '../../src/lib/kernel-client.js';
import { WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { FakeAzle } from '../support/fake-azle.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../support/kernel-host.js';
import { codeOf } from '../support/memories.js';
import { describeMemory } from '../support/memory-conformance.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

describeMemory('Ic0StableMemory', () => openedOn(KernelHost.createNow(12)));

test('it is the stable memory of the host', () => {
  const host = KernelHost.createNow();
  const memory = openedOn(host);
  memory.grow(1);
  memory.write(7, Uint8Array.of(1, 2));
  const stored = new Uint8Array(3);
  host.stable.read(7, stored);
  expect([...stored]).toEqual([1, 2, 0]);
});

test('pages that Azle has added are seen, also by the check of bounds', () => {
  const host = KernelHost.createNow();
  const memory = openedOn(host);
  memory.grow(1);
  memory.read(0, new Uint8Array(1));
  host.stable.grow(1);
  memory.write(WASM_PAGE_SIZE, Uint8Array.of(9));
  expect(memory.size()).toBe(2);
  expect(codeOf(() => memory.write(2 * WASM_PAGE_SIZE, Uint8Array.of(9)))).toBe('OUT_OF_BOUNDS');
});

test('a memory that was there before is opened as it is', () => {
  const host = KernelHost.createNow();
  host.stable.grow(3);
  host.stable.write(5, Uint8Array.of(6));
  const memory = openedOn(host);
  const target = new Uint8Array(1);
  memory.read(5, target);
  expect(target[0]).toBe(6);
});

function openedOn(host: KernelHost): Ic0StableMemory {
  return new Ic0StableMemory(new Kernel(new FakeAzle(host)));
}
