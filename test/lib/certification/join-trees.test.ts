import { lookup_path, lookupResultToBuffer, type HashTree as ClientTree } from '@dfinity/agent';
import { expect, test } from '@jest/globals';
import {
  inPreorder,
  reconstruct,
  type HashTree,
} from '../../../src/lib/certification/hash-tree.js';
import { joinTrees, type LabeledTree } from '../../../src/lib/certification/join-trees.js';
import { toHex } from '../../support/hex.js';

const utf8 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf8'));
const part = (name: string, tree: HashTree): LabeledTree => ({ label: utf8(name), tree });
const mapOf = (name: string): HashTree => [2, utf8('key'), [3, utf8(`value of ${name}`)]];
const NAMES = ['moon', 'sun', 'earth', 'mars', 'io', 'titan', 'rhea'];

/** The parts of which only one is shown. */
function shown(name: string | undefined): LabeledTree[] {
  return NAMES.map((each) =>
    part(each, each === name ? mapOf(each) : [4, reconstruct(mapOf(each))]),
  );
}

test('of nothing there is the empty tree', () => {
  expect(joinTrees([])).toEqual([0]);
});

test('whatever is shown, and in whatever order it is named, the root hash is the same', () => {
  const whole = reconstruct(joinTrees(NAMES.map((name) => part(name, mapOf(name)))));
  for (const name of [...NAMES, undefined]) {
    expect(toHex(reconstruct(joinTrees(shown(name))))).toBe(toHex(whole));
    expect(toHex(reconstruct(joinTrees(shown(name).reverse())))).toBe(toHex(whole));
  }
});

test('the client finds the value of the part that is shown, and its labels in their order', () => {
  for (const name of NAMES) {
    const tree = joinTrees(shown(name)) as unknown as ClientTree;
    expect(lookupResultToBuffer(lookup_path([name, 'key'], tree))).toEqual(
      utf8(`value of ${name}`),
    );
  }
  const all = joinTrees(NAMES.map((name) => part(name, [0])));
  const labels = inPreorder(all).flatMap((node) => (node[0] === 2 ? [Buffer.from(node[1])] : []));
  expect(labels).toEqual([...labels].sort(Buffer.compare));
});

test('where nothing is shown, one hash is left of all', () => {
  expect(joinTrees(shown(undefined))).toHaveLength(2);
  const hashes = inPreorder(joinTrees(shown('io'))).filter(([kind]) => kind === 4);
  expect(hashes.length).toBeLessThanOrEqual(3);
});

test('one label for two parts is refused', () => {
  expect(() => joinTrees([part('a', [0]), part('b', [0]), part('a', [0])])).toThrow(RangeError);
});

test('the list of parts stays as it was', () => {
  const parts = shown('io');
  joinTrees(parts);
  expect(parts.map(({ label }) => Buffer.from(label).toString())).toEqual(NAMES);
});
