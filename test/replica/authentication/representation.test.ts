/** The representation-independent hash, by the examples of the specification. */
import { expect, test } from '@jest/globals';
import { requestIdOf } from '@dfinity/agent';
import fc from 'fast-check';

import { hashOfMap } from '../../../src/replica/authentication/representation.js';
import { hex } from '../../../src/replica/hex.js';
import { nodeHost } from '../../../src/replica/index.js';
import { checkProperty } from '../../support/property.js';

test('the request of the specification has the id that is printed there', () => {
  const id = hashOfMap(nodeHost, {
    request_type: 'call',
    sender: Uint8Array.of(4),
    ingress_expiry: 1_685_570_400_000_000_000n,
    canister_id: Uint8Array.of(0, 0, 0, 0, 0, 0, 4, 0xd2),
    method_name: 'hello',
    arg: new Uint8Array([...Buffer.from('DIDL\0'), 0xfd, 0x2a]),
    nonce: undefined,
  });
  expect(hex(id)).toBe('1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101');
});

test('agrees with the client about maps, lists, numbers, texts and bytes', () => {
  const value = fc.oneof(
    fc.string(),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 4 }),
  );
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  checkProperty(
    fc.property(fc.dictionary(name, value), fc.dictionary(name, value), (outer, inner) => {
      const fields = { ...outer, inner };
      expect(hex(hashOfMap(nodeHost, fields))).toBe(hex(requestIdOf(fields)));
    }),
  );
});
