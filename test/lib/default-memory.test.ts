import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultMemory } from '../../src/lib/default-memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { FakeAzle } from '../support/fake-azle.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../support/kernel-host.js';
import { codeOf } from '../support/memories.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

const globals = globalThis as {
  _azleIc?: FakeAzle | undefined;
  _azleNodejsWasmEnvironment?: boolean | undefined;
};

afterEach(() => {
  delete globals._azleIc;
  delete globals._azleNodejsWasmEnvironment;
});

describe('the default memory', () => {
  test('is a new one on the heap in Node, each time', () => {
    const memory = defaultMemory();
    expect(memory).toBeInstanceOf(VectorMemory);
    memory.grow(1);
    expect(defaultMemory().size()).toBe(0);
  });

  test("is one on the heap in Azle's run at build time", () => {
    globals._azleIc = new FakeAzle();
    globals._azleNodejsWasmEnvironment = true;
    expect(defaultMemory()).toBeInstanceOf(VectorMemory);
    expect(globals._azleIc.host.calls).toEqual([]);
  });

  test('is refused in a canister without the link step, where data would be lost', () => {
    globals._azleIc = new FakeAzle();
    expect(codeOf(defaultMemory)).toBe('UNLINKED_CANISTER');
  });
});
