import { describe, expect, test } from '@jest/globals';
import { Node } from '../../../src/lib/btree-map/node.js';
import { NodeCache } from '../../../src/lib/btree-map/node-cache.js';

const PAGE_SIZE = 100;

function nodeAt(address: number): Node {
  const node = new Node(4);
  node.begin(address, true);
  return node;
}

describe('a slot of the node cache', () => {
  // Section 3.10 of the specification: depth of the newcomer, of the occupant, who stays.
  test.each([
    [0, 0, true],
    [0, 1, true],
    [1, 0, false],
    [1, 1, true],
    [2, 1, false],
    [2, 0, false],
    [1, 2, true],
    [2, 2, true],
    [3, 2, true],
    [2, 3, true],
  ])(
    'that a node of depth %i asks for and one of depth %i has: given away %p',
    (asks, has, gives) => {
      const cache = new NodeCache(PAGE_SIZE, 1);
      cache.put(nodeAt(100), has);
      expect(cache.takes(500, asks)).toBe(gives);
    },
  );

  test('is that of the address in pages, and empty ones take any node', () => {
    const cache = new NodeCache(PAGE_SIZE, 4);
    const [first, same] = [nodeAt(150), nodeAt(599)];
    expect(cache.takes(150, 9)).toBe(true);
    expect(cache.put(first, 0)).toBeUndefined();
    expect(cache.get(150)).toBe(first);
    expect(cache.get(250)).toBeUndefined();
    expect(cache.takes(250, 9)).toBe(true);
    expect(cache.put(same, 0)).toBe(first);
    expect(cache.get(150)).toBeUndefined();
    expect(cache.metrics).toEqual({ hits: 1, coldMisses: 1, collisionMisses: 1 });
  });

  test('is emptied for its own address only', () => {
    const cache = new NodeCache(PAGE_SIZE, 1);
    const node = nodeAt(100);
    cache.put(node, 0);
    cache.forget(300);
    expect(cache.get(100)).toBe(node);
    cache.forget(100);
    expect(cache.get(100)).toBeUndefined();
  });
});
