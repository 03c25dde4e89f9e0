import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeHashTree } from '../../../src/lib/certification/decode-hash-tree.js';
import { encodeHashTree } from '../../../src/lib/certification/encode-hash-tree.js';
import type { HashTree } from '../../../src/lib/certification/hash-tree.js';
import { StorageError } from '../../../src/lib/errors.js';
import { fromHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';
import { WRONG_BYTES } from '../../support/wrong-inputs.js';
import { checkProperty } from '../../support/property.js';

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(23, 24, 255, 256, 65_535, 65_536).map((length) => new Uint8Array(length)),
);

const { someTree } = fc.letrec<{ someTree: HashTree }>((tie) => ({
  someTree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<HashTree>([0]),
    someBytes.map<HashTree>((value) => [3, value]),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map<HashTree>((hash) => [4, hash]),
    fc.tuple(tie('someTree'), tie('someTree')).map<HashTree>(([l, r]) => [1, l, r]),
    fc.tuple(someBytes, tie('someTree')).map<HashTree>(([label, tree]) => [2, label, tree]),
  ),
}));

test('a tree comes out of CBOR as it went in', () => {
  checkProperty(
    fc.property(someTree, (tree) => {
      expect(decodeHashTree(encodeHashTree(tree))).toEqual(tree);
    }),
  );
});

test('a tree may be very deep', () => {
  let tree: HashTree = [0];
  for (let depth = 0; depth < 100_000; depth++) tree = [1, tree, [0]];
  expect(encodeHashTree(decodeHashTree(encodeHashTree(tree)))).toEqual(encodeHashTree(tree));
});

describe('no tree is', () => {
  test.each(WRONG_BYTES)('%s', (_, bytes) => {
    expect(() => decodeHashTree(bytes as Uint8Array)).toThrow(TypeError);
  });

  test.each([
    ['nothing', ''],
    ['a tag alone', 'd9d9f7'],
    ['another tag', 'd9d9f88100'],
    ['a node of no kind', 'd9d9f78105'],
    ['a node with too few parts', 'd9d9f78201'],
    ['a head alone', 'd9d9f781'],
    ['a text for a value', 'd9d9f782036161'],
    ['a value that goes on behind the end', 'd9d9f782034261'],
    ['a length that is cut off', 'd9d9f782035a0000'],
    ['a length above all bounds', 'd9d9f782035affffffff'],
    ['a length of eight bytes', 'd9d9f782035b0000000000000000'],
    ['a hash of 31 bytes', `d9d9f78204581f${'00'.repeat(31)}`],
    ['a fork with one side', 'd9d9f783018100'],
    ['a label above nothing', 'd9d9f783024161'],
    ['two trees', 'd9d9f781008100'],
  ])('%s', (_, bytes) => {
    expect(codeOf(() => decodeHashTree(fromHex(bytes)))).toBe('INVALID_MESSAGE');
  });

  test('what chance makes of one, but for what is one by chance', () => {
    checkProperty(
      fc.property(someTree, fc.nat(), fc.nat(255), (tree, at, byte) => {
        const encoded = encodeHashTree(tree);
        encoded[at % encoded.length] = byte;
        try {
          expect(encodeHashTree(decodeHashTree(encoded)).length).toBeLessThanOrEqual(
            encoded.length,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(StorageError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
