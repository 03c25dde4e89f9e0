import { describe, expect, test } from '@jest/globals';
import { holderOf, Lease } from '../../src/lib/lease.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf } from '../support/memories.js';

const itself = (lease: Lease): Lease => lease;

describe('a lease', () => {
  test('keeps others from the memory until it ends', () => {
    const memory = new VectorMemory();
    const lease = Lease.open('Vec', [memory], itself);
    expect(holderOf(memory)).toBe('Vec');
    expect(codeOf(() => Lease.open('Cell', [memory], itself))).toBe('MEMORY_IN_USE');
    lease.end();
    expect(holderOf(memory)).toBeUndefined();
    expect(Lease.open('Cell', [memory], itself).structure).toBe('Cell');
  });

  test('is not taken where the structure cannot be opened', () => {
    const memory = new VectorMemory();
    const failing = (): never => {
      throw new RangeError('no structure');
    };
    expect(() => Lease.open('Vec', [memory], failing)).toThrow(RangeError);
    expect(holderOf(memory)).toBeUndefined();
  });

  test('covers all memories of a structure, or none', () => {
    const [index, data] = [new VectorMemory(), new VectorMemory()];
    const lease = Lease.open('Vec', [data], itself);
    expect(codeOf(() => Lease.open('Log', [index, data], itself))).toBe('MEMORY_IN_USE');
    expect(holderOf(index)).toBeUndefined();
    lease.end();
    expect(codeOf(() => Lease.open('Log', [index, index], itself))).toBe('MEMORY_IN_USE');
  });

  test('knows a memory by its identity, whichever object stands for it', () => {
    const identity = {};
    const alias = () => Object.assign(new VectorMemory(), { identity });
    Lease.open('Vec', [alias()], itself);
    expect(codeOf(() => Lease.open('Vec', [alias()], itself))).toBe('MEMORY_IN_USE');
  });

  test('refuses everything once it has ended, also to end again and free somebody else', () => {
    const memory = new VectorMemory();
    const lease = Lease.open('Vec', [memory], itself);
    lease.end();
    expect(codeOf(() => lease.assertUsable())).toBe('HANDLE_CLOSED');
    expect(codeOf(() => lease.change(() => 1))).toBe('HANDLE_CLOSED');
    Lease.open('Cell', [memory], itself);
    expect(codeOf(() => lease.end())).toBe('HANDLE_CLOSED');
    expect(holderOf(memory)).toBe('Cell');
  });

  test('has failed after a write that threw', () => {
    const lease = Lease.open('Vec', [new VectorMemory()], itself);
    expect(lease.change(() => 7)).toBe(7);
    const half = (): never => {
      throw new Error('disk full');
    };
    expect(() => lease.change(half)).toThrow('disk full');
    expect(codeOf(() => lease.assertUsable())).toBe('PREVIOUS_FAILURE');
    expect(codeOf(() => lease.change(() => 7))).toBe('PREVIOUS_FAILURE');
    lease.end();
    expect(codeOf(() => lease.assertUsable())).toBe('HANDLE_CLOSED');
  });

  test('is revoked by a memory whose bytes are put back', () => {
    const memory = Object.assign(new VectorMemory(), { leases: new Set<Lease>() });
    const lease = Lease.open('Vec', [memory], itself);
    const { revision } = lease;
    for (const each of memory.leases) each.revoke();
    expect(lease.isUsable).toBe(false);
    expect(codeOf(() => lease.assertUnchanged(revision))).toBe('ROLLED_BACK');
    expect(codeOf(() => lease.change(() => 7))).toBe('ROLLED_BACK');
    lease.end();
    expect(memory.leases.size).toBe(0);
    lease.revoke();
    expect(codeOf(() => lease.assertUsable())).toBe('HANDLE_CLOSED');
  });

  test('tells an iterator that the structure has changed', () => {
    const lease = Lease.open('Vec', [new VectorMemory()], itself);
    const { revision } = lease;
    lease.assertUnchanged(revision);
    lease.change(() => undefined);
    expect(codeOf(() => lease.assertUnchanged(revision))).toBe('CHANGED_WHILE_ITERATING');
  });
});
