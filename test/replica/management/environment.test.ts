/** The hash by which a history remembers the environment variables of a creation. */
import { expect, test } from '@jest/globals';

import { nodeHost } from '../../../src/replica/index.js';
import { variablesHash } from '../../../src/replica/management/environment.js';
import { bytesOf } from '../support.js';

const a = { name: 'a', value: '1' };
const b = { name: 'b', value: '2' };

test('it is the hash of the sorted hashes of names and values', () => {
  const hash = (text: string): Uint8Array => nodeHost.sha256(bytesOf(text));
  expect(variablesHash(nodeHost, [])).toEqual(nodeHost.sha256());
  expect(variablesHash(nodeHost, [a])).toEqual(nodeHost.sha256(hash('a'), hash('1')));
  // H('b') is 3e…, H('a') is ca…: the order is that of the hashes.
  const both = nodeHost.sha256(hash('b'), hash('2'), hash('a'), hash('1'));
  expect(variablesHash(nodeHost, [a, b])).toEqual(both);
  expect(variablesHash(nodeHost, [b, a])).toEqual(both);
});

test('there is none where no variables were given', () => {
  expect(variablesHash(nodeHost, undefined)).toBeUndefined();
});
