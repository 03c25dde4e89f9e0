/**
 * Images that the Rust crate wrote are opened by the codecs of the same types.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { principal, unit } from '../../src/lib/codecs/index.js';
import type { Principal } from '../../src/lib/principal.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { comparePrincipals } from '../support/orders.js';

/** A set of the crate is a map to units. */
function openPrincipals(): BTreeMap<Principal, undefined> {
  const file = new URL('../fixtures/images/s6_b.bin.gz', import.meta.url);
  return BTreeMap.load(VectorMemory.from(gunzipSync(readFileSync(file))), principal, unit);
}

test('principals lie in the order of their codec: the shorter first', () => {
  const keys = [...openPrincipals().keys()];
  expect(keys).toHaveLength(291);
  expect(keys).toEqual([...keys].sort(comparePrincipals));
});

test('every principal is found by its key', () => {
  const map = openPrincipals();
  const keys = [...map.keys()];
  expect(keys.filter((key) => !map.containsKey(key))).toEqual([]);
});
